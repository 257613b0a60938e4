package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// A skimmer reads a page tag by tag, if its tree would be too large. It keeps
// headings, lists, tables and code, but no links and no other marks.
type skimmer struct {
	reader
	page   Page
	hidden hiddenText
	format Format
	omit   omission

	heading      *Heading         // that is open, or nil
	headingStart int              // of its text, in bytes
	fresh        int              // where the last mark ends, in runes: no white space follows it
	code         *strings.Builder // of the preformatted element that is open, or nil
	cells        int              // of the open row of a table, so far
	isRuled      bool             // there is a line below the table's first row
}

// skim returns the title, the text and the headings of a page.
func skim(source string, f Format) Page {
	s := skimmer{format: f}
	z := html.NewTokenizer(strings.NewReader(source))
	for z.Next() != html.ErrorToken {
		t := z.Token()
		n := &html.Node{Type: html.ElementNode, DataAtom: t.DataAtom, Data: t.Data, Attr: t.Attr}
		switch t.Type {
		case html.TextToken:
			s.string(t.Data)
		case html.StartTagToken:
			s.start(n)
		case html.SelfClosingTagToken:
			s.breaks(n)
		case html.EndTagToken:
			s.end(n)
		}
	}
	s.endCode()
	s.endRow()
	s.page.Text, s.page.Headings = strings.TrimRight(s.String(), asciiSpace), s.headings
	s.page.Hidden, s.page.HiddenText = s.hidden.runes, s.hidden.text.String()
	return s.page
}

// string reads a string.
func (s *skimmer) string(text string) {
	switch {
	case s.omit.name == "title" && s.page.Title == "":
		s.page.Title = line(text)
	case s.omit.hidden:
		s.hidden.add(line(text))
	case s.omit.name != "":
	default:
		n := html.Node{Type: html.TextNode, Data: normalise(text)}
		s.hidden.removeInvisible(&n)
		switch {
		case s.code != nil:
			s.code.WriteString(n.Data)
		case s.cells > 0:
			s.words(strings.ReplaceAll(n.Data, "|", `\|`))
		default:
			s.words(n.Data)
		}
	}
}

func (s *skimmer) start(n *html.Node) {
	if s.omit.name != "" && s.omit.start(n) {
		return
	}
	if n.DataAtom == atom.Html {
		lang, _ := dom.Attr(n, "lang")
		s.page.Lang = language(lang)
	}
	s.breaks(n)
	if hidden := isHidden(n); (hidden || isNever(n) || n.DataAtom == atom.Nav || n.DataAtom == atom.Title) && !void[n.DataAtom] {
		s.omit = omit(n, hidden)
		return
	}
	level := dom.HeadingLevel(n)
	switch {
	case s.code != nil:
	case (n.DataAtom == atom.Td || n.DataAtom == atom.Th) && s.format == Markdown:
		s.startCell()
	case s.cells > 0: // It is part of a line.
	case level > 0:
		s.flush()
		s.heading = &Heading{Level: level, Anchor: idOf(n), StartRune: s.runes}
		s.mark(strings.Repeat("#", level) + " ")
		s.headingStart = s.Len()
	case n.DataAtom == atom.Li:
		s.flush()
		s.mark("- ")
	case n.DataAtom == atom.Pre:
		s.code = &strings.Builder{}
	}
}

// mark writes a mark of Markdown before the text that follows.
func (s *skimmer) mark(m string) {
	if s.format == Markdown {
		s.write(m)
		s.fresh = s.runes
	}
}

func (s *skimmer) end(n *html.Node) {
	if s.omit.name != "" && s.omit.end(n) {
		return
	}
	switch {
	case n.DataAtom == atom.Pre:
		s.endCode()
	case dom.HeadingLevel(n) > 0:
		s.endHeading()
	}
	s.breaks(n)
}

// endHeading ends the open heading, if there is one.
func (s *skimmer) endHeading() {
	if s.heading == nil {
		return
	}
	if s.heading.Text = line(s.String()[s.headingStart:]); s.heading.Text != "" {
		s.headings = append(s.headings, *s.heading)
	}
	s.heading = nil
}

// breaks adds the white space at the edge of an element, before the next word.
func (s *skimmer) breaks(n *html.Node) {
	lines := blockBreaks(n)
	switch n.DataAtom {
	case atom.Br:
		lines = 1
	case atom.Td, atom.Th:
		if s.format == Plain {
			s.space = "\t"
		}
	case atom.Tr:
		s.endRow()
	case atom.Table:
		s.endRow()
		s.isRuled = false
	}
	if lines == 2 && s.heading != nil && s.Len() > s.headingStart {
		s.endHeading() // It has no end of its own.
	}
	switch {
	case lines == 0, s.fresh == s.runes && s.runes > 0:
	case s.cells > 0, s.heading != nil:
		s.space = " "
	default:
		s.newlines(lines)
	}
}

// startCell begins a cell of a table in Markdown.
func (s *skimmer) startCell() {
	if s.cells == 0 {
		s.newlines(1)
		s.flush()
		s.write("|")
	} else {
		s.write(" |")
	}
	s.space = " "
	s.cells++
}

// endRow ends the open row of a table, if there is one.
func (s *skimmer) endRow() {
	if s.cells == 0 {
		return
	}
	s.write(" |")
	if !s.isRuled {
		s.write("\n|" + strings.Repeat("---|", s.cells))
	}
	s.isRuled, s.cells, s.space = true, 0, ""
	s.newlines(1)
}

// endCode writes the open preformatted element, if there is one.
func (s *skimmer) endCode() {
	if s.code == nil {
		return
	}
	code := strings.Trim(s.code.String(), "\n")
	s.code = nil
	if code == "" {
		return
	}
	s.flush()
	if s.format == Plain {
		s.write(code)
		return
	}
	fence := "```"
	if strings.Contains(code, fence) {
		fence = "~~~~"
	}
	s.write(fence + "\n" + code + "\n" + fence)
	s.newlines(2)
}
