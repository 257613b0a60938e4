package cite

import (
	"strings"
)

// under returns the nearest strong lines above block b below its heading, or
// "".
func (t *Text) under(b int) string {
	for ; b >= 0 && t.blocks[b].kind != heading; b-- {
		if term := t.term(b); term != "" {
			return term
		}
	}
	return ""
}

// term returns the strong lines directly above block b, or "".
func (t *Text) term(b int) string {
	if k := t.blocks[b].kind; t.blocks[b].isTerm || k != Prose && k != Code {
		return ""
	}
	first := b
	for first > 0 && t.blocks[first-1].isTerm {
		first--
	}
	var terms []string
	for _, bl := range t.blocks[first:b] {
		terms = append(terms, strings.Join(strings.Fields(string(t.shown[bl.start:bl.end])), " "))
	}
	return strings.Join(terms, ", ")
}
