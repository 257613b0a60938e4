package extract

import (
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cleanDefinitions writes definition lists as Markdown can: each term as a
// paragraph of its own, and signatures, which are terms with an anchor, as headings.
func cleanDefinitions(s *goquery.Selection) {
	s.Find("dt").Each(func(_ int, t *goquery.Selection) {
		n := t.Get(0)
		if class, _ := attr(n, "class"); hasClass(class, signatureClasses) {
			signature(n)
			return
		}
		if t.Find("p, div, pre, ul, ol, h1, h2, h3, h4, h5, h6").Length() > 0 || line(t.Text()) == "" {
			return
		}
		// Strong text inside is part of the strong term.
		t.Find("strong, b").Each(func(_ int, b *goquery.Selection) { unwrap(b.Get(0)) })
		emphasise(n)
	})
}

// signatureClasses are those of the terms that declare a function or a class.
var signatureClasses = setOf("sig", "sig-object", "descname")

// signature makes of a term the heading of its section, one level below the heading
// of the section around it for each list that it stands in.
func signature(n *html.Node) {
	level := 1
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.DataAtom {
		case atom.Dl:
			level++
		case atom.Section, atom.Div:
			if headings := goquery.NewDocumentFromNode(p).ChildrenFiltered("h1, h2, h3, h4, h5"); headings.Length() > 0 {
				level += headingLevel(headings.Get(0)) - 1
				goto found
			}
		}
	}
found:
	var b strings.Builder
	for m := range n.Descendants() {
		if m.Type == html.TextNode && !inPermalink(m, n) {
			b.WriteString(m.Data)
		}
	}
	text := line(b.String())
	if text == "" {
		return
	}
	id := anchor(n)
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	level = min(level, 6)
	n.Data = "h" + strconv.Itoa(level)
	n.DataAtom = atom.Lookup([]byte(n.Data))
	n.Attr = []html.Attribute{{Key: headingAttr, Val: id}}
	code := element(atom.Code)
	code.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	n.AppendChild(code)
}
