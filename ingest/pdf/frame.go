package pdf

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	digits     = regexp.MustCompile(`\d+`)
	pageNumber = regexp.MustCompile(`^\W*(?:(?i:page|seite)\s*)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:/|of|von)\s*\d{1,5})?\W*$`)
	leader     = regexp.MustCompile(`(?:\.\s*){4,}\s*(?:\d+|[ivxlc]+)\s*$|(?:\. ){3,}`)
)

// edgeLines is how many lines at the top and the foot of a page may be its frame.
const edgeLines = 3

// dropFrame takes out what is at the top or the foot of many pages: running titles and
// the numbers of pages.
func (s *source) dropFrame() {
	count := map[string]int{}
	key := func(l line) string {
		return digits.ReplaceAllString(strings.ToLower(l.text), "#")
	}
	edges := func(lines []line) []int {
		order := make([]int, len(lines))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lines[b].y, lines[a].y) })
		if len(order) <= 2*edgeLines {
			return order
		}
		return append(slices.Clone(order[:edgeLines]), order[len(order)-edgeLines:]...)
	}
	for _, lines := range s.pages {
		seen := map[string]bool{}
		for _, i := range edges(lines) {
			if k := key(lines[i]); !seen[k] {
				seen[k] = true
				count[k]++
			}
		}
	}
	offset := s.numberOffset(edges)
	usual := max(3, min(len(s.pages)/50, 10))
	if len(s.pages) == 2 {
		usual = 2
	}
	for p, lines := range s.pages {
		drop := map[int]bool{}
		for n, i := range edges(lines) {
			atEdge := n == 0 || n == len(lines)-1 || n == min(len(lines), 2*edgeLines)-1
			repeated := count[key(lines[i])] >= usual && utf8.RuneCountInString(lines[i].text) < 120
			numbered := atEdge && (pageNumber.MatchString(lines[i].text) || offset != noOffset && utf8.RuneCountInString(lines[i].text) < 120 && namesPage(lines[i].text, p+offset))
			if repeated || numbered {
				drop[i] = true
			}
		}
		var kept []line
		for i, l := range lines {
			if !drop[i] {
				kept = append(kept, l)
			}
		}
		s.pages[p] = kept
	}
}

// noOffset means that pages are not numbered.
const noOffset = -1 << 30

// numberOffset returns what the numbers at the edges of pages exceed their positions by.
func (s *source) numberOffset(edges func([]line) []int) int {
	counts := map[int]int{}
	for p, lines := range s.pages {
		seen := map[int]bool{}
		for _, i := range edges(lines) {
			for _, m := range []string{numberFirst.FindString(lines[i].text), numberLast.FindString(lines[i].text)} {
				if n, err := strconv.Atoi(m); err == nil && !seen[n-p] {
					seen[n-p] = true
					counts[n-p]++
				}
			}
		}
	}
	best := noOffset
	for offset, n := range counts {
		if n > counts[best] || n == counts[best] && offset < best {
			best = offset
		}
	}
	if counts[best] < max(3, len(s.pages)/4) {
		return noOffset
	}
	return best
}

// numberFirst and numberLast match a number at the ends of a line.
var (
	numberFirst = regexp.MustCompile(`^\d{1,5}\b`)
	numberLast  = regexp.MustCompile(`\b\d{1,5}$`)
)

// namesPage reports whether a line begins or ends with a number.
func namesPage(text string, number int) bool {
	want := strconv.Itoa(number)
	return numberFirst.FindString(text) == want || numberLast.FindString(text) == want
}

// dropContents takes out tables of contents and indexes, which name pages after dots or
// after titles of the outline.
func (s *source) dropContents() {
	titles := map[string]bool{}
	for _, b := range s.bookmarks {
		titles[letters(b.title)] = true
	}
	isEntry := func(l line) bool {
		if leader.MatchString(l.text) {
			return true
		}
		title := numberLast.ReplaceAllString(l.text, "")
		return title != l.text && (titles[letters(title)] || titles[strings.TrimLeft(letters(title), "0123456789")])
	}
	for p, lines := range s.pages {
		n := 0
		for _, l := range lines {
			if isEntry(l) {
				n++
			}
		}
		if n >= 3 && 3*n >= len(lines) || n >= 5 {
			s.pages[p] = slices.DeleteFunc(lines, isEntry)
		}
	}
}
