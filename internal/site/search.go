package site

import (
	"encoding/json"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// A part is a heading with the text below it, as the search finds it.
type part struct {
	ID    string // of the heading
	Title string
	Text  string // on one line
}

// partsOf cuts a page into parts, one for each heading.
func partsOf(doc *ast.Document, src []byte) []part {
	var parts []part
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			attr, _ := h.AttributeString("id")
			id, _ := attr.([]byte)
			parts = append(parts, part{ID: string(id), Title: nodeText(h, src)})
			continue
		}
		if len(parts) > 0 {
			p := &parts[len(parts)-1]
			p.Text = strings.TrimSpace(p.Text + " " + allText(n, src))
		}
	}
	return parts
}

// allText returns the text of a block, also of code, with a space between blocks.
func allText(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch {
		case !entering:
		case n.Type() == ast.TypeBlock:
			b.WriteByte(' ')
			if n.Kind() == ast.KindFencedCodeBlock || n.Kind() == ast.KindCodeBlock {
				b.Write(n.Lines().Value(src))
			}
		case n.Kind() == ast.KindText:
			t := n.(*ast.Text)
			b.Write(t.Segment.Value(src))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// searchIndex returns what search.js reads: the parts of all pages.
func searchIndex(pages []*page) ([]byte, error) {
	type entry struct {
		URL   string `json:"url"`
		Page  string `json:"page"`
		Title string `json:"title"`
		Text  string `json:"text"`
	}
	var entries []entry
	for _, p := range pages {
		for _, part := range p.Parts {
			entries = append(entries, entry{p.Path + "#" + part.ID, p.Title, part.Title, part.Text})
		}
	}
	return json.Marshal(entries)
}
