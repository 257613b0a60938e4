package cite

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// paragraph writes a paragraph. One that is strong as a whole is a term.
func (w *writer) paragraph(n ast.Node) {
	before := len(w.t.blocks)
	w.block(Prose, func() { w.inlines(n) })
	strong, ok := n.FirstChild().(*ast.Emphasis)
	if ok && strong.Level == 2 && n.ChildCount() == 1 && len(w.t.blocks) > before {
		w.t.blocks[before].isTerm = true
	}
}

// under returns the strong lines that are the nearest above block b under its
// heading, or "".
func (t *Text) under(b int) string {
	for ; b >= 0 && t.blocks[b].kind != Heading; b-- {
		if term := t.term(b); term != "" {
			return term
		}
	}
	return ""
}

// term returns the strong lines just above block b, or "".
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
