// Package chunker splits text into overlapping chunks sized for embedding.
//
// Call [Split] for plain text. It is the widely used recursive character splitter: it
// cuts at the coarsest separator that occurs (blank line, line, space, anywhere), cuts
// pieces that are still too long at the next finer one, and joins small neighbours up
// to the size. Its chunks equal those of LangChain's RecursiveCharacterTextSplitter.
//
// Call [SplitDocument] for Markdown whose headings are known. It cuts between sections,
// then between blocks, list items, sentences and words, keeps code and table rows
// whole, and never cuts a grapheme. It is a second verb because it needs more than the
// text.
//
// For both, chunks come in document order: neither Start nor End ever decreases. They
// start and end on rune boundaries and have at most Options.SizeRunes runes, provided
// that the last separator is the empty one. Nothing is lost: every rune that is not
// white space is in a chunk, and the runes [Start, End) of the text are the chunk.
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

// maxRunes bounds a chunk that [Options.Count] measures. A tokenizer may count
// any number of runes as one unknown token, but Milvus stores at most 65 535
// bytes of text, so 16 383 runes always fit.
const maxRunes = 16_383

// NoOverlap as Options.OverlapRunes makes chunks that share nothing.
const NoOverlap = -1

// A Kind is the way [SplitDocument] cuts.
type Kind int

const (
	// Recursive cuts at separators, as [Split] does.
	Recursive Kind = iota
	// Document cuts at headings, blocks and sentences.
	Document
)

// String returns "recursive" or "document".
func (k Kind) String() string {
	if k == Document {
		return "document"
	}
	return "recursive"
}

// Options are the settings of a split. The zero Options are 2000 runes with 200 runes
// of overlap.
type Options struct {
	Kind         Kind     // of [SplitDocument]; [Split] is always [Recursive]
	SizeRunes    int      // longest chunk; 0 means 2000
	OverlapRunes int      // largest overlap of neighbours; 0 means 200, [NoOverlap] none
	Separators   []string // coarsest first; nil means "\n\n", "\n", " ", ""; if set, the kind is [Recursive]

	// Count, if set, measures text in another unit than runes, such as the tokens
	// of an embedder; SizeRunes and OverlapRunes are then in that unit. It is
	// called for pieces, and the size of a chunk is the sum of its pieces' sizes.
	// A chunk then also has at most 16 383 runes.
	Count func(text string) int
	Unit  string // of Count, such as "tokens of all-MiniLM-L6-v2"; set if and only if Count is
}

// A Chunk is a part of a text.
type Chunk struct {
	Text       string // the runes [Start, End) of the text
	Start, End int    // offsets in runes
}

// Size returns the largest size of a chunk and of an overlap, in runes or the unit of
// Count, with the defaults filled in.
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

// String returns the settings as text, such as "document 2000/200" or "recursive
// 256/32 tokens". Options with the same text split alike.
func (o Options) String() string {
	kind := o.Kind
	if o.Separators != nil {
		kind = Recursive
	}
	size, overlap := o.Size()
	name := fmt.Sprintf("%s %d/%d", kind, size, overlap)
	if o.Unit != "" {
		name += " " + o.Unit
	}
	if o.Separators != nil {
		name += fmt.Sprintf(" %q", o.Separators)
	}
	return name
}

// Validate returns an error unless 1 ≤ size, 0 ≤ overlap < size, and Count and Unit
// are both set or both unset.
func (o Options) Validate() error {
	size, overlap := o.Size()
	switch {
	case size < 1:
		return fmt.Errorf("chunker: size %d is less than 1", size)
	case overlap < 0:
		return fmt.Errorf("chunker: overlap %d is less than 0", overlap)
	case overlap >= size:
		return fmt.Errorf("chunker: overlap %d is not smaller than size %d", overlap, size)
	case o.Kind != Document && o.Kind != Recursive:
		return fmt.Errorf("chunker: unknown kind %d", o.Kind)
	case o.Separators != nil && len(o.Separators) == 0:
		return errors.New("chunker: separators are empty (want nil for the default, or at least one)")
	case o.Count == nil && o.Unit != "":
		return fmt.Errorf("chunker: Unit %q is set without Count", o.Unit)
	case o.Count != nil && o.Unit == "":
		return errors.New("chunker: Count is set without Unit")
	}
	return nil
}

// Split returns the chunks of text. White space around a chunk is trimmed, and text of
// only white space has no chunks. A byte that is not UTF-8 counts as a rune.
//
// Split panics if o is not valid.
func Split(text string, o Options) []Chunk {
	s := newSplitter(text, o)
	s.recursive(o.Separators)
	return s.chunks
}

func newSplitter(text string, o Options) *splitter {
	if err := o.Validate(); err != nil {
		panic("chunker: misuse: " + err.Error())
	}
	s := &splitter{text: text, count: o.Count}
	s.size, s.overlap = o.Size()
	return s
}

// recursive adds the chunks of the whole text; nil separators are the default.
func (s *splitter) recursive(separators []string) {
	if separators == nil {
		separators = []string{"\n\n", "\n", " ", ""}
	}
	end := mark{len(s.text), s.measure(0, len(s.text))}
	s.chunks = make([]Chunk, 0, 1+min(end.size/(s.size-s.overlap), utf8.RuneCountInString(s.text)))
	s.split(mark{}, end, separators)
}
