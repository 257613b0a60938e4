package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest"
)

// How many pages of one kind a report names; --json names more.
const (
	maxLines    = 20
	maxNotes    = 3 // of a kind that many pages often share
	maxRepeated = 5
)

// printReport tells of each site and of each page that is not in the index, then
// what was done.
func (a *app) printReport(r ingest.Report) error {
	for _, s := range r.Sites {
		a.say("%s", siteLine(s))
	}
	var lines []string
	for _, n := range r.NotIndexed {
		lines = append(lines, fmt.Sprintf("not indexed: %s: %s", n.URL, n.Note))
	}
	a.sayLines(lines, maxLines, r.Skipped+r.WrongType)
	lines = nil
	for _, n := range r.Notes {
		lines = append(lines, fmt.Sprintf("note: %s: %s", n.URL, n.Note))
	}
	a.sayLines(lines, maxNotes, len(lines))
	lines = nil
	for _, u := range r.PrunedURLs {
		lines = append(lines, "removed: "+u)
	}
	a.sayLines(lines, maxLines, r.Pruned)
	lines = nil
	for _, n := range r.KeptPages {
		lines = append(lines, fmt.Sprintf("kept as it was: %s: %s", n.URL, n.Note))
	}
	a.sayLines(lines, maxLines, r.Kept)
	lines = nil
	for _, f := range r.FlaggedPages {
		lines = append(lines, fmt.Sprintf("flagged: %s: %s", f.URL, strings.ReplaceAll(f.Flags, ",", ", ")))
	}
	a.sayLines(lines, maxLines, r.Flagged)
	lines = nil
	for _, l := range r.Repeated {
		lines = append(lines, fmt.Sprintf("left out of %d pages: %s", l.Pages, l.Text))
	}
	a.sayLines(lines, maxRepeated, len(lines))
	lines = nil
	for _, e := range r.Errors {
		lines = append(lines, "failed: "+e.String())
	}
	a.sayLines(lines, maxLines, r.Failed)
	for _, w := range r.Warnings {
		a.say("warning: %s", w)
	}
	if a.json {
		return a.printJSON(r)
	}
	_, err := fmt.Fprintf(a.out, "%d pages: %d indexed, %d unchanged, %d skipped%s; %d failed; %d removed; %d chunks, %d embedded, in %.1f s\n",
		r.Pages, r.Indexed, r.Unchanged, r.Skipped, reasons(r.SkippedByReason), r.Failed, r.Pruned, r.Chunks, r.Embedded, r.Seconds)
	return err
}

// sayLines prints the first lines of so many.
func (a *app) sayLines(lines []string, most, total int) {
	for i, l := range lines {
		if i == most {
			a.say("… and %d more, which --json names", max(total, len(lines))-i)
			return
		}
		a.say("%s", l)
	}
}

func reasons(counts map[string]int) string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[reason], reason))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// siteLine tells how the crawl of a site went.
func siteLine(s ingest.SiteReport) string {
	parts := []string{fmt.Sprintf("%d pages visited with %d requests", s.Visited, s.Requests)}
	if s.NotModified > 0 {
		parts = append(parts, fmt.Sprintf("%d not modified", s.NotModified))
	}
	if s.RobotsURL != "" {
		switch {
		case s.RobotsStatus == 0:
			parts = append(parts, "no robots.txt could be read")
		case s.RobotsStatus >= 400:
			parts = append(parts, fmt.Sprintf("no robots.txt (%d)", s.RobotsStatus))
		default:
			parts = append(parts, "robots.txt obeyed")
		}
	}
	if len(s.Sitemaps) > 0 {
		parts = append(parts, fmt.Sprintf("%d addresses from %s", s.SitemapURLs, strings.Join(s.Sitemaps, ", ")))
	}
	if s.Disallowed > 0 {
		parts = append(parts, fmt.Sprintf("%d addresses forbidden by robots.txt (%s)", s.Disallowed, strings.Join(s.DisallowedExamples, "; ")))
	}
	if s.OutOfScope > 0 {
		parts = append(parts, fmt.Sprintf("%d addresses out of scope", s.OutOfScope))
	}
	if len(s.ForeignHosts) > 0 {
		parts = append(parts, "other hosts named and not asked: "+strings.Join(slices.Sorted(maps.Keys(s.ForeignHosts)), ", "))
	}
	if s.Cut {
		parts = append(parts, "cut short by --max-pages")
	}
	return s.Start + ": " + strings.Join(parts, "; ")
}
