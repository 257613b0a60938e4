package draft

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/citewell/citewell/answer/prompt"
)

// Characters that may surround prompt.NotInSources.
const (
	beforeMark = ">*_`\"'“[( \t\r\n"
	afterMark  = ">*_`\"'”.:;,)]!。：—– -\t\r\n"
)

// markWords are the words of [prompt.NotInSources].
var markWords = strings.Split(prompt.NotInSources, "_")

// matchMark returns the length of [prompt.NotInSources] at the start of s. Models
// escape its underscores in Markdown.
func matchMark(s string) (n int, v verdict) {
	c := scanner{rest: s}
	for i, w := range markWords {
		if i > 0 {
			c.one(`\`)
			if !c.one("_") {
				return 0, c.failed()
			}
		}
		if rest, ok := strings.CutPrefix(c.rest, w); ok {
			c.rest = rest
		} else if strings.HasPrefix(w, c.rest) {
			return 0, more
		} else {
			return 0, no
		}
	}
	return len(s) - len(c.rest), yes
}

// matchLooseMark does so for the words in capitals or not, joined in any way.
// Plain means that they are words of a sentence, too: it counts if nothing follows.
func matchLooseMark(s string) (n int, plain bool, v verdict) {
	c := scanner{rest: s}
	for i, w := range markWords {
		if i > 0 {
			c.one(`\`)
			plain = plain || !strings.HasPrefix(c.rest, "_")
			if !c.one("_- ") {
				return 0, false, c.failed()
			}
			if i == len(markWords)-1 {
				c.word([]string{"the "})
			}
		}
		if !c.word([]string{w}) {
			return 0, false, c.failed()
		}
	}
	n = len(s) - len(c.rest)
	return n, plain && s[:n] != strings.ToUpper(s[:n]), yes
}

// textStart looks for [prompt.NotInSources] at the start of the text.
func (d *Draft) textStart() bool {
	t := strings.TrimLeft(d.input, beforeMark)
	wrapped := strings.ContainsAny(d.input[:len(d.input)-len(t)], "`\"'“")
	n, plain, v := matchLooseMark(t)
	after := strings.TrimLeft(t[n:], afterMark)
	switch {
	case v == more && d.mayContinue(), v == yes && (plain || wrapped) && after == "" && !d.ended:
		return false
	case v == yes && (!plain && (!wrapped || d.standsAlone(t[n:]) == yes) || after == ""):
		d.input, d.stage = t[n:], pastMark
		d.setMissing()
	default:
		d.stage = inText
	}
	return true
}

// setMissing records that the sources lack the answer. The text cites nothing.
func (d *Draft) setMissing() { d.missing, d.sources, d.pages = true, 0, nil }

var (
	sentenceEnd = regexp.MustCompile(`[.!?…。！？:：][)"'”»*_]*$`)
	label       = regexp.MustCompile(`^[\s#>*_]*\pL+(?:[ '-]\pL+){0,2}[*_]*[:：][*_]*$`) // such as "Answer:"
	bareQuote   = regexp.MustCompile(`^[` + white + `>#*_]*$`)                          // without list items
)

// standsAlone reports whether [prompt.NotInSources], with rest behind it, is said
// rather than mentioned: as a sentence of its own, in a text that cites nothing.
func (d *Draft) standsAlone(rest string) verdict {
	before := strings.TrimRight(string(d.line), beforeMark)
	isLabel := label.MatchString(strings.TrimSpace(d.text.String()))
	if d.fence != "" || len(d.cited)+len(d.undecided) > 0 || !isLabel && !sentenceEnd.MatchString(before) && !bareQuote.MatchString(string(d.line)) {
		return no
	}
	after := strings.TrimLeft(rest, afterMark)
	switch gap := rest[:len(rest)-len(after)]; {
	case after == "" && !d.ended:
		return more
	case after == "", isLabel, strings.ContainsAny(gap, ".:;!。：—–\n"), !unicode.IsLower(firstRune(after)):
		return yes
	}
	return no
}

// mark processes [prompt.NotInSources] after white space and marks of emphasis: it
// is dropped, and counts if it stands alone.
func (d *Draft) mark(space, emphasis int) bool {
	n, v := matchMark(d.input[space+emphasis:])
	rest := d.input[space+emphasis+n:]
	switch {
	case v == more && d.mayContinue() && (space+emphasis < len(d.input) || !d.ended), v == yes && rest == "" && !d.ended:
		return false
	case v != yes:
		d.emitInput(space + max(1, emphasis))
		return true
	}
	switch d.standsAlone(rest) {
	case more:
		return false
	case yes:
		d.dropMark(space, rest)
	default:
		if emphasis > 0 {
			d.emitInput(space + emphasis)
		}
		d.dropUntil(rest)
	}
	return true
}

// dropMark drops [prompt.NotInSources], which stands alone, and what surrounds it.
func (d *Draft) dropMark(space int, rest string) {
	d.setMissing()
	d.emit(d.input[:space])
	if space == 0 && len(d.line) > 0 {
		d.emit(" ")
	}
	d.input = strings.TrimLeft(rest, afterMark)
}

var markInCode = regexp.MustCompile(strings.Join(markWords, `\\?_`))

// withoutMark returns code without [prompt.NotInSources].
func withoutMark(code string) string { return markInCode.ReplaceAllString(code, "…") }
