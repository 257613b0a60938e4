package index

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// ChunkID returns the key of a chunk: 32 lower-case hex digits that depend on
// the page, on the text that was embedded, and on n, which counts equal texts on
// the page from 0. The position is not part of it, so a paragraph inserted at
// the top of a page leaves the chunks below with their keys.
func ChunkID(url, embedded string, n int) string {
	return digest(url, embedded, strconv.Itoa(n))
}

// URLID returns the key of a page: 32 lower-case hex digits.
func URLID(url string) string { return digest(url) }

// WindowID returns the key of the n-th window of a chunk: 32 lower-case hex digits.
func WindowID(chunkID string, n int) string { return digest(chunkID, strconv.Itoa(n)) }

// digest hashes the parts, joined by the unit separator, which no URL holds.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:])[:32]
}

// ContentHash returns the hex SHA-256 of a page's text.
func ContentHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
