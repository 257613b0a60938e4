package chunker

import (
	"strings"
	"unicode/utf8"
)

// A level is the kind of a unit.
type level int

const (
	prose     level = iota // a paragraph or a list item
	sentence               //
	heading                // its line
	fence                  // code, from the line that opens it to the one that closes it
	table                  // with its header row
	lines                  // lines of code or a table that belong together
	line                   //
	space                  // what ends with white space
	word                   // by the rules of Unicode
	character              // a grapheme
	single                 // a rune
)

// finer returns the level that units of l are cut to, if they have it.
func (l level) finer() level {
	switch l {
	case prose:
		return sentence
	case sentence:
		return line
	case heading:
		return line
	case fence, table:
		return lines
	}
	return l + 1
}

// A unit is a piece of a section that is not cut if it fits.
type unit struct {
	from, to mark
	trailing int // size of the white space at its end
	level    level
	// head is where the header of the table or the line that opens the fence ends.
	// prefix is its text, which is repeated for chunks that begin after head.
	head       int
	prefix     string
	prefixSize int
}

func (u unit) size() int { return u.to.size - u.from.size }

// newUnit returns the unit from a mark to a byte.
func (d *document) newUnit(from mark, to int, l level) unit {
	return unit{from: from, to: mark{to, from.size + d.measure(from.bytes, to)}, trailing: d.trailing(from.bytes, to), level: l}
}

// hasBlocks reports whether there is code or a table in the text.
func (d *document) hasBlocks() bool {
	if !strings.Contains(d.text, "```") && !strings.Contains(d.text, "~~~") && !strings.Contains(d.text, "|") {
		return false
	}
	found := false
	d.blocks(mark{}, len(d.text), func(u unit) { found = found || u.level != prose })
	return found
}

// blocks calls do with each block between a mark and a byte, in order. The empty lines
// after a block belong to it.
func (d *document) blocks(from mark, to int, do func(unit)) {
	open := unit{from: from}
	flush := func(end int) {
		if isBlank(d.text[open.from.bytes:end]) && end < to {
			return
		}
		u := d.newUnit(open.from, end, open.level)
		d.setPrefix(&u, open.head)
		do(u)
		open = unit{from: u.to}
	}
	code := fences{text: d.text, end: to}
	isOpen := false // whether a line goes on with the block
	for at := from.bytes; at < to; {
		end := lineEnd(d.text, at, to)
		content := unquote(d.text[at:end])
		codeEnd := code.close(content, end)
		switch {
		case isBlank(content):
			isOpen = false
		case codeEnd > 0:
			flush(at)
			open.level, open.head = fence, end
			isOpen, end = false, codeEnd
		case strings.Contains(content, "|") && isDelimiter(d.text[end:lineEnd(d.text, end, to)]):
			flush(at)
			open.level, open.head = table, lineEnd(d.text, end, to)
			isOpen, end = false, tableEnd(d.text, open.head, to)
		case !isOpen || isItem(content):
			flush(at)
			isOpen = true
		}
		at = end
	}
	if open.from.bytes < to {
		flush(to)
	}
}

// setPrefix sets the prefix of a block whose header ends at a byte. A prefix longer than
// a quarter of a chunk is left out.
func (d *document) setPrefix(u *unit, head int) {
	if head == 0 {
		return
	}
	u.head = head
	u.prefix = strings.TrimFunc(d.text[u.from.bytes:head], isSpace)
	if u.level == fence {
		u.prefix = unquote(u.prefix)
		u.prefix = strings.TrimLeft(u.prefix[itemMarker(u.prefix):], " \t")
	}
	u.prefixSize = utf8.RuneCountInString(u.prefix)
	if d.count != nil {
		u.prefixSize = d.count(u.prefix)
	}
	if u.prefixSize > d.size/4 {
		u.prefix, u.prefixSize = "", 0
	}
}

// A fences finds the ends of code blocks in text[:end].
type fences struct {
	text string
	end  int
	// open holds, for '`' and '~', the shortest fence that is known to stay unclosed.
	open map[byte]int
}

// close returns where a code block ends. line is its first line without quote signs and
// indent, and ends at byte at. The result is 0 if line does not open a code block or
// nothing closes it.
func (f *fences) close(line string, at int) int {
	if marker := itemMarker(line); marker > 0 {
		line = strings.TrimLeft(line[marker:], " \t")
	}
	n, info := fenceRun(line)
	if n < 3 || line[0] == '`' && strings.Contains(info, "`") {
		return 0
	}
	sign := line[0]
	if m, ok := f.open[sign]; ok && n >= m {
		return 0
	}
	for at < f.end {
		end := lineEnd(f.text, at, f.end)
		content := unquote(f.text[at:end])
		if m, rest := fenceRun(content); m >= n && content[0] == sign && strings.TrimSpace(rest) == "" {
			return end
		}
		at = end
	}
	if f.open == nil {
		f.open = map[byte]int{}
	}
	f.open[sign] = n
	return 0
}

// fenceRun returns the length of the run of '`' or '~' at the start of a line, and the
// rest of the line.
func fenceRun(line string) (int, string) {
	if line == "" || line[0] != '`' && line[0] != '~' {
		return 0, line
	}
	rest := strings.TrimLeft(line, line[:1])
	return len(line) - len(rest), rest
}

// tableEnd returns where the table rows that begin at a byte end.
func tableEnd(text string, at, to int) int {
	for at < to {
		end := lineEnd(text, at, to)
		if !strings.Contains(text[at:end], "|") {
			break
		}
		at = end
	}
	return at
}

// isDelimiter reports whether a line is the one below the header of a table.
func isDelimiter(line string) bool {
	line = strings.TrimSpace(unquote(line))
	return strings.Contains(line, "-") && strings.Contains(line, "|") && strings.Trim(line, "|-: \t") == ""
}

// unquote returns a line without its indent and the signs of quotes.
func unquote(line string) string { return strings.TrimLeft(line, " \t>") }

// isItem reports whether a line without its indent begins a list item.
func isItem(line string) bool { return itemMarker(line) > 0 }

// itemMarker returns the length of the list marker that a line begins with.
func itemMarker(line string) int {
	n := 0
	switch {
	case line == "":
		return 0
	case strings.IndexByte("-*+", line[0]) >= 0:
		n = 1
	default:
		for n < len(line) && n < 9 && '0' <= line[n] && line[n] <= '9' {
			n++
		}
		if n == 0 || n == len(line) || line[n] != '.' && line[n] != ')' {
			return 0
		}
		n++
	}
	if n < len(line) && strings.IndexByte(" \t\n", line[n]) < 0 {
		return 0
	}
	return n
}

// isBlank reports whether s has only white space.
func isBlank(s string) bool { return strings.TrimLeftFunc(s, isSpace) == "" }

// lineEnd returns the byte after the line that begins at a byte.
func lineEnd(text string, at, to int) int {
	if i := strings.IndexByte(text[at:to], '\n'); i >= 0 {
		return at + i + 1
	}
	return to
}
