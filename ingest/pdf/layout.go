package pdf

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A source is a file as it was read, before its lines are put together.
type source struct {
	title     string
	bookmarks []bookmark
	pages     [][]line

	body     float64         // size of the running text
	leading  float64         // distance of its lines
	headings map[place]int   // levels of the lines that begin a heading
	parts    map[place]int   // numbers of the lines of these headings
	words    map[string]bool // words of the text, to tell divided ones
}

// A place is a line of a page.
type place struct{ page, line int }

// layOut writes the text, its headings and its pages.
func (s *source) layOut(d *Document) {
	s.dropFrame()
	s.dropContents()
	s.measure()
	s.title = s.chooseTitle()
	d.Title = s.title
	s.findHeadings()
	w := writer{source: s, document: d}
	for page, lines := range s.pages {
		w.page(page, lines)
	}
	w.endBlock()
	d.Text = strings.TrimRight(w.text.String(), "\n") + "\n"
}

// measure finds the size and the leading of the running text, and its words.
func (s *source) measure() {
	sizes, leadings := map[float64]int{}, map[float64]int{}
	s.words = map[string]bool{}
	for _, lines := range s.pages {
		for i, l := range lines {
			if !l.mono {
				sizes[l.size] += len(l.text)
			}
			if i > 0 && l.size == lines[i-1].size {
				if dy := lines[i-1].end - l.y; dy > 0.7*l.size && dy < 2.5*l.size {
					leadings[math.Round(dy/l.size*10)/10] += len(l.text)
				}
			}
			for word := range strings.FieldsSeq(l.text) {
				s.words[strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }))] = true
			}
		}
	}
	s.body, s.leading = cmp.Or(most(sizes), 10), leadingOf(leadings)
}

// leadingOf returns the distance of lines within paragraphs: the smallest one that is usual.
// Distances of paragraphs are larger.
func leadingOf(counts map[float64]int) float64 {
	usual := counts[most(counts)] / 7
	for _, distance := range slices.Sorted(maps.Keys(counts)) {
		if counts[distance] > usual {
			return distance
		}
	}
	return 1.2
}

// most returns the key with the largest value; the smaller one of two.
func most(counts map[float64]int) float64 {
	best := 0.0
	for k, n := range counts {
		if n > counts[best] || n == counts[best] && k < best {
			best = k
		}
	}
	return best
}

// badTitle matches titles that programs give files.
var badTitle = regexp.MustCompile(`(?i)^(?:untitled|microsoft word.*|.*\.(?:docx?|tex|dvi|odt|indd|fm|pdf|pptx?|rtf|qxd|ps)|document\d*|title|slide \d+)$`)

// chooseTitle returns the title that the file names, or else the largest text of its first page.
func (s *source) chooseTitle() string {
	if t := strings.Join(strings.Fields(cleanText(s.title)), " "); t != "" && !badTitle.MatchString(t) {
		return t
	}
	for _, lines := range s.pages[:min(len(s.pages), 2)] {
		best := -1
		for i, l := range lines {
			if l.size > 1.2*s.body && len(letters(l.text)) > 2 && (best < 0 || l.size > lines[best].size) {
				best = i
			}
		}
		if best < 0 {
			continue
		}
		title := lines[best].text
		for i := best + 1; i < len(lines) && i < best+maxHeadingLines && lines[i].size == lines[best].size; i++ {
			title += " " + lines[i].text
		}
		return title
	}
	return ""
}
