package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/folder"
)

// printReport prints a summary of each site, the pages that are not in the index,
// then the totals.
func (a *app) printReport(r ingest.Report) error {
	for _, s := range r.Sites {
		a.say("%s", siteLine(s))
	}
	a.sayFiles(r)
	sayKinds(a, "not indexed", r.NotIndexed, r.Skipped+r.WrongType, func(n ingest.PageNote) (kind, url, note string) { return n.Decision, n.URL, n.Note })
	sayKinds(a, "note", r.Notes, 0, func(n ingest.PageNote) (kind, url, note string) { return kindOf(n.Note), n.URL, n.Note })
	sayKinds(a, "removed", r.PrunedURLs, r.Pruned, func(u string) (kind, url, note string) { return "", u, u })
	sayKinds(a, "kept unchanged", r.KeptPages, r.Kept, func(n ingest.PageNote) (kind, url, note string) { return n.Note, n.URL, n.Note })
	sayKinds(a, "flagged", r.FlaggedPages, r.Flagged, func(f ingest.PageFlags) (kind, url, note string) {
		return f.Flags, f.URL, strings.ReplaceAll(f.Flags, ",", ", ")
	})
	a.sayRepeated(r.Repeated)
	sayKinds(a, "failed", r.Errors, r.Failed, func(e ingest.PageError) (kind, url, note string) {
		return kindOf(strings.ReplaceAll(e.Error, e.URL, "")), e.URL, e.Error
	})
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

// sayFiles prints which kinds of files were read, and a line for each kind that was
// not; those that are no documents share one.
func (a *app) sayFiles(r ingest.Report) {
	if len(r.Read) > 0 {
		a.say("read: %s", counts(r.Read))
	}
	var others []string
	for _, k := range r.LeftOut {
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

// maxKinds is the number of lines of one heading in a report.
const maxKinds = 8

// number matches what differs between notes of one kind: numbers and addresses.
var number = regexp.MustCompile(`https?://\S+|[0-9]+`)

// kindOf returns a note without what differs from page to page.
func kindOf(note string) string { return number.ReplaceAllString(note, "#") }

// sayKinds prints one line for each kind of the items: how many pages there are, and one of
// them. The total may be larger than the number of items, which are in the JSON.
func sayKinds[T any](a *app, heading string, items []T, total int, of func(T) (kind, url, note string)) {
	counts, first := map[string]int{}, []int{}
	for i, item := range items {
		kind, _, _ := of(item)
		if counts[kind]++; counts[kind] == 1 {
			first = append(first, i)
		}
	}
	for n, i := range first {
		if n == maxKinds {
			a.say("%s: … and %d more kinds (see --json)", heading, len(first)-n)
			break
		}
		kind, url, note := of(items[i])
		text := note
		if !strings.Contains(note, url) {
			text = strings.TrimSuffix(url+": "+note, ": ")
		}
		if counts[kind] > 1 {
			text += fmt.Sprintf(" (and %d more)", counts[kind]-1)
		}
		a.say("%s: %s", heading, text)
	}
	if total > len(items) {
		a.say("%s: %d pages in all", heading, total)
	}
}

// sayRepeated says what most pages repeat.
func (a *app) sayRepeated(lines []ingest.Repeated) {
	if len(lines) > 0 {
		a.say("left out: %d lines that most pages repeat, such as, on %d pages: %s", len(lines), lines[0].Pages, lines[0].Text)
	}
}

func reasons(byReason map[string]int) string {
	if len(byReason) == 0 {
		return ""
	}
	return " (" + counts(byReason) + ")"
}

// counts returns numbers with their names, such as "3 .html, 12 .md".
func counts(byName map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		parts = append(parts, fmt.Sprintf("%d %s", byName[name], cmp.Or(name, "without extension")))
	}
	return strings.Join(parts, ", ")
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
