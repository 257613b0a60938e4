package extract

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// httpCall matches the method and the path of a request.
var httpCall = regexp.MustCompile(`(?i)^(get|put|post|patch|delete|head|options)\s*/`)

// openButtons keeps the buttons whose text is part of the page: a heading, a question
// or a name that folds out its answer, and blocks that are clicked as a whole. All
// other buttons are controls.
func openButtons(s *goquery.Selection) {
	find(s, "button").Each(func(_ int, e *goquery.Selection) {
		n := e.Get(0)
		text := line(dom.Text(n))
		if n.Parent == nil || text == "" || control.MatchString(text) || chromeLine.MatchString(text) || e.AttrOr("role", "") == "tab" || above(e, "nav").Length() > 0 {
			return
		}
		switch {
		case above(e, "h1, h2, h3, h4, h5, h6").Length() > 0:
			dom.Unwrap(n)
		case httpCall.MatchString(text):
			n.InsertBefore(space(), n.FirstChild.NextSibling)
			n.Data, n.DataAtom = "div", atom.Div
		case find(e, "p, div, ul, ol, table, pre, h1, h2, h3, h4, h5, h6").Length() > 0:
			n.Data, n.DataAtom = "div", atom.Div
		case foldsOut(n) && strings.Contains(text, " "):
			id := idOf(n)
			emphasise(n)
			if id != "" {
				n.Attr = []html.Attribute{{Key: "id", Val: id}}
			}
		}
	})
}

// foldsOut reports whether a button shows and hides a part of the page that follows.
func foldsOut(n *html.Node) bool {
	for _, key := range []string{"data-bs-target", "data-target", "aria-controls", "aria-expanded"} {
		if v, ok := dom.Attr(n, key); ok && v != "" {
			return nextText(n)
		}
	}
	return false
}

// nextText reports whether text follows n, or the element around it.
func nextText(n *html.Node) bool {
	for range 2 {
		for c := n.NextSibling; c != nil; c = c.NextSibling {
			if strings.TrimSpace(dom.Text(c)) != "" {
				return true
			}
		}
		if n = n.Parent; n == nil {
			return false
		}
	}
	return false
}

// controlled returns the ids of the elements that something on the page shows and
// hides, outside of its navigation.
func controlled(root *html.Node) map[string]bool {
	ids := map[string]bool{}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			id := ""
			switch a.Key {
			case "aria-controls":
				id = a.Val
			case "data-bs-target", "data-target":
				id = strings.TrimPrefix(a.Val, "#")
			case "href":
				if _, toggles := dom.Attr(n, "data-toggle"); toggles {
					id = strings.TrimPrefix(a.Val, "#")
				}
			}
			if id != "" && !inNavigation(n) {
				ids[id] = true
			}
		}
	}
	return ids
}
