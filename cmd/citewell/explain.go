package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/retrieve/index"
)

// explain prints every decision about an address or a question.
func (a *app) explain(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	if arg := args[0]; !strings.HasPrefix(arg, "http://") && !strings.HasPrefix(arg, "https://") {
		return a.explainOther(ctx, arg)
	}
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	c, err := a.ingestConfig()
	if err != nil {
		return err
	}
	c.Opener = store
	in, err := ingest.New(c)
	if err != nil {
		return err
	}
	e, err := in.Explain(ctx, args[0])
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(explained(e))
	}
	return writeExplanation(a.out, explained(e))
}

// An explanationLine is one fact of an explanation.
type explanationLine struct{ name, value string }

// An explanation is the output of explain URL --json.
type explanation struct {
	URL            string           `json:"url"`   // that pages link to
	Cited          string           `json:"cited"` // that it is stored by
	Decision       string           `json:"decision"`
	Reason         string           `json:"reason"`
	Start          string           `json:"start"`
	Crawled        bool             `json:"crawled"` // a crawl from start is recorded
	DiscoveredFrom string           `json:"discovered_from"`
	InScope        bool             `json:"in_scope"`
	Scope          string           `json:"scope"`
	Allowed        bool             `json:"allowed"`
	Robots         string           `json:"robots"`
	RobotsURL      string           `json:"robots_url"`
	RobotsStatus   int              `json:"robots_status"`
	Status         int              `json:"status"`
	ContentType    string           `json:"content_type"`
	Bytes          int              `json:"bytes"`
	Redirected     string           `json:"redirected"`
	Canonical      string           `json:"canonical"`
	Noindex        string           `json:"noindex"`
	Notes          []string         `json:"notes"`
	Title          string           `json:"title"`
	Lang           string           `json:"lang"`
	Characters     int              `json:"characters"`
	ContentHash    string           `json:"content_hash"`
	Content        string           `json:"content"`  // why this part of the page is its text
	LeftOut        []string         `json:"left_out"` // lines that most pages of the site repeat
	Chunks         []explainedChunk `json:"chunks"`
	Stored         *pageRow         `json:"stored"`
	StoredChunks   int              `json:"stored_chunks"`
	Changed        bool             `json:"changed"` // since the last crawl
}

