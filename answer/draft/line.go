package draft

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/citewell/citewell/answer/prompt"
)

// white is white space within a line, inside of brackets.
const white = `\t\v\f\r\x{85}\p{Z}`

// What a line is, and what it may become with more of it.
var (
	bareLine    = regexp.MustCompile(`^[` + white + `>#*_-]*$`)
	quotesLine  = regexp.MustCompile(`^[` + white + `>#*_-]*` + strings.TrimSuffix(prompt.Quotes, ":") + `[*_ \t]*[:：]`)
	likeQuotes  = regexp.MustCompile(`(?i)^[` + white + `>#*_-]*quotes[*_ \t]*[:：]?[*_` + white + `]*$`)
	maybeQuotes = regexp.MustCompile(`(?i)^[` + white + `>#*_-]*(?:q|qu|quo|quot|quote)$`)
	fencedMark  = regexp.MustCompile(`^[` + white + `>*_]*` + prompt.Quotes + `[*_` + white + `]*$`)
	fenceLine   = regexp.MustCompile("^[" + white + ">]*(?:(?:[-*+]|\\d{1,9}[.)])[ \t]+)?(?:(```+)[^`]*|(~~~+).*)$")
	maybeFence  = regexp.MustCompile("^[" + white + ">]*(?:[-*+]|\\d{1,9}[.)]?)?[ \t]*(?:`{0,2}|~{0,2})$")
	reference   = regexp.MustCompile(`(?i)^[` + white + `]*\[\^?\d{1,3}\]:[ \t]*<?[a-z]+://\S`)
	maybeRef    = regexp.MustCompile(`^[` + white + `]*\[(?:\^?\d{0,3}|\^?\d{1,3}\](?::.*)?)$`)
)

// begins takes in what begins a line, or all of it.
func (d *Draft) begins() bool {
	line, _, full := strings.Cut(d.in, "\n")
	n := min(len(line)+1, len(d.in))
	full = full || d.ended && !d.cut
	if d.fence != "" {
		return d.fenced(line, n, full)
	}
	m := quotesLine.FindString(line)
	switch {
	case m != "":
		d.quote(len(m))
		return true
	case likeQuotes.MatchString(line):
		return d.mayQuote(len(line))
	case !full && (bareLine.MatchString(line) || maybeQuotes.MatchString(line) || maybeRef.MatchString(line) ||
		maybeFence.MatchString(line) || fenceLine.MatchString(line)):
		return false
	case bareLine.MatchString(line):
		d.wait(n)
		return true
	case reference.MatchString(line):
		if len(d.line) > 0 { // it is behind the mark of a list
			n = len(line)
		}
		d.in = d.in[n:]
		return true
	}
	if m := fenceLine.FindStringSubmatch(line); m != nil && d.fits(line) {
		d.fence = m[1] + m[2]
		d.wait(n)
		return true
	}
	d.settle()
	d.note(line)
	return d.inline()
}

// quote begins the quotes behind the next n bytes. The lines in front of them,
// such as a rule or a fence, belong to them.
func (d *Draft) quote(n int) {
	d.in, d.at, d.pending = d.in[n:], quoting, ""
}

// wait keeps the next n bytes, whole lines, until it is known what follows.
func (d *Draft) wait(n int) {
	d.pending += unmarked(d.in[:n])
	d.in = d.in[n:]
	d.line = d.line[:0]
}

// mayQuote judges a line of n bytes that says the same as the mark in its own
// way: it is one if the next line is a quote with a number.
func (d *Draft) mayQuote(n int) bool {
	below := strings.TrimLeftFunc(d.in[n:], unicode.IsSpace)
	line, _, full := strings.Cut(below, "\n")
	switch {
	case !full && d.unsure():
		return false
	case quoteLine.MatchString(line):
		d.quote(n)
		return true
	}
	d.settle()
	d.pass(n)
	return true
}

// fenced takes in a line of a code block. A model may put the quotes into one,
// and it may forget to close one in front of them.
func (d *Draft) fenced(line string, n int, full bool) bool {
	t := strings.TrimFunc(line, func(r rune) bool { return r == '>' || unicode.IsSpace(r) })
	ticks := strings.Trim(t, d.fence[:1]) == ""
	switch {
	case !full && (ticks || bareLine.MatchString(line) || maybeQuotes.MatchString(line) || likeQuotes.MatchString(line)):
		return false
	case fencedMark.MatchString(line):
		d.quote(n)
	case t != "" && d.outside(line):
		d.fence = ""
	case t == "" && d.pending != "":
		d.wait(n)
	case ticks && len(t) >= len(d.fence):
		d.fence = ""
		d.settle()
		d.pass(n)
	default:
		d.settle()
		return d.inline()
	}
	return true
}
