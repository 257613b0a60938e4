package pdf

import (
	"cmp"
	"fmt"
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
	on := map[string][]int{} // pages, in order, by what stands at their edges
	for p, lines := range s.pages {
		seen := map[string]bool{}
		for _, i := range edges(lines) {
			if k := frameKey(lines[i]); !seen[k] {
				seen[k] = true
				on[k] = append(on[k], p)
			}
		}
	}
	offset := s.numberOffset()
	for p, lines := range s.pages {
		drop := map[int]bool{}
		for n, i := range edges(lines) {
			if utf8.RuneCountInString(lines[i].text) > maxHeadingRunes {
				continue
			}
			atEdge := n == 0 || n == len(lines)-1 || n == 2*edgeLines-1
			numbered := pageNumber.MatchString(lines[i].text) || offset != noOffset && namesPage(lines[i].text, p+offset)
			drop[i] = atEdge && numbered || s.runs(on[frameKey(lines[i])], p)
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

// frameKey returns what running titles have in common: their text, but for numbers, and their
// height on the page.
func frameKey(l line) string {
	return fmt.Sprintf("%s@%.0f", digits.ReplaceAllString(strings.ToLower(l.text), "#"), l.y/3)
}

// runs reports whether a text that is at the edges of pages is a running title of a page: it is
// on neighbours, too, which may be every other page, and on at least three pages, or on all of two.
func (s *source) runs(pages []int, page int) bool {
	i, _ := slices.BinarySearch(pages, page)
	isNeighbour := func(k int) bool { return k >= 0 && k < len(pages) && k != i && max(pages[k]-page, page-pages[k]) <= 2 }
	return len(pages) >= min(3, len(s.pages)) && len(pages) > 1 && (isNeighbour(i-1) || isNeighbour(i+1))
}

// edges returns the numbers of the lines at the top and at the foot of a page.
func edges(lines []line) []int {
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

// noOffset means that pages are not numbered.
const noOffset = -1 << 30

// numberOffset returns what the numbers at the edges of pages exceed their positions by.
func (s *source) numberOffset() int {
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
