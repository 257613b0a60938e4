// Package cite shows that a quote stands on a page.
//
// Call [Parse] on a chunk's Markdown, then [Text.Find] with a quote, or
// [Text.Sentences] for what can be quoted, and [Passage.Link] for a link that
// lands on it. A passage's Text is what the page shows, without Markdown marks,
// and its offsets say where it stands in the chunk: exactly there, and with
// nothing in between that was left out but marks.
package cite

import "strings"

// A Kind says what a passage is.
type Kind int

const (
	Prose Kind = iota
	heading
	Code      // a line of code
	Row       // a row of a table
	headerRow // the header of a table
)

// A Passage is a part of a chunk as the page shows it.
type Passage struct {
	Text       string // on one line
	Start, End int    // rune offsets in the chunk
	Kind       Kind   // of the block it begins in
	Heading    string // the nearest one above it in the chunk, if any
	Term       string // the strong line just above its block, which it explains, if any: of a definition, a note, a tab
	Under      string // the nearest strong line above it under that heading, of which it may be said too
	Block      int    // number of the block it begins in
	First      bool   // it begins its block
	Whole      bool   // it is not cut off, and ends as a sentence does; for prose

	of   *Text
	i, j int // in of.shown
}

// A Text is a chunk as its page shows it.
type Text struct {
	shown    []rune // blocks end in '\n', cells in '\t'
	from, to []int  // of each rune of shown, what it comes from: rune offsets in the chunk
	breaks   []bool // of each rune of shown: a space that is a line's end in the chunk
	code     []bool // of each rune of shown: it is code
	gaps     []int  // where the page shows something else than text: before that rune of shown
	blocks   []block
	cut      bool // the chunk begins in the middle of a sentence
}

// A block is a paragraph, heading, line of code or row of a table.
type block struct {
	kind       Kind
	level      int    // of a heading, 1–6
	isTerm     bool   // it is one strong line
	ordinal    string // in front of it, if it begins an item of a list
	start, end int    // in shown
}

// String returns the whole text, a block a line.
func (t *Text) String() string { return string(t.shown) }

// Join returns the passage from the start of p to the end of q, which comes
// behind it in the text; both are of this text.
func (t *Text) Join(p, q Passage) Passage {
	joined := t.passage(p.Block, p.i, q.j)
	joined.Whole = p.Whole && q.Whole
	return joined
}

// passage returns shown[i:j], which begins in block b.
func (t *Text) passage(b, i, j int) Passage {
	raw := string(t.shown[i:j])
	p := Passage{
		Text:  strings.Join(strings.Fields(raw), " "),
		Start: t.from[i],
		End:   t.to[j-1],
		Kind:  t.blocks[b].kind,
		Block: b,
		First: i == t.blocks[b].start,
		of:    t,
		i:     i,
		j:     j,
	}
	p.Term, p.Under = t.term(b), t.under(b)
	for ; b >= 0; b-- {
		if t.blocks[b].kind == heading {
			p.Heading = string(t.shown[t.blocks[b].start:t.blocks[b].end])
			break
		}
	}
	return p
}

// maxAroundRunes is the most that [Passage.Around] returns.
const maxAroundRunes = 1000

// Around returns the whole sentences that p has a part of, or the whole line of
// code or row of a table; p itself if that is very long, and nothing if p is not
// of a [Text].
func (p Passage) Around() Passage {
	t, i, j := p.of, p.i, p.j
	if t == nil {
		return Passage{}
	}
	for _, bl := range t.blocks {
		if bl.end <= p.i || bl.start >= p.j {
			continue
		}
		parts := [][2]int{{bl.start, bl.end}}
		if bl.kind == Prose {
			parts = t.split(bl)
		}
		for _, s := range parts {
			if s[0] < p.j && s[1] > p.i {
				i, j = min(i, s[0]), max(j, s[1])
			}
		}
	}
	if j-i > maxAroundRunes {
		return p
	}
	return t.passage(p.Block, i, j)
}

// A Title is a heading inside of a chunk.
type Title struct {
	Level int // 1–6
	Text  string
	First bool // the chunk begins with it
}

// Titles returns the headings of the chunk that stand in front of p or begin it.
func (p Passage) Titles() []Title {
	t := p.of
	if t == nil {
		return nil
	}
	var out []Title
	for b, bl := range t.blocks {
		if bl.kind == heading && bl.start <= p.i {
			out = append(out, Title{bl.level, strings.Join(strings.Fields(string(t.shown[bl.start:bl.end])), " "), b == 0})
		}
	}
	return out
}
