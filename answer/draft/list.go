package draft

import (
	"regexp"
	"strings"
)

var itemMark = regexp.MustCompile(`^([ >]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)?`)

// note keeps where an item of a list begins: what stands in it is set in.
func (d *Draft) note(line string) {
	m := itemMark.FindStringSubmatch(string(d.line) + line)
	switch {
	case m[2] != "":
		d.item = len(m[0])
	case m[1] == "":
		d.item = 0
	}
}

// fits reports whether a line of fence marks opens a code block: set in too far, it
// goes on with the text above.
func (d *Draft) fits(line string) bool {
	whole := string(d.line) + line
	m := itemMark.FindStringSubmatch(whole)
	columns := len(m[1])
	if !strings.HasPrefix(whole[len(m[0]):], "```") && !strings.HasPrefix(whole[len(m[0]):], "~~~") {
		return false
	}
	if columns > d.item+3 || strings.Contains(whole[:len(whole)-len(strings.TrimLeft(whole, "\t >"))], "\t") && d.item == 0 {
		return false
	}
	d.quoted, d.inset = strings.Count(m[1], ">"), 0
	switch {
	case m[2] != "":
		d.item = len(m[0])
		d.inset = d.item
	case d.item > 0 && columns >= d.item:
		d.inset = d.item
	}
	return true
}

// outside reports whether a line stands outside of the quotation or the item that
// holds the code block in front of it: the block has ended then.
func (d *Draft) outside(line string) bool {
	m := itemMark.FindStringSubmatch(line)
	return strings.Count(m[1], ">") < d.quoted || d.quoted == 0 && len(m[1]) < d.inset
}
