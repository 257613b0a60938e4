// Package draft turns what a model writes into the text of an answer, while it is
// being written.
//
// Call [New], [Draft.Write] for each piece and [Draft.Close] at the end. The draft
// removes the quotes, the marks of [prompt] and the numbers that no source has.
// How the text is cut into pieces makes no difference:
//
//   - Only what is certain is shown: an open bracket waits until it is a citation or
//     not, a line that may begin the quotes until it does not.
//   - White space at both ends is removed.
//   - Code between backticks on one line, and between fences, is left alone.
//   - Links lead to pages of the sources only; see link.go.
//   - Where removed text stood between two letters there is a space, and inside of
//     an open bracket or a mark an ellipsis: nothing new may arise.
package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Draft is the text of an answer so far.
type Draft struct {
	sources int                // number of sources; a higher number cites nothing
	pages   []string           // of the sources, without fragments; links may lead only there
	show    func(string) error // called with each addition to the text; may be nil
	err     error              // first error of show

	stage        stage
	input        string // not processed yet
	partialRune  string // start of a character, at the end of the last piece
	ended        bool   // no more input
	cut          bool   // the model was cut off: what is uncertain is dropped
	fence        string // that opened the current code block, or ""
	quoteDepth   int    // '>' marks in front of each of its lines
	indent       int    // columns in front of each of its lines
	itemIndent   int    // columns in front of the content of the last list item
	pendingLines string // whole lines, shown unless the quotes follow
	pendingSpace string // shown if more text follows
	line         []byte // the text's last line so far
	isText       bool   // that line does not start the quotes

	text       strings.Builder  // of the answer
	shownBytes int              // bytes of text that show got
	missing    bool             // the model says that the sources lack the answer
	cited      []int            // numbers in the text, in order
	undecided  []parenthesis    // they cite if nothing else does
	spaced     bool             // a citation stands after a space
	attached   bool             // a citation stands directly after a word
	quotes     strings.Builder  // text after prompt.Quotes
	added      map[int][]string // quotes by number of source that do not stand in the text
}

// A stage tells what the next input belongs to.
type stage int

const (
	atStart stage = iota // perhaps prompt.NotInSources
	pastMark
	inText
	inQuotes
)

// New returns a draft of an answer from sources at these URLs, the one with the
// number n at urls[n-1]. Links may lead to their pages only. Show, unless it is
// nil, is called with each addition to the text.
func New(urls []string, show func(string) error) *Draft {
	d := &Draft{sources: len(urls), show: show}
	for _, u := range urls {
		page, _, _ := strings.Cut(u, "#")
		d.pages = append(d.pages, page)
	}
	return d
}

// Text returns the text of the answer so far.
func (d *Draft) Text() string { return d.text.String() }

// Missing reports whether the model says that the sources lack the answer.
func (d *Draft) Missing() bool { return d.missing }

// Cited returns the numbers of the sources that the text cites, in order, perhaps
// repeated.
func (d *Draft) Cited() []int { return d.cited }

// Err returns the first error of show.
func (d *Draft) Err() error { return d.err }

// mayContinue reports whether an incomplete element at the end of the input
// counts as that element: more input may complete it, or would have if the
// model was not cut off.
func (d *Draft) mayContinue() bool { return !d.ended || d.cut }

// emitPending shows the pending lines: no quotes follow them.
func (d *Draft) emitPending() {
	p := d.pendingLines
	d.pendingLines = ""
	d.emit(p)
}

// emitInput shows the next n bytes of the input.
func (d *Draft) emitInput(n int) {
	d.emit(d.input[:n])
	d.input = d.input[n:]
}

// emit adds s to the text, without white space at both ends of the text.
func (d *Draft) emit(s string) {
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		d.line, d.isText = append(d.line[:0], s[i+1:]...), false
	} else {
		d.line = append(d.line, s...)
	}
	s = d.pendingSpace + s
	if d.text.Len() == 0 {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	}
	t := strings.TrimRightFunc(s, unicode.IsSpace)
	d.text.WriteString(t)
	d.pendingSpace = s[len(t):]
}

// dropUntil drops the input before rest. The text before and after the gap must
// not join to a word, a mark or a citation.
func (d *Draft) dropUntil(rest string) {
	d.input = rest
	before, _ := utf8.DecodeLastRune(d.line)
	after, _ := utf8.DecodeRuneInString(rest)
	switch {
	case opensGroup(d.line), quotesHeading.Match(d.line):
		d.emit("…")
	case isWord(before) && isWord(after), before == ']' && (after == '(' || after == ':'), after == '`' && (before == '`' || before == '\\'),
		before == '<', after == '/', after == ':' && strings.ContainsRune("sSpP", before), after == '.' && (before == 'w' || before == 'W'), // of an address
		len(d.line) > 0 && bareLine.Match(d.line) && rest != "" && !unicode.IsSpace(after):
		d.emit(" ")
	}
}

// isWord reports whether r belongs to a word, in a script with spaces between
// words.
func isWord(r rune) bool {
	return r == '_' || (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
