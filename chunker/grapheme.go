package chunker

import (
	"unicode/utf8"

	clusters "github.com/clipperhouse/uax29/v2/graphemes"
)

// A graphemes finds the boundaries of graphemes in a text of valid UTF-8. A letter with
// its accents, a flag and an emoji of a family are one grapheme each.
type graphemes struct {
	text string
	last int // a known boundary
	next int // the boundary after it; 0 if unknown
	iter *clusters.Iterator[string]
}

func newGraphemes(text string) *graphemes {
	return &graphemes{text: text, iter: clusters.FromString("")}
}

// at reports whether a grapheme begins at byte i, which begins a rune or ends the
// text.
func (g *graphemes) at(i int) bool {
	if i <= 0 || i >= len(g.text) {
		return true
	}
	if known, isBoundary := g.decide(i); known {
		return isBoundary
	}
	if g.last < i && i < g.next {
		return false
	}
	// Whether i is a boundary depends on all runes since the last certain one.
	from := i
	for known, ok := false, false; from > 0 && from != g.last && !(known && ok); {
		_, width := utf8.DecodeLastRuneInString(g.text[:from])
		from -= width
		known, ok = g.decide(from)
	}
	g.iter.SetText(g.text[from:])
	for g.last, g.next = from, 0; g.last < i && g.iter.Next(); {
		if g.next = from + g.iter.End(); g.next > i {
			return false
		}
		g.last = g.next
	}
	return true
}

// decide reports whether the two runes around byte i suffice to tell if it is a
// boundary, and if so, whether it is one.
func (g *graphemes) decide(i int) (known, isBoundary bool) {
	if i == 0 {
		return true, true
	}
	if a, b := g.text[i-1], g.text[i]; a < utf8.RuneSelf && b < utf8.RuneSelf || a == '\n' || b == '\n' {
		return true, a != '\r' || b != '\n'
	}
	a, _ := utf8.DecodeLastRuneInString(g.text[:i])
	if g.text[i] < utf8.RuneSelf && !mayPrepend(a) {
		return true, true
	}
	b, _ := utf8.DecodeRuneInString(g.text[i:])
	return standsAlone(a) && standsAlone(b), true
}

// standsAlone reports whether r is a grapheme if its neighbours stand alone too. It
// knows the common blocks only.
func standsAlone(r rune) bool {
	return r < 0x300 ||
		0x2010 <= r && r <= 0x2027 || // dashes, quotes
		0x3041 <= r && r <= 0x3096 || 0x30a0 <= r && r <= 0x30ff || 0x3000 <= r && r <= 0x3020 || // kana
		0x4e00 <= r && r <= 0x9fff || // Han
		0xff01 <= r && r <= 0xff9d // full and half width
}

// mayPrepend reports whether r may be one of the few signs that form one grapheme with
// any rune that follows.
func mayPrepend(r rune) bool {
	return 0x600 <= r && r <= 0x8ff || 0xd00 <= r && r <= 0xd7f || 0x11000 <= r && r <= 0x11fff
}

// back returns the last boundary in [from, i], or from.
func (g *graphemes) back(i, from int) int {
	for i > from && !g.at(i) {
		_, width := utf8.DecodeLastRuneInString(g.text[:i])
		i -= width
	}
	return i
}

// forward returns the first boundary in [i, to], or to.
func (g *graphemes) forward(i, to int) int {
	for i < to && !g.at(i) {
		_, width := utf8.DecodeRuneInString(g.text[i:])
		i += width
	}
	return i
}
