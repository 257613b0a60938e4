package pdf

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// letters returns the letters and digits of a text, in lower case, to compare titles.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// maxHeadingLines is how many lines a heading may have.
const maxHeadingLines = 3

// findHeadings finds the lines that are headings: those that the outline names, and lines
// in larger or bold type that stand by themselves.
func (s *source) findHeadings() {
	s.headings, s.parts = map[place]int{}, map[place]int{}
	taken := map[place]bool{}
	for _, b := range s.bookmarks {
		want := letters(b.title)
		if want == "" || b.page < 0 || b.page >= len(s.pages) {
			continue
		}
		if at, n, ok := s.lineOf(b.page, want, taken); ok {
			s.headings[at], s.parts[at] = min(b.level+2, 6), n
			for k := range n {
				taken[place{at.page, at.line + k}] = true
			}
		}
	}
	s.findByType(taken)
}

// lineOf finds the lines of a page whose text is a title, with or without its number.
func (s *source) lineOf(page int, want string, taken map[place]bool) (place, int, bool) {
	for _, p := range []int{page, page + 1} {
		if p >= len(s.pages) {
			break
		}
		for i := range s.pages[p] {
			got := ""
			for n := 1; n <= maxHeadingLines && i+n <= len(s.pages[p]); n++ {
				if taken[place{p, i + n - 1}] {
					break
				}
				got += letters(s.pages[p][i+n-1].text)
				rest, ok := strings.CutSuffix(got, want)
				if ok && isNumbering(rest) {
					return place{p, i}, n, true
				}
				if rest, ok := strings.CutSuffix(want, got); ok && n == 1 && isNumbering(rest) && len(got) > 2 {
					return place{p, i}, 1, true
				}
				if len(got) > len(want)+20 {
					break
				}
			}
		}
	}
	return place{}, 0, false
}

var numbering = regexp.MustCompile(`^(?:chapter|section|appendix|part|kapitel|anhang|teil)?[0-9ivxlc]{0,6}[a-z]?\d{0,6}$`)

// isNumbering reports whether letters before a title only number it.
func isNumbering(s string) bool { return len(s) <= 16 && numbering.MatchString(s) }

// maxHeadingRunes is the longest text that is a heading by its type.
const maxHeadingRunes = 120

// findByType adds the headings that the outline does not name.
func (s *source) findByType(taken map[place]bool) {
	named := len(s.headings) > 0
	var sizes []float64
	type found struct {
		at   place
		size float64
	}
	var all []found
	for p, lines := range s.pages {
		for i, l := range lines {
			at := place{p, i}
			if taken[at] || l.mono || utf8.RuneCountInString(l.text) > maxHeadingRunes || len(letters(l.text)) < 2 || !unicode.IsLetter(firstLetter(l.text)) {
				continue
			}
			larger := l.size >= 1.12*s.body
			alone := l.bold && l.size >= 0.98*s.body && s.standsAlone(lines, i) && !strings.HasSuffix(l.text, ".") && !strings.HasSuffix(l.text, ":") && !strings.HasSuffix(l.text, ",")
			if !larger && !alone || bullet.MatchString(l.text) {
				continue
			}
			all = append(all, found{at, l.size})
			if !slices.Contains(sizes, l.size) {
				sizes = append(sizes, l.size)
			}
		}
	}
	if len(all) > 20 && 4*len(all) > s.count() {
		return // The file is set in such type.
	}
	slices.SortFunc(sizes, func(a, b float64) int { return cmp.Compare(b, a) })
	last := found{at: place{-1, 0}}
	for _, f := range all {
		if f.at.page == last.at.page && f.at.line == last.at.line+s.parts[last.at] && f.size == last.size && s.parts[last.at] < maxHeadingLines && s.isClose(f.at) && !s.isTitle(last.at) {
			s.parts[last.at]++
			continue
		}
		level := min(2+slices.Index(sizes, f.size), 6)
		switch {
		case s.isTitle(f.at):
			level = 1
		case named:
			level = min(s.levelBefore(f.at)+1, 6)
		}
		s.headings[f.at], s.parts[f.at] = level, 1
		last = f
	}
}

func firstLetter(text string) rune {
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if unicode.IsDigit(r) {
				continue
			}
			return r
		}
	}
	return 0
}

// count returns the number of lines.
func (s *source) count() int {
	n := 0
	for _, lines := range s.pages {
		n += len(lines)
	}
	return n
}

// isTitle reports whether a line is the title of the file.
func (s *source) isTitle(at place) bool {
	return letters(s.pages[at.page][at.line].text) == letters(s.title)
}

// isClose reports whether a line follows the one before it without a gap.
func (s *source) isClose(at place) bool {
	lines := s.pages[at.page]
	dy := lines[at.line-1].end - lines[at.line].y
	return dy > 0 && dy < 1.6*lines[at.line].size
}

// standsAlone reports whether a line has space above it, and what follows is set otherwise.
func (s *source) standsAlone(lines []line, i int) bool {
	above := i == 0 || lines[i-1].end-lines[i].y > 1.25*s.leading*lines[i].size || lines[i-1].end < lines[i].y
	below := i+1 < len(lines) && !(lines[i+1].bold && lines[i+1].size == lines[i].size && lines[i].end-lines[i+1].y < 1.25*s.leading*lines[i].size)
	return above && below
}

// levelBefore returns the level of the last heading of the outline before a line.
func (s *source) levelBefore(at place) int {
	for p := at.page; p >= 0 && p > at.page-50; p-- {
		for i := len(s.pages[p]) - 1; i >= 0; i-- {
			if (p < at.page || i < at.line) && s.headings[place{p, i}] > 0 {
				return s.headings[place{p, i}]
			}
		}
	}
	return 2
}
