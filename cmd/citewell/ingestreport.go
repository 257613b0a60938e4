package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/folder"
)

// Numbers of lines of one kind in a report. With --json there are more.
const (
	maxLines    = 20
	maxNotes    = 3 // many pages often share one kind of note
	maxRepeated = 5
)

// printReport prints a summary of each site, the pages that are not in the index,
// then the totals.
func (a *app) printReport(r ingest.Report) error {
	for _, s := range r.Sites {
		a.say("%s", siteLine(s))
	}
	a.sayLeftOut(r.LeftOut)
	sayEach(a, r.NotIndexed, maxLines, r.Skipped+r.WrongType, func(n ingest.PageNote) string { return fmt.Sprintf("not indexed: %s: %s", n.URL, n.Note) })
	sayEach(a, r.Notes, maxNotes, 0, func(n ingest.PageNote) string { return fmt.Sprintf("note: %s: %s", n.URL, n.Note) })
	sayEach(a, r.PrunedURLs, maxLines, r.Pruned, func(u string) string { return "removed: " + u })
	sayEach(a, r.KeptPages, maxLines, r.Kept, func(n ingest.PageNote) string { return fmt.Sprintf("kept unchanged: %s: %s", n.URL, n.Note) })
	sayEach(a, r.FlaggedPages, maxLines, r.Flagged, func(f ingest.PageFlags) string {
		return fmt.Sprintf("flagged: %s: %s", f.URL, strings.ReplaceAll(f.Flags, ",", ", "))
	})
	sayEach(a, r.Repeated, maxRepeated, 0, func(l ingest.Repeated) string { return fmt.Sprintf("left out of %d pages: %s", l.Pages, l.Text) })
	sayEach(a, r.Errors, maxLines, r.Failed, func(e ingest.PageError) string { return "failed: " + e.String() })
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

// sayLeftOut prints a line for each kind of files that are not read; those that are no
// documents share one.
func (a *app) sayLeftOut(kinds []folder.LeftOut) {
	var others []string
	for _, k := range kinds {
		if k.Reason == folder.NoDocuments {
			others = append(others, fmt.Sprintf("%d %s", k.Files, k.Kind))
			continue
		}
		a.say("left out: %d %s, such as %s: %s", k.Files, k.Kind, k.Example, k.Reason)
	}
	if len(others) > 0 {
		a.say("left out: %s: %s", strings.Join(others, ", "), folder.NoDocuments)
	}
}

// sayEach prints a line for each of the first items, then the number of the rest.
// The total may be larger than the number of items.
func sayEach[T any](a *app, items []T, most, total int, line func(T) string) {
	for i, item := range items {
		if i == most {
			a.say("… and %d more (see --json)", max(total, len(items))-i)
			return
		}
		a.say("%s", line(item))
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

// siteLine summarises the crawl of a site.
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
		parts = append(parts, "links to other hosts, not crawled: "+strings.Join(slices.Sorted(maps.Keys(s.ForeignHosts)), ", "))
	}
	if s.Cut {
		parts = append(parts, "stopped at --max-pages")
	}
	return s.Start + ": " + strings.Join(parts, "; ")
}
