// Package fence separates the text of pages and users from the rest of a
// prompt.
//
// Call [New] for each prompt, and [Fence.Source] and [Fence.Question] for its
// parts. The delimiters carry a nonce, which no page can know, and [Escape]
// changes text that looks like a delimiter. No text can close its delimiter or
// open another.
package fence

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// A Fence is the nonce of one prompt.
type Fence string

// New returns 16 random hex digits.
func New() Fence {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return Fence(hex.EncodeToString(b[:]))
}

// A Source is what a prompt shows of a page. Fields that are empty are left out.
type Source struct {
	N                   int // the number that the model cites
	Title, Section, URL string
	Text                string
}

// Source returns a source between its delimiters.
func (f Fence) Source(s Source) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<source-%s n=\"%d\">\n", f, s.N)
	for _, field := range []struct{ name, value string }{{"title", s.Title}, {"section", s.Section}, {"url", s.URL}} {
		if v := Line(field.value); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", field.name, v)
		}
	}
	fmt.Fprintf(&b, "text:\n%s\n</source-%s>\n\n", Escape(s.Text), f)
	return b.String()
}

// Question returns a user's question between its delimiters.
func (f Fence) Question(text string) string {
	return fmt.Sprintf("<question-%s>\n%s\n</question-%s>\n\n", f, Escape(text), f)
}

// Line returns s escaped and on one line.
func Line(s string) string {
	return Escape(strings.Join(strings.Fields(s), " "))
}
