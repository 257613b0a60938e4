// Package cite finds quotes in chunks and links to them.
//
// Call [Parse] on a chunk's Markdown, then [Text.Find] with a quote, or
// [Text.Sentences] for what can be quoted, and [Passage.Link] for a link that
// opens the page at the passage. A passage's Text is what the page shows,
// without Markdown marks. Its offsets tell where it stands in the chunk:
// between them there is nothing else but marks.
package cite

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
	link     []bool // for each rune of shown, whether it is the text of a link
	gaps     []int  // indices in shown before which the page may show something other than text
	blocks   []block
	cut      bool // the chunk starts within a sentence
}

// newText returns an empty Text with room for so many runes.
func newText(runes int) *Text {
	return &Text{shown: make([]rune, 0, runes), from: make([]int, 0, runes), to: make([]int, 0, runes),
		breaks: make([]bool, 0, runes), code: make([]bool, 0, runes), link: make([]bool, 0, runes)}
}

// A block is a paragraph, heading, line of code or row of a table.
type block struct {
	kind       Kind
	level      int    // of a heading, 1–6
	isTerm     bool   // it is one strong line
	ordinal    string // number of the list item that it starts, or ""
	starts     bool   // it starts a list item
	start, end int    // in shown
	place
}

// A place is where in lists, tables and code a block stands.
type place struct {
	group int // number of the outermost list, table or code block that it is in, from 1; 0 outside of these
	item  int // number of the group's outermost item that it is in, from 1; 0 outside of lists
	depth int // of the lists that it is in; 0 outside of lists
}

// String returns the whole text, one block per line.
func (t *Text) String() string { return string(t.shown) }
