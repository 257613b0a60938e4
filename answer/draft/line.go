package draft

import (
	"strings"
	"unicode"

	"github.com/citewell/citewell/answer/prompt"
)

// lineStart consumes the start of a line, or the whole line.
func (d *Draft) lineStart() bool {
	line, _, full := strings.Cut(d.input, "\n")
	n := min(len(line)+1, len(d.input))
	full = full || d.ended && !d.cut
	if d.fence != "" {
		return d.codeLine(line, n, full)
	}
	m := quotesLine.FindString(line)
	switch {
	case m != "":
		d.startQuotes(len(m))
		return true
	case quotesHeading.MatchString(line):
		return d.maybeQuotesLine(len(line))
	case !full && (bareLine.MatchString(line) || maybeQuotes(line) || referencePrefix.MatchString(line) ||
		fencePrefix.MatchString(line) || fenceLine.MatchString(line)):
		return false
	case bareLine.MatchString(line):
		d.holdLines(n)
		return true
	}
	if !d.isText {
		switch n, v := d.quotesStart(d.input); v {
		case yes:
			d.startQuotes(n)
			return true
		case more:
			return false
		}
		d.isText = true
	}
	switch {
	case reference.MatchString(line):
		if len(d.line) > 0 { // it follows the mark of a list item
			n = len(line)
		}
		d.input = d.input[n:]
		return true
	}
	if m := fenceLine.FindStringSubmatch(line); m != nil && d.opensCode(line) {
		d.fence = m[1] + m[2]
		d.holdLines(n)
		return true
	}
	d.emitPending()
	d.isText = true
	if m := footnote.FindString(line); m != "" {
		d.emitInput(len(m))
		return true
	}
	d.trackItem(line)
	return d.inline()
}

// startQuotes starts the quotes after the next n bytes. The pending lines
// before them, such as a rule or a fence, belong to the quotes.
func (d *Draft) startQuotes(n int) {
	d.input, d.stage, d.pendingLines = d.input[n:], inQuotes, ""
}

// holdLines keeps the next n bytes, whole lines, until the next line is known.
func (d *Draft) holdLines(n int) {
	d.pendingLines += withoutMark(d.input[:n])
	d.input = d.input[n:]
	d.line, d.isText = d.line[:0], false
}

// maybeQuotesLine processes a line of n bytes that resembles [prompt.Quotes].
// It starts the quotes if the next line is a quote with a number.
func (d *Draft) maybeQuotesLine(n int) bool {
	below := strings.TrimLeftFunc(d.input[n:], unicode.IsSpace)
	line, _, full := strings.Cut(below, "\n")
	switch {
	case !full && d.mayContinue():
		return false
	case startsWithGroup(line):
		d.startQuotes(n)
		return true
	}
	d.emitPending()
	d.emitInput(n)
	return true
}

// maybeQuotes reports whether more input may complete a line to one of the marks
// that start the quotes.
func maybeQuotes(line string) bool {
	t := strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(">#*_-`", r) })
	t = strings.ReplaceAll(t, `\`, "")
	return len(t) < len(prompt.Quotes) && strings.HasPrefix(prompt.Quotes, t) || len(t) < len("quotes") && strings.EqualFold(t, "quotes"[:len(t)])
}

// startsWithGroup reports whether a line is a quote with the number of its source in
// brackets.
func startsWithGroup(line string) bool {
	_, _, v := scanGroup(line[len(quoteBullet.FindString(line)):])
	return v == yes
}

// codeLine processes a line of a code block. A model may put the quotes into
// one, or forget to close one before the quotes.
func (d *Draft) codeLine(line string, n int, full bool) bool {
	t := strings.TrimFunc(line, func(r rune) bool { return r == '>' || unicode.IsSpace(r) })
	ticks := strings.Trim(t, d.fence[:1]) == ""
	switch {
	case !full && (ticks || bareLine.MatchString(line) || maybeQuotes(line) || quotesHeading.MatchString(line) || quotesInCode.MatchString(line)):
		return false
	case quotesInCode.MatchString(line):
		d.startQuotes(n)
		return true
	}
	if d.pendingLines != "" && t != "" && !ticks { // the first line
		if n, v := d.quotesStart(d.input); v == yes {
			d.startQuotes(n)
			return true
		} else if v == more {
			return false
		}
	}
	switch {
	case t != "" && d.leavesBlock(line):
		d.fence = ""
	case t == "" && d.pendingLines != "":
		d.holdLines(n)
	case ticks && len(t) >= len(d.fence):
		d.fence = ""
		d.emitPending()
		d.emitInput(n)
	default:
		d.emitPending()
		return d.inline()
	}
	return true
}
