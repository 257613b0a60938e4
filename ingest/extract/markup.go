package extract

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// rewriteMarkup replaces the wrong elements that generators use: items of lists for
// sections, and divs for tables and code.
func rewriteMarkup(s *goquery.Selection, names names) {
	find(s, "li").Each(func(_ int, li *goquery.Selection) {
		if children(li, "h1, h2, h3, h4, h5, h6, section").Length() == 0 {
			return
		}
		list := li.Get(0).Parent
		li.Get(0).Data, li.Get(0).DataAtom = "div", atom.Div
		if list != nil && (list.DataAtom == atom.Ul || list.DataAtom == atom.Ol) {
			for c := list.FirstChild; c != nil; c = c.NextSibling {
				if c.DataAtom == atom.Li {
					c.Data, c.DataAtom = "div", atom.Div
				}
			}
			list.Data, list.DataAtom = "div", atom.Div
		}
	})
	if names.any("table", "grid", "treegrid") {
		tabulateRoles(s)
	}
	for class, columns := range map[string]int{"two-column-summary": 2, "three-column-summary": 3, "four-column-summary": 4} {
		if names.any(class) {
			s.Find("div." + class).Each(func(_ int, grid *goquery.Selection) { tabulate(grid.Get(0), columns) })
		}
	}
	if names.any("member-signature", "type-signature", "tsd-signature") {
		find(s, ".member-signature, div.type-signature, .tsd-signature").Each(func(_ int, m *goquery.Selection) { codify(m.Get(0)) })
	}
	if names.any("fragment", "memberdecls", "memname", "headertitle") {
		straightenDoxygen(s)
	}
	if names.any("blockList", "blockListLast") {
		find(s, "ul.blockList, ul.blockListLast, li.blockList, li.blockListLast").Each(func(_ int, e *goquery.Selection) {
			n := e.Get(0)
			n.Data, n.DataAtom = "div", atom.Div
		})
	}
}

// straightenDoxygen does the same for Doxygen and old versions of Javadoc.
func straightenDoxygen(s *goquery.Selection) {
	find(s, "div.fragment").Each(func(_ int, f *goquery.Selection) {
		for c := f.Get(0).FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.TextNode && strings.TrimSpace(c.Data) == "" {
				c.Data = ""
			}
		}
		codify(f.Get(0)) // Each line is an element, which [endLines] ends.
	})
	find(s, "table.memberdecls").Each(func(_ int, t *goquery.Selection) { listMembers(t) })
	find(s, "table.mlabels").Each(func(_ int, t *goquery.Selection) { unwrapTable(t.Get(0)) })
	find(s, "table.memname").Each(func(_ int, t *goquery.Selection) {
		n, text := t.Get(0), line(t.Text())
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
		n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
		codify(n)
	})
	find(s, ".headertitle .title").Each(func(_ int, t *goquery.Selection) { t.Get(0).Data, t.Get(0).DataAtom = "h1", atom.H1 })
}

// tabulate makes a table of a grid whose children are its cells, row by row.
func tabulate(grid *html.Node, columns int) {
	var cells []*html.Node
	for c := grid.FirstChild; c != nil; c = grid.FirstChild {
		grid.RemoveChild(c)
		if c.Type == html.ElementNode {
			cells = append(cells, c)
		}
	}
	grid.Data, grid.DataAtom = "table", atom.Table
	var row *html.Node
	for i, c := range cells {
		if i%columns == 0 {
			row = dom.Element(atom.Tr)
			grid.AppendChild(row)
		}
		kind := atom.Td
		if class, _ := dom.Attr(c, "class"); strings.Contains(class, "table-header") {
			kind = atom.Th
		}
		cell := dom.Element(kind)
		cell.AppendChild(c)
		row.AppendChild(cell)
	}
}

// codify makes a code block of an element whose text is code.
func codify(n *html.Node) {
	n.Data, n.DataAtom = "pre", atom.Pre
}
