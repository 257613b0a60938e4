// Package vocabulary holds the words of an index, and finds the one that a
// misspelt word of a question stands for.
//
// Call [Counter.Add] for each chunk, then [Counter.Vocabulary], and
// [Vocabulary.Nearest] with a word that the index lacks. Words are those of
// [bm25.Words] that consist of letters, or of parts of letters such as max_retries, as
// pages write them but in lower case; each
// has the number of chunks that hold it.
package vocabulary

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/retrieve/bm25"
)

// maxWords is how many words a vocabulary holds, the most frequent ones: 2 MB when
// packed. The documentation of a programming language has about 30 000.
const maxWords = 200_000

// Lengths of the words of a vocabulary, in runes.
const (
	minRunes = 3
	maxRunes = 40
)

// A Vocabulary is the words of an index. It is immutable. A nil Vocabulary is empty.
type Vocabulary struct {
	words  []string // sorted
	counts []uint32 // chunks that hold words[i]
}

// Of returns the vocabulary of words, in lower case and each once, the most frequent
// first.
func Of(words []string) *Vocabulary {
	v := &Vocabulary{words: slices.Sorted(slices.Values(words)), counts: make([]uint32, len(words))}
	for i, w := range words {
		n, _ := slices.BinarySearch(v.words, w)
		v.counts[n] = uint32(len(words) - i)
	}
	return v
}

// Len returns the number of words.
func (v *Vocabulary) Len() int {
	if v == nil {
		return 0
	}
	return len(v.words)
}

// Count returns how many chunks hold a word, in lower case.
func (v *Vocabulary) Count(word string) int {
	if v == nil {
		return 0
	}
	if i, ok := slices.BinarySearch(v.words, word); ok {
		return int(v.counts[i])
	}
	return 0
}

// minPartRunes is the length of the shortest word that is looked for in longer ones.
const minPartRunes = 5

// HasPart reports whether a word, in lower case and of at least five letters, is at the
// beginning or the end of a word.
func (v *Vocabulary) HasPart(word string) bool {
	if v == nil || utf8.RuneCountInString(word) < minPartRunes {
		return false
	}
	if i, _ := slices.BinarySearch(v.words, word); i < len(v.words) && strings.HasPrefix(v.words[i], word) {
		return true
	}
	return slices.ContainsFunc(v.words, func(w string) bool { return strings.HasSuffix(w, word) })
}

// Equal reports whether two vocabularies have the same words and counts.
func (v *Vocabulary) Equal(w *Vocabulary) bool {
	if v.Len() == 0 || w.Len() == 0 {
		return v.Len() == w.Len()
	}
	return slices.Equal(v.words, w.words) && slices.Equal(v.counts, w.counts)
}

// A Counter makes a [Vocabulary]. The zero Counter has counted nothing.
type Counter struct{ counts map[string]uint32 }

// Add counts the words of a chunk.
func (c *Counter) Add(text string) {
	if c.counts == nil {
		c.counts = map[string]uint32{}
	}
	seen := map[string]bool{}
	for _, w := range bm25.Words(text) {
		if !seen[w] && isWord(w) {
			seen[w] = true
			c.counts[w]++
		}
	}
	for least := uint32(1); len(c.counts) > 2*maxWords; least++ { // memory is bounded as well
		maps.DeleteFunc(c.counts, func(_ string, n uint32) bool { return n <= least })
	}
}

// isWord reports whether w consists of letters, or of parts of letters, and has the
// length of a word.
func isWord(w string) bool {
	n := 0
	for _, r := range w {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '_' && r != '.' {
			return false
		}
		n++
	}
	return minRunes <= n && n <= maxRunes && utf8.ValidString(w)
}

// Vocabulary returns what was counted.
func (c *Counter) Vocabulary() *Vocabulary {
	words := slices.SortedFunc(maps.Keys(c.counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.counts[b], c.counts[a]), cmp.Compare(a, b))
	})
	words = slices.Clip(words[:min(len(words), maxWords)])
	slices.Sort(words)
	v := &Vocabulary{words: words, counts: make([]uint32, len(words))}
	for i, w := range words {
		v.counts[i] = c.counts[w]
	}
	return v
}
