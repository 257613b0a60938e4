// Package dom has the operations on trees of HTML that several steps of extraction
// need.
package dom

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// SetOf returns the set of some values, such as tags or classes.
func SetOf[T comparable](values ...T) map[T]bool {
	set := make(map[T]bool, len(values))
	for _, v := range values {
		set[v] = true
	}
	return set
}

// Attr returns the value of an attribute; false if the element lacks it.
func Attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}

// RemoveAttr removes an attribute, if the element has it.
func RemoveAttr(n *html.Node, key string) {
	for i, a := range n.Attr {
		if a.Key == key {
			n.Attr = append(n.Attr[:i], n.Attr[i+1:]...)
			return
		}
	}
}

// HasClass reports whether the value of a class attribute contains one of the
// classes of a set.
func HasClass(value string, set map[string]bool) bool {
	for class := range strings.FieldsSeq(value) {
		if set[class] {
			return true
		}
	}
	return false
}

// HeadingLevel returns 1–6 for a heading, else 0.
func HeadingLevel(n *html.Node) int {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return int(n.Data[1] - '0')
	}
	return 0
}

// Text returns the text in n, as it is.
func Text(n *html.Node) string {
	var b strings.Builder
	for m := range n.Descendants() {
		if m.Type == html.TextNode {
			b.WriteString(m.Data)
		}
	}
	return b.String()
}

// TextBytes returns the length of the text in n, without scripts and styles, and
// without white space at the ends of text nodes.
func TextBytes(n *html.Node) int {
	count := 0
	for m := range n.Descendants() {
		if m.Type != html.TextNode {
			continue
		}
		switch m.Parent.Data {
		case "script", "style", "noscript", "template":
		default:
			count += len(strings.TrimSpace(m.Data))
		}
	}
	return count
}

// Element returns a new element.
func Element(a atom.Atom) *html.Node {
	return &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
}

// Outermost returns those of some nodes that no other one of them contains.
func Outermost(nodes []*html.Node) []*html.Node {
	chosen := make(map[*html.Node]bool, len(nodes))
	for _, n := range nodes {
		chosen[n] = true
	}
	var out []*html.Node
	for _, n := range nodes {
		inside := false
		for p := n.Parent; p != nil && !inside; p = p.Parent {
			inside = chosen[p]
		}
		if !inside {
			out = append(out, n)
		}
	}
	return out
}

// Append moves nodes to the end of n.
func Append(n *html.Node, nodes []*html.Node) {
	for _, m := range nodes {
		if m.Parent != nil {
			m.Parent.RemoveChild(m)
		}
		n.AppendChild(m)
	}
}

// Unwrap replaces n by its children.
func Unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

// RemoveAll removes from the tree below n the comments and the elements that match.
func RemoveAll(n *html.Node, match func(*html.Node) bool) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.CommentNode, c.Type == html.ElementNode && match(c):
			n.RemoveChild(c)
		default:
			RemoveAll(c, match)
		}
		c = next
	}
}
