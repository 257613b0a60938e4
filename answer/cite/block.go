package cite

import (
	"strings"
	"unicode"
)

// A Block is a paragraph, heading, line of code or row of a table, and where it
// stands.
type Block struct {
	Kind      Kind
	Text      string // on one line
	Cell      string // the first cell of a row
	IsHeading bool
	Level     int  // of a heading, 1–6
	IsHeader  bool // of a table
	IsTerm    bool // it is one strong line
	HasCode   bool // some of it is code
	Starts    bool // it starts a list item
	Group     int  // number of the outermost list, table or code block that it is in, from 1; 0 outside of these
	Item      int  // number of that list's outermost item that it is in, from 1; 0 outside of lists
	Depth     int  // of the lists that it is in; 0 outside of lists
	Links     int  // letters and digits of Text that are links
	Letters   int  // letters and digits of Text
}

// Blocks returns the blocks of the text, in order.
func (t *Text) Blocks() []Block {
	out := make([]Block, len(t.blocks))
	for i, bl := range t.blocks {
		raw := t.shown[bl.start:bl.end]
		b := Block{Kind: bl.kind, IsHeading: bl.kind == heading, Level: bl.level, IsHeader: bl.kind == headerRow, IsTerm: bl.isTerm,
			Starts: bl.starts, Group: bl.group, Item: bl.item, Depth: bl.depth, Text: strings.Join(strings.Fields(string(raw)), " ")}
		switch {
		case b.IsHeading:
			b.Kind = Prose
		case b.Kind >= Row, rowLine(b.Text):
			b.Kind = Row
			cell, _, _ := strings.Cut(string(raw), "\t")
			b.Cell = strings.TrimSpace(cell)
		}
		for k, r := range raw {
			b.HasCode = b.HasCode || t.code[bl.start+k]
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.Letters++
				if t.link[bl.start+k] {
					b.Links++
				}
			}
		}
		out[i] = b
	}
	return out
}

// SentencesOf returns what can be quoted of a block, in order: the sentences of a
// paragraph that the chunk does not cut, or a line of code or a row whole.
func (t *Text) SentencesOf(b int) []Passage {
	bl := t.blocks[b]
	if bl.kind != Prose {
		return []Passage{t.passage(b, bl.start, bl.end)}
	}
	var out []Passage
	start, end := t.uncut(bl)
	for _, s := range t.split(bl) {
		if s[0] < start || s[1] > end {
			continue
		}
		p := t.passage(b, s[0], s[1])
		p.Whole = EndsSentence(p.Text)
		out = append(out, p)
	}
	return out
}
