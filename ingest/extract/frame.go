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
	index     map[*html.Node]int32 // of each block in all
	all       []sum
	sections  map[string]bool // texts of the headings, in lower case
	title     *html.Node      // the heading that the title element repeats; nil if there is none
	whole     bool            // the content was not found: the frame stands in it
	before    bool            // the title is still to come, soon
	after     bool            // the title was there
	inSection bool            // another heading was there
	gone      map[string]bool // texts that stood before the title
	plain     int             // size of the text outside of links
}

// Limits of the frame, in bytes of text.
const (
	maxPager  = 300 // a line with links to neighbours, and their titles
	maxNamed  = 600 // what goes by its class alone
	maxBefore = 300 // outside of links before the title
	fewLinks  = 5   // the fewest of a list of links that is one of a site
	fewText   = 60  // outside of links, of a page that is a table of contents
	someText  = 300 // the least text of a column that others stand beside
)

var (
	// nameEnd is what stands between the name of a page and that of its site.
	nameEnd = regexp.MustCompile(` [-–—|·:(] ?|: `)
	// listTitle is a line above a table of contents.
	listTitle = regexp.MustCompile(`(?i)^(table of )?contents[: -]*$|^index$|^(on|in) this (page|article|section|topic|chapter|guide|document):?$|^(page|quick|jump) (contents|links|to):?$|` +
		`^(inhalt|inhaltsverzeichnis|auf dieser seite|sommaire|table des matières|sur cette page|contenidos?|en esta página|tabla de contenidos?|índice|conteúdo|nesta página|indice|in questa pagina|` +
		`inhoud|op deze pagina|innehåll|på denna sida|spis treści|na tej stronie|содержание|оглавление|на этой странице|зміст|içindekiler|目次|このページの内容|目录|目錄|本页内容|本頁內容|목차|이 페이지의 내용):?$`)
)

// newFrame reads a page or its content. With whole, the frame may stand anywhere in it.
// name is the text of the title element. A title that is no heading becomes one.
func newFrame(root *html.Node, whole bool, name string) *frame {
	f := &frame{index: map[*html.Node]int32{}, sections: map[string]bool{}, gone: map[string]bool{}, whole: whole}
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
	all := f.add(root, false)
	f.plain = all.text - all.linked
	f.before = whole && f.title != nil && f.plainBefore(root) <= maxBefore
	return f
}

// plainBefore returns how much text outside of links stands before the title.
func (f *frame) plainBefore(root *html.Node) int {
	size := 0
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		s, _ := f.sumOf(c)
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
		f.inSection = f.inSection || f.after && dom.HeadingLevel(c) > 0
		switch {
		case c.Type == html.CommentNode:
			n.RemoveChild(c)
		case c.Type != html.ElementNode:
		case c == f.title:
			f.before, f.after = false, true
		case isNever(c), f.isFrame(c):
			if f.before {
				f.remember(c)
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

// remember notes the texts of an element that stood before the title, and of its parts.
func (f *frame) remember(n *html.Node) {
	f.gone[line(dom.Text(n))] = true
	for c := range n.Descendants() {
		switch c.DataAtom {
		case atom.Div, atom.P, atom.Ul, atom.Ol, atom.Table:
			f.gone[line(dom.Text(c))] = true
		}
	}
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
	s, known := f.sumOf(n)
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
	case atom.Li, atom.Dt, atom.Dd, atom.Tr, atom.Tbody, atom.Thead, atom.Summary:
		return false
	}
	switch {
	case f.before && (s.dense(3) || f.isBanner(n, s)), f.isContents(n, s), f.isMenu(s), f.isPager(n, s), isJumpList(s), isLanguages(s):
		return true
	}
	return f.whole && f.after && (f.isColumn(n, s) || f.isRepeated(n, s))
}

// isContents reports whether an element is a table of contents: a list of links with
// the texts of headings of the page, or one below a line that announces it.
func (f *frame) isContents(n *html.Node, s sum) bool {
	switch {
	case !s.dense(7), f.plain-(s.text-s.linked) < fewText:
		return false // A page without other text is a table of contents itself.
	case s.links > 1 && s.named*10 >= s.links*8 && s.near == s.links:
		// Below a heading of its own it is a summary.
		before := f.headingBefore(n)
		if s.hasHeading {
			before = firstHeading(n)
		}
		if lead := previous(n); f.inSection && lead != nil && lead.DataAtom == atom.P {
			return false // The paragraph announces it.
		}
		if before != nil && !listTitle.MatchString(headingText(before)) {
			return false
		}
		if before != nil && !s.hasHeading {
			before.Parent.RemoveChild(before)
		}
		return true
	}
	for _, around := range []*html.Node{previous(n), firstElement(n)} {
		if around != nil && around != f.title && listTitle.MatchString(line(dom.Text(around))) {
			if around.Parent != nil && around.Parent != n {
				around.Parent.RemoveChild(around)
			}
			return true
		}
	}
	return false
}

// headingBefore returns the heading that stands right before an element, or before those that
// it begins; nil if there is none but that of the page.
func (f *frame) headingBefore(n *html.Node) *html.Node {
	before := previous(n)
	for p := n.Parent; before == nil && p != nil && p.DataAtom == atom.Div; p = p.Parent {
		before = previous(p)
	}
	if before == nil || before == f.title || dom.HeadingLevel(before) < 2 {
		return nil
	}
	return before
}

func firstHeading(n *html.Node) *html.Node {
	for m := range n.Descendants() {
		if dom.HeadingLevel(m) > 0 {
			return m
		}
	}
	return nil
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
func (f *frame) isPager(n *html.Node, s sum) bool {
	return (s.neighbours > 0 || s.ways > 1 && s.ways == s.links) && s.text <= maxPager && !s.hasHeading && (s.links > 1 || s.dense(9)) &&
		(s.neighbours+s.ways)*2 >= s.links && !f.hasText(n)
}

// hasText reports whether an element has a paragraph or code without links to neighbours.
func (f *frame) hasText(n *html.Node) bool {
	for m := range n.Descendants() {
		switch m.DataAtom {
		case atom.P, atom.Pre, atom.Blockquote:
			if s, _ := f.sumOf(m); s.text > 0 && s.neighbours+s.ways == 0 {
				return true
			}
		}
	}
	return false
}

// isJumpList reports whether an element leads to pages by their numbers, or to the letters of an index, and
// does nothing else.
func isJumpList(s sum) bool {
	return s.numbers >= fewLinks && s.numbers*10 >= s.links*8 && s.dense(4) && !s.hasHeading
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
