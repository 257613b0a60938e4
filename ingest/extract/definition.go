package extract

import (
	"strconv"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// cleanDefinitions rewrites definition lists, which Markdown lacks: each term becomes
// a paragraph, and a signature, which is a term with an anchor, a heading.
func cleanDefinitions(s *goquery.Selection) {
	s.Find("dt").Each(func(_ int, t *goquery.Selection) {
		n := t.Get(0)
		if class, _ := dom.Attr(n, "class"); dom.HasClass(class, signatureClasses) {
			signature(n)
			return
		}
		if t.Find("p, div, pre, ul, ol, h1, h2, h3, h4, h5, h6").Length() > 0 || line(t.Text()) == "" {
			return
		}
		// Strong text inside is part of the strong term.
		t.Find("strong, b").Each(func(_ int, b *goquery.Selection) { dom.Unwrap(b.Get(0)) })
		emphasise(n)
	})
}

// signatureClasses are the classes of terms that declare a function or a class.
var signatureClasses = dom.SetOf("sig", "sig-object", "descname")

// How many elements around a signature are searched for its section, and how many
// anchors may stand before that section's heading.
const (
	maxClimb   = 16
	maxAnchors = 4
)

// levelOf returns the level of a signature's heading: one below the heading of the
// section around it, and one more for each list that it stands in.
func levelOf(n *html.Node) int {
	level := 1
	p := n.Parent
	for i := 0; i < maxClimb && p != nil; i, p = i+1, p.Parent {
		if p.DataAtom == atom.Dl {
			level++
			continue
		}
		// The heading of a section is its first element, but for anchors.
		for c, i := p.FirstChild, 0; c != nil && c != n && i < maxAnchors; c = c.NextSibling {
			if above := dom.HeadingLevel(c); above > 0 {
				return min(max(level, 2)+above-1, 6)
			}
			if c.Type == html.ElementNode {
				i++
			}
		}
	}
	return min(level+1, 6)
}

// signature turns a term into the heading of its section.
func signature(n *html.Node) {
	text := headingText(n)
	if text == "" {
		return
	}
	id, level := anchor(n), levelOf(n)
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.Data = "h" + strconv.Itoa(level)
	n.DataAtom = atom.Lookup([]byte(n.Data))
	n.Attr = []html.Attribute{{Key: headingAttr, Val: id}, {Key: "id", Val: id}}
	code := dom.Element(atom.Code)
	code.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	n.AppendChild(code)
}
