package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// asciiSpace is what BeautifulSoup takes for white space.
const asciiSpace = " \n\t\f\r"

// A textWriter collects text and knows how many runes it holds.
type textWriter struct {
	strings.Builder
	runes    int
	headings []Heading
}

func (w *textWriter) write(s string) {
	w.WriteString(s)
	w.runes += utf8.RuneCountInString(s)
}

// getText returns the text of the nodes as BeautifulSoup's get_text does: every
// string but those of script, style, template and ruby annotations. A string of
// white space alone is one newline if it holds one, else one space, except in
// pre and textarea.
func getText(nodes []*html.Node) (string, []Heading) {
	var w textWriter
	for _, n := range nodes {
		w.getText(n, false)
	}
	return w.String(), w.headings
}

func (w *textWriter) getText(n *html.Node, preformatted bool) {
	switch n.Type {
	case html.TextNode:
		s := n.Data
		if !preformatted && strings.Trim(s, asciiSpace) == "" {
			if strings.Contains(s, "\n") {
				s = "\n"
			} else {
				s = " "
			}
		}
		w.write(s)
		return
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Template, atom.Rt, atom.Rp:
			return
		case atom.Pre, atom.Textarea:
			preformatted = true
		}
	}
	if level := dom.HeadingLevel(n); level > 0 {
		if h, ok := newHeading(n, level); ok {
			h.StartRune = w.runes
			w.headings = append(w.headings, h)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.getText(c, preformatted)
	}
}
