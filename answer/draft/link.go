package draft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A model's text may link only to the pages of its sources. Such a link stays and
// counts as a citation. Other links, and images, become their text; bare addresses
// and HTML tags become code.

// superscripts are digits in which some models cite.
const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"

// special consumes what may be part of a link, an image, a tag or an address.
func (d *Draft) special() bool {
	switch c, _ := utf8.DecodeRuneInString(d.input); c {
	case '<':
		return d.tag()
	case ']':
		return d.bracketEnd()
	case '!':
		switch {
		case strings.HasPrefix(d.input, "!["):
			return d.image()
		case len(d.input) == 1 && !d.ended:
			return false
		}
		d.emitInput(1)
	case 'h', 'H', 'w', 'W', 'f', 'F':
		return d.address()
	default:
		return d.superscript()
	}
	return true
}

// bracketEnd keeps a bracket from ending the text of a link or the name of a
// reference.
func (d *Draft) bracketEnd() bool {
	if len(d.input) == 1 && !d.ended {
		return false
	}
	d.emitInput(1)
	if strings.HasPrefix(d.input, "(") || strings.HasPrefix(d.input, ":") {
		d.emit(" ")
	}
	return true
}

// raisesCitation reports whether a tag with the text behind it raises a citation above the
// line, as in <sup>[1]</sup>.
func (d *Draft) raisesCitation(tag, rest string) verdict {
	switch strings.ToLower(tag) {
	case "</sup>":
		if strings.HasSuffix(string(d.line), "]") {
			return yes
		}
	case "<sup>":
		if _, _, v := scanGroup(rest); v == yes || !d.ended {
			return v
		}
	}
	return no
}

// superscript turns digits after the punctuation of a sentence into a citation.
// After a letter they are a power or a unit.
func (d *Draft) superscript() bool {
	n := len(d.input) - len(strings.TrimLeft(d.input, superscripts))
	if n == len(d.input) && !d.ended {
		return false
	}
	number := 0
	for _, r := range d.input[:n] {
		number = min(number, 999)*10 + slices.Index([]rune(superscripts), r)
	}
	before, _ := utf8.DecodeLastRune(d.line)
	if strings.ContainsRune(".,;!?。，！？)\"”", before) && 1 <= number && number <= d.sources {
		d.emit(fmt.Sprintf("[%d]", number))
		d.cited = append(d.cited, number)
		d.input = d.input[n:]
		return true
	}
	d.emitInput(n)
	return true
}

// linked matches a link or image on one line: its text, which may hold one more
// pair of brackets, and its target.
var linked = regexp.MustCompile(`^\[((?:[^\[\]\n]|\[[^\[\]\n]*\](?:\([^()\n]*\))?)*)\]\([ \t]*(<[^<>\n]*>|(?:[^\s()<>]|\([^\s()]*\))*)(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*\)`)

// link processes a bracket after white space: a link, or the bracket alone.
func (d *Draft) link(space int) bool {
	s := d.input[space:]
	line, _, full := strings.Cut(s, "\n")
	m := linked.FindStringSubmatch(s)
	switch {
	case m == nil && !full && !d.ended && strings.HasPrefix(s, "[") && openLink(line):
		return false
	case m == nil:
		_, size := utf8.DecodeRuneInString(s)
		d.emitInput(space + size)
		return true
	}
	if m[1]+s[len(m[0]):] == "" && !d.ended {
		return false
	}
	d.emitInput(space)
	address, rest := strings.Trim(m[2], "<>"), s[len(m[0]):]
	if n := d.sourceOf(address); n > 0 && !strings.ContainsAny(m[1], "[]<>`!\\") && !strings.ContainsAny(address, " ()<>`") {
		d.emit("[" + m[1] + "](" + address + ")")
		d.cited = append(d.cited, n)
		d.input = rest
		return true
	}
	d.dropUntil(m[1] + rest)
	return true
}

// openLink reports whether more input may complete a line that starts with a
// bracket to a link.
func openLink(line string) bool {
	depth := 0
	for i, r := range line {
		switch r {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				rest := line[i+1:]
				return rest == "" || rest[0] == '('
			}
		}
	}
	return true
}

