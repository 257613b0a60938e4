package extract

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// labelIcons replaces icons by their labels: pictures of lines, and empty elements
// that a font or a style fills.
func labelIcons(s *goquery.Selection) {
	const maxIcons = 1000 // Each costs a look at the text beside it.
	s.FindMatcher(funcMatcher(mayBeIcon)).Each(func(i int, e *goquery.Selection) {
		n := e.Get(0)
		if i >= maxIcons || n.Parent == nil || n.DataAtom == atom.Img || n.DataAtom != atom.Svg && strings.TrimSpace(dom.Text(n)) != "" {
			return
		}
		label := iconLabel(n)
		if label == "" || above(e, "button, summary, svg, nav, pre").Length() > 0 {
			return
		}
		around := n.Parent
		for p := around; p != nil; p = p.Parent {
			if isPermalink(p) || dom.HeadingLevel(p) > 0 {
				return
			}
		}
		beside := strings.Replace(dom.Text(around), dom.Text(n), "", 1)
		if strings.Contains(strings.ToLower(beside), strings.ToLower(label)) {
			return // It only repeats what stands there.
		}
		e.ReplaceWithNodes(&html.Node{Type: html.TextNode, Data: label})
	})
}

// mayBeIcon reports whether an element is one of those that are used for icons.
func mayBeIcon(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Svg, atom.I:
		return true
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "role":
			if a.Val == "img" && (n.DataAtom == atom.Span || n.FirstChild == nil) {
				return true
			}
		case "aria-label", "title":
			if n.DataAtom == atom.Span {
				return true
			}
		}
	}
	return false
}

// iconLabel returns the label of an icon, or of a sign in a cell of a table that has
// nothing else; "" if it has none.
func iconLabel(n *html.Node) string {
	for _, key := range []string{"aria-label", "title", "alt"} {
		if label, _ := dom.Attr(n, key); strings.TrimSpace(label) != "" {
			return line(label)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Data == "title" {
			return line(dom.Text(c))
		}
	}
	if n.Parent.DataAtom != atom.Td || strings.TrimSpace(dom.Text(n.Parent)) != "" {
		return ""
	}
	class, _ := dom.Attr(n, "class")
	switch {
	case hasWord(class, dom.SetOf("check", "tick", "yes", "ok")):
		return "✓"
	case hasWord(class, dom.SetOf("cross", "times", "xmark", "no", "ban")):
		return "✗"
	}
	return ""
}
