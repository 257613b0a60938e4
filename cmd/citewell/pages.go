package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/retrieve/index"
)

// A pageRow is one page in the output of pages --json.
type pageRow struct {
	URL            string    `json:"url"`
	Title          string    `json:"title"`
	Source         string    `json:"source"`
	Decision       string    `json:"decision"`
	Reason         string    `json:"reason"`
	Status         int       `json:"status"` // of HTTP; 0 for a file
	Chunks         int       `json:"chunks"`
	Characters     int       `json:"characters"`
	ContentHash    string    `json:"content_hash"`
	Canonical      string    `json:"canonical"`
	DiscoveredFrom string    `json:"discovered_from"`
	ETag           string    `json:"etag"`
	LastModified   string    `json:"last_modified"`
	CrawledAt      time.Time `json:"crawled_at"`
	Lang           string    `json:"lang"`
	Version        string    `json:"version"`
}

// columns names the fields of pages --csv, in order.
var columns = []string{"url", "title", "source", "decision", "reason", "status", "chunks", "characters", "content_hash", "canonical",
	"discovered_from", "etag", "last_modified", "crawled_at", "lang", "version"}

func (p pageRow) fields() []string {
	return []string{p.URL, p.Title, p.Source, p.Decision, p.Reason, strconv.Itoa(p.Status), strconv.Itoa(p.Chunks), strconv.Itoa(p.Characters),
		p.ContentHash, p.Canonical, p.DiscoveredFrom, p.ETag, p.LastModified, p.CrawledAt.UTC().Format(time.RFC3339), p.Lang, p.Version}
}

func rowOf(p index.Page) pageRow {
	return pageRow{p.URL, p.Title, p.Source, p.Decision, p.Reason, p.Status, p.Chunks, p.TextRunes, p.ContentHash, p.Canonical,
		p.DiscoveredFrom, p.ETag, p.LastModified, p.CrawledAt, p.Lang, p.Version}
}

// decisions are the values of --decision.
var decisions = []string{index.DecisionIndexed, index.DecisionNoindex, index.DecisionDuplicate, index.DecisionNoText,
	index.DecisionScript, index.DecisionType, index.DecisionFailed}

// pagesFlags registers filters and output formats of the list of pages.
func pagesFlags(f *pflag.FlagSet, c *config) {
	filterFlags(f, c)
	f.StringVar(&c.decision, "decision", "", "only pages with this decision: "+strings.Join(decisions, ", "))
	tableFlags(f, c)
}

// pages lists the pages of the index.
func (a *app) pages(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	filter := a.filter()
	var rows []pageRow
	err = store.EachPage(ctx, func(p index.Page) error {
		if filter.Match(index.Chunk{Source: p.Source, URL: p.URL, Lang: p.Lang, Version: p.Version, AlsoIn: p.AlsoIn}) && (a.decision == "" || a.decision == p.Decision) {
			rows = append(rows, rowOf(p))
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(rows, func(x, y pageRow) int { return strings.Compare(x.URL, y.URL) })
	return a.printPages(rows)
}

func (a *app) printPages(rows []pageRow) error {
	switch {
	case a.json:
		return a.eachJSON(len(rows), func(i int) any { return rows[i] })
	case a.csv:
		w := csv.NewWriter(a.out)
		records := [][]string{columns}
		for _, r := range rows {
			records = append(records, r.fields())
		}
		return w.WriteAll(records)
	}
	if len(rows) == 0 {
		a.say("no page matches")
		return nil
	}
	table := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	out := errWriter{w: table}
	out.printf("DECISION\tCHUNKS\tCRAWLED\tURL\tTITLE OR REASON\n")
	for _, r := range rows {
		note := r.Title
		if r.Decision != index.DecisionIndexed {
			note = r.Reason
		}
		out.printf("%s\t%d\t%s\t%s\t%s\n", r.Decision, r.Chunks, r.CrawledAt.Format("2006-01-02 15:04"), r.URL, oneLine(note))
	}
	if err := errors.Join(out.err, table.Flush()); err != nil {
		return err
	}
	a.printDecisionCounts(rows)
	return nil
}

// printDecisionCounts prints the number of pages of each decision.
func (a *app) printDecisionCounts(rows []pageRow) {
	count := map[string]int{}
	for _, r := range rows {
		count[r.Decision]++
	}
	var parts []string
	for _, d := range decisions {
		if count[d] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[d], d))
		}
	}
	a.say("%d pages: %s", len(rows), strings.Join(parts, ", "))
}
