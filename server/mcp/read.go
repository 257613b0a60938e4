package mcp

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/index"
)

// maxBytes is how long a result may be. A token has three bytes at least, in most
// languages and vocabularies, so that these are 20 000 tokens at most: clients cut more.
const maxBytes = 60_000

type readInput struct {
	URL       string `json:"url" jsonschema:"the address of the page; with the anchor of a section, that section is read"`
	Section   string `json:"section,omitempty" jsonschema:"the heading of a section: it is read alone"`
	StartLine int    `json:"start_line,omitempty" jsonschema:"the first line to read, from 1"`
	EndLine   int    `json:"end_line,omitempty" jsonschema:"the last line to read"`
}

type readOutput struct {
	URL       string `json:"url"`
	Title     string `json:"title"`
	StartLine int    `json:"start_line"`
	EndLine   int    `json:"end_line"`
	Lines     int    `json:"lines"` // of the page
	CrawledAt string `json:"crawled_at,omitempty"`
}

func (t tools) read(ctx context.Context, in readInput) (string, readOutput, error) {
	chunks, err := t.page(ctx, in.URL)
	if err != nil {
		return "", readOutput{}, err
	}
	lines := strings.Split(index.PageText(chunks), "\n")
	first, last, err := in.lines(chunks, lines)
	if err != nil {
		return "", readOutput{}, err
	}
	text, shown := excerpt(lines[first-1:last], first)
	c := chunks[0]
	out := readOutput{URL: c.URL, Title: c.Title, StartLine: first, EndLine: shown, Lines: len(lines), CrawledAt: date(c.CrawledAt)}
	return fmt.Sprintf("%s\n%s, lines %d–%d of %d\n\n%s", c.Title, c.URL, first, shown, len(lines), text), out, nil
}

// lines returns the lines to read.
func (in readInput) lines(chunks []index.Chunk, lines []string) (first, last int, err error) {
	first, last = max(in.StartLine, 1), len(lines)
	if in.EndLine > 0 {
		last = min(in.EndLine, last)
	}
	name := in.Section
	if _, anchor, ok := strings.Cut(in.URL, "#"); ok && name == "" && in.StartLine == 0 {
		name = headingOf(chunks, anchor)
	}
	if name != "" {
		from, to, ok := section(lines, name)
		if !ok {
			return 0, 0, &problem.Error{Kind: problem.BadQuery, Message: fmt.Sprintf("the page has no section %q", name), Fix: "take one of: " + strings.Join(texts(headings(lines)), "; ")}
		}
		first, last = from, to
	}
	if first > last {
		return 0, 0, &problem.Error{Kind: problem.BadQuery, Message: fmt.Sprintf("the page has no line %d", first), Fix: fmt.Sprintf("it has %d lines", len(lines))}
	}
	return first, last, nil
}

var headingForm = regexp.MustCompile(`^(#{1,6}) +(.*\S)`)

// A heading is one of a page.
type heading struct {
	line, level int // from 1
	text        string
}

// headings returns the headings of a page.
func headings(lines []string) []heading {
	var all []heading
	inCode := false
	for i, line := range lines {
		if strings.HasPrefix(line, "```") {
			inCode = !inCode
		}
		if m := headingForm.FindStringSubmatch(line); m != nil && !inCode {
			all = append(all, heading{i + 1, len(m[1]), m[2]})
		}
	}
	return all
}

// texts returns the texts of headings.
func texts(all []heading) []string {
	out := make([]string, len(all))
	for i, h := range all {
		out[i] = h.text
	}
	return out
}

// section returns the lines of a section, with those below it.
func section(lines []string, name string) (first, last int, ok bool) {
	all := headings(lines)
	at := slices.IndexFunc(all, func(h heading) bool { return strings.EqualFold(h.text, strings.TrimSpace(name)) })
	if at < 0 {
		return 0, len(lines), false
	}
	for _, h := range all[at+1:] {
		if h.level <= all[at].level {
			return all[at].line, h.line - 1, true
		}
	}
	return all[at].line, len(lines), true
}

// headingOf returns the heading of an anchor, "" if it is not known.
func headingOf(chunks []index.Chunk, anchor string) string {
	for _, c := range chunks {
		found := headings(strings.Split(c.Text, "\n"))
		anchors := strings.Split(strings.TrimSuffix(c.Anchors, " "), " ")
		if len(found) != len(anchors) {
			continue
		}
		if i := slices.Index(anchors, anchor); i >= 0 {
			return found[i].text
		}
	}
	return ""
}

// excerpt returns lines within maxBytes, of which the first has this number on its page,
// and the number of the last one. It says how to get the rest.
func excerpt(lines []string, first int) (text string, last int) {
	size := 0
	for i, line := range lines {
		if size += len(line) + 1; size > maxBytes && i > 0 {
			next := first + i
			return strings.Join(lines[:i], "\n") + fmt.Sprintf("\n\n[The page goes on. Read on with read_page and start_line %d.]", next), next - 1
		}
	}
	text = strings.Join(lines, "\n")
	if len(text) > maxBytes { // one long line
		text = strings.ToValidUTF8(text[:maxBytes], "") + "…\n\n[The line goes on. search finds its passages.]"
	}
	return text, first + len(lines) - 1
}
