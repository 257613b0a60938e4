// Package dictionary holds the usual words of languages.
//
// Call [For]. A word of a question that a dictionary lacks and that no page holds is
// a name or a misspelling; one that the dictionary has may be a paraphrase.
//
// english.txt.gz is the 50 000 most frequent English words of three letters or more,
// the most frequent first, in lower case: those words of the SCOWL lists that Google
// Books Ngram counts (CC BY 3.0), as SymSpell's frequency dictionary has them (MIT,
// © Wolf Garbe; 82 765 words, read on 2026-11-28).
package dictionary

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"

	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
)

//go:embed english.txt.gz
var english string

// A Dictionary is the usual words of a language. A nil Dictionary has none.
type Dictionary struct{ words *vocabulary.Vocabulary }

// languages holds the dictionaries by primary subtag; each is read when it is first
// needed.
var languages = map[string]func() *Dictionary{
	"en": sync.OnceValue(func() *Dictionary { return read(english) }),
}

// For returns the dictionary of a language's primary subtag; nil if there is none.
func For(lang string) *Dictionary {
	if load := languages[lang]; load != nil {
		return load()
	}
	return nil
}

func read(packed string) *Dictionary {
	r, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		panic(err) // Unreachable: a test reads every embedded file.
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err) // Unreachable: a test reads every embedded file.
	}
	return &Dictionary{vocabulary.Of(strings.Fields(string(text)))}
}

// endings are what a form of a word may have after its base, and what the base has in
// its place.
var endings = [][2]string{{"'s", ""}, {"s", ""}, {"es", ""}, {"ies", "y"}, {"ed", ""}, {"ed", "e"}, {"ing", ""}, {"ing", "e"}, {"er", ""}, {"er", "e"}, {"ly", ""}}

// Rank returns the place by frequency, from 1, of a word in lower case, or of the word
// that it is a form of. It returns 0 if the dictionary has neither.
func (d *Dictionary) Rank(word string) int {
	if d == nil {
		return 0
	}
	if n := d.rank(word); n > 0 {
		return n
	}
	for _, e := range endings {
		if base, ok := strings.CutSuffix(word, e[0]); ok && len(base) > 2 {
			if n := d.rank(base + e[1]); n > 0 {
				return n
			}
		}
	}
	return 0
}

// rank returns the place of a word itself. The words' counts fall from that of the
// most frequent one to 1.
func (d *Dictionary) rank(word string) int {
	if n := d.words.Count(word); n > 0 {
		return d.words.Len() - n + 1
	}
	return 0
}

// Nearest returns the word that a misspelt one with a single edit stands for, "" if
// there is none; see [vocabulary.Vocabulary.Nearest].
func (d *Dictionary) Nearest(word string) string {
	if d == nil {
		return ""
	}
	near, edits := d.words.Nearest(word)
	if edits > 1 {
		return ""
	}
	return near
}
