// Package cite finds quotes in chunks and links to them.
//
// Call [Parse] on a chunk's Markdown, then [Text.Find] with a quote, or
// [Text.Sentences] for what can be quoted, and [Passage.Link] for a link that
// opens the page at the passage. A passage's Text is what the page shows,
// without Markdown marks. Its offsets tell where it stands in the chunk:
// between them there is nothing else but marks.
package cite

import "strings"

// A Kind is the kind of a block.
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
	Kind       Kind   // of the block that it starts in
	Heading    string // nearest heading above it in the chunk, or ""
	Term       string // strong line directly above its block, such as a defined term or the name of a tab, or ""
	Under      string // nearest strong line above it below that heading, or ""; it may explain that one too
	Block      int    // number of the block that it starts in
	First      bool   // it starts its block
	Whole      bool   // it is a complete sentence; for prose

	of   *Text
	i, j int // in of.shown
}

// A Text is a chunk as its page shows it.
type Text struct {
	shown    []rune // blocks end in '\n', cells in '\t'
	from, to []int  // for each rune of shown, its rune offsets in the chunk
	breaks   []bool // for each rune of shown, whether it is a space that was a line break in the chunk
	code     []bool // for each rune of shown, whether it is code
	gaps     []int  // indices in shown before which the page may show something other than text
	blocks   []block
	cut      bool // the chunk starts within a sentence
}

// A block is a paragraph, heading, line of code or row of a table.
type block struct {
	kind       Kind
	level      int    // of a heading, 1–6
	isTerm     bool   // it is one strong line
	ordinal    string // number of the list item that it starts, or ""
	start, end int    // in shown
}

// String returns the whole text, one block per line.
func (t *Text) String() string { return string(t.shown) }

// Join returns the passage from the start of p to the end of q. Both are
// passages of t, and q follows p.
func (t *Text) Join(p, q Passage) Passage {
	joined := t.passage(p.Block, p.i, q.j)
	joined.Whole = p.Whole && q.Whole
	return joined
}

// passage returns shown[i:j], which starts in block b.
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

// maxAroundRunes is the maximum length of [Passage.Around].
const maxAroundRunes = 1000

// Around returns the whole sentences, code line or table row that p is part of.
// It returns p if they are very long, and the zero Passage if p is not part of
// a [Text].
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

// A Title is a heading within a chunk.
type Title struct {
	Level int // 1–6
	Text  string
	First bool // the chunk starts with it
}

// Titles returns the headings of the chunk that p follows or starts with.
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
