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
	s.Find("table").Each(func(_ int, t *goquery.Selection) {
		n := t.Get(0)
		if t.ParentsFiltered("pre").Length() > 0 {
			return
		}
		t.ChildrenFiltered("caption").Each(func(_ int, c *goquery.Selection) {
			caption := c.Get(0)
			n.RemoveChild(caption)
			caption.Data, caption.DataAtom, caption.Attr = "p", atom.P, nil
			n.Parent.InsertBefore(caption, n)
		})
		if !fitsLines(n) {
			unwrapTable(n)
			return
		}
		cells := t.Find("td, th")
		if area(cells) > maxGrowth*cells.Length()+maxSpan {
			cells.RemoveAttr("colspan").RemoveAttr("rowspan")
		}
		cells.Each(func(_ int, c *goquery.Selection) { cleanCell(c) })
	})
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
	cell.Find("pre").Each(func(_ int, p *goquery.Selection) {
		n := p.Get(0)
		n.Data, n.DataAtom = "code", atom.Code
		p.Find("code").Each(func(_ int, inner *goquery.Selection) { dom.Unwrap(inner.Get(0)) })
	})
	cell.Find("br, hr").Each(func(_ int, b *goquery.Selection) { b.ReplaceWithNodes(space()) })
	cell.Find("p, div, ul, ol, li, dl, dt, dd, blockquote, section, figure, figcaption, details, summary").Each(func(_ int, b *goquery.Selection) {
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
