// Package dictionary holds the usual words of languages.
//
// Call [For]. A word of a question that a dictionary lacks and that no page holds is
// a name or a misspelling; one that the dictionary has may be a paraphrase.
//
// english.txt.gz is the 40 000 most frequent English words of three letters or more,
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
)

//go:embed english.txt.gz
var english string

// A Dictionary is the usual words of a language. A nil Dictionary has none.
type Dictionary struct{ ranks map[string]int }

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
	d := &Dictionary{ranks: map[string]int{}}
	r, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		panic(err) // Unreachable: a test reads every embedded file.
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err) // Unreachable: a test reads every embedded file.
	}
	for w := range strings.FieldsSeq(string(text)) {
		d.ranks[w] = len(d.ranks) + 1
	}
	return d
}

// Rank returns the place of a word, in lower case, by frequency, from 1; false if
// the dictionary lacks it.
func (d *Dictionary) Rank(word string) (int, bool) {
	if d == nil {
		return 0, false
	}
	n, ok := d.ranks[word]
	return n, ok
}

// Has reports whether the dictionary has a word, also as a plural or with another
// ending that s, es, ed, ing or 's adds to it.
func (d *Dictionary) Has(word string) bool {
	if _, ok := d.Rank(word); ok {
		return true
	}
	for _, ending := range []string{"'s", "s", "es", "ed", "ing"} {
		if stem, ok := strings.CutSuffix(word, ending); ok && len(stem) > 2 {
			if _, ok := d.Rank(stem); ok {
				return true
			}
		}
	}
	return false
}
