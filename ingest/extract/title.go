package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// titleLine returns the first line of a page that is its title, and makes it a
// heading; nil if there is none.
func titleLine(root *html.Node, name string) *html.Node {
	if name == "" {
		return nil
	}
	for n := range root.Descendants() {
		if n.DataAtom != atom.Div && n.DataAtom != atom.P || inNavigation(n) {
			continue
		}
		text := strings.ToLower(ownLine(n))
		if text == "" || len(text)*2 < len(name) || !strings.Contains(name, text) {
			continue
		}
		n.Data, n.DataAtom = "h1", atom.H1
		dom.RemoveAttr(n, headingAttr)
		n.Attr = append(n.Attr, html.Attribute{Key: headingAttr, Val: anchor(n)})
		return n
	}
	return nil
}

// ownLine returns the text of an element before the first block in it.
func ownLine(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil && blockBreaks(c) == 0; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		} else {
			b.WriteString(dom.Text(c))
		}
	}
	return line(b.String())
}
