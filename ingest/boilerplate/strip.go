package boilerplate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Set is what repeats on a site: hashes of lines, and for each whether it
// repeats at the edges of pages only.
type Set map[uint64]bool

// A Stripped is a text without what repeats.
type Stripped struct {
	Text  string
	Lines int     // that were taken out
	Runes int     // in them
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

// Offset returns where the rune at an offset of the text before is now. What was
// taken out is now where the text behind it begins; gone says that it was.
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

// Strip takes what repeats out of a page's text. If nothing would be left, the
// page is made of nothing else, and it stays as it is.
func (set Set) Strip(text string) Stripped {
	out := Stripped{Text: text}
	if len(set) == 0 {
		return out
	}
	lines := split(text)
	gone := set.chosen(lines)
	if !slices.Contains(gone, true) || left(lines, gone) == 0 {
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
		out.take(lines[i:last+1], gone[i:last+1])
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

// take counts lines that go.
func (s *Stripped) take(lines []line, gone []bool) {
	for i, l := range lines {
		if !gone[i] {
			continue
		}
		s.Lines++
		s.Runes += utf8.RuneCountInString(l.text)
		if !slices.ContainsFunc(s.Taken, func(t Taken) bool { return t.Hash == l.hash }) {
			s.Taken = append(s.Taken, Taken{l.hash, sample(l.text)})
		}
	}
}

// chosen says of each line whether it goes.
func (set Set) chosen(lines []line) []bool {
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

// emptied reports whether something stands below heading i, and all of it goes.
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

// left returns how many lines of text stay, headings aside.
func left(lines []line, gone []bool) int {
	n := 0
	for i, l := range lines {
		if !gone[i] && l.kind != blank && l.kind != heading {
			n++
		}
	}
	return n
}

// MarshalText writes a set: a hash in hexadecimal a line, sorted, with a "~" behind
// those of the edges.
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
