package extract

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// A frame removes from a page of documentation what stands around its text:
// navigation, tables of contents, breadcrumbs, pagers and the foot. Whatever it can't
// name stays. It goes by elements and roles first, then by what the links of an
// element are and where it stands: classes and ids only support that.
type frame struct {
	sums     map[*html.Node]sum
	sections map[string]bool // texts of the headings, in lower case
	title    *html.Node      // the heading that the title element repeats; nil if there is none
	whole    bool            // the content was not found: the frame stands in it
	before   bool            // the title is still to come, soon
	after    bool            // the title was there
	gone     map[string]bool // texts that stood before the title
}

// Limits of the frame, in bytes of text.
const (
	maxPager  = 300 // a line with links to neighbours, and their titles
	maxNamed  = 600 // what goes by its class alone
	maxBefore = 300 // outside of links before the title
)

var (
	// neighbour is the text of a link to the page before, after or above; way is that of
	// others that stand beside those.
	neighbour = regexp.MustCompile(`(?i)^[\s«‹<←\[(|]*(prev(ious)?|next|up|zurück|weiter|suivante?|précédente?|anterior|siguiente|前へ|次へ|上一页|下一页)(( |:|-).{0,2}(page|chapter|section|topic))?[\s»›>→\])|]*$`)
	way       = regexp.MustCompile(`(?i)^(home|back|top|contents|index|start|source|search|table of contents)$`)
	// nameEnd is what stands between the name of a page and that of its site.
	nameEnd = regexp.MustCompile(` [-–—|·:(] ?|: `)
	// listTitle is a line above a table of contents.
	listTitle = regexp.MustCompile(`(?i)^(table of )?contents:?$|^(on|in) this (page|article|section|topic|chapter|guide|document):?$|^(page|quick|jump) (contents|links|to):?$`)
)

// newFrame reads a page or its content. With whole, the frame may stand anywhere in it.
// name is the text of the title element. A title that is no heading becomes one.
func newFrame(root *html.Node, whole bool, name string) *frame {
	f := &frame{sums: map[*html.Node]sum{}, sections: map[string]bool{}, gone: map[string]bool{}, whole: whole}
	name = strings.ToLower(name)
	first := name
	if at := nameEnd.FindStringIndex(name); at != nil {
		first = name[:at[0]]
	}
	hasTop, begins := false, false
	for n := range root.Descendants() {
		level := dom.HeadingLevel(n)
		if level == 0 {
			continue
		}
		text := strings.ToLower(headingText(n))
		if text == "" || inNavigation(n) {
			continue
		}
		hasTop = hasTop || level == 1
		f.sections[text] = true
		// A site writes its own name behind that of the page.
		if begin := strings.HasPrefix(name, text); !begins && begin || f.title == nil && strings.Contains(name, text) {
			f.title, begins = n, begin
		} else if f.title == nil && level <= 2 && len(first) > 2 && strings.Contains(text, first) {
			f.title = n
		}
	}
	if f.title == nil && whole && !hasTop {
		f.title = titleLine(root, name)
	}
	f.add(root, false)
	f.before = whole && f.title != nil && f.plainBefore(root) <= maxBefore
	return f
}

// plainBefore returns how much text outside of links stands before the title.
func (f *frame) plainBefore(root *html.Node) int {
	size := 0
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		s := f.sums[c]
		switch {
		case c == f.title:
			return size
		case s.hasTitle:
			return size + f.plainBefore(c)
		case c.Type == html.TextNode:
			size += textBytes(c.Data)
		}
		size += s.text - s.linked
	}
	return size
}

func inNavigation(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if role, _ := dom.Attr(p, "role"); p.DataAtom == atom.Nav || role == "navigation" {
			return true
		}
	}
	return false
}

// remove removes the frame below n. It reports whether something is gone.
func (f *frame) remove(n *html.Node) (gone bool) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.CommentNode:
			n.RemoveChild(c)
		case c.Type != html.ElementNode:
		case c == f.title:
			f.before, f.after = false, true
		case isNever(c), f.isFrame(c):
			if f.before {
				f.gone[line(dom.Text(c))] = true
			}
			n.RemoveChild(c)
			gone = true
		case c.DataAtom == atom.Pre:
			dom.RemoveAll(c, isNever)
		case f.remove(c):
			// Bars and brackets around what is gone are no text of their own.
			if c.DataAtom != atom.Td && c.DataAtom != atom.Th && isLeftover(c) {
				n.RemoveChild(c)
			}
			gone = true
		}
		c = next
	}
	return gone
}

