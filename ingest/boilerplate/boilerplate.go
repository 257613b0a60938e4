// Package boilerplate finds what stands on most pages of a site, and takes it out
// of their text.
//
// Call [Collector.Add] for each page, [Collector.Repeated] for what repeats, and
// [Set.Strip] for each page's text. The unit is a line: a paragraph, an item of a
// list. Addresses of links and case do not count. Numbers do: of pages that are
// numbered throughout, they are what tells one from the other.
//
//   - Code and tables are never taken out, and no line of a site of fewer than
//     [MinPages] pages.
//   - A heading goes only with all that stands below it.
//   - A line of a few words, such as "Parameters:", goes only where it ends or
//     begins a page: in between it belongs to the text around it.
//   - A page of which nothing would be left stays as it is.
//
// A crawl that writes pages as they come does not know what repeats before it
// ends. It holds back the first [Learn] pages, takes the set from them, and keeps
// the set with the index (see [Set.MarshalText]): a later run begins with
// it, so that the same page gives the same text again.
package boilerplate

import (
	"cmp"
	"slices"
)

// Sizes, by hand (2026-11-22).
const (
	MinPages  = 8   // fewer pages tell nothing
	Learn     = 64  // pages from which a crawl learns
	minShare  = 0.5 // of the pages must hold a line
	fewWords  = 5   // fewer are a label
	edgeLines = 4   // at the beginning or the end of a page
	maxLines  = 1 << 18
	maxSample = 160  // bytes of a line that a report shows
	maxSet    = 2000 // lines: written, 38 kB at most
)

// A Collector counts the lines of a crawl. The zero Collector is ready for use. It
// is not safe for concurrent use.
type Collector struct {
	pages int
	lines map[uint64]*count
}

// A count is what is known of a line.
type count struct {
	pages  int // that hold it
	edges  int // pages that begin or end with it
	last   int // the page that was counted last
	words  int // in it
	kind   kind
	sample string // as a page has it
}

// Add counts the lines of a page's text, Markdown or plain.
func (c *Collector) Add(text string) {
	if c.lines == nil {
		c.lines = map[uint64]*count{}
	}
	c.pages++
	lines := split(text)
	first, last := bounds(lines)
	for i, l := range lines {
		if l.kind != prose && l.kind != heading {
			continue
		}
		n := c.lines[l.hash]
		if n == nil {
			if len(c.lines) >= maxLines {
				continue
			}
			n = &count{words: l.words, kind: l.kind, sample: sample(l.text)}
			c.lines[l.hash] = n
		}
		if n.last == c.pages {
			continue
		}
		n.last = c.pages
		n.pages++
		if i < first+edgeLines || i > last-edgeLines {
			n.edges++
		}
	}
}

// bounds returns the first and the last line that is not blank, leaving out the
// page's title.
func bounds(lines []line) (first, last int) {
	last = len(lines) - 1
	for first < last && (lines[first].kind == blank || lines[first].kind == heading) {
		first++
	}
	for last > first && lines[last].kind == blank {
		last--
	}
	return first, last
}

// A Repeat is a line that stands on most pages.
type Repeat struct {
	Text  string // the beginning of the line, as one of the pages has it
	Pages int    // that hold it
}

// Repeated returns what stands on most of the pages added, as a set and as a
// report, the most frequent first. Of fewer than [MinPages] pages both are empty.
func (c *Collector) Repeated() (Set, []Repeat) {
	if c.pages < MinPages {
		return Set{}, nil
	}
	set, report := Set{}, []Repeat(nil)
	for _, hash := range c.frequent() {
		n := c.lines[hash]
		set[hash] = n.words < fewWords
		if n.kind != heading { // A heading may well stay everywhere.
			report = append(report, Repeat{Text: n.sample, Pages: n.pages})
		}
	}
	slices.SortFunc(report, func(a, b Repeat) int {
		return cmp.Or(cmp.Compare(b.Pages, a.Pages), cmp.Compare(a.Text, b.Text))
	})
	return set, report
}

// frequent returns the lines that stand on most pages, the most frequent first,
// and no more of them than may be.
func (c *Collector) frequent() []uint64 {
	least := minShare * float64(c.pages)
	var hashes []uint64
	for hash, n := range c.lines {
		often := float64(n.pages) > least
		atEdge := float64(n.edges) > least
		if !often || n.kind == prose && n.words < fewWords && !atEdge {
			continue
		}
		hashes = append(hashes, hash)
	}
	slices.SortFunc(hashes, func(a, b uint64) int {
		return cmp.Or(cmp.Compare(c.lines[b].pages, c.lines[a].pages), cmp.Compare(a, b))
	})
	return hashes[:min(len(hashes), maxSet)]
}

// sample returns the beginning of a line.
func sample(s string) string {
	if len(s) <= maxSample {
		return s
	}
	end := maxSample
	for end > 0 && s[end]&0xc0 == 0x80 {
		end--
	}
	return s[:end] + "…"
}
