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
	sources int                // how many there are: a higher number is unknown
	pages   []string           // of the sources: where links may lead
	show    func(string) error // gets what is added to the text; nil means nobody does
	err     error              // the first of show

	stage        stage
	input        string // what is not judged yet
	partialRune  string // the beginning of a character, at the end of what came
	ended        bool   // nothing more comes
	cut          bool   // the model did not end by itself: what is not sure is left out
	fence        string // what opened the code block that in stands in
	quoteDepth   int    // marks of quotation in front of each line of it
	indent       int    // columns in front of each line of it
	itemIndent   int    // columns in front of what the last item of a list holds
	pendingLines string // whole lines that are shown unless the quotes follow
	pendingSpace string // white space that is shown if something follows
	line         []byte // what the text has of the line that in goes on with

	text       strings.Builder // of the answer
	shownBytes int             // bytes of it
	missing    bool            // the model says that the sources don't hold the answer
	cited      []int           // numbers in the text, in order
	quotes     strings.Builder // what stands behind the mark
}

// A stage says what in is a part of.
type stage int

const (
	atStart stage = iota // perhaps the mark of a missing answer
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

// mayContinue reports whether what only begins like something may still become it, or
// would have.
func (d *Draft) mayContinue() bool { return !d.ended || d.cut }

// emitPending shows the lines that waited: what follows them is no quotes.
func (d *Draft) emitPending() {
	p := d.pendingLines
	d.pendingLines = ""
	d.emit(p)
}

// emitInput shows the next n bytes.
func (d *Draft) emitInput(n int) {
	d.emit(d.input[:n])
	d.input = d.input[n:]
}

// emit adds s to the text, but for white space at both ends.
func (d *Draft) emit(s string) {
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		d.line = append(d.line[:0], s[i+1:]...)
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

// dropUntil goes on with rest. What stood in front of it is not shown, and what is
// around that must not become a word, a mark or a citation.
func (d *Draft) dropUntil(rest string) {
	d.input = rest
	before, _ := utf8.DecodeLastRune(d.line)
	after, _ := utf8.DecodeRuneInString(rest)
	switch {
	case openBracket.Match(d.line), quotesHeading.Match(d.line):
		d.emit("…")
	case isWord(before) && isWord(after), before == ']' && (after == '(' || after == ':'), after == '`' && (before == '`' || before == '\\'),
		before == '<', after == '/', after == ':' && strings.ContainsRune("sSpP", before), after == '.' && (before == 'w' || before == 'W'), // of an address
		len(d.line) > 0 && bareLine.Match(d.line) && rest != "" && !unicode.IsSpace(after):
		d.emit(" ")
	}
}

// isWord reports whether r is of a word, in a script that has spaces between them.
func isWord(r rune) bool {
	return r == '_' || (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
