package extract

import (
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// cleanCodeTables replaces the tables that highlighters build to write line numbers
// beside code, inside of a pre element or around some, by the code.
func cleanCodeTables(s *goquery.Selection) {
	find(s, "table").Each(func(_ int, t *goquery.Selection) {
		n := t.Get(0)
		inPre := above(t, "pre").Length() > 0
		cells := codeCells(n, inPre)
		if len(cells) == 0 || n.Parent == nil {
			return
		}
		if name := line(find(t, ".filename").First().Text()); name != "" && !inPre {
			n.Parent.InsertBefore(strongLine(name), n)
		}
		for _, c := range cells {
			c.Parent.RemoveChild(c)
			c.Data, c.DataAtom = "div", atom.Div // A line, or many: [endLines] ends it.
			n.Parent.InsertBefore(c, n)
		}
		n.Parent.RemoveChild(n)
		if inPre || len(cells) == 1 && find(t, "pre").Length()+goquery.NewDocumentFromNode(cells[0]).Find("pre").Length() > 0 {
			return
		}
		pre := dom.Element(atom.Pre)
		if class, ok := dom.Attr(n, "class"); ok {
			pre.Attr = []html.Attribute{{Key: "class", Val: class}}
		}
		cells[0].Parent.InsertBefore(pre, cells[0])
		dom.Append(pre, cells)
	})
}

// codeCells returns the cells with the code of a table in which each row has line
// numbers beside a cell of code; nil if it is another table. Inside of a pre element
// the numbers may be missing.
func codeCells(table *html.Node, inPre bool) []*html.Node {
	var cells []*html.Node
	for row := range table.Descendants() {
		if row.DataAtom != atom.Tr {
			continue
		}
		var code *html.Node
		numbers := 0
		for c := row.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.DataAtom != atom.Td && c.DataAtom != atom.Th:
			case isLineNumbers(c):
				numbers++
			case code != nil:
				return nil
			default:
				code = c
			}
		}
		switch {
		case code == nil && numbers > 0:
			continue // An empty line, or numbers alone.
		case code == nil:
			return nil
		case inPre, numbers > 0 && holdsCode(code):
			cells = append(cells, code)
		case isFilename(code) && row.NextSibling != nil:
		default:
			return nil
		}
	}
	return cells
}

func isFilename(cell *html.Node) bool {
	class, _ := dom.Attr(cell, "class")
	return strings.Contains(class, "filename")
}

// holdsCode reports whether all text of a cell is code.
func holdsCode(cell *html.Node) bool {
	class, _ := dom.Attr(cell, "class")
	if hasWord(class, codeWords) {
		return true
	}
	for m := range cell.Descendants() {
		if m.Type == html.TextNode && strings.TrimSpace(m.Data) != "" && !inCode(m) {
			return false
		}
	}
	return true
}

var codeWords = dom.SetOf("code", "hljs", "source")

// isLineNumbers reports whether a cell has nothing but the numbers of lines.
func isLineNumbers(cell *html.Node) bool {
	last, any := 0, false
	for _, word := range strings.Fields(dom.Text(cell)) {
		k, err := strconv.Atoi(strings.TrimRight(word, ".:"))
		if err != nil || any && k != last+1 {
			return false
		}
		last, any = k, true
	}
	if any {
		return true
	}
	for m := range cell.Descendants() {
		if _, ok := dom.Attr(m, "data-line-number"); ok {
			return true
		}
	}
	_, numbered := dom.Attr(cell, "data-line-number")
	class, _ := dom.Attr(cell, "class")
	return numbered && !hasWord(class, codeWords) || hasWord(class, gutterWords)
}

var gutterWords = dom.SetOf("gutter", "linenos", "lineno")
