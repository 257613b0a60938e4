package extract

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// cleanDefinitions rewrites definition lists, which Markdown lacks: each term becomes
// a paragraph, and a signature, which is a term with an anchor, a heading.
func cleanDefinitions(s *goquery.Selection) {
	find(s, "dt").Each(func(_ int, t *goquery.Selection) {
		n := t.Get(0)
		if class, _ := dom.Attr(n, "class"); dom.HasClass(class, signatureClasses) {
			signature(n)
			return
		}
		if find(t, "p, div, pre, ul, ol, h1, h2, h3, h4, h5, h6").Length() > 0 || line(t.Text()) == "" {
			return
		}
		// Strong text inside is part of the strong term.
		find(t, "strong, b").Each(func(_ int, b *goquery.Selection) { dom.Unwrap(b.Get(0)) })
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

// maxSignature is longer than a declaration on one line, in bytes.
const maxSignature = 400

// looksDeclared matches what a declaration has and a sentence lacks.
var looksDeclared = regexp.MustCompile(`[(){}\[\]=<>|]|::|: |->|→|⇒`)

// headDeclarations turns into headings the lines that declare something: they lead to
// themselves, by a link to an id on them or in them, and are code or look like it.
// Documenter, Haddock and others write declarations so. Each is one level below the
// heading before it that is none.
func headDeclarations(s *goquery.Selection) {
	above := 1
	var links []*html.Node
	levels := map[*html.Node]int{}
	for n := range s.Get(0).Descendants() {
		if level := dom.HeadingLevel(n); level > 0 {
			above = level
		} else if href, ok := dom.Attr(n, "href"); ok && n.DataAtom == atom.A && len(href) > 1 && href[0] == '#' {
			links = append(links, n)
			levels[n] = min(above+1, 6)
		}
	}
	texts := map[*html.Node]bool{} // blocks that declare nothing
	for _, a := range links {
		block := blockAround(a)
		if block == nil || texts[block] || detached(a, s) {
			continue
		}
		if texts[block] = firstBlock(block) != nil || dom.TextBytes(block) > maxSignature; !texts[block] && declares(block, a) {
			dom.RemoveAll(block, func(m *html.Node) bool { return m.DataAtom == atom.A && isChromeLine(m) })
			signatureAt(block, levels[a])
		}
	}
}

// blockAround returns the block that a link stands in, if it is one that generators
// use for declarations; else nil.
func blockAround(a *html.Node) *html.Node {
	block := a
	for block != nil && (inline[block.DataAtom] || block.DataAtom == 0) {
		block = block.Parent
	}
	if block != nil {
		switch block.DataAtom {
		case atom.Header, atom.Summary, atom.P, atom.Div:
			return block
		}
	}
	return nil
}

// declares reports whether a line declares what a link in it leads to, and gives it
// that id.
func declares(block, a *html.Node) bool {
	href, _ := dom.Attr(a, "href")
	id, err := url.PathUnescape(href[1:])
	if err != nil || !hasID(block, id) {
		return false
	}
	text := headingText(block)
	isSign := isPermalink(a) && idOf(block) != id // The name has the id, and a sign leads to it.
	if text == "" || strings.HasSuffix(text, ".") || !isSign && !looksDeclared.MatchString(text) && !holdsElement(a, atom.Code) {
		return false
	}
	if idOf(block) == "" {
		block.Attr = append(block.Attr, html.Attribute{Key: "id", Val: id})
	}
	return true
}

// holdsElement reports whether an element of that kind is in n.
func holdsElement(n *html.Node, kind atom.Atom) bool {
	for m := range n.Descendants() {
		if m.DataAtom == kind {
			return true
		}
	}
	return false
}

// hasID reports whether an element, or one in it, has an id.
func hasID(n *html.Node, id string) bool {
	if idOf(n) == id {
		return true
	}
	for m := range n.Descendants() {
		if idOf(m) == id {
			return true
		}
	}
	return false
}

// firstBlock returns the first block in an element, or nil.
func firstBlock(n *html.Node) *html.Node {
	for m := range n.Descendants() {
		if blockBreaks(m) > 0 || m.DataAtom == atom.Pre {
			return m
		}
	}
	return nil
}

// signature turns a term into the heading of its section.
func signature(n *html.Node) { signatureAt(n, levelOf(n)) }

func signatureAt(n *html.Node, level int) {
	text := headingText(n)
	if text == "" {
		return
	}
	id := anchor(n)
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
