package extract

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// foot is the text at the end of a page that is about the site.
var foot = regexp.MustCompile(`(?i)^(©|&copy;|\(c\) ?\d{4}|copyright\b|all rights reserved|(this page was |documentation |page )?(last )?(generated|built|created|made|powered|updated|modified|rendered|produced)( automatically)? (by|on|with|using|from|at)\b|last (updated?|modified|changed)\b|(terms|privacy)\b.{0,80}$)`)

// maxFoot is longer than such a text, in bytes.
const maxFoot = 700

// cutFoot removes the lines at the end that are about the site, not of the text, and rows of
// links above them.
func (f *frame) cutFoot(root *html.Node) {
	const maxLines = 20
	for i := range maxLines {
		n := lastText(root)
		if n == nil {
			return
		}
		block := n.Parent
		for block != root && block.Parent != nil && block.Parent != root && len(line(dom.Text(block.Parent))) <= len(line(dom.Text(block)))+3 {
			block = block.Parent
		}
		for block != root && blockBreaks(block) == 0 && block.DataAtom != atom.Td && block.Parent != nil {
			block = block.Parent
		}
		text := line(dom.Text(block))
		if block == root || block.Parent == nil || len(text) > maxFoot || !foot.MatchString(text) && (i == 0 || !isLinkRow(block)) {
			return
		}
		block.Parent.RemoveChild(block)
	}
}

// isLinkRow reports whether an element is a row of links with bars or dots between.
func isLinkRow(n *html.Node) bool {
	links, bars := 0, 0
	for m := range n.Descendants() {
		switch {
		case m.DataAtom == atom.A && m.FirstChild != nil:
			links++
		case m.Type == html.TextNode && !isInside(m, atom.A):
			rest := strings.Trim(m.Data, "|·•– \t\r\n\u00a0")
			if rest != "" {
				return false
			}
			bars += strings.Count(m.Data, "|") + strings.Count(m.Data, "·") + strings.Count(m.Data, "•")
		}
	}
	return links >= 3 && bars >= links-1
}

// lastText returns the last text below n that is not white space.
func lastText(n *html.Node) *html.Node {
	for c := n.LastChild; c != nil; c = c.PrevSibling {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return c
		}
		if found := lastText(c); found != nil {
			return found
		}
	}
	return nil
}
