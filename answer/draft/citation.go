package draft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Numbers in brackets cite a source, or are data of the answer, such as "one of
// the codes [404, 500]", retries = [1, 2] and a[1]. [Draft.cites] decides by these
// rules, in order:
//
//   - With a label, as in [Source 1], they cite.
//   - After a sign such as '=' or the key of a setting they are data.
//   - Directly after a name they are an index if the text around shows it.
//   - What no list of sources has is data: a number above maxSource in it, a number
//     that stands twice, in a list with a 0.
//   - Several numbers are data if the text goes on with a citation of its own, or
//     if some have no source and the clause goes on.
//   - In parentheses they cite only if they end a clause and nothing in the text
//     cites in brackets.
//
// Else they cite. Numbers that no source has are left out of a citation.

// maxSource is the highest number that a model may take for a source that does not
// exist. Higher ones, such as [404], are data.
const maxSource = 99

var (
	assigned   = regexp.MustCompile(`(?:[=≈≠≤≥∈×]|[-=]>|["']:)$`)
	settingKey = regexp.MustCompile("^[" + white + ">*-]*[`*]*(?:\\p{Ll}[\\w.-]*|\\w+_[\\w.-]*)[`*]*:$")
	called     = regexp.MustCompile(`[\w]\($`)
	// listWord matches a word that a list of values follows, rather than a claim
	// ends with.
	listWord    = regexp.MustCompile(`(?i)(?:^|[^\pL\d_])(?:is|are|of|like|equals?|returns?|(?:(?:code|value|list|array|range|number|id|port|index|interval|element|item|tuple|vector|regex|pattern|class)s?|indices|werte?|liste|valores|lista|valeurs|codes)[:：]?|sind|ist|son|sont|est)$|(?:代码|值|値|値は|列表|配列)$`)
	clauseEnd   = regexp.MustCompile(`^[ \t]*(?:$|[\n.,;:!?)\]»”"'|…。，、；：！？）」』])`)
	assignment  = regexp.MustCompile(`^[ \t]*(?:[-+*/:|&^]?=[^=>]|==)`)
	assignStart = regexp.MustCompile(`^[ \t]*(?:[-+*/:|&^]?=?)$`)
)

// cites reports whether a group after so many spaces is a citation; rest is the
// text behind it.
func (d *Draft) cites(g group, space int, rest string) verdict {
	before := strings.TrimRightFunc(string(d.line), unicode.IsSpace)
	known := 0
	for _, n := range g.numbers {
		if d.isSource(n) {
			known++
		}
	}
	all, isList := known == len(g.numbers), g.several && listWord.MatchString(before)
	switch {
	case g.labeled:
		return yes
	case d.sources == 0 && !g.several && g.numbers[0] <= maxSource && !g.round:
		return yes // as text of a page it could be taken for a citation of the answer
	case assigned.MatchString(before), g.several && (settingKey.MatchString(before) || called.MatchString(before)):
		return no
	case g.round:
		return d.citesInParentheses(before, space, all, rest)
	case space == 0 && isName(string(d.line)):
		if v := d.isIndex(g, known > 0, rest); v != no {
			return negate(v)
		}
	}
	switch unknown := slices.ContainsFunc(g.numbers, func(n int) bool { return !d.isSource(n) && n > maxSource }); {
	case unknown, isList, g.repeated, g.several && slices.Contains(g.numbers, 0):
		return no
	case g.several:
		return d.citeTogether(g, all, rest)
	case !all && listWord.MatchString(before):
		return no
	}
	return yes
}

// isSource reports whether a source has the number n.
func (d *Draft) isSource(n int) bool { return 1 <= n && n <= d.sources }

func negate(v verdict) verdict {
	switch v {
	case yes:
		return no
	case no:
		return yes
	}
	return more
}

// citeTogether reports whether several numbers in one pair of brackets are
// citations.
func (d *Draft) citeTogether(g group, all bool, rest string) verdict {
	next := strings.TrimLeft(rest, " \t")
	if next == "" && !d.ended {
		return more
	}
	own, _, v := scanGroup(next)
	switch {
	case v == more && !d.ended:
		return more
	case v == yes && !own.round && (!all || slices.ContainsFunc(own.numbers, func(n int) bool { return slices.Contains(g.numbers, n) })):
		return no
	case all, clauseEnd.MatchString(rest):
		return yes
	}
	return no
}

// citesInParentheses reports whether a group in parentheses may be a citation.
func (d *Draft) citesInParentheses(before string, space int, all bool, rest string) verdict {
	last, _ := utf8.DecodeLastRuneInString(before)
	joined := space == 0 && isWord(last)
	switch {
	case !all || before == "" || bareLine.MatchString(before) || joined || len(d.cited) > 0 || opensGroup(d.line):
		return no
	case strings.TrimLeft(rest, " \t") == "" && !d.ended:
		return more
	case clauseEnd.MatchString(rest), strings.HasPrefix(rest, "("):
		return yes
	}
	return no
}

var (
	identifier   = regexp.MustCompile(`[\pL$_][\pL\d_$.]*$`)
	compound     = regexp.MustCompile(`[_$.]|\p{Ll}\p{Lu}`)
	codeLike     = regexp.MustCompile(`^(?:[a-z$_]|[A-Za-z]$)`)
	memberAccess = regexp.MustCompile(`^\.\pL`)
)

