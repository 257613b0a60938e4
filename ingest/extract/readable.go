package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// A reader writes the text of a cleaned page as a browser shows it: white space is
// collapsed, blank lines separate blocks, and each item and row is a line.
type reader struct {
	textWriter
	breaks int    // newlines to write before the next word
	space  string // to write before the next word, if breaks is 0
}

// readable returns the plain text of a cleaned node.
func readable(n *html.Node) (string, []Heading) {
	var r reader
	r.node(n)
	return r.String(), r.headings
}

func (r *reader) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		r.words(n.Data)
		return
	case n.DataAtom == atom.Br:
		r.newlines(1)
		return
	case n.DataAtom == atom.Pre:
		r.newlines(2)
		if code := strings.Trim(dom.Text(n), "\n"); code != "" {
			r.flush()
			r.write(code)
		}
		r.newlines(2)
		return
	}
	around := blockBreaks(n)
	r.newlines(around)
	if level := dom.HeadingLevel(n); level > 0 {
		if h, ok := newHeading(n, level); ok {
			r.flush()
			h.Anchor, _ = dom.Attr(n, headingAttr)
			h.StartRune = r.runes
			r.headings = append(r.headings, h)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.node(c)
	}
	if n.DataAtom == atom.Td || n.DataAtom == atom.Th {
		r.space = "\t"
	}
	r.newlines(around)
}

// words writes a string with its white space collapsed.
func (r *reader) words(s string) {
	if s != "" && strings.TrimLeft(s, asciiSpace) != s && r.space == "" {
		r.space = " "
	}
	for i, word := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(asciiSpace, c) }) {
		if i > 0 {
			r.space = " "
		}
		r.flush()
		r.write(word)
	}
	if strings.TrimRight(s, asciiSpace) != s && r.space == "" {
		r.space = " "
	}
}

// newlines writes at least n newlines before the next word.
func (r *reader) newlines(n int) { r.breaks = max(r.breaks, n) }

// flush writes the newlines or the space before the next word.
func (r *reader) flush() {
	if r.runes > 0 {
		if r.breaks > 0 {
			r.write("\n\n"[:r.breaks])
		} else {
			r.write(r.space)
		}
	}
	r.breaks, r.space = 0, ""
}

// blockBreaks returns how many newlines stand around an element.
func blockBreaks(n *html.Node) int {
	switch n.DataAtom {
	case atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Summary, atom.Figcaption, atom.Caption:
		return 1
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Main, atom.Header, atom.Footer, atom.Aside,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table,
		atom.Blockquote, atom.Figure, atom.Details, atom.Hr, atom.Address, atom.Fieldset, atom.Form:
		return 2
	}
	return 0
}
