package asciidoc

import (
	"slices"
	"strings"
)

// itemBody reads what belongs to an item behind its first line: more lines of its text, blocks
// that a + joins, and lists within it.
func (p *parser) itemBody(lines, levels []string, body *[]string, depth int) (int, []string) {
	var nested []string
	n := 0
	for n < len(lines) {
		l := lines[n]
		mark, _ := markOf(l)
		switch {
		case l == "+":
			n++
			used, text := p.joined(lines[n:], depth)
			nested, n = append(nested, text), n+used
		case l == "" || comment.MatchString(l):
			next := n
			for next < len(lines) && (lines[next] == "" || comment.MatchString(lines[next])) {
				next++
			}
			if next == len(lines) {
				return n, nested
			}
			if slices.ContainsFunc(lines[n:next], comment.MatchString) {
				return n, nested // A comment keeps lists apart.
			}
			mark, _ := markOf(lines[next])
			isText := len(*body) == 0 && mark == "" && isPlain(lines[next])
			literal := mark == "" && strings.HasPrefix(lines[next], " ")
			if mark == "" && !isText && !literal {
				return n, nested
			}
			if n = next; literal && len(*body) > 0 {
				end := endOfText(lines, n)
				nested = append(nested, p.code("", dedent(lines[n:end]), attrs{}))
				n = end
			}
		case mark != "":
			if slices.Contains(levels, mark) || depth > maxNesting {
				return n, nested
			}
			used, text := p.list(lines[n:], levels, depth+1, attrs{})
			nested, n = append(nested, text), n+used
		case delimiter.MatchString(l) || blockAttrs.MatchString(l) && !strings.Contains(l, "]["):
			if len(*body) > 0 || blockAttrs.MatchString(l) {
				if !startsList(lines[n:]) {
					return n, nested
				}
				n++
				continue
			}
			used, text := p.joined(lines[n:], depth)
			nested = append(nested, text)
			n += used
		case section.MatchString(l):
			return n, nested
		default:
			*body = append(*body, strings.TrimLeft(l, " \t"))
			n++
		}
	}
	return n, nested
}

// isPlain reports whether a line is text, not the beginning of something else.
func isPlain(l string) bool {
	return !section.MatchString(l) && !delimiter.MatchString(l) && !blockAttrs.MatchString(l) && !blockTitle.MatchString(l)
}

// endOfText returns the line behind those of a text.
func endOfText(lines []string, from int) int {
	for from < len(lines) && lines[from] != "" && lines[from] != "+" {
		from++
	}
	return from
}

// startsList reports whether a line of attributes stands above a list.
func startsList(lines []string) bool {
	if len(lines) < 2 || !blockAttrs.MatchString(lines[0]) {
		return false
	}
	mark, _ := markOf(lines[1])
	return mark != ""
}

// joined reads the one block behind a +, with the lines above it that belong to it.
func (p *parser) joined(lines []string, depth int) (int, string) {
	n := 0
	for n < len(lines) && (blockAttrs.MatchString(lines[n]) || blockAnchor.MatchString(lines[n]) || blockTitle.MatchString(lines[n]) && !delimiter.MatchString(lines[n])) {
		n++
	}
	if n == len(lines) {
		return n, ""
	}
	if delimiter.MatchString(lines[n]) {
		shut := lines[n]
		if strings.HasPrefix(shut, "```") {
			shut = "```"
		}
		for n++; n < len(lines) && lines[n] != shut; n++ {
		}
		n = min(n+1, len(lines))
	} else {
		for n < len(lines) && lines[n] != "" && lines[n] != "+" {
			if mark, _ := markOf(lines[n]); mark != "" && n > 0 {
				break
			}
			n++
		}
		n = max(n, 1)
	}
	return n, p.blocks(lines[:n], depth+1)
}
