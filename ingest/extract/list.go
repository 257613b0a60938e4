package extract

import (
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// cleanLists keeps what lists show beside their text: the marks of tasks, and numbers
// that do not follow each other.
func cleanLists(s *goquery.Selection) {
	find(s, "input").Each(func(_ int, e *goquery.Selection) {
		if kind, _ := e.Attr("type"); kind != "checkbox" || !isInside(e.Get(0), atom.Li) {
			return
		}
		mark := "[ ] "
		if _, checked := e.Attr("checked"); checked {
			mark = "[x] "
		}
		e.ReplaceWithNodes(&html.Node{Type: html.TextNode, Data: mark})
	})
	s.FindMatcher(funcMatcher(isNumbered)).Each(func(i int, e *goquery.Selection) {
		value, err := strconv.Atoi(strings.TrimSpace(e.AttrOr("value", "")))
		n := e.Get(0)
		if err != nil || value < 0 || n.Parent == nil {
			return
		}
		list := n.Parent
		if previous(n) != nil {
			rest := dom.Element(atom.Ol)
			for c := n; c != nil; {
				next := c.NextSibling
				list.RemoveChild(c)
				rest.AppendChild(c)
				c = next
			}
			list.Parent.InsertBefore(rest, list.NextSibling)
			list = rest
		}
		dom.RemoveAttr(list, "start")
		list.Attr = append(list.Attr, html.Attribute{Key: "start", Val: strconv.Itoa(value)})
	})
}

// isNumbered reports whether an element is an item of an ordered list with a number of its
// own.
func isNumbered(n *html.Node) bool {
	if n.DataAtom != atom.Li || n.Parent == nil || n.Parent.DataAtom != atom.Ol {
		return false
	}
	_, has := dom.Attr(n, "value")
	return has
}