// isName reports whether a line ends with a word in a script with spaces between
// words.
func isName(line string) bool {
	r, _ := utf8.DecodeLastRuneInString(line)
	return isWord(r) && identifier.MatchString(line)
}

// isIndex reports whether a number in brackets directly after a name is an index,
// as in rows[0], a[1] or sys.argv[1].name outside of code. Known means that a
// source has the number.
func (d *Draft) isIndex(g group, known bool, rest string) verdict {
	name := identifier.FindString(string(d.line))
	isCompound := compound.MatchString(strings.TrimRight(name, "."))
	lower := codeLike.MatchString(name)
	switch {
	case memberAccess.MatchString(rest), assignment.MatchString(rest):
		return yes
	case !known && (g.numbers[0] == 0 || isCompound), lower && len(name) == 1, lower && isCompound && !d.attached:
		return yes
	case !d.ended && assignStart.MatchString(rest), !d.ended && strings.TrimLeft(rest, " \t") == "":
		return more
	case lower && d.spaced && !clauseEnd.MatchString(rest) && !strings.HasPrefix(rest, "["):
		return yes
	}
	return no
}

// bracket writes a citation as [n], without the numbers that no source has. A
// group that cites nothing stays.
func (d *Draft) bracket(space int) bool {
	s := d.input[space:]
	g, n, v := scanGroup(s)
	switch {
	case v == more && d.mayContinue():
		return false
	case v != yes && s[0] == '[':
		return d.link(space)
	case v != yes:
		return d.openBracket(space)
	}
	rest := s[n:]
	if !g.round && targetPrefix.MatchString(rest) {
		if !d.ended {
			return false
		} else if d.cut {
			rest = ""
		}
	}
	if !g.round {
		rest = rest[len(target.FindString(rest)):]
	}
	if (rest == "" || rest == ".") && !d.ended {
		return false
	}
	isLabel := strings.HasPrefix(s, "「") && !g.labeled && !clauseEnd.MatchString(rest) // of a button or a key
	switch v := d.cites(g, space, rest); {
	case isLabel:
		d.emitInput(space + n)
	case v == more && !d.ended:
		return false
	case v != yes:
		d.emitData(space+n, g)
	case g.round && !g.labeled:
		d.emitInput(space + n)
		d.undecided = append(d.undecided, parenthesis{d.text.Len() - n, d.text.Len(), g.numbers})
	default:
		d.cite(g, d.input[:space], rest)
	}
	return true
}

// openBracket shows a bracket that starts neither a group nor a link.
func (d *Draft) openBracket(space int) bool {
	d.emitInput(space)
	_, size := utf8.DecodeRuneInString(d.input)
	if strings.HasPrefix(d.input, "(") && strings.HasSuffix(string(d.line), "]") {
		d.emit(" ")
	}
	d.emitInput(size)
	return true
}

// emitData shows a group of n bytes unchanged.
func (d *Draft) emitData(n int, g group) {
	if g.round && strings.HasPrefix(d.input, "(") && strings.HasSuffix(string(d.line), "]") {
		d.emit(" ")
	}
	d.emitInput(n)
	if !g.round && (strings.HasPrefix(d.input, "(") || strings.HasPrefix(d.input, ":") || strings.HasPrefix(d.input, "[")) {
		d.emit(" ")
	}
}

// cite writes the citation of a group. Rest is the text behind it.
func (d *Draft) cite(g group, space, rest string) {
	ns := slices.DeleteFunc(g.numbers, func(n int) bool { return !d.isSource(n) })
	if len(ns) == 0 {
		d.dropUntil(rest)
		return
	}
	last, _ := utf8.DecodeLastRune(d.line)
	if space != "" {
		d.spaced = true
	} else if isWord(last) {
		d.attached = true
	}
	d.emit(space)
	for _, n := range ns {
		d.emit(fmt.Sprintf("[%d]", n))
	}
	if strings.HasPrefix(rest, "(") { // must not become a link
		d.emit(" ")
	}
	d.cited = append(d.cited, ns...)
	d.input = rest
}

// A parenthesis is a group in parentheses that cites if nothing in brackets does.
type parenthesis struct {
	start, end int // in the text
	numbers    []int
}

// shownEnd returns the end of the text that is certain.
func (d *Draft) shownEnd() int {
	if len(d.undecided) > 0 && len(d.cited) == 0 {
		return d.undecided[0].start
	}
	return d.text.Len()
}

// citeInParentheses turns numbers in parentheses into citations if nothing else in
// the text cites. No more text follows.
func (d *Draft) citeInParentheses() {
	text, at := d.text.String(), 0
	if len(d.undecided) == 0 || len(d.cited) > 0 {
		d.undecided = nil
		return
	}
	d.text.Reset()
	for _, p := range d.undecided {
		d.text.WriteString(text[at:p.start])
		for _, n := range p.numbers {
			fmt.Fprintf(&d.text, "[%d]", n)
		}
		at = p.end
		d.cited = append(d.cited, p.numbers...)
	}
	d.text.WriteString(text[at:])
	d.undecided = nil
}
