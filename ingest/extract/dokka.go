package extract

import (
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// straightenDokka turns the rows of Dokka, whose first part is a name, into sections if
// they declare something, with the declaration as heading, and into items if not.
// Declarations elsewhere are code.
func straightenDokka(s *goquery.Selection) {
	find(s, "div.table").Each(func(_ int, t *goquery.Selection) {
		level := min(headingBefore(t.Get(0))+1, 6)
		items := true
		children(t, "div.table-row").Each(func(_ int, row *goquery.Selection) {
			if symbol := find(row, ".symbol").First(); symbol.Length() > 0 {
				items = false
				headRow(row.Get(0), symbol.Get(0), level)
			}
		})
		if !items {
			return
		}
		children(t, "div.table-row").Each(func(_ int, row *goquery.Selection) { rowToItem(row) })
		t.Get(0).Data, t.Get(0).DataAtom = "ul", atom.Ul
	})
	find(s, ".symbol").Each(func(_ int, e *goquery.Selection) {
		if closest(e, "h1, h2, h3, h4, h5, h6").Length() == 0 {
			codify(e.Get(0))
		}
	})
}

// headRow moves a declaration to the top of its row, as a heading. The element before
// the row has its anchor.
func headRow(row, symbol *html.Node, level int) {
	symbol.Parent.RemoveChild(symbol)
	if before := previous(row); before != nil && before.DataAtom == atom.A && idOf(before) != "" {
		symbol.Attr = append(symbol.Attr, html.Attribute{Key: "id", Val: idOf(before)})
	}
	row.InsertBefore(symbol, row.FirstChild)
	signatureAt(symbol, level)
}

// rowToItem makes an item of a row with a name and what is said of it.
func rowToItem(row *goquery.Selection) {
	parts := find(row, ".keyValue").First().Children()
	n := row.Get(0)
	n.Data, n.DataAtom = "li", atom.Li
	if parts.Length() != 2 {
		return
	}
	name := dom.Element(atom.Strong)
	name.AppendChild(&html.Node{Type: html.TextNode, Data: line(parts.Eq(0).Text())})
	rest := parts.Eq(1)
	find(rest, "div, p").Each(func(_ int, b *goquery.Selection) {
		if b.Get(0).Parent != nil && b.Parent().Children().Length() == 1 {
			dom.Unwrap(b.Get(0))
		}
	})
	nodes := rest.Contents().Nodes
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.AppendChild(name)
	n.AppendChild(&html.Node{Type: html.TextNode, Data: ": "})
	dom.Append(n, nodes)
}

// headingBefore returns the level of the nearest heading before n beside it or beside
// an element around it; 1 if there is none.
func headingBefore(n *html.Node) int {
	for ; n != nil; n = n.Parent {
		for c := n.PrevSibling; c != nil; c = c.PrevSibling {
			if level := dom.HeadingLevel(c); level > 0 {
				return level
			}
		}
	}
	return 1
}