// isLeftover reports whether the text of an element, if it has some, is punctuation.
func isLeftover(n *html.Node) bool {
	some := false
	for m := range n.Descendants() {
		switch {
		case m.DataAtom == atom.Img, dom.HeadingLevel(m) > 0, m.DataAtom == atom.Pre, m.DataAtom == atom.A && idOf(m) != "":
			return false
		case m.Type == html.TextNode:
			for _, r := range m.Data {
				if unicode.IsLetter(r) || unicode.IsNumber(r) || r >= 0x2190 {
					return false
				}
				some = some || !unicode.IsSpace(r)
			}
		}
	}
	return some
}

// isFrame reports whether an element is part of the frame.
func (f *frame) isFrame(n *html.Node) bool {
	s, known := f.sums[n]
	if s.hasTitle {
		return false
	}
	if isChromeElement(n, s) || isChromeLine(n) {
		return true
	}
	if !known || dom.HeadingLevel(n) > 0 {
		return false
	}
	switch n.DataAtom {
	case atom.Li, atom.Dt, atom.Dd, atom.Tr, atom.Summary:
		return false
	}
	switch {
	case f.before && (s.dense(5) || f.isBanner(n, s)), f.isContents(n, s), isPager(s):
		return true
	}
	return f.whole && f.after && (f.isColumn(n, s) || f.isRepeated(n, s))
}

// isContents reports whether an element is a table of contents: a list of links with
// the texts of headings of the page, or one below a line that announces it.
func (f *frame) isContents(n *html.Node, s sum) bool {
	switch {
	case !s.dense(7):
		return false
	case s.links > 1 && s.named*10 >= s.links*8 && s.near == s.links:
		// Below a heading of its own it is a summary.
		before := previous(n)
		return before == nil || dom.HeadingLevel(before) == 0 || listTitle.MatchString(headingText(before))
	}
	for _, around := range []*html.Node{previous(n), firstElement(n)} {
		if around != nil && listTitle.MatchString(line(dom.Text(around))) {
			if around.Parent != nil && around.Parent != n {
				around.Parent.RemoveChild(around)
			}
			return true
		}
	}
	return false
}

func firstElement(n *html.Node) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

// isPager reports whether an element leads to the pages before, after and above, and
// does nothing else.
func isPager(s sum) bool {
	return (s.neighbours > 0 || s.ways > 1 && s.ways == s.links) && s.text <= maxPager && !s.hasHeading && (s.links > 1 || s.dense(9)) && (s.neighbours+s.ways)*2 >= s.links
}

// isBanner reports whether an element stands on top of the page, beside the one with
// the title.
func (f *frame) isBanner(n *html.Node, s sum) bool {
	switch n.DataAtom {
	case atom.Div, atom.Header, atom.Section, atom.Table, atom.Center:
		return s.text <= maxBefore && !s.hasHeading && n.Parent != nil && (n.Parent.DataAtom == atom.Body || n.Parent.Parent == nil)
	}
	return false
}

// isRepeated reports whether an element has the text of one that stood before the
// title: a page can have its navigation twice.
func (f *frame) isRepeated(n *html.Node, s sum) bool {
	const fewBytes, manyBytes = 20, 2000
	return len(f.gone) > 0 && s.text > fewBytes && s.text < manyBytes && !s.hasHeading && f.gone[line(dom.Text(n))]
}

// isColumn reports whether an element stands beside the column with the title and
// is a list of links.
func (f *frame) isColumn(n *html.Node, s sum) bool {
	const fewLinks, someText = 5, 300
	if s.links < fewLinks || !s.dense(7) || n.Parent == nil {
		return false
	}
	for c := n.Parent.FirstChild; c != nil; c = c.NextSibling {
		if beside := f.sums[c]; beside.hasTitle && c != f.title && beside.text-beside.linked > s.text-s.linked && beside.text > someText {
			return true
		}
	}
	return false
}
