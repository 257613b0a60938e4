package boilerplate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind says what a line is.
type kind int

const (
	blank kind = iota
	prose
	heading
	code  // fenced or indented, with its fences, or all of it marked as code
	table // a row
)

// A line is a line of a page's text.
type line struct {
	start, end int // in bytes, without the newline
	text       string
	kind       kind
	level      int // of a heading
	hash       uint64
	words      int
}

// split cuts a text into its lines.
func split(text string) []line {
	var lines []line
	fence := ""
	for start := 0; start <= len(text); {
		end := len(text)
		if n := strings.IndexByte(text[start:], '\n'); n >= 0 {
			end = start + n
		}
		l := line{start: start, end: end, text: text[start:end]}
		trimmed := strings.TrimLeft(l.text, " \t>")
		mark := fenceOf(trimmed)
		switch {
		case fence != "":
			l.kind = code
			if mark != "" && strings.HasPrefix(mark, fence) && strings.Trim(trimmed, mark[:1]+" ") == "" {
				fence = ""
			}
		case mark != "":
			l.kind, fence = code, mark
		case strings.TrimSpace(l.text) == "":
			l.kind = blank
		default:
			l.classify(trimmed)
		}
		lines = append(lines, l)
		start = end + 1
	}
	return lines
}

// fenceOf returns the fence that a line begins with, or "".
func fenceOf(s string) string {
	for _, c := range []string{"`", "~"} {
		if n := len(s) - len(strings.TrimLeft(s, c)); n >= 3 {
			return s[:n]
		}
	}
	return ""
}

// classify says what a line outside of a fence is, and hashes it.
func (l *line) classify(trimmed string) {
	l.hash, l.words = hash(l.text)
	marks := len(trimmed) - len(strings.TrimLeft(trimmed, "#"))
	item := strings.TrimLeft(trimmed, "-*+0123456789.) ")
	switch {
	case marks >= 1 && marks <= 6 && strings.HasPrefix(trimmed[marks:], " "):
		l.kind, l.level = heading, marks
	case strings.HasPrefix(trimmed, "|"):
		l.kind = table
	case strings.HasPrefix(l.text, "    "), strings.HasPrefix(l.text, "\t"):
		// Indented code, or a paragraph of an item: not worth the risk.
		l.kind = code
	case strings.HasPrefix(item, "`") && strings.HasSuffix(item, "`"), l.words == 0:
		l.kind = code
	default:
		l.kind = prose
	}
}

// hash returns a hash of the words of a line, and how many they are: in lower
// case, without the addresses of links.
func hash(s string) (h uint64, words int) {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h = offset
	open, closes := false, true
	for i := 0; i < len(s); {
		if closes && strings.HasPrefix(s[i:], "](") {
			n := strings.IndexByte(s[i:], ')')
			if closes = n > 0; closes {
				i, open = i+n+1, false
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) {
			open = false
			continue
		}
		if !open {
			h = (h ^ ' ') * prime
			words++
		}
		open = true
		h = (h ^ uint64(unicode.ToLower(r))) * prime
	}
	return h, words
}
