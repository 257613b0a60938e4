package document

import (
	"fmt"
	"regexp"
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

// A Chunk is a chunk of a document, and the text that it is embedded by.
type Chunk struct {
	index.Chunk
	// Heading is embedded before Body: the last heading of the section, or
	// the title of the page if there is none. The whole path would outweigh the
	// text: it made a chunk that only mentions a subject nearer to the question
	// than the one that defines it.
	Heading string
	// Body is the text without the targets of its links, which say nothing and
	// fill the embedder's input.
	Body string
}

// Embedded returns the text that the chunk is embedded and keyed by.
func (c Chunk) Embedded() string {
	if c.Heading == "" {
		return c.Body
	}
	return c.Heading + "\n\n" + c.Body
}

// chunksOf returns the chunks of a page's text. Each is a copy of common with its
// own columns set.
func chunksOf(page extract.Page, o chunker.Options, common index.Chunk) []Chunk {
	headings := make([]chunker.Heading, len(page.Headings))
	for i, h := range page.Headings {
		headings[i] = chunker.Heading{Level: h.Level, Text: cut(h.Text, maxHeadingRunes), Anchor: h.Anchor, Start: h.StartRune}
	}
	hidden := lint.Hidden(page.HiddenText)
	seen := map[string]int{} // equal embedded texts
	var chunks []Chunk
	for i, part := range chunker.SplitDocument(page.Text, headings, o) {
		c := Chunk{Chunk: common, Heading: page.Title, Body: withoutLinkTargets(part.Text)}
		if n := len(part.Section); n > 0 {
			c.Heading = part.Section[n-1]
		}
		if part.Prefix != "" {
			c.Body = withoutLinkTargets(part.Prefix) + "\n" + c.Body
		}
		c.Section, c.Anchor, c.Text = strings.Join(part.Section, sectionMark), part.Anchor, part.Text
		c.Anchors = anchorsIn(page.Headings, part.Start, part.End)
		if len(page.Breaks) > 0 {
			c.Anchor, c.Anchors = breaksIn(page.Breaks, part.Start, part.End)
		}
		c.Ordinal, c.Start, c.End, c.Flags = i, part.Start, part.End, flags(part.Text, hidden)
		embedded := c.Embedded()
		c.ID = index.ChunkID(c.URL, embedded, seen[embedded])
		seen[embedded]++
		chunks = append(chunks, c)
	}
	return chunks
}

// anchorsIn returns the anchors of the headings that begin within [start, end); see
// [index.Chunk].
func anchorsIn(headings []extract.Heading, start, end int) string {
	var all strings.Builder
	for _, h := range headings {
		if start <= h.StartRune && h.StartRune < end {
			if strings.Contains(h.Anchor, " ") {
				h.Anchor = "" // HTML allows no spaces
			}
			all.WriteString(h.Anchor + " ")
		}
	}
	if all.Len() > maxAnchorsBytes {
		return ""
	}
	return all.String()
}

// breaksIn returns the anchor of the page that holds start, and those of all pages that hold text of
// [start, end), each with its offset; see [index.Chunk].
func breaksIn(breaks []extract.Break, start, end int) (first, all string) {
	for i, b := range breaks {
		switch {
		case b.StartRune >= end:
		case i+1 < len(breaks) && breaks[i+1].StartRune <= start:
		default:
			if first == "" {
				first = b.Anchor
			}
			all += fmt.Sprintf("%s@%d ", b.Anchor, b.StartRune)
		}
	}
	return first, all
}

// maxAnchorsBytes is more than the headings of a chunk need; a text of more is left
// out.
const maxAnchorsBytes = 8000

// target matches the target of a Markdown link, with the parentheses around it.
var target = regexp.MustCompile(`^\((?:https?://|/|#|mailto:)(?:[^()\s]|\([^()\s]*\))*(?:\s+"[^"]*")?\)`)

// withoutLinkTargets returns a text whose links and images are replaced by what they
// show.
func withoutLinkTargets(text string) string {
	var b strings.Builder
	written := 0 // bytes of text
	for at := 0; ; {
		i := strings.Index(text[at:], "](")
		if i < 0 {
			break
		}
		shut := at + i
		at = shut + 1
		open := strings.LastIndexAny(text[written:shut], "[]")
		if open < 0 || text[written+open] == ']' {
			continue
		}
		end := target.FindStringIndex(text[shut+1:])
		if end == nil {
			continue
		}
		open += written
		before := open
		if before > written && text[before-1] == '!' {
			before--
		}
		b.WriteString(text[written:before])
		b.WriteString(text[open+1 : shut])
		at = shut + 1 + end[1]
		written = at
	}
	if written == 0 {
		return text
	}
	b.WriteString(text[written:])
	return b.String()
}

// flags returns what the lint finds in the text of a chunk. hidden says that the
// page hides text that is aimed at a model.
func flags(text string, hidden bool) string {
	found := lint.Flags(text)
	if hidden && !slices.Contains(found, lint.FlagHidden) {
		found = append(found, lint.FlagHidden)
		slices.Sort(found)
	}
	return strings.Join(found, ",")
}

// Flags returns the flags of all chunks of the document, with commas between.
func (d Document) Flags() string {
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
