// Package chunker splits text into overlapping chunks sized for embedding.
//
// Call [Split]. It is the recursive character splitter that is in wide use: it
// cuts at the coarsest separator there is (blank line, line, space, anywhere),
// cuts pieces that are still too long at the next finer one, and joins small
// neighbours up to the size. Its chunks are those of LangChain's
// RecursiveCharacterTextSplitter, one for one.
//
// Chunks come in document order, neither Start nor End ever decreasing. They
// start and end on rune boundaries and hold at most Options.SizeRunes runes, as
// long as the last separator is the empty one. Nothing is lost: every rune that
// is not white space is in a chunk, and the runes [Start, End) of the text are
// the chunk.
package chunker

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

const (
	defaultSizeRunes    = 2000
	defaultOverlapRunes = 200
)

// NoOverlap as Options.OverlapRunes makes chunks that share nothing.
const NoOverlap = -1

// Options say how to split. The zero Options are 2000 runes with 200 of overlap.
type Options struct {
	SizeRunes    int      // longest chunk; 0 means 2000
	OverlapRunes int      // most that neighbours share; 0 means 200, [NoOverlap] none
	Separators   []string // coarsest first; nil means "\n\n", "\n", " ", ""
}

// A Chunk is a part of a text.
type Chunk struct {
	Text       string // the runes [Start, End) of the text
	Start, End int    // offsets in runes
}

// Size returns the longest chunk and the most overlap, in runes, with the
// defaults filled in.
func (o Options) Size() (size, overlap int) {
	size, overlap = o.SizeRunes, o.OverlapRunes
	if size == 0 {
		size = defaultSizeRunes
	}
	switch overlap {
	case 0:
		overlap = defaultOverlapRunes
	case NoOverlap:
		overlap = 0
	}
	return size, overlap
}

// String names the settings, such as "recursive 2000/200".
func (o Options) String() string {
	size, overlap := o.Size()
	if o.Separators == nil {
		return fmt.Sprintf("recursive %d/%d", size, overlap)
	}
	return fmt.Sprintf("recursive %d/%d %q", size, overlap, o.Separators)
}

// Validate returns an error unless 1 ≤ size and 0 ≤ overlap < size.
func (o Options) Validate() error {
	size, overlap := o.Size()
	switch {
	case size < 1:
		return fmt.Errorf("chunker: size %d is less than 1", size)
	case overlap < 0:
		return fmt.Errorf("chunker: overlap %d is less than 0", overlap)
	case overlap >= size:
		return fmt.Errorf("chunker: overlap %d is not smaller than size %d", overlap, size)
	case o.Separators != nil && len(o.Separators) == 0:
		return errors.New("chunker: separators are empty, not nil: there is nothing to cut at")
	}
	return nil
}

// Split returns the chunks of text. White space around a chunk is cut off, and
// text of white space alone has no chunk. A byte that is not UTF-8 counts as a
// rune.
//
// Split panics if o is not valid.
func Split(text string, o Options) []Chunk {
	if err := o.Validate(); err != nil {
		panic("chunker: misuse: " + err.Error())
	}
	seps := o.Separators
	if seps == nil {
		seps = []string{"\n\n", "\n", " ", ""}
	}
	size, overlap := o.Size()
	s := splitter{text: text, size: size, overlap: overlap}
	end := mark{len(text), utf8.RuneCountInString(text)}
	s.chunks = make([]Chunk, 0, 1+end.runes/(size-overlap))
	s.split(mark{}, end, seps)
	return s.chunks
}
