package extractive

import (
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/cite"
)

// A shape is what a unit looks like.
type shape int

const (
	paragraph shape = iota
	items           // a list, with the sentence that announces it
	item            // of a list
	table
	row
	listing   // code, with the sentence that announces it
	signature // code with the paragraph that describes it
)

// A unit is the smallest part of a page that stands by itself: a paragraph; a list,
// table or code with the sentence that announces it; a definition with its term; a
// row with its header; a signature with its description.
type unit struct {
	page    *page
	blocks  []int // in order
	lead    int   // how many of them announce the others
	shape   shape
	isFirst bool   // it is the first below its heading
	label   string // what it explains, by its own words: its term, the name of its item; or ""
	defines bool   // the label is what a sentence says something of
	rest    int    // items, rows or lines that were left out at the end

	mask    mask
	path    mask
	best    int // the block that answers best
	signals Signals
	score   float64
	words   int
	answers bool // it may be an answer
	worded  bool // it or a heading above it holds a word of the question
	named   bool // it is below a term that the question names
	other   bool // it is below a term of which the question has no word
	titled  bool // its term or heading is what the question names, and no more
}

// Bounds of what is quoted of a list or table, and of code.
const (
	maxItems = 12
	maxLines = 40
	// signatureLines is the longest code that a description may follow.
	signatureLines = 6
)

// A builder is one call of [page.units].
type builder struct {
	*page
	out   []unit
	terms []int // strong lines that wait for what they explain
	last  []int // the last paragraph below the heading, with its terms
	first bool  // nothing stands below the heading yet
}

// units returns the units of a page. They overlap: a list and each of its items is
// one.
func (p *page) units() []unit {
	b := builder{page: p, first: true}
	for i := 0; i < len(p.blocks); {
		i = b.next(i)
	}
	return b.out
}

// next adds the units that start at block i, and returns the block after them.
func (b *builder) next(i int) int {
	bl := b.blocks[i]
	switch {
	case bl.IsHeading:
		b.terms, b.last, b.first = nil, nil, true
		return i + 1
	case bl.IsTerm && bl.Group == 0:
		b.terms = append(b.terms, i)
		return i + 1
	case bl.Group > 0:
		end, signs := b.groupEnd(i), b.first && bl.Item == 0 && bl.Kind == cite.Code
		lead := b.terms
		b.terms = nil
		b.group(lead, i, end)
		if signs && end-i <= signatureLines && b.describes(end) {
			u := &b.out[len(b.out)-1]
			u.shape, u.blocks, b.last = signature, append(u.blocks, end), []int{end}
			return end + 1
		}
		return end
	}
	end := b.groupEnd(i + 1)
	switch {
	case i+1 < end && (announces(bl.Text) || b.isLabel(i)):
		b.group(b.lead(i), i+1, end)
		return end
	case asks(bl.Text) && b.describes(i+1):
		b.terms = append(b.terms, i) // the answer follows
		return i + 1
	}
	b.add(unit{blocks: b.lead(i), shape: paragraph})
	return i + 1
}

// lead returns paragraph i with the terms above it or with the paragraph that it
// refers to.
func (b *builder) lead(i int) []int {
	before, own := b.last, append(b.terms, i)
	b.terms, b.last = nil, own
	if len(own) == 1 && len(before) > 0 && refersBack(b.blocks[i].Text, b.Lang) {
		return append(slices.Clone(before), i)
	}
	return own
}

// groupEnd returns the block after the list, table or code that starts at i; i if
// none does.
func (b *builder) groupEnd(i int) int {
	end := i
	for end < len(b.blocks) && b.blocks[i].Group > 0 && b.blocks[end].Group == b.blocks[i].Group {
		end++
	}
	return end
}

// describes reports whether block i is a paragraph that may describe what stands
// above it.
func (b *builder) describes(i int) bool {
	return i < len(b.blocks) && !b.blocks[i].IsHeading && !b.blocks[i].IsTerm && b.blocks[i].Group == 0 && !announces(b.blocks[i].Text)
}

