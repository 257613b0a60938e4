package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
)

// A draft makes the text of an answer of what a model writes, piece by piece: it
// takes out the quotes, the marks that are ours alone, and the numbers that no
// source has. How the pieces are cut makes no difference to the text.
//
//   - Only what is sure is shown: an open bracket waits until it is a citation or
//     none, a line that may begin the quotes until it does not.
//   - White space at both ends is left out.
//   - Code between backticks on one line, and between fences, is left alone.
//   - Links lead to pages of the sources only; see contain.go.
//   - Where what is left out stood between two letters there is a space, and
//     inside of an open bracket or a mark an ellipsis: nothing new comes about.
type draft struct {
	sources int                // how many there are: a higher number is unknown
	pages   []string           // of the sources: where links may lead
	show    func(string) error // gets what is added to the text; nil means nobody does
	err     error              // the first of show

	at      stage
	in      string // what is not judged yet
	part    string // the beginning of a character, at the end of what came
	ended   bool   // nothing more comes
	cut     bool   // the model did not end by itself: what is not sure is left out
	fence   string // what opened the code block that in stands in
	quoted  int    // marks of quotation in front of each line of it
	inset   int    // columns in front of each line of it
	item    int    // columns in front of what the last item of a list holds
	pending string // whole lines that are shown unless the quotes follow
	space   string // white space that is shown if something follows
	line    []byte // what the text has of the line that in goes on with

	text    strings.Builder // of the answer
	shown   int             // bytes of it
	missing bool            // the model says that the sources don't hold the answer
	cited   []int           // numbers in the text, in order
	quotes  strings.Builder // what stands behind the mark
}

// A stage says what in is a part of.
type stage int

const (
	beginning stage = iota // perhaps the mark of a missing answer
	behindMark
	body
	quoting
)

// newDraft returns a draft of an answer from hits.
func newDraft(hits []retrieve.Hit, show func(string) error) draft {
	d := draft{sources: len(hits), show: show}
	for _, h := range hits {
		page, _, _ := strings.Cut(h.URL, "#")
		d.pages = append(d.pages, page)
	}
	return d
}

// write adds a piece. It returns the first error of show.
func (d *draft) write(piece string) error {
	d.in += d.part + piece
	n := len(d.in)
	for i := max(0, n-utf8.UTFMax+1); i < n; i++ {
		if !utf8.FullRuneInString(d.in[i:]) {
			n = i
		}
	}
	d.in, d.part = d.in[:n], d.in[n:]
	return d.judge()
}

// close says that nothing more comes; cut that the model was cut off.
func (d *draft) close(cut bool) error {
	d.ended, d.cut = true, cut
	d.in += d.part
	return d.judge()
}

// judge takes in what can be told, and shows what it adds.
func (d *draft) judge() error {
	for d.in != "" && d.step() {
	}
	if d.ended && !d.cut && d.at != quoting {
		d.settle()
	}
	if s := d.text.String()[d.shown:]; s != "" && d.show != nil && d.err == nil {
		d.shown += len(s)
		d.err = d.show(s)
	}
	return d.err
}

// step takes one thing in. It returns false if more must come first.
func (d *draft) step() bool {
	switch d.at {
	case beginning:
		return d.begin()
	case behindMark:
		if d.in = strings.TrimLeft(d.in, afterMark); d.in != "" {
			d.at = body
		}
	case quoting:
		d.quotes.WriteString(d.in)
		d.in = ""
	default:
		if bareLine.Match(d.line) {
			return d.begins()
		}
		return d.inline()
	}
	return true
}

// What may stand in front of the mark of a missing answer, and behind it.
const (
	beforeMark = "*_`\"'[( \t\r\n"
	afterMark  = "*_`\"'.:;,)]–— -\t\r\n"
)

// begin looks for the mark of a missing answer in front of all else.
func (d *draft) begin() bool {
	t := strings.TrimLeft(d.in, beforeMark)
	rest, found := strings.CutPrefix(t, prompt.NotInSources)
	switch {
	case found:
		d.in, d.at, d.missing, d.sources, d.pages = rest, behindMark, true, 0, nil
	case strings.HasPrefix(prompt.NotInSources, t) && d.unsure():
		return false
	default:
		d.at = body
	}
	return true
}

// unsure reports whether what only begins like something may still become it, or
// would have.
func (d *draft) unsure() bool { return !d.ended || d.cut }

// settle shows the lines that waited: what follows them is no quotes.
func (d *draft) settle() {
	p := d.pending
	d.pending = ""
	d.put(p)
}

// pass shows the next n bytes.
func (d *draft) pass(n int) {
	d.put(d.in[:n])
	d.in = d.in[n:]
}

// put adds s to the text, but for white space at both ends.
func (d *draft) put(s string) {
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		d.line = append(d.line[:0], s[i+1:]...)
	} else {
		d.line = append(d.line, s...)
	}
	s = d.space + s
	if d.text.Len() == 0 {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	}
	t := strings.TrimRightFunc(s, unicode.IsSpace)
	d.text.WriteString(t)
	d.space = s[len(t):]
}

// leaveOut goes on with rest. What stood in front of it is not shown, and what is
// around that must not become a word, a mark or a citation.
func (d *draft) leaveOut(rest string) {
	d.in = rest
	before, _ := utf8.DecodeLastRune(d.line)
	after, _ := utf8.DecodeRuneInString(rest)
	switch {
	case openBracket.Match(d.line), likeQuotes.Match(d.line):
		d.put("…")
	case isWord(before) && isWord(after), before == ']' && (after == '(' || after == ':'), after == '`' && (before == '`' || before == '\\'),
		before == '<', after == '/', after == ':' && strings.ContainsRune("sSpP", before), after == '.' && (before == 'w' || before == 'W'), // of an address
		len(d.line) > 0 && bareLine.Match(d.line) && rest != "" && !unicode.IsSpace(after):
		d.put(" ")
	}
}

// isWord reports whether r is of a word, in a script that has spaces between them.
func isWord(r rune) bool {
	return r == '_' || (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
