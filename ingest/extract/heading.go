package extract

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// permalinkSigns are the texts of links that lead from a heading to itself.
var permalinkSigns = map[string]bool{
	"": true, "¶": true, "#": true, "§": true, "🔗": true, "⚓": true, "\uf0c1": true,
	"link": true, "Link": true, "anchor": true, "Anchor": true, "permalink": true, "Permalink": true,
}

// newHeading reads a heading; false if it has no text but a permalink.
func newHeading(n *html.Node, level int) (Heading, bool) {
	h := Heading{Level: level, Text: headingText(n), Anchor: anchor(n)}
	return h, h.Text != ""
}

// headingText returns the text of a heading, on one line, without its permalink.
func headingText(n *html.Node) string {
	var b strings.Builder
	for m := range n.Descendants() {
		switch {
		case m.Type == html.TextNode && !inPermalink(m, n):
			b.WriteString(m.Data)
		case blockBreaks(m) > 0, m.DataAtom == atom.Br:
			b.WriteByte(' ')
		}
	}
	return line(strings.ReplaceAll(b.String(), "\u200b", ""))
}

// inPermalink reports whether m stands in a permalink inside the heading n.
func inPermalink(m, n *html.Node) bool {
	for p := m.Parent; p != nil && p != n; p = p.Parent {
		if isPermalink(p) || p.DataAtom == atom.Script || p.DataAtom == atom.Style || p.DataAtom == atom.Button {
			return true
		}
	}
	return false
}

// isPermalink reports whether n is a link within the page whose text is only a sign.
func isPermalink(n *html.Node) bool {
	if n.DataAtom != atom.A {
		return false
	}
	href, linked := dom.Attr(n, "href")
	if !linked || !strings.Contains(href, "#") {
		return false
	}
	for m := range n.Descendants() {
		if m.DataAtom == atom.Img {
			return strings.HasPrefix(href, "#")
		}
	}
	return permalinkSigns[strings.Trim(dom.Text(n), " \n\t\u200b\u00a0\ufe0e\ufe0f")]
}

// anchor returns the fragment that leads to a heading: its own id, an id or a name
// inside it, the target of its permalink, the id of the section that it opens, or a
// named anchor directly before it.
func anchor(n *html.Node) string {
	if id := idOf(n); id != "" {
		return id
	}
	link := ""
	for m := range n.Descendants() {
		if id := idOf(m); id != "" {
			return id
		}
		if href, ok := dom.Attr(m, "href"); ok && m.DataAtom == atom.A && strings.HasPrefix(href, "#") && link == "" {
			link = href[1:]
		}
	}
	if link != "" {
		return unescape(link)
	}
	return anchorInFront(n)
}

// unescape returns a fragment as ids are written.
func unescape(fragment string) string {
	if s, err := url.PathUnescape(fragment); err == nil {
		return s
	}
	return fragment
}

// anchorInFront returns the id of the section that a heading opens, or of an empty
// element directly before the heading or that section, or the target of a permalink there.
func anchorInFront(n *html.Node) string {
	for range 4 {
		if before := previous(n); before != nil {
			if strings.TrimSpace(dom.Text(before)) != "" {
				return ""
			}
			if id := idOf(before); id != "" {
				return id
			}
			if href, _ := dom.Attr(before, "href"); len(href) > 1 && isPermalink(before) && href[0] == '#' {
				return unescape(href[1:])
			}
			if a := before.LastChild; a != nil && a.DataAtom == atom.A {
				return idOf(a)
			}
			return ""
		}
		n = n.Parent
		if n == nil || n.DataAtom == atom.Body || n.DataAtom == atom.Main {
			return ""
		}
		if id := idOf(n); id != "" {
			return id
		}
	}
	return ""
}

// previous returns the element before n, unless there is text between them.
func previous(n *html.Node) *html.Node {
	for p := n.PrevSibling; p != nil; p = p.PrevSibling {
		switch {
		case p.Type == html.ElementNode:
			return p
		case p.Type == html.TextNode && strings.TrimSpace(p.Data) != "":
			return nil
		}
	}
	return nil
}

// idOf returns the id of an element, or the name of an a element.
func idOf(n *html.Node) string {
	id, _ := dom.Attr(n, "id")
	if id == "" && n.DataAtom == atom.A {
		id, _ = dom.Attr(n, "name")
	}
	return strings.TrimSpace(id)
}

// nestHeadings gives the headings of nested sections the levels that browsers show them
// at: a first-level heading of a section below the title is not another title, and
// the headings in that section are below it.
func nestHeadings(root *html.Node) {
	var headings []*html.Node
	owners := map[*html.Node]bool{} // sections with first-level headings of their own
	first, tops := -1, 0
	for n := range root.Descendants() {
		level := dom.HeadingLevel(n)
		if level == 0 || headingText(n) == "" {
			continue
		}
		headings = append(headings, n)
		if level > 1 {
			continue
		}
		if tops++; first < 0 {
			first = len(headings) - 1
		}
		if p := sectionOf(n); p != nil {
			owners[p] = true
		}
	}
	if tops < 2 || len(owners) == 0 {
		return
	}
	depth := func(n *html.Node) int {
		k := 0
		for p := sectionOf(n); p != nil; p = sectionOf(p) {
			if owners[p] {
				k++
			}
		}
		return k
	}
	base := depth(headings[first])
	for _, h := range headings[first+1:] {
		if k := depth(h) - base; k > 0 {
			h.Data = "h" + strconv.Itoa(min(dom.HeadingLevel(h)+k, 6))
			h.DataAtom = atom.Lookup([]byte(h.Data))
		}
	}
}

// sectionOf returns the nearest section element around n, or nil.
func sectionOf(n *html.Node) *html.Node {
	p := n.Parent
	for p != nil && p.DataAtom != atom.Section {
		p = p.Parent
	}
	return p
}