// image replaces an image by its text.
func (d *Draft) image() bool {
	line, _, full := strings.Cut(d.input[1:], "\n")
	m := linked.FindStringSubmatch(d.input[1:])
	switch {
	case m != nil && m[1] == "" && len(m[0])+1 == len(d.input) && !d.ended:
		return false
	case m != nil:
		d.dropUntil(m[1] + d.input[1+len(m[0]):])
	case !full && !d.ended && openLink(line):
		return false
	default: // an exclamation mark before a bracket
		d.emitInput(1)
	}
	return true
}

// tag turns an HTML tag, or an address in angle brackets, into code.
func (d *Draft) tag() bool {
	if len(d.input) == 1 && !d.ended {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(d.input[1:]); !unicode.IsLetter(r) && !strings.ContainsRune("/!?", r) {
		d.emitInput(1)
		return true
	}
	line, _, full := strings.Cut(d.input, "\n")
	end := strings.IndexByte(line, '>') + 1
	if end == 0 && !full && !d.ended {
		return false
	}
	whole := line[:end]
	if v := d.raisesCitation(whole, d.input[end:]); v == more {
		return false
	} else if v == yes {
		d.input = d.input[end:]
		return true
	}
	switch n := d.sourceOf(strings.Trim(whole, "<>")); {
	case n > 0:
		d.emitInput(end)
		d.cited = append(d.cited, n)
	case end == 0, strings.Contains(whole, "`"):
		d.asCode(1)
	case autolink.MatchString(whole):
		d.input = whole[1:end-1] + d.input[end:]
		d.asCode(end - 2)
	default:
		d.asCode(end)
	}
	return true
}

var (
	autolink     = regexp.MustCompile(`^<[A-Za-z][\w+.-]*://[^\s<>]*>$`)
	addressStart = regexp.MustCompile(`(?i)^(?:(?:https?|ftp)://|www\.)`)
	addressRest  = regexp.MustCompile("^[^\\s<>\"`\\[\\]{}|，。、）】」]*")
	schemes      = []string{"http://", "https://", "ftp://", "www."}
)

// address turns a bare address into code, unless a source has it.
func (d *Draft) address() bool {
	before, _ := utf8.DecodeLastRune(d.line)
	if unicode.IsLetter(before) || unicode.IsDigit(before) || !addressStart.MatchString(d.input) {
		if d.maybeAddress() {
			return false
		}
		d.emitInput(1)
		return true
	}
	m := addressRest.FindString(d.input)
	if len(m) == len(d.input) && !d.ended {
		return false
	}
	m = strings.TrimRight(m, ".,;:!?'*_~")
	for strings.HasSuffix(m, ")") && strings.Count(m, ")") > strings.Count(m, "(") {
		m = m[:len(m)-1]
	}
	if n := d.sourceOf(m); n > 0 { // in angle brackets, the text after it can't extend it
		d.emit("<" + m + ">")
		d.input = d.input[len(m):]
		d.cited = append(d.cited, n)
	} else {
		d.asCode(max(1, len(m)))
	}
	return true
}

// maybeAddress reports whether more input may complete the input to an address.
func (d *Draft) maybeAddress() bool {
	return !d.ended && slices.ContainsFunc(schemes, func(s string) bool { return len(d.input) < len(s) && strings.EqualFold(s[:len(d.input)], d.input) })
}

// asCode shows the next n bytes, which hold no backtick, as code.
func (d *Draft) asCode(n int) {
	if r, _ := utf8.DecodeLastRune(d.line); r == '`' || r == '\\' {
		d.emit(" ")
	}
	d.emit("`" + withoutMark(d.input[:n]) + "`")
	d.input = d.input[n:]
}

// sourceOf returns the number of the source at an address, or 0.
func (d *Draft) sourceOf(address string) int {
	address, _, _ = strings.Cut(address, "#")
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
		return 0
	}
	return slices.Index(d.pages, address) + 1
}
