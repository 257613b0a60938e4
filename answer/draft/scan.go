package draft

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/prompt"
)

// Write adds a piece. It returns the first error of show.
func (d *Draft) Write(piece string) error {
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

// Close ends the draft; cut means that the model was cut off. It returns the first
// error of show.
func (d *Draft) Close(cut bool) error {
	d.ended, d.cut = true, cut
	d.in += d.part
	return d.judge()
}

// judge takes in what can be told, and shows what it adds.
func (d *Draft) judge() error {
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
func (d *Draft) step() bool {
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
func (d *Draft) begin() bool {
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

// Sanitize returns text of a page as the text of an answer: links, images, tags
// and addresses become text or code, and what looks like a citation is removed.
// Links to the pages at urls stay.
func Sanitize(text string, urls []string) string {
	d := New(urls, nil)
	d.sources, d.at, d.line = 0, body, []byte("x") // as within a line: nothing begins here
	_ = errors.Join(d.Write(text), d.Close(false)) // only show fails
	return d.Text()
}
