package cite

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// maxTermRunes is more than the names and signatures that manuals explain have.
const maxTermRunes = 100

// paragraph writes a paragraph. If all of it is strong and it is not a
// sentence, it is a term.
func (w *writer) paragraph(n ast.Node) {
	before := len(w.t.blocks)
	w.block(Prose, func() { w.inlines(n) })
	strong, ok := n.FirstChild().(*ast.Emphasis)
	if !ok || strong.Level != 2 || n.ChildCount() != 1 || len(w.t.blocks) == before {
		return
	}
	bl := &w.t.blocks[before]
	bl.isTerm = bl.end-bl.start <= maxTermRunes && !endsSentence(string(w.t.shown[bl.start:bl.end]))
}

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
