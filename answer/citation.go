package answer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/draft"
	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/retrieve"
)

// verify searches source n for the quotes and returns its citation. The first
// quote that is found makes it verified. If none is found, the citation has the
// first quote that is long enough, unverified. Without such a quote it has the
// sentence of the source that is nearest to the claim, chosen by the server. The
// quotes without a number count if they are found.
func verify(n int, sources []*cite.Source, quotes map[int][]string, claim string) Citation {
	src := sources[n-1]
	for _, q := range slices.Concat(quotes[n], quotes[0]) {
		if p, ok := find(q, src); ok {
			c := newCitation(n, n-1, sources, p)
			c.Verified, c.By = true, byModel
			return c
		}
	}
	told := ""
	for _, q := range quotes[n] {
		forms := draft.QuoteForms(q)
		if q = forms[len(forms)-1]; told == "" && cite.IsQuotable(q) {
			told = strings.Join(strings.Fields(q), " ")
		}
	}
	whole := cite.Passage{Text: told, End: len([]rune(src.Text))}
	if told != "" {
		c := newCitation(n, n-1, sources, whole)
		c.By = byModel
		return c
	}
	p, ok := extractive.Nearest(claim, src)
	if !ok { // a source that shows no sentence
		p = whole
	}
	c := newCitation(n, n-1, sources, p)
	c.By = byServer
	return c
}

// newCitation returns the citation of passage p of sources[i]. The other
// sources of that page tell whether the passage occurs only once on it.
func newCitation(n, i int, sources []*cite.Source, p cite.Passage) Citation {
	h := sources[i].Hit
	var near []*cite.Text
	for k, o := range sources {
		if k != i && o.URL == h.URL {
			near = append(near, o.Parsed())
		}
	}
	section, anchor := locate(h, p)
	return Citation{
		N: n, URL: h.URL, Title: h.Title, Section: section, Quote: p.Text,
		Start: h.Start + p.Start, End: h.Start + p.End, Sentence: p.Around().Text, Link: p.Link(h.URL, anchor, near...),
		Modified: h.Modified, CrawledAt: h.CrawledAt, Lang: h.Lang, Version: h.Version, Twins: twinsOf(h), ChunkID: h.ID, ContentHash: h.ContentHash, Passage: h.Text,
	}
}

// pageAnchor returns the anchor of the page that a passage is on; false if its document has no
// pages.
func pageAnchor(h retrieve.Hit, p cite.Passage) (anchor string, ok bool) {
	for part := range strings.FieldsSeq(h.Anchors) {
		name, at, found := strings.Cut(part, "@")
		start, err := strconv.Atoi(at)
		if !found || err != nil {
			return "", false
		}
		if anchor == "" || start <= h.Start+p.Start {
			anchor = name
		}
	}
	return anchor, anchor != ""
}

// sectionMark separates the headings in a section's path.
const sectionMark = " > "

// locate returns the section that holds a passage, and the anchor nearest to
// it. Section and Anchor of a chunk belong to its start: a heading within the chunk
// starts another section.
func locate(h retrieve.Hit, p cite.Passage) (section, anchor string) {
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
	if page, ok := pageAnchor(h, p); ok {
		defer func() { anchor = page }()
	}
	anchors := strings.Split(h.Anchors, " ")
	if len(anchors) != p.Headings()+1 {
		anchors = make([]string, p.Headings()) // unknown
	}
	for i, title := range p.Titles() {
		last := len(path) - 1
		if title.First && last >= 0 {
			path[last].level = title.Level // the chunk begins with its own heading
			continue
		}
		path = slices.DeleteFunc(path, func(o part) bool { return o.level >= title.Level })
		path = append(path, part{title.Level, title.Text})
		anchor = anchors[i]
	}
	names := make([]string, len(path))
	for i, o := range path {
		names[i] = o.text
	}
	return strings.Join(names, sectionMark), anchor
}
