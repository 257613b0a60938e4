package draft

import (
	"strings"
)

// inline consumes text within a line, up to the next character with a meaning.
func (d *Draft) inline() bool {
	special := " \t\n\\`[【［「〔〖N*\"<!](（hHwWfF" + superscripts
	if d.fence != "" {
		special = "\nN"
	}
	switch i := strings.IndexAny(d.input, special); {
	case i < 0:
		i = len(d.input)
		fallthrough
	case i > 0:
		d.emitInput(i)
		return true
	}
	if d.input[0] == '\n' {
		d.emitInput(1)
		return true
	}
	space := len(d.input) - len(strings.TrimLeft(d.input, " \t"))
	thing := d.input[space:]
	switch {
	case thing == "":
		if !d.ended {
			return false
		}
		d.emitInput(space)
	case thing[0] == 'N':
		return d.mark(space, 0)
	case thing[0] == '*', thing[0] == '"':
		return d.mark(space, len(thing)-len(strings.TrimLeft(thing, `*_"`)))
	case thing == `\`:
		if !d.ended {
			return false
		}
		d.emitInput(space + 1)
	case strings.ContainsRune(squareOpen+roundOpen, firstRune(strings.TrimPrefix(thing, `\`))):
		return d.bracket(space)
	case space > 0:
		d.emitInput(space)
	case thing[0] == '`':
		return d.code()
	case thing[0] == '\\':
		d.emitInput(1 + len(thing[1:]) - len(strings.TrimPrefix(thing[1:], "`")))
	default:
		return d.special()
	}
	return true
}

// code copies a code span unchanged. If it is not closed on its line, the
// backticks are escaped, so that they open no span.
func (d *Draft) code() bool {
	line, _, full := strings.Cut(d.input, "\n")
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
			if k, v := matchMark(strings.TrimSpace(line[ticks : at-ticks])); v == yes && k == len(strings.TrimSpace(line[ticks:at-ticks])) {
				switch d.standsAlone(d.input[at:]) {
				case more:
					return false
				case yes:
					d.dropMark(0, d.input[at:])
					return true
				}
			}
			if strings.HasSuffix(string(d.line), "`") {
				d.emit(" ")
			}
			d.emit(withoutMark(line[:at]))
			d.input = d.input[at:]
			return true
		}
	}
	if !full && !d.ended {
		return false
	}
	d.emit(strings.Repeat("\\`", ticks))
	d.input = d.input[ticks:]
	return true
}
