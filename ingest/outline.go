package ingest

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/ingest/extract"
)

// maxHeadingRunes is the most that is kept of one heading of a section: the
// section is embedded with every chunk, and must leave room for it.
const maxHeadingRunes = 120

// sectionMark stands between the headings of a section's path.
const sectionMark = " > "

// An outline tells the section of every place in a page.
type outline struct {
	starts   []int // rune offsets, in increasing order
	sections []string
	anchors  []string
}

// newOutline joins each heading with those above it.
func newOutline(headings []extract.Heading) outline {
	var o outline
	var open []extract.Heading
	for _, h := range headings {
		for len(open) > 0 && open[len(open)-1].Level >= h.Level {
			open = open[:len(open)-1]
		}
		open = append(open, h)
		names := make([]string, len(open))
		for i, p := range open {
			names[i] = cut(p.Text, maxHeadingRunes)
		}
		o.starts = append(o.starts, h.StartRune)
		o.sections = append(o.sections, strings.Join(names, sectionMark))
		o.anchors = append(o.anchors, h.Anchor)
	}
	return o
}

// at returns the section and the anchor in effect at a rune offset.
func (o outline) at(offset int) (section, anchor string) {
	i := sort.SearchInts(o.starts, offset+1) - 1
	if i < 0 {
		return "", ""
	}
	return o.sections[i], o.anchors[i]
}

// cut returns the first n runes of s.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
