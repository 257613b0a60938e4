package extract

import (
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// maxSpan is the most columns or rows that a cell may span: a table must not
// grow beyond its source.
const maxSpan = 50

// maxGrowth is how many times the cells of its source a table may have.
const maxGrowth = 8

// area returns how many cells a table has, counting each as often as it spans.
func area(cells *goquery.Selection) int {
	sum := 0
	for _, n := range cells.Nodes {
		clampSpan(n)
		size := 1
		for _, key := range []string{"colspan", "rowspan"} {
			if v, ok := dom.Attr(n, key); ok {
				if k, err := strconv.Atoi(v); err == nil {
					size *= k
				}
			}
		}
		sum += size
	}
	return sum
}

// cleanTables makes tables fit for Markdown, whose cells are of one line. The
// caption goes in front. A table that holds what can't be a line (code of
// several lines, headings, another table) becomes its cells, one after the other.
func cleanTables(s *goquery.Selection) {
	find(s, "table").Each(func(_ int, t *goquery.Selection) {
		n := t.Get(0)
		if above(t, "pre").Length() > 0 {
			return
		}
		children(t, "caption").Each(func(_ int, c *goquery.Selection) {
			caption := c.Get(0)
			n.RemoveChild(caption)
			caption.Data, caption.DataAtom, caption.Attr = "p", atom.P, nil
			n.Parent.InsertBefore(caption, n)
		})
		if !fitsLines(n) {
			unwrapTable(n)
			return
		}
		cells := find(t, "td, th")
		if area(cells) > maxGrowth*cells.Length()+maxSpan {
			cells.RemoveAttr("colspan").RemoveAttr("rowspan")
		}
		repeatKeys(cells)
		cells.Each(func(_ int, c *goquery.Selection) { cleanCell(c) })
	})
}

// tabulateRoles makes tables of elements that have the roles of one.
func tabulateRoles(s *goquery.Selection) {
	find(s, "[role=table], [role=grid], [role=treegrid]").Each(func(_ int, t *goquery.Selection) {
		if t.Get(0).DataAtom == atom.Table || find(t, "[role=row]").Length() == 0 {
			return
		}
		rename := func(roles string, a atom.Atom) {
			t.Find(roles).Each(func(_ int, e *goquery.Selection) { e.Get(0).Data, e.Get(0).DataAtom = a.String(), a })
		}
		rename("[role=rowgroup]", atom.Tbody)
		rename("[role=row]", atom.Tr)
		rename("[role=columnheader], [role=rowheader]", atom.Th)
		rename("[role=cell], [role=gridcell]", atom.Td)
		t.Get(0).Data, t.Get(0).DataAtom = "table", atom.Table
	})
}

// maxKey is the longest text, in bytes, that is repeated in each cell that it spans:
// a longer one is no key.
const maxKey = 100

// repeatKeys prepares the cells that span others for the writing, which repeats their
// text: so each row says what it is about. A cell that fills its row, or is long,
// stands once.
func repeatKeys(cells *goquery.Selection) {
	cells.Each(func(_ int, c *goquery.Selection) {
		n := c.Get(0)
		span, ok := dom.Attr(n, "colspan")
		if k, err := strconv.Atoi(span); ok && err == nil && k > 1 && (c.Siblings().Length() == 0 || len(dom.Text(n)) > maxKey) {
			dom.RemoveAttr(n, "colspan")
			for range k - 1 {
				n.Parent.InsertBefore(dom.Element(n.DataAtom), n.NextSibling)
			}
		}
		if _, ok := dom.Attr(n, "rowspan"); ok && len(dom.Text(n)) > maxKey {
			onceInRows(n)
		}
	})
}

// onceInRows puts an empty cell into the rows below that a cell spans.
func onceInRows(n *html.Node) {
	span, _ := dom.Attr(n, "rowspan")
	k, err := strconv.Atoi(span)
	if err != nil || previous(n) != nil { // Only of the first column is the place sure.
		return
	}
	dom.RemoveAttr(n, "rowspan")
	row := n.Parent
	for ; k > 1; k-- {
		for row = row.NextSibling; row != nil && row.DataAtom != atom.Tr; {
			row = row.NextSibling
		}
		if row == nil {
			return
		}
		row.InsertBefore(dom.Element(n.DataAtom), row.FirstChild)
	}
}

// fitsLines reports whether the cells of a table can be written on one line each.
func fitsLines(table *html.Node) bool {
	for m := range table.Descendants() {
		switch {
		case m.DataAtom == atom.Table, dom.HeadingLevel(m) > 0, m.DataAtom == atom.Pre && strings.Contains(strings.TrimSpace(dom.Text(m)), "\n"):
			return false
		}
	}
	return true
}

// unwrapTable turns a table and its cells into divs, but not the tables inside of
// its cells.
func unwrapTable(table *html.Node) {
	table.Data, table.DataAtom = "div", atom.Div
	for c := table.FirstChild; c != nil; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr:
			unwrapTable(c)
		case atom.Td, atom.Th:
			c.Data, c.DataAtom = "div", atom.Div
		}
	}
}

// cleanCell puts the content of a cell on one line: spaces replace the ends of
// blocks, and bullets mark items.
func cleanCell(cell *goquery.Selection) {
	if cell.Children().Length() == 0 {
		return
	}
	find(cell, "pre").Each(func(_ int, p *goquery.Selection) {
		n := p.Get(0)
		n.Data, n.DataAtom = "code", atom.Code
		find(p, "code").Each(func(_ int, inner *goquery.Selection) { dom.Unwrap(inner.Get(0)) })
	})
	find(cell, "br, hr").Each(func(_ int, b *goquery.Selection) { b.ReplaceWithNodes(space()) })
	find(cell, "p, div, ul, ol, li, dl, dt, dd, blockquote, section, figure, figcaption, details, summary").Each(func(_ int, b *goquery.Selection) {
		n := b.Get(0)
		if n.DataAtom == atom.Li && n.Parent.DataAtom != atom.Ol {
			n.InsertBefore(&html.Node{Type: html.TextNode, Data: "• "}, n.FirstChild)
		}
		n.Parent.InsertBefore(space(), n)
		n.Parent.InsertBefore(space(), n.NextSibling)
		dom.Unwrap(n)
	})
}

// escapeBars puts the text of each cell on one line and escapes the bars in it.
func escapeBars(n *html.Node, inCell bool) {
	if n.Type == html.TextNode && inCell && strings.ContainsAny(n.Data, "|\n") {
		n.Data = strings.ReplaceAll(strings.ReplaceAll(n.Data, "\n", " "), "|", `\|`)
	}
	inCell = inCell || n.DataAtom == atom.Td || n.DataAtom == atom.Th
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		escapeBars(c, inCell)
	}
}

func space() *html.Node { return &html.Node{Type: html.TextNode, Data: " "} }

func clampSpan(n *html.Node) {
	for i, a := range n.Attr {
		if a.Key != "colspan" && a.Key != "rowspan" {
			continue
		}
		if v, err := strconv.Atoi(strings.TrimSpace(a.Val)); err != nil || v < 1 {
			n.Attr[i].Val = "1"
		} else if v > maxSpan {
			n.Attr[i].Val = strconv.Itoa(maxSpan)
		}
	}
}