type explainedChunk struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Anchor  string `json:"anchor"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Flags   string `json:"flags"`
	Stored  bool   `json:"stored"`
}

func explained(e ingest.Explanation) explanation {
	c := e.Crawl
	x := explanation{
		URL: c.URL, Cited: e.Cited, Decision: e.Decision(), Reason: e.Refused, Start: e.Start, Crawled: e.Crawled, InScope: c.InScope, Scope: c.Scope,
		Allowed: c.Allowed, Robots: c.Robots, RobotsURL: c.RobotsURL, RobotsStatus: c.RobotsStatus, StoredChunks: len(e.Chunks),
	}
	if v := c.Visit; v != nil {
		x.Status, x.ContentType, x.Bytes = v.Response.Status, v.Response.ContentType, len(v.Response.Body)
		x.Canonical, x.Noindex, x.Notes = v.Canonical, v.NoIndex, v.Notes
		if v.URL != v.Asked {
			x.Redirected = v.URL
		}
	}
	if e.Stored != nil {
		row := rowOf(*e.Stored)
		x.Stored, x.DiscoveredFrom = &row, row.DiscoveredFrom
		if x.Reason == "" && x.Decision == row.Decision {
			x.Reason = row.Reason
		}
	}
	if e.Page != nil {
		p := e.Page
		x.Title, x.Content, x.Characters, x.ContentHash = p.Title, p.Content, p.Page.TextRunes, p.Page.ContentHash
		x.Changed = e.Stored != nil && e.Stored.ContentHash != x.ContentHash
		for _, l := range p.Repeated {
			x.LeftOut = append(x.LeftOut, l.Text)
		}
		stored := map[string]bool{}
		for _, s := range e.Chunks {
			stored[s.ID] = true
		}
		for _, s := range p.Chunks {
			x.Lang = s.Lang
			x.Chunks = append(x.Chunks, explainedChunk{s.ID, s.Section, s.Anchor, s.Start, s.End, s.Flags, stored[s.ID]})
		}
	}
	return x
}

// lines returns an explanation as text.
func (x explanation) lines() []explanationLine {
	yes := func(b bool, yes, no string) string {
		if b {
			return yes
		}
		return no
	}
	out := []explanationLine{
		{"decision", strings.TrimSuffix(x.Decision+": "+oneLine(x.Reason), ": ")},
	}
	if x.Start != "" { // it is an address
		out = append(out, x.crawlLines(yes)...)
	}
	for _, n := range x.Notes {
		out = append(out, explanationLine{"note", n})
	}
	if x.Characters > 0 {
		out = append(out, explanationLine{"text", fmt.Sprintf("%d characters, %q, language %s, SHA-256 %s", x.Characters, x.Title, yes(x.Lang != "", x.Lang, "unknown"), x.ContentHash)})
	}
	if x.Content != "" {
		out = append(out, explanationLine{"content", x.Content})
	}
	for _, l := range x.LeftOut {
		out = append(out, explanationLine{"left out", l + " (most pages of the site repeat it)"})
	}
	if x.Stored == nil {
		return append(out, explanationLine{"in the index", "no"})
	}
	s := x.Stored
	out = append(out, explanationLine{"in the index", fmt.Sprintf("%s, %d chunks, crawled %s, SHA-256 %s%s", s.Decision, s.Chunks, s.CrawledAt.Format(time.RFC3339),
		s.ContentHash, yes(x.Changed, ", changed since", ""))})
	return out
}

// crawlLines returns the decisions of a crawl as text.
func (x explanation) crawlLines(yes func(b bool, yes, no string) string) []explanationLine {
	return []explanationLine{
		{"start of the crawl", x.Start + yes(x.Crawled, "", " (not crawled yet)")},
		{"discovered from", yes(x.DiscoveredFrom != "", x.DiscoveredFrom, "-")},
		{"scope", yes(x.InScope, "inside: ", "outside: ") + x.Scope},
		{"robots.txt", fmt.Sprintf("%s: %s (%s answers %d)", yes(x.Allowed, "allowed", "forbidden"), x.Robots, x.RobotsURL, x.RobotsStatus)},
		{"status", yes(x.Status != 0, fmt.Sprintf("%d %s, %d bytes", x.Status, x.ContentType, x.Bytes), "-")},
		{"redirected to", yes(x.Redirected != "", x.Redirected, "-")},
		{"canonical", yes(x.Canonical != "", x.Canonical, "-")},
		{"noindex", yes(x.Noindex != "", x.Noindex, "-")},
	}
}

func writeExplanation(w io.Writer, x explanation) error {
	out := errWriter{w: w}
	out.printf("%s\n", x.URL)
	if x.Cited != x.URL {
		out.printf("  %-20s %s\n", "cited as", x.Cited)
	}
	for _, l := range x.lines() {
		out.printf("  %-20s %s\n", l.name, l.value)
	}
	for i, c := range x.Chunks {
		mark := "new"
		if c.Stored {
			mark = "stored"
		}
		flags := ""
		if c.Flags != "" {
			flags = "  flagged: " + c.Flags
		}
		out.printf("  %-20s %s\n", fmt.Sprintf("chunk %d", i), strings.TrimRight(fmt.Sprintf("[%d, %d) %s %s #%s", c.Start, c.End, mark, c.Section, c.Anchor), " #")+flags)
	}
	return out.err
}

// explainStored prints what the index holds of a page that a crawl can't visit,
// such as a file.
func (a *app) explainStored(ctx context.Context, p *parts, page index.Page) error {
	chunks, err := p.store.ChunksOf(ctx, page.URL)
	if err != nil {
		return err
	}
	row := rowOf(page)
	x := explanation{URL: page.URL, Cited: page.URL, Decision: page.Decision, Reason: page.Reason, Title: page.Title, Characters: page.TextRunes,
		ContentHash: page.ContentHash, Stored: &row, StoredChunks: len(chunks)}
	for _, c := range chunks {
		x.Lang = c.Lang
		x.Chunks = append(x.Chunks, explainedChunk{c.ID, c.Section, c.Anchor, c.Start, c.End, c.Flags, true})
	}
	if a.json {
		return a.printJSON(x)
	}
	return writeExplanation(a.out, x)
}
