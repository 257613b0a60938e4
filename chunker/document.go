package chunker

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Heading is a heading of a document.
type Heading struct {
	Level  int // 1 for the outermost
	Text   string
	Anchor string // fragment, without '#'; may be empty
	Start  int    // where its line begins, in runes
}

// A Part is a chunk of a document with its place in the document's structure.
type Part struct {
	Chunk
	// Section holds the texts of the headings above the chunk's first own rune,
	// outermost first. A rune is own if it is neither white space nor part of the
	// previous chunk.
	Section []string
	// Anchor is the anchor of the innermost of these headings that has one.
	Anchor string
	// Prefix is the context of a chunk that continues a table or code: the header
	// row and the line below it, or the line that opens the fence. Embed it in
	// front of Text. It is never part of Text, but counts towards the size.
	Prefix string
}

// SplitDocument returns the chunks of a Markdown text. Headings must be in order of
// Start; those outside the text are ignored. With the kind [Document]:
//
//   - A chunk begins at a heading where possible. Neighbouring sections with the
//     same parent are joined if they fit and one of them is at most a quarter of a
//     chunk. A heading stays with what follows it.
//   - A section longer than a chunk is cut between blocks: paragraphs, list items,
//     tables, code. A block longer than a chunk is cut between sentences, lines,
//     words or graphemes, the first of these that fit; code and tables between
//     lines.
//   - Parts of one section overlap by whole sentences or list items, never by
//     code or rows, and sections do not overlap.
//   - A grapheme is cut only if it is longer than a chunk.
//
// If the text has no headings, code fences or tables, or if the kind is [Recursive],
// the chunks are those of [Split], except that no grapheme is cut. For text that is
// not valid UTF-8 they are exactly those of [Split].
//
// SplitDocument panics if o is not valid.
func SplitDocument(text string, headings []Heading, o Options) []Part {
	d := &document{splitter: newSplitter(text, o)}
	isUTF8 := utf8.ValidString(text)
	if isUTF8 {
		d.graphemes = newGraphemes(text)
	}
	if !isUTF8 || o.Kind == Recursive || o.Separators != nil || len(headings) == 0 && !d.hasBlocks() {
		d.recursive(o.Separators)
	} else {
		d.findSections(headings)
		d.pack(0, len(d.sections)-1)
		d.finish()
	}
	return d.parts(headings)
}

// A document is one call of [SplitDocument].
type document struct {
	*splitter
	sections []section // the last is the end of the text
	group    group
	prefixes map[int]string // by the number of the chunk
	last     [2]mark        // the last chunk, with the white space around it
}

// A section is a heading with the text up to the next heading. The first one is the text
// before all headings.
type section struct {
	mark         // where it begins
	level    int // 0 for the first
	headEnd  int // byte after the heading's line
	isBare   bool
	trailing int // size of the white space at its end
}

// findSections cuts the text at the headings.
func (d *document) findSections(headings []Heading) {
	d.sections = make([]section, 1, len(headings)+2)
	at, runes, size := 0, 0, 0
	for _, h := range headings {
		to, ok := d.seek(at, h.Start-runes)
		if !ok || !d.graphemes.at(to) {
			continue
		}
		d.closeSection(to)
		size += d.measure(at, to)
		s := section{mark: mark{to, size}, level: max(h.Level, 1), headEnd: d.headEnd(to)}
		// A heading with nothing below it goes with the next.
		for n := len(d.sections) - 1; n > 0 && d.sections[n].isBare && d.sections[n].level >= s.level; n-- {
			s.mark, d.sections = d.sections[n].mark, d.sections[:n]
		}
		d.sections = append(d.sections, s)
		at, runes = to, h.Start
	}
	d.closeSection(len(d.text))
	d.sections = append(d.sections, section{mark: mark{len(d.text), size + d.measure(at, len(d.text))}})
}

// closeSection completes the last section, which ends at a byte.
func (d *document) closeSection(end int) {
	s := &d.sections[len(d.sections)-1]
	body := d.text[min(max(s.headEnd, s.bytes), end):end]
	s.isBare = isBlank(body)
	s.trailing = d.trailing(s.bytes, end)
}

// seek returns the byte n runes after byte at.
func (d *document) seek(at, n int) (int, bool) {
	for n > 0 && at < len(d.text) {
		to := min(at+n, len(d.text)) // holds at most n runes
		for to < len(d.text) && !utf8.RuneStart(d.text[to]) {
			to--
		}
		if to == at {
			_, width := utf8.DecodeRuneInString(d.text[at:])
			to += width
		}
		n -= utf8.RuneCountInString(d.text[at:to])
		at = to
	}
	return at, n == 0 && at < len(d.text)
}

// headEnd returns where the heading that begins at a byte ends: after its line and a
// line of '=' or '-' that underlines it.
func (d *document) headEnd(at int) int {
	end := lineEnd(d.text, at, len(d.text))
	next := lineEnd(d.text, end, len(d.text))
	line := strings.TrimSpace(d.text[end:next])
	if line != "" && (strings.Trim(line, "=") == "" || strings.Trim(line, "-") == "") {
		return next
	}
	return end
}

// trailing returns the size of the white space at the end of text[from:to]. It counts
// runes only: for a tokenizer, white space has almost no size.
func (d *document) trailing(from, to int) int {
	if d.count != nil {
		return 0
	}
	text := d.text[from:to]
	return utf8.RuneCountInString(text[len(strings.TrimRightFunc(text, isSpace)):])
}

// parts returns the chunks with their places.
func (d *document) parts(headings []Heading) []Part {
	parts := make([]Part, len(d.chunks))
	var open []Heading
	var names []string
	end := 0 // of the chunk before
	for i, c := range d.chunks {
		own := firstOwn(c, end)
		end = c.End
		for len(headings) > 0 && headings[0].Start <= own {
			for len(open) > 0 && open[len(open)-1].Level >= headings[0].Level {
				open = open[:len(open)-1]
			}
			open, headings, names = append(open, headings[0]), headings[1:], nil
		}
		if names == nil && len(open) > 0 {
			for _, h := range open {
				names = append(names, h.Text)
			}
			names = slices.Clip(names)
		}
		parts[i] = Part{Chunk: c, Section: names, Prefix: d.prefixes[i]}
		for _, h := range slices.Backward(open) {
			if h.Anchor != "" {
				parts[i].Anchor = h.Anchor
				break
			}
		}
	}
	return parts
}

// firstOwn returns the offset of the first rune of c that is neither white space nor in
// the previous chunk, which ends at end.
func firstOwn(c Chunk, end int) int {
	at := c.Start
	for _, r := range c.Text {
		if at >= end && !isSpace(r) {
			return at
		}
		at++
	}
	return c.Start
}
