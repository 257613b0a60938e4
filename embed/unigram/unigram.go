// Package unigram cuts text into the pieces of a SentencePiece vocabulary of the kind
// Unigram, in which each piece has a score.
//
// Call [New] and [Tokenizer.Encode]:
//
//   - each code point is replaced as the vocabulary's map says, and a letter composed
//     with a mark after it, as SentencePiece does it: marks keep their order, unlike in
//     normal form C;
//   - text is divided into words at white space, and each word begins with ▁ (U+2581);
//   - a word becomes the pieces with the highest sum of scores;
//   - runes that no piece has become one unknown piece if they are neighbours.
//
// Pieces for control, such as <s>, match no text.
package unigram

import (
	"errors"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// space begins each word.
const space = "▁"

// unknownPenalty is how much less than the lowest score of a piece an unknown rune has.
const unknownPenalty = 10

// A Config is a vocabulary.
type Config struct {
	Pieces  []string        // by id
	Scores  []float32       // by id
	Replace map[rune]string // what code points become; "" removes them
	Unknown int32           // id of the unknown piece
	Control []int32         // ids that match no text, besides Unknown
}

// A Tokenizer cuts text into pieces. It is safe for concurrent use.
type Tokenizer struct {
	pieces       map[string]piece
	replace      map[rune]string
	unknown      int32   // id of the unknown piece
	unknownScore float64 // of a rune that no piece has
	longestBytes int     // of a piece
}

type piece struct {
	id    int32
	score float32
}

// New returns a tokenizer. It returns an error if the vocabulary is inconsistent.
func New(c Config) (*Tokenizer, error) {
	if len(c.Pieces) != len(c.Scores) {
		return nil, errors.New("unigram: pieces and scores differ in number")
	}
	t := &Tokenizer{pieces: make(map[string]piece, len(c.Pieces)), replace: c.Replace}
	lowest := float32(math.MaxFloat32)
	for id, s := range c.Pieces {
		lowest = min(lowest, c.Scores[id])
		t.pieces[s] = piece{int32(id), c.Scores[id]}
		t.longestBytes = max(t.longestBytes, len(s))
	}
	for _, id := range append([]int32{c.Unknown}, c.Control...) {
		if id < 0 || int(id) >= len(c.Pieces) {
			return nil, errors.New("unigram: a control piece is not in the vocabulary")
		}
		delete(t.pieces, c.Pieces[id])
	}
	delete(t.pieces, "")
	t.unknown, t.unknownScore = c.Unknown, float64(lowest)-unknownPenalty
	return t, nil
}

// Encode returns the pieces of text, without any for its start and end.
func (t *Tokenizer) Encode(text string) []int32 {
	var ids []int32
	var p paths
	for word := range strings.FieldsSeq(t.normalize(text)) {
		ids = t.appendWord(ids, space+word, &p)
	}
	return ids
}

// maxBytesPerPiece bounds the part of a word that Fit looks at.
const maxBytesPerPiece = 16

// Fit returns the length in bytes of a beginning of text that has at most limit
// pieces, and their number. If that is not all of text, one more rune does not fit, or
// the word there is much longer than limit pieces.
func (t *Tokenizer) Fit(text string, limit int) (n, pieces int) {
	for n < len(text) {
		end, isWhole := t.endOfWord(text, n, maxBytesPerPiece*max(limit, 1))
		count := len(t.Encode(text[n:end]))
		if pieces+count > limit {
			part, count := t.fitWord(text[n:end], limit-pieces)
			return n + part, pieces + count
		}
		n, pieces = end, pieces+count
		if !isWhole {
			break
		}
	}
	return n, pieces
}

// endOfWord returns the end of the white space and the word that begin at start. If
// they have more than maxBytes, it returns an end within them.
func (t *Tokenizer) endOfWord(text string, start, maxBytes int) (end int, isWhole bool) {
	inWord := false
	for i, r := range text[start:] {
		isSpace := t.isSpace(r)
		if isSpace && inWord {
			return start + i, true
		}
		if i >= maxBytes {
			return start + i, false
		}
		inWord = inWord || !isSpace
	}
	return len(text), true
}

// fitWord returns the length of a beginning of a word that has at most limit pieces,
// and their number.
func (t *Tokenizer) fitWord(word string, limit int) (n, pieces int) {
	var ends []int // of beginnings, the empty one among them
	for i := range word {
		ends = append(ends, i)
	}
	ends = append(ends, len(word))
	i := sort.Search(len(ends), func(i int) bool { return len(t.Encode(word[:ends[i]])) > limit })
	n = ends[max(i-1, 0)]
	return n, len(t.Encode(word[:n]))
}

// isSpace reports whether r is white space once it is replaced.
func (t *Tokenizer) isSpace(r rune) bool {
	if s, ok := t.replace[r]; ok {
		return s != "" && strings.TrimSpace(s) == ""
	}
	return unicode.IsSpace(r)
}

// normalize replaces the code points of text and composes neighbours.
func (t *Tokenizer) normalize(text string) string {
	b := make([]byte, 0, len(text))
	last := 0 // where the last rune of b begins
	add := func(r rune) {
		if composed, ok := compose(b[last:], r); ok {
			b = append(b[:last], composed...)
			return
		}
		last = len(b)
		b = utf8.AppendRune(b, r)
	}
	for _, r := range text {
		replaced, ok := t.replace[r]
		if !ok {
			add(r)
			continue
		}
		for _, r := range replaced {
			add(r)
		}
	}
	return string(b)
}

// compose returns the one rune that a rune and the next one are in normal form C.
func compose(before []byte, r rune) ([]byte, bool) {
	if r < utf8.RuneSelf || len(before) == 0 {
		return nil, false
	}
	next := utf8.AppendRune(nil, r)
	if norm.NFC.Properties(next).BoundaryBefore() {
		return nil, false
	}
	c := norm.NFC.Bytes(slices.Concat(before, next))
	return c, utf8.RuneCount(c) == 1
}