// announces reports whether a paragraph announces what follows.
func announces(s string) bool { return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") }

// asks reports whether a paragraph is a question.
func asks(s string) bool {
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "؟")
}

// isLabel reports whether a paragraph is no sentence: it names what follows.
func (b *builder) isLabel(i int) bool {
	s := b.text.SentencesOf(i)
	return len(s) == 1 && !s[0].Whole
}

// group adds a list, table or code, blocks [from, end), below what announces it, and
// each item and row.
func (b *builder) group(lead []int, from, end int) {
	switch first := b.blocks[from]; {
	case first.Item > 0:
		b.items(lead, from, end)
	case first.Kind == cite.Row:
		b.rows(lead, from, end)
	default:
		if n := len(b.last); len(lead) == 0 && n > 0 && b.last[n-1] == from-1 {
			lead = b.last
		}
		stop := min(end, from+maxLines)
		b.add(unit{blocks: join(lead, from, stop), lead: len(lead), shape: listing, rest: end - stop})
	}
}

// items adds a list, and each item with those within it.
func (b *builder) items(lead []int, from, end int) {
	n, stop := 0, end // items, end of what is quoted
	for i := from; i < end; i++ {
		if !b.blocks[i].Starts {
			continue
		}
		next := i + 1
		for next < end && (b.blocks[next].Depth > b.blocks[i].Depth || b.blocks[next].Depth == b.blocks[i].Depth && !b.blocks[next].Starts) {
			next++
		}
		b.add(unit{blocks: join(nil, i, min(next, i+maxItems)), shape: item, rest: max(0, next-i-maxItems)})
		if n++; n == maxItems+1 {
			stop = i
		}
	}
	b.add(unit{blocks: join(lead, from, stop), lead: len(lead), shape: items, rest: max(0, n-maxItems)})
}

// rows adds a table and its rows.
func (b *builder) rows(lead []int, from, end int) {
	var header []int
	if b.blocks[from].IsHeader {
		header = []int{from}
	}
	for i := from + len(header); i < end; i++ {
		b.add(unit{blocks: append(slices.Clone(header), i), lead: len(header), shape: row})
	}
	stop := min(end, from+len(header)+maxItems)
	b.add(unit{blocks: join(lead, from, stop), lead: len(lead) + len(header), shape: table, rest: end - stop})
}

// join returns the blocks of lead and [from, end).
func join(lead []int, from, end int) []int {
	out := slices.Clone(lead)
	for i := from; i < end; i++ {
		out = append(out, i)
	}
	return out
}

// add adds a unit, with its label.
func (b *builder) add(u unit) {
	u.page, u.isFirst = b.page, b.first && u.shape != item && u.shape != row
	if u.shape == paragraph || u.shape == listing {
		b.first = false
	}
	u.label, u.defines = b.labelOf(u)
	b.out = append(b.out, u)
}

// labelOf returns the name of what a unit explains: its term, the start of its item,
// the first cell of its row, what its first sentence defines. It returns "" if only the
// heading tells.
func (b *builder) labelOf(u unit) (label string, defines bool) {
	first := b.blocks[u.blocks[0]]
	switch {
	case first.IsTerm || asks(first.Text) && len(u.blocks) > 1:
		label = first.Text
		for _, i := range u.blocks[1:] {
			if b.blocks[i].IsTerm {
				label += " " + b.blocks[i].Text
			}
		}
		return label, false
	case u.shape == row:
		return b.blocks[u.blocks[len(u.blocks)-1]].Cell, false
	case u.shape == item:
		return itemLabel(first.Text), false
	case u.shape == paragraph:
		return defined(first.Text, b.Lang), true
	}
	return "", false
}

// itemLabel returns what stands before a dash or colon in an item.
func itemLabel(s string) string {
	for _, mark := range []string{" - ", " – ", " — ", ": ", "："} {
		if name, _, ok := strings.Cut(s, mark); ok && len(strings.Fields(name)) <= maxLabelWords {
			return name
		}
	}
	return ""
}
