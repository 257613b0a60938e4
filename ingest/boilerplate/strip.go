package boilerplate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Set is the lines that repeat on a site: their hashes, and for each whether it
// repeats only at the edges of pages.
type Set map[uint64]bool

// A Stripped is a text without the lines that repeat.
type Stripped struct {
	Text  string
	Lines int     // number of lines that were taken out
	Taken []Taken // the same lines, each once

	runes int // in Text
	cuts  []cut
}

// A Taken is a line that was taken out of a text.
type Taken struct {
	Hash uint64 // the same for the line on any page
	Text string // its beginning, part of the text
}

// A cut is a place where text was taken out, in runes.
type cut struct {
	at    int // in the text before, where what was taken out begins
	runes int // with the newlines
}

// Offset returns the offset in Text of the rune that was at an offset of the text
// before. If that rune was taken out, gone is true and the offset is where the
// text after it begins.
func (s *Stripped) Offset(old int) (offset int, gone bool) {
	offset = old
	for _, c := range s.cuts {
		switch {
		case old >= c.at+c.runes:
			offset -= c.runes
		case old >= c.at:
			return min(offset-(old-c.at), s.runes), true
		}
	}
	if len(s.cuts) > 0 && offset >= s.runes {
		return s.runes, true
	}
	return offset, false
}

// Strip takes the lines of the set out of a page's text. If nothing would be left,
// the text stays as it is.
func (set Set) Strip(text string) Stripped {
	out := Stripped{Text: text}
	if len(set) == 0 {
		return out
	}
	lines := split(text)
	gone := set.chooseLines(lines)
	if !slices.Contains(gone, true) || countLeft(lines, gone) == 0 {
		return out
	}
	var b strings.Builder
	at, runes := 0, 0 // in the text before
	for i := 0; i < len(lines); i++ {
		if !gone[i] {
			continue
		}
		last := i
		for last+1 < len(lines) && (gone[last+1] || lines[last+1].kind == blank) {
			last++
		}
		out.addTaken(lines[i:last+1], gone[i:last+1])
		begin, end := lines[i].start, min(lines[last].end+1, len(text))
		b.WriteString(text[at:begin])
		runes += utf8.RuneCountInString(text[at:begin])
		n := utf8.RuneCountInString(text[begin:end])
		out.cuts = append(out.cuts, cut{at: runes, runes: n})
		runes += n
		at = end
		i = last
	}
	b.WriteString(text[at:])
	out.Text = strings.TrimRight(b.String(), "\n ")
	out.runes = utf8.RuneCountInString(out.Text)
	return out
}

// addTaken counts the lines that are taken out.
func (s *Stripped) addTaken(lines []line, gone []bool) {
	for i, l := range lines {
		if !gone[i] {
			continue
		}
		s.Lines++
		if !slices.ContainsFunc(s.Taken, func(t Taken) bool { return t.Hash == l.hash }) {
			s.Taken = append(s.Taken, Taken{l.hash, sample(l.text)})
		}
	}
}

// chooseLines reports for each line whether it is taken out.
func (set Set) chooseLines(lines []line) []bool {
	gone := make([]bool, len(lines))
	first, last := bounds(lines)
	for i, l := range lines {
		edge, ok := set[l.hash]
		if l.kind == prose && ok && (!edge || i < first+edgeLines || i > last-edgeLines) {
			gone[i] = true
		}
	}
	// From the end, so that a heading whose sections are gone goes too.
	for i := len(lines) - 1; i >= 0; i-- {
		if _, ok := set[lines[i].hash]; ok && lines[i].kind == heading {
			gone[i] = emptied(lines, gone, i)
		}
	}
	return gone
}

// emptied reports whether there is text below heading i and all of it is taken out.
func emptied(lines []line, gone []bool, i int) bool {
	below := false
	for j := i + 1; j < len(lines); j++ {
		l := lines[j]
		switch {
		case l.kind == heading && l.level <= lines[i].level:
			return below
		case l.kind == blank:
		case !gone[j]:
			return false
		default:
			below = true
		}
	}
	return below
}

// countLeft returns how many lines of text stay, without headings.
func countLeft(lines []line, gone []bool) int {
	n := 0
	for i, l := range lines {
		if !gone[i] && l.kind != blank && l.kind != heading {
			n++
		}
	}
	return n
}

// MarshalText writes a set: one hash in hexadecimal per line, sorted, with a "~"
// after those that repeat only at the edges.
func (set Set) MarshalText() ([]byte, error) {
	var out []string
	for hash, edge := range set {
		s := fmt.Sprintf("%016x", hash)
		if edge {
			s += "~"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return []byte(strings.Join(out, "\n")), nil
}

// UnmarshalText reads what MarshalText wrote.
func (set *Set) UnmarshalText(text []byte) error {
	*set = Set{}
	for s := range strings.FieldsSeq(string(text)) {
		digits, edge := strings.CutSuffix(s, "~")
		hash, err := strconv.ParseUint(digits, 16, 64)
		if err != nil {
			return fmt.Errorf("boilerplate: read set: %w", err)
		}
		(*set)[hash] = edge
	}
	return nil
}
