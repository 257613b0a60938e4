// Package boilerplate finds the lines that most pages of a site repeat, and takes
// them out of their text.
//
// Call [Collector.Add] for each page, [Collector.Repeated] for the lines that
// repeat, and [Set.Strip] for each page's text. A line is a paragraph or an item of
// a list. Lines are compared without the addresses of their links and without
// case, but with their numbers: they may be the one thing that differs.
//
//   - Code and tables are never taken out, and no line of a site of fewer than
//     [MinPages] pages.
//   - A heading is taken out only with all text below it.
//   - A line of a few words, such as "Parameters:", is taken out only where it
//     begins or ends a page: elsewhere it belongs to the text around it.
//   - A page stays as it is if nothing would be left.
//
// A crawl that writes pages as they come knows only at its end what repeats. So it
// waits for the first [Learn] pages, takes the set from them, and stores the set
// with the index (see [Set.MarshalText]): a later run begins with this set, so that
// the same page gives the same text again.
package boilerplate

import (
	"cmp"
	"slices"
)

// Sizes, by hand (2026-11-22).
const (
	MinPages  = 8   // of fewer pages nothing is taken out
	Learn     = 64  // pages that a crawl learns from
	minShare  = 0.5 // of the pages must have a line
	fewWords  = 5   // a line with fewer is a label
	edgeLines = 4   // at the beginning or the end of a page
	maxLines  = 1 << 18
	maxSample = 160  // bytes of a line in a report
	maxSet    = 2000 // lines: at most 38 kB when stored
)

// A Collector counts the lines of a crawl. The zero Collector is ready for use. It
// is not safe for concurrent use.
type Collector struct {
	pages int
	lines map[uint64]*count
}

// A count tells how often a line stands on the pages so far.
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

// A Repeat is a line that most pages have.
type Repeat struct {
	Text  string // the beginning of the line, as one of the pages has it
	Pages int    // that have it
}

// Repeated returns the lines that most of the added pages have, as a set and as a
// report, the most frequent first. With fewer than [MinPages] pages both are empty.
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

// frequent returns the hashes of the lines that most pages have, the most frequent
// first, at most maxSet.
func (c *Collector) frequent() []uint64 {
	minPages := minShare * float64(c.pages)
	var hashes []uint64
	for hash, n := range c.lines {
		often := float64(n.pages) > minPages
		atEdge := float64(n.edges) > minPages
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
