package general

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rebuild removes the blocks that are not kept.
func (p *page) rebuild(root *html.Node) {
	kept := map[*html.Node]bool{}
	for i := range p.blocks {
		if !p.blocks[i].keep {
			continue
		}
		for _, n := range p.blocks[i].nodes {
			kept[n] = true
		}
	}
	strip(root, kept)
}

// strip removes from n the nodes without kept text, except breaks and pictures
// beside kept text. It reports whether n has kept text.
func strip(n *html.Node, kept map[*html.Node]bool) bool {
	if kept[n] {
		return true
	}
	has := false
	var beside []*html.Node
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case strip(c, kept):
			has = true
		case c.DataAtom == atom.Br, c.DataAtom == atom.Hr, c.DataAtom == atom.Img:
			beside = append(beside, c)
		case c.Type == html.TextNode && !hasWord(c.Data):
		default:
			n.RemoveChild(c)
		}
		c = next
	}
	if !has {
		for _, c := range beside {
			n.RemoveChild(c)
		}
	}
	return has
}

func hasWord(s string) bool { return strings.ContainsFunc(s, inWord) }
