package ingest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/ingest/folder"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/index"
)

// A tally counts what a run does. It is safe for concurrent use.
type tally struct {
	mu       sync.Mutex
	started  time.Time
	progress Progress
	done     Report
	repeated map[uint64]*Repeated // by hash
}

func newTally() *tally {
	return &tally{started: time.Now(), done: Report{SkippedByReason: map[string]int{}}, repeated: map[uint64]*Repeated{}}
}

// found counts documents that are to be read.
func (t *tally) found(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Found += n
}

// fetched counts a document that was read.
func (t *tally) fetched() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Fetched++
}

// failed counts a page that could not be read. kept says that the index keeps its
// old text.
func (t *tally) failed(url string, err error, kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Failed++
	t.done.Failed++
	if len(t.done.Errors) < maxListed {
		t.done.Errors = append(t.done.Errors, PageError{URL: url, Error: problem.Text(line(err.Error()))})
	}
	if kept {
		t.keep(url, "it could not be read")
	}
}

// kept counts a page whose old text the index keeps.
func (t *tally) kept(url, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(url, why)
}

func (t *tally) keep(url, why string) {
	t.done.Kept++
	if len(t.done.KeptPages) < maxListed {
		t.done.KeptPages = append(t.done.KeptPages, PageNote{URL: url, Note: why})
	}
}

// skipped counts a page that is not to be indexed.
func (t *tally) skipped(url, decision, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Skipped++
	if decision == index.DecisionType {
		t.done.WrongType++
	} else {
		t.done.Skipped++
		t.done.SkippedByReason[decision]++
	}
	if len(t.done.NotIndexed) < maxListed {
		t.done.NotIndexed = append(t.done.NotIndexed, PageNote{url, decision, reason})
	}
}

// demoted corrects the counts for a page that was counted as unchanged, or as
// stored, and is a duplicate after all.
func (t *tally) demoted(unchanged bool, chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done.Chunks -= chunks
	if unchanged {
		t.done.Unchanged--
		t.progress.Unchanged--
	} else {
		t.done.Indexed--
		t.progress.Stored--
	}
}

// unchanged counts a page that the index has, with its chunks.
func (t *tally) unchanged(chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Unchanged++
	t.done.Unchanged++
	t.done.Chunks += chunks
}

// toEmbed counts chunks that are to be embedded.
func (t *tally) toEmbed(chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.ToEmbed += chunks
}

// embedded counts chunks that were embedded.
func (t *tally) embedded(chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Embedded += chunks
	t.done.Embedded += chunks
}

// stored counts a page that was written, with its chunks.
func (t *tally) stored(chunks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Stored++
	t.done.Indexed++
	t.done.Chunks += chunks
}

// read counts the repeated lines and the flags of a document.
func (t *tally) read(d document.Document) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, taken := range d.Repeated {
		n, ok := t.repeated[taken.Hash]
		if !ok {
			n = &Repeated{Text: strings.Clone(taken.Text)}
			t.repeated[taken.Hash] = n
		}
		n.Pages++
	}
	if flags := d.Flags(); flags != "" {
		t.done.Flagged++
		if len(t.done.FlaggedPages) < maxListed {
			t.done.FlaggedPages = append(t.done.FlaggedPages, PageFlags{URL: d.Page.URL, Flags: flags})
		}
	}
}

// pruned counts pages that were removed.
func (t *tally) pruned(urls []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done.Pruned += len(urls)
	t.done.PrunedURLs = append(t.done.PrunedURLs, urls[:min(len(urls), maxListed-len(t.done.PrunedURLs))]...)
}

// notes adds notes on a page.
func (t *tally) notes(url string, notes []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range notes {
		if len(t.done.Notes) < maxListed {
			t.done.Notes = append(t.done.Notes, PageNote{URL: url, Note: n})
		}
	}
}

// listed adds the kinds of files in a folder.
func (t *tally) listed(l folder.Listing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done.LeftOut = append(t.done.LeftOut, l.LeftOut...)
	if t.done.Read == nil {
		t.done.Read = map[string]int{}
	}
	for kind, n := range l.Read {
		t.done.Read[kind] += n
	}
}

// warn adds a warning.
func (t *tally) warn(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done.Warnings = append(t.done.Warnings, fmt.Sprintf(format, args...))
}

// crawled adds the report of the crawl of a site.
func (t *tally) crawled(start string, visited int, s crawl.Summary) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done.Warnings = append(t.done.Warnings, s.Warnings...)
	t.done.Sites = append(t.done.Sites, SiteReport{
		Start: start, Visited: visited, NotModified: s.NotModified, Requests: s.Requests, RobotsURL: s.RobotsURL, RobotsStatus: s.RobotsStatus,
		Disallowed: s.Disallowed, DisallowedExamples: s.DisallowedExamples, Sitemaps: s.Sitemaps, SitemapURLs: s.SitemapURLs,
		ForeignHosts: s.ForeignHosts, OutOfScope: s.OutOfScope, Cut: s.Cut,
	})
}

// result returns the report as it stands.
func (t *tally) result() Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.done
	r.SkippedByReason = maps.Clone(r.SkippedByReason)
	r.Warnings, r.Sites, r.Errors = slices.Clone(r.Warnings), slices.Clone(r.Sites), slices.Clone(r.Errors)
	r.NotIndexed, r.Notes, r.PrunedURLs, r.KeptPages = slices.Clone(r.NotIndexed), slices.Clone(r.Notes), slices.Clone(r.PrunedURLs), slices.Clone(r.KeptPages)
	r.Pages = r.Indexed + r.Unchanged + r.Skipped
	for _, n := range t.repeated {
		r.Repeated = append(r.Repeated, *n)
	}
	slices.SortFunc(r.Repeated, func(a, b Repeated) int { return cmp.Or(cmp.Compare(b.Pages, a.Pages), cmp.Compare(a.Text, b.Text)) })
	r.LeftOut, r.Read = slices.Clone(r.LeftOut), maps.Clone(r.Read)
	r.FlaggedPages = slices.Clone(r.FlaggedPages)
	r.Repeated = r.Repeated[:min(len(r.Repeated), maxListed)]
	r.Seconds = time.Since(t.started).Seconds()
	return r
}

// line returns a text on one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }
