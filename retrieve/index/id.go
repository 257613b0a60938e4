package index

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// ChunkID returns the key of a chunk: 32 lower-case hex digits that depend on the
// page, on the embedded text, and on n, which counts equal texts on the page from 0.
// The key does not depend on the position, so a paragraph inserted at the top of a
// page does not change the keys of the chunks below.
func ChunkID(url, embedded string, n int) string {
	return digest(url, embedded, strconv.Itoa(n))
}

// URLID returns the key of a page: 32 lower-case hex digits.
func URLID(url string) string { return digest(url) }

// WindowID returns the key of the n-th window of a chunk: 32 lower-case hex digits.
func WindowID(chunkID string, n int) string { return digest(chunkID, strconv.Itoa(n)) }

// digest hashes the parts, joined by the unit separator, which no URL contains.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:])[:32]
}

// ContentHash returns the hex SHA-256 of a page's text.
func ContentHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
