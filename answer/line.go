package answer

import (
	"fmt"
	"regexp"
	"slices"
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
func (d *draft) begins() bool {
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
func (d *draft) quote(n int) {
	d.in, d.at, d.pending = d.in[n:], quoting, ""
}

// wait keeps the next n bytes, whole lines, until it is known what follows.
func (d *draft) wait(n int) {
	d.pending += unmarked(d.in[:n])
	d.in = d.in[n:]
	d.line = d.line[:0]
}

// mayQuote judges a line of n bytes that says the same as the mark in its own
// way: it is one if the next line is a quote with a number.
func (d *draft) mayQuote(n int) bool {
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
func (d *draft) fenced(line string, n int, full bool) bool {
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

// citation matches the forms in which models cite: [1], [1, 2], [1-3], [^1],
// [Source 1], [Source 1, Source 2], [1 and 2], 【1】, ［1］, 【1†source】. A number in
// round brackets is none: it may be of a list, or a year.
var citation = regexp.MustCompile(`^([ \t]*)[\[【［][ \t]*(?:[Ss]ources?[ \t:#]*)?\^?(\d{1,3}(?:[ \t]*(?:[,;，、–-]|and|&)[ \t]*(?:[Ss]ources?[ \t:#]*)?\^?\d{1,3})*)[ \t]*(?:†[^\]】］\n]*)?[\]】］]`)

var (
	maybeCitation = regexp.MustCompile(`^[ \t]*[\[【［][ \t]*[Ssourceand&:#， 、 \t\d,;–^-]*(?:†[^\]】］\n]*)?$`)
	openBracket   = regexp.MustCompile(`[\[【［][ \t]*(?:[Ss]ources?)?[Ssourceand&:#，、 \t\d,;–^-]*$`)
	target        = regexp.MustCompile(`^\([^()\s]*\)`) // of a number made a link
	maybeTarget   = regexp.MustCompile(`^(?:\([^()\s]*)?$`)
)

// inline takes in what stands inside of a line, up to the next thing that has a
// meaning.
func (d *draft) inline() bool {
	special := " \t\n\\`[【［N<!](hHwWfF" + superscripts
	if d.fence != "" {
		special = "\nN"
	}
	switch i := strings.IndexAny(d.in, special); {
	case i < 0:
		i = len(d.in)
		fallthrough
	case i > 0:
		d.pass(i)
		return true
	}
	if d.in[0] == '\n' {
		d.pass(1)
		return true
	}
	space := len(d.in) - len(strings.TrimLeft(d.in, " \t"))
	thing := d.in[space:]
	switch {
	case thing == "":
		if !d.ended {
			return false
		}
		d.pass(space)
	case thing[0] == 'N':
		return d.mark(space)
	case thing[0] == '[', strings.HasPrefix(thing, "【"), strings.HasPrefix(thing, "［"):
		return d.bracket(space)
	case space > 0:
		d.pass(space)
	case thing[0] == '`':
		return d.code()
	case thing[0] == '\\' && (len(thing) > 1 || d.ended):
		d.pass(1 + len(thing[1:]) - len(strings.TrimPrefix(thing[1:], "`")))
	case thing[0] == '\\':
		return false
	default:
		return d.foreign()
	}
	return true
}

// mark leaves the mark of a missing answer out, space and all.
func (d *draft) mark(space int) bool {
	rest, found := strings.CutPrefix(d.in[space:], prompt.NotInSources)
	switch {
	case !found && strings.HasPrefix(prompt.NotInSources, d.in[space:]) && d.unsure(), found && rest == "" && !d.ended:
		return false
	case found:
		d.leaveOut(rest)
	default:
		d.pass(space + 1)
	}
	return true
}

// unmarked returns code without the mark of a missing answer.
func unmarked(code string) string { return strings.ReplaceAll(code, prompt.NotInSources, "…") }

// code shows a code span as it is. If nothing closes it on the line, the backticks
// are escaped, so that they begin none.
func (d *draft) code() bool {
	line, _, full := strings.Cut(d.in, "\n")
	ticks := len(line) - len(strings.TrimLeft(line, "`"))
	for at := ticks; at < len(line); {
		i := strings.IndexByte(line[at:], '`')
		if i < 0 {
			break
		}
		at += i
		n := len(line[at:]) - len(strings.TrimLeft(line[at:], "`"))
		at += n
		if n == ticks && (at < len(line) || full || d.ended) {
			if strings.HasSuffix(string(d.line), "`") {
				d.put(" ")
			}
			d.put(unmarked(line[:at]))
			d.in = d.in[at:]
			return true
		}
	}
	if !full && !d.ended {
		return false
	}
	d.put(strings.Repeat("\\`", ticks))
	d.in = d.in[ticks:]
	return true
}

// bracket writes a citation as [n], without the numbers that no source has.
func (d *draft) bracket(space int) bool {
	m := citation.FindStringSubmatch(d.in)
	if m == nil {
		if maybeCitation.MatchString(d.in) && d.unsure() {
			return false
		}
		return d.link(space)
	}
	rest := d.in[len(m[0]):]
	if maybeTarget.MatchString(rest) {
		if !d.ended {
			return false
		} else if d.cut {
			rest = ""
		}
	}
	rest = rest[len(target.FindString(rest)):]
	if (rest == "" || rest == ".") && !d.ended {
		return false
	}
	ns := slices.DeleteFunc(numbers(m[2]), func(n int) bool { return n < 1 || n > d.sources })
	if space == 0 && d.isIndex(m[2], rest, len(ns) > 0) {
		d.pass(len(m[0]))
		if strings.HasPrefix(d.in, "(") || strings.HasPrefix(d.in, ":") {
			d.put(" ")
		}
		return true
	}
	if len(ns) == 0 {
		d.leaveOut(rest)
		return true
	}
	d.put(m[1])
	for _, n := range ns {
		d.put(fmt.Sprintf("[%d]", n))
	}
	if strings.HasPrefix(rest, "(") { // it is no link, and must not become one
		d.put(" ")
	}
	d.cited = append(d.cited, ns...)
	d.in = rest
	return true
}
