package draft

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Write adds a piece. It returns the first error of show.
func (d *Draft) Write(piece string) error {
	d.input += d.partialRune + piece
	n := len(d.input)
	for i := max(0, n-utf8.UTFMax+1); i < n; i++ {
		if !utf8.FullRuneInString(d.input[i:]) {
			n = i
		}
	}
	d.input, d.partialRune = d.input[:n], d.input[n:]
	return d.process()
}

// Close ends the draft; cut means that the model was cut off. It returns the first
// error of show.
func (d *Draft) Close(cut bool) error {
	d.ended, d.cut = true, cut
	d.input += d.partialRune
	return d.process()
}

// process consumes as much input as is certain and shows the added text.
func (d *Draft) process() error {
	for d.input != "" && d.step() {
	}
	if d.ended && !d.cut && d.stage != inQuotes {
		d.emitPending()
	}
	if d.ended || d.stage == inQuotes {
		d.citeInParentheses()
	}
	if s := d.text.String()[d.shownBytes:d.shownEnd()]; s != "" && d.show != nil && d.err == nil {
		d.shownBytes += len(s)
		d.err = d.show(s)
	}
	return d.err
}

// step consumes one element. It returns false if it needs more input.
func (d *Draft) step() bool {
	switch d.stage {
	case atStart:
		return d.textStart()
	case pastMark:
		if d.input = strings.TrimLeft(d.input, afterMark); d.input != "" {
			d.stage = inText
		}
	case inQuotes:
		d.quotes.WriteString(d.input)
		d.input = ""
	default:
		if bareLine.Match(d.line) {
			return d.lineStart()
		}
		return d.inline()
	}
	return true
}

// Sanitize returns text of a page as the text of an answer: links, images, tags
// and addresses become text or code, and what looks like a citation is removed.
// Links to the pages at urls stay.
func Sanitize(text string, urls []string) string {
	d := New(urls, nil)
	d.sources, d.stage, d.line = 0, inText, []byte("x") // as within a line: nothing begins here
	_ = errors.Join(d.Write(text), d.Close(false))      // only show fails
	return d.Text()
}
