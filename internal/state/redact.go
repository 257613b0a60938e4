package state

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// A Redaction is what is stored of the texts of users: of questions and comments.
type Redaction string

const (
	Full Redaction = ""     // as they were written
	Hash Redaction = "hash" // a hash: equal questions can be counted; a guess can be verified
	Omit Redaction = "omit" // nothing
)

// HashMark is the prefix of a text that is stored as a hash.
const HashMark = "sha256:"

func (r Redaction) validate() error {
	switch r {
	case Full, Hash, Omit:
		return nil
	}
	return fmt.Errorf("state: redaction %q is none of %q, %q and the empty one", r, Hash, Omit)
}

// text returns what is stored of s.
func (r Redaction) text(s string) string {
	switch {
	case s == "" || r == Full:
		return clean(s)
	case r == Hash:
		sum := sha256.Sum256([]byte(s))
		return HashMark + hex.EncodeToString(sum[:])
	}
	return ""
}

// clean returns s without what PostgreSQL can't store in a text.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
