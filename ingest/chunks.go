package ingest

import (
	"slices"
	"strings"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/ingest/lint"
	"github.com/citewell/citewell/retrieve/index"
)

// maxHeadingRunes is the most that is kept of one heading of a section: it is
// embedded with every chunk, and must leave room for it.
const maxHeadingRunes = 120

// sectionMark stands between the headings of a section's path.
const sectionMark = " > "

// chunking returns the options that a page is split by: plain text has no
// structure to go by.
func (in *Ingester) chunking() chunker.Options {
	o := in.config.Chunking
	if in.config.Extract.Format == extract.Plain {
		o.Kind = chunker.Recursive
	}
	return o
}

// split adds the chunks of a page's text. What they have in common is in like.
func (d *Document) split(page extract.Page, o chunker.Options, like index.Chunk) {
	headings := make([]chunker.Heading, len(page.Headings))
	for i, h := range page.Headings {
		headings[i] = chunker.Heading{Level: h.Level, Text: cut(h.Text, maxHeadingRunes), Anchor: h.Anchor, Start: h.StartRune}
	}
	hidden := lint.Hidden(page.HiddenText)
	seen := map[string]int{} // equal embedded texts
	for i, part := range chunker.SplitDocument(page.Text, headings, o) {
		heading := page.Title
		if n := len(part.Section); n > 0 {
			heading = part.Section[n-1]
		}
		text := body(part.Text)
		if part.Prefix != "" {
			text = body(part.Prefix) + "\n" + text
		}
		d.Headings, d.Bodies = append(d.Headings, heading), append(d.Bodies, text)
		c := like
		c.Section, c.Anchor, c.Text = strings.Join(part.Section, sectionMark), part.Anchor, part.Text
		c.Ordinal, c.Start, c.End, c.Flags = i, part.Start, part.End, flags(part.Text, hidden)
		embedded := d.Embedded(i)
		c.ID = index.ChunkID(c.URL, embedded, seen[embedded])
		seen[embedded]++
		d.Chunks = append(d.Chunks, c)
	}
}

// flags returns what the lint finds in a chunk, of a page that hides text aimed
// at a model or does not.
func flags(text string, hidden bool) string {
	found := lint.Flags(text)
	if hidden && !slices.Contains(found, lint.FlagHidden) {
		found = append(found, lint.FlagHidden)
		slices.Sort(found)
	}
	return strings.Join(found, ",")
}

// flags returns the flags of all chunks of a document.
func (d Document) flags() string {
	var all []string
	for _, c := range d.Chunks {
		if c.Flags != "" {
			all = append(all, strings.Split(c.Flags, ",")...)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// cut returns the first n runes of s.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
