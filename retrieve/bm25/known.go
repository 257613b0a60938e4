package bm25

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
)

// A knownWords remembers the terms of words: texts repeat few words often, and finding
// their terms is most of the cost of an analysis. It takes 256 kB, and about 100 bytes
// for each word.
//
// Each word has one slot, which it takes from another word that had it.
type knownWords [1 << 15]atomic.Pointer[knownWord]

type knownWord struct {
	word  string
	terms []string
}

// maxKnownBytes is the length of a word that is remembered; longer ones are rare.
const maxKnownBytes = 40

var wordSeed = maphash.MakeSeed()

// noRules is the rules of other languages.
var noRules = rules{}.remembering()

// remembering returns r with its function known.
func (r rules) remembering() rules {
	table := sync.OnceValue(func() *knownWords { return new(knownWords) })
	r.known = func(tok string) []string {
		if len(tok) > maxKnownBytes {
			return r.word(tok)
		}
		known := table()
		slot := &known[maphash.String(wordSeed, tok)%uint64(len(known))]
		if k := slot.Load(); k != nil && k.word == tok {
			return k.terms
		}
		tok = strings.Clone(tok) // not the whole text
		k := &knownWord{tok, r.word(tok)}
		slot.Store(k)
		return k.terms
	}
	return r
}
