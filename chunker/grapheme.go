package chunker

import (
	"unicode/utf8"

	clusters "github.com/clipperhouse/uax29/v2/graphemes"
)

// A graphemes tells where the characters that a reader sees begin in a text of
// valid UTF-8: a letter with its accents, a flag, a family of emoji are one.
type graphemes struct {
	text string
	last int // a boundary that is known
	next int // the one behind it; 0 if not known
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
	if plain, isBoundary := g.plain(i); plain {
		return isBoundary
	}
	if g.last < i && i < g.next {
		return false
	}
	// What is a boundary depends on all runes since the last sure one.
	from := i
	for plain, ok := false, false; from > 0 && from != g.last && !(plain && ok); {
		_, width := utf8.DecodeLastRuneInString(g.text[:from])
		from -= width
		plain, ok = g.plain(from)
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

// plain reports whether the runes around byte i alone tell if it is a boundary, and
// if so, what they tell.
func (g *graphemes) plain(i int) (known, isBoundary bool) {
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

// standsAlone reports whether r, between two runes of which it says so too, is a
// grapheme. It knows the common blocks only.
func standsAlone(r rune) bool {
	return r < 0x300 ||
		0x2010 <= r && r <= 0x2027 || // dashes, quotes
		0x3041 <= r && r <= 0x3096 || 0x30a0 <= r && r <= 0x30ff || 0x3000 <= r && r <= 0x3020 || // kana
		0x4e00 <= r && r <= 0x9fff || // Han
		0xff01 <= r && r <= 0xff9d // full and half width
}

// mayPrepend reports whether r may be one of the few signs that make one grapheme
// with whatever follows.
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
