package ingest_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
)

func TestGoldenSites(t *testing.T) {
	files, err := filepath.Glob("testdata/sites/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sites: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			w, start, want := openSite(t, file)
			store, e := &watchedStore{}, newEmbedder()
			in := newCrawler(t, ingest.Config{Opener: store, Embedder: e})
			first := mustIngest(t, in, start)
			if diff := cmp.Diff(want, rows(t, w, store)); diff != "" {
				t.Errorf("manifest (-want +got):\n%s", diff)
			}
			w.mu.Lock()
			for p, n := range w.asks {
				if n > 1 {
					t.Errorf("%s was asked for %d times", p, n)
				}
			}
			w.mu.Unlock()
			if first.Pages != first.Indexed+first.Skipped || first.Indexed != countRows(want, "indexed") {
				t.Errorf("report = %+v, want it to agree with\n%s", first, strings.Join(want, "\n"))
			}

			w.counts()
			texts := e.texts.Load()
			store.changes = nil
			second := mustIngest(t, in, start)
			full, not := w.counts()
			if second.Unchanged != first.Indexed || second.Indexed != 0 || second.Skipped != first.Skipped || second.Pages != first.Pages || second.Chunks != first.Chunks {
				t.Errorf("second report = %+v, want all of %+v unchanged", second, first)
			}
			if e.texts.Load() != texts || not != first.Pages || full > not {
				t.Errorf("the second run embedded %d texts, with %d answers 200 and %d 304", e.texts.Load()-texts, full, not)
			}
			if len(store.changes) != 1 || store.changes[0].Page.Decision != "crawl" {
				t.Errorf("the second run wrote %+v, want the row of the crawl alone", store.changes)
			}
			if diff := cmp.Diff(want, rows(t, w, store)); diff != "" {
				t.Errorf("manifest after the second run (-want +got):\n%s", diff)
			}
		})
	}
}

// countRows counts the rows with a decision.
func countRows(rows []string, decision string) int {
	n := 0
	for _, r := range rows {
		if strings.Contains(r+" ", " "+decision+" ") {
			n++
		}
	}
	return n
}

// kettles returns a small site of pages that differ.
func kettles(t testing.TB) *web {
	w := newWeb(t)
	w.set("/docs/index.html", page("Docs", "All of it.", "a.html", "b.html", "c.html"))
	w.set("/docs/a.html", page("A", "The text of A.", "d.html"))
	w.set("/docs/b.html", page("B", "The text of B."))
	w.set("/docs/c.html", page("C", "The text of C."))
	w.set("/docs/d.html", page("D", "The text of D."))
	return w
}

// steps are changes of a site, and the rows and counts that the run after each
// gives. The same rows must come of a first run.
type step struct {
	name   string
	change func(w *web)
	want   []string
	report func(r ingest.Report) bool
}

func runSteps(t *testing.T, w *web, config func(*ingest.Config), steps []step) {
	t.Helper()
	store := &watchedStore{}
	c := ingest.Config{Opener: store, Embedder: newEmbedder()}
	config(&c)
	in := newCrawler(t, c)
	mustIngest(t, in, w.url+"/docs/")
	for _, s := range steps {
		s.change(w)
		report := mustIngest(t, in, w.url+"/docs/")
		got := rows(t, w, store)
		if diff := cmp.Diff(s.want, got); diff != "" {
			t.Errorf("%s: manifest (-want +got):\n%s", s.name, diff)
		}
		if !s.report(report) {
			t.Errorf("%s: report = %+v", s.name, report)
		}
		fresh := &watchedStore{}
		c.Opener = fresh
		mustIngest(t, newCrawler(t, c), w.url+"/docs/")
		if diff := cmp.Diff(rows(t, w, fresh), got); diff != "" && s.want != nil {
			t.Errorf("%s: manifest (-first run +later run):\n%s", s.name, diff)
		}
		_, freshChunks := contents(t, in, fresh)
		_, chunks := contents(t, in, store)
		if diff := cmp.Diff(freshChunks, chunks); diff != "" {
			t.Errorf("%s: chunks (-first run +later run):\n%s", s.name, diff)
		}
	}
}

func TestPagesChangeTheirDecision(t *testing.T) {
	all := []string{"/docs/ indexed", "/docs/a.html indexed", "/docs/b.html indexed", "/docs/c.html indexed", "/docs/d.html indexed"}
	with := func(changed ...string) []string {
		rows := slices.Clone(all)
		for _, c := range changed {
			for i, r := range rows {
				if strings.HasPrefix(c, strings.Fields(r)[0]+" ") {
					rows[i] = c
				}
			}
		}
		return rows
	}
	runSteps(t, kettles(t), func(*ingest.Config) {}, []step{
		{"nothing", func(*web) {}, all, func(r ingest.Report) bool { return r.Unchanged == 5 && r.Pages == 5 }},
		{"a duplicate of a page with a longer address", func(w *web) {
			w.set("/docs/index.html", page("Docs", "All of it.", "a.html", "b.html", "c.html", "e"))
			w.set("/docs/e", page("C", "The text of C."))
		}, append(with("/docs/c.html duplicate same text as /docs/e"), "/docs/e indexed"),
			func(r ingest.Report) bool {
				return r.Pages == 6 && r.Skipped == 1 && r.Indexed == 1 && r.Unchanged == 4
			}},
		{"again", func(*web) {}, append(with("/docs/c.html duplicate same text as /docs/e"), "/docs/e indexed"),
			func(r ingest.Report) bool {
				return r.Pages == 6 && r.Skipped == 1 && r.Unchanged == 5 && r.Embedded == 0
			}},
		{"the page that was kept says something else", func(w *web) { w.set("/docs/e", page("E", "The text of E.")) },
			append(slices.Clone(all), "/docs/e indexed"),
			func(r ingest.Report) bool {
				return r.Pages == 6 && r.Indexed == 2 && r.Unchanged == 4 && r.Embedded == 2
			}},
		{"noindex", func(w *web) {
			w.set("/docs/b.html", strings.Replace(page("B", "The text of B."), "<head>", `<head><meta name="robots" content="noindex">`, 1))
		}, append(with("/docs/b.html noindex meta robots: noindex"), "/docs/e indexed"),
			func(r ingest.Report) bool {
				return r.Skipped == 1 && r.SkippedByReason["noindex"] == 1 && r.Unchanged == 5
			}},
		{"no text", func(w *web) { w.set("/docs/e", "<html><title>E</title></html>") },
			append(with("/docs/b.html noindex meta robots: noindex"), "/docs/e no text"),
			func(r ingest.Report) bool { return r.Skipped == 2 && r.Unchanged == 4 }},
		{"back", func(w *web) {
			w.set("/docs/b.html", page("B", "The text of B."))
			w.set("/docs/e", page("E", "The text of E."))
		}, append(slices.Clone(all), "/docs/e indexed"),
			func(r ingest.Report) bool { return r.Skipped == 0 && r.Indexed == 2 && r.Unchanged == 4 }},
		{"gone", func(w *web) {
			w.set("/docs/e", "")
			w.set("/docs/index.html", page("Docs", "All of it.", "a.html", "b.html", "c.html"))
		}, all, func(r ingest.Report) bool {
			return r.Pruned == 1 && len(r.PrunedURLs) == 1 && strings.HasSuffix(r.PrunedURLs[0], "/docs/e") && r.Failed == 0
		}},
	})
}
