package answer

import (
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve"
)

// check looks for the quotes in source n and returns its citation: with the
// first that stands there, else with the first as it is, unverified. If there is
// none, or none that says anything, it has the sentence of the source that is
// nearest to the claim.
func check(n int, hits []retrieve.Hit, quotes []string, claim string) Citation {
	h := hits[n-1]
	t := cite.Parse(h.Text, h.Start > 0)
	told := ""
	for _, q := range quotes {
		for _, q := range []string{strings.TrimSpace(q), unquote(q)} {
			if p, ok := t.Find(q); ok {
				c := cited(n, n-1, hits, p)
				c.Verified, c.By = true, byModel
				return c
			}
		}
		if q = unquote(q); told == "" && cite.Telling(q) {
			told = strings.Join(strings.Fields(q), " ")
		}
	}
	whole := cite.Passage{Text: told, End: len([]rune(h.Text))}
	if told != "" {
		c := cited(n, n-1, hits, whole)
		c.By = byModel
		return c
	}
	p, ok := nearest(claim, h, t)
	if !ok { // a source that shows no sentence
		p = whole
	}
	c := cited(n, n-1, hits, p)
	c.By = byServer
	return c
}

// cited returns the citation of passage p of hits[i]. What else
// was found on that page tells whether the passage stands there but once.
func cited(n, i int, hits []retrieve.Hit, p cite.Passage) Citation {
	h := hits[i]
	var near []*cite.Text
	for k, o := range hits {
		if k != i && o.URL == h.URL {
			near = append(near, cite.Parse(o.Text, o.Start > 0))
		}
	}
	section, anchor := place(h, p)
	return Citation{
		N: n, URL: h.URL, Title: h.Title, Section: section, Quote: p.Text,
		Start: h.Start + p.Start, End: h.Start + p.End, Sentence: p.Around().Text, Link: p.Link(h.URL, anchor, near...),
		Modified: h.Modified, CrawledAt: h.CrawledAt, ChunkID: h.ID, ContentHash: h.ContentHash,
	}
}

// sectionMark stands between the headings of a section's path.
const sectionMark = " > "

// place returns the section that a passage stands in and the anchor that leads
// nearest to it. Those of a chunk are of its beginning: a heading inside of it
// begins another section, whose anchor is not known.
func place(h retrieve.Hit, p cite.Passage) (section, anchor string) {
	type part struct {
		level int
		text  string
	}
	var path []part
	if h.Section != "" {
		for i, s := range strings.Split(h.Section, sectionMark) {
			path = append(path, part{i + 1, s})
		}
	}
	anchor = h.Anchor
	for _, title := range p.Titles() {
		last := len(path) - 1
		if title.First && last >= 0 {
			path[last].level = title.Level // the chunk begins with its own heading
			continue
		}
		path = slices.DeleteFunc(path, func(o part) bool { return o.level >= title.Level })
		path = append(path, part{title.Level, title.Text})
		anchor = ""
	}
	names := make([]string, len(path))
	for i, o := range path {
		names[i] = o.text
	}
	return strings.Join(names, sectionMark), anchor
}
