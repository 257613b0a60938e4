package draft

import (
	"regexp"
	"strings"
)

var itemMark = regexp.MustCompile(`^([ >]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)?`)

// trackItem records the indentation of a list item's content.
func (d *Draft) trackItem(line string) {
	m := itemMark.FindStringSubmatch(string(d.line) + line)
	switch {
	case m[2] != "":
		d.itemIndent = len(m[0])
	case m[1] == "":
		d.itemIndent = 0
	}
}

// opensCode reports whether a line of fence marks opens a code block. If it is
// indented too far, it continues the text above.
func (d *Draft) opensCode(line string) bool {
	whole := string(d.line) + line
	m := itemMark.FindStringSubmatch(whole)
	columns := len(m[1])
	if !strings.HasPrefix(whole[len(m[0]):], "```") && !strings.HasPrefix(whole[len(m[0]):], "~~~") {
		return false
	}
	if columns > d.itemIndent+3 || strings.Contains(whole[:len(whole)-len(strings.TrimLeft(whole, "\t >"))], "\t") && d.itemIndent == 0 {
		return false
	}
	d.quoteDepth, d.indent = strings.Count(m[1], ">"), 0
	switch {
	case m[2] != "":
		d.itemIndent = len(m[0])
		d.indent = d.itemIndent
	case d.itemIndent > 0 && columns >= d.itemIndent:
		d.indent = d.itemIndent
	}
	return true
}

// leavesBlock reports whether a line is outside of the quotation or list item
// that holds the current code block. The code block has ended then.
func (d *Draft) leavesBlock(line string) bool {
	m := itemMark.FindStringSubmatch(line)
	return strings.Count(m[1], ">") < d.quoteDepth || d.quoteDepth == 0 && len(m[1]) < d.indent
}
