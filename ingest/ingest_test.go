package ingest_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/retrieve/index"
)

// ignoreRunning ignores what differs from run to run.
var ignoreRunning = cmpopts.IgnoreFields(ingest.Report{}, "Seconds", "Sites")

func TestIngestStoresPages(t *testing.T) {
	s := newSite(t)
	store, e := &watchedStore{}, newEmbedder()
	in := newIngester(t, ingest.Config{Opener: store, Embedder: e, Chunking: chunker.Options{SizeRunes: 120, OverlapRunes: 20}})
	report := mustIngest(t, in, s.urls("/docs/", "/docs/brewing.html", "/docs/app.html")...)
	want := ingest.Report{
		Pages: 3, Indexed: 2, Skipped: 1, SkippedByReason: map[string]int{"needs script": 1}, Chunks: 5, Embedded: 5,
		NotIndexed: []ingest.PageNote{{URL: s.url + "/docs/app.html", Decision: index.DecisionScript, Note: "the page has no text of its own: it needs JavaScript"}},
	}
	if diff := cmp.Diff(want, report, ignoreRunning); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	pages, chunks := contents(t, in, store)
	if len(pages) != 3 || pages[s.url+"/docs/"].Chunks != 2 || pages[s.url+"/docs/"].Status != 200 {
		t.Errorf("manifest = %+v, want three pages", pages)
	}
	type row struct{ Title, Section, Anchor, Text string }
	var got []row
	for _, c := range chunks {
		got = append(got, row{c.Title, c.Section, c.Anchor, c.Text})
		if c.Source != strings.TrimPrefix(s.url, "http://") || c.Lang != "en" || c.ContentHash == "" {
			t.Errorf("chunk = %+v, want its source, language and hash", c)
		}
	}
	wantRows := []row{
		{"Kettle", "Kettle", "kettle", "# Kettle\n\nKettle is a timer for people who forget their tea. It rings, then it rings louder.\n\n## Install"},
		{"Kettle", "Kettle > Install", "install", "## Install\n\nOne command is enough:\n\n```sh\nbrew install kettle\n```"},
		{"Brewing", "Brewing", "", "# Brewing\n\nEvery kind of tea has its own time and its own heat.\n\n## Times"},
		{"Brewing", "Brewing > Times", "times", "## Times\n\n| Tea | Minutes | Heat |\n|---|---|---|\n| Sencha | 2 | 70 °C |\n| Assam | 4 | 95 °C |\n\n### Cold brew"},
		{"Brewing", "Brewing > Times > Cold brew", "cold", "### Cold brew\n\nCold brew takes a night in the fridge and does not ring at all."},
	}
	if diff := cmp.Diff(wantRows, got); diff != "" {
		t.Errorf("chunks (-want +got):\n%s", diff)
	}
	if want := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC); !chunks[4].Modified.Equal(want) {
		t.Errorf("modified = %v, want %v", chunks[4].Modified, want)
	}
	if store.commits != 1 {
		t.Errorf("%d commits, want 1", store.commits)
	}
}

func TestSecondRunChangesNothing(t *testing.T) {
	s := newSite(t)
	store, e := &watchedStore{}, newEmbedder()
	in := newIngester(t, ingest.Config{Opener: store, Embedder: e})
	targets := s.urls("/docs/", "/docs/brewing.html", "/docs/faq.html")
	first := mustIngest(t, in, targets...)
	texts := e.texts.Load()
	store.changes = nil
	second := mustIngest(t, in, targets...)
	want := ingest.Report{Pages: 3, Unchanged: 3, Chunks: first.Chunks, SkippedByReason: map[string]int{}}
	if diff := cmp.Diff(want, second, ignoreRunning); diff != "" {
		t.Errorf("second report (-want +got):\n%s", diff)
	}
	if e.texts.Load() != texts || len(store.changes) != 0 {
		t.Errorf("the second run embedded %d texts and wrote %+v, want neither", e.texts.Load()-texts, store.changes)
	}
}

// paragraphs returns a page of numbered sections.
func paragraphs(first, last int) string {
	var b strings.Builder
	fmt.Fprint(&b, "<html lang=en><title>Numbers</title><main><h1>Numbers</h1>")
	for i := first; i <= last; i++ {
		fmt.Fprintf(&b, "<h2 id=n%d>Number %d</h2><p>%s</p>", i, i,
			strings.Repeat(fmt.Sprintf("The number %d is followed by %d. ", i, i+1), 40))
	}
	return b.String() + "</main>"
}

func TestChangedPageIsUpdated(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after string
		maxEmbedded   int
	}{
		{"shrinks", paragraphs(1, 20), paragraphs(1, 3), 1},
		{"paragraph at the top", paragraphs(10, 40),
			strings.Replace(paragraphs(10, 40), "<h2", "<p>A word first.</p><h2", 1), 2},
		{"section at the end", paragraphs(1, 20), paragraphs(1, 21), 2},
		{"other anchors", paragraphs(1, 5), strings.ReplaceAll(paragraphs(1, 5), "id=n", "id=number-"), 0},
		{"other language", paragraphs(1, 5), strings.Replace(paragraphs(1, 5), "lang=en", "lang=de", 1), 0},
		{"rewritten", paragraphs(1, 3), paragraphs(4, 5), 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			store, e := &watchedStore{}, newEmbedder()
			in := newIngester(t, ingest.Config{Opener: store, Embedder: e})
			s.set("/numbers", tt.before)
			mustIngest(t, in, s.url+"/numbers")
			s.set("/numbers", tt.after)
			report := mustIngest(t, in, s.url+"/numbers")
			if report.Indexed != 1 || report.Embedded > tt.maxEmbedded {
				t.Errorf("report = %+v, want 1 page indexed and at most %d chunks embedded", report, tt.maxEmbedded)
			}
			fresh := &watchedStore{}
			in2 := newIngester(t, ingest.Config{Opener: fresh, Embedder: newEmbedder()})
			mustIngest(t, in2, s.url+"/numbers")
			wantPages, wantChunks := contents(t, in2, fresh)
			gotPages, gotChunks := contents(t, in, store)
			if diff := cmp.Diff(wantPages, gotPages); diff != "" {
				t.Errorf("manifest (-fresh +updated):\n%s", diff)
			}
			if diff := cmp.Diff(wantChunks, gotChunks); diff != "" {
				t.Errorf("chunks (-fresh +updated):\n%s", diff)
			}
		})
	}
}

func TestDocumentsAreReadOnce(t *testing.T) {
	s := newSite(t)
	store := &watchedStore{}
	in := newIngester(t, ingest.Config{Opener: store, Embedder: newEmbedder()})
	report := mustIngest(t, in, s.urls("/docs/", "/docs/", "/docs/#install", "/old")...)
	if report.Pages != 1 || report.Indexed != 1 || report.Chunks != 1 || s.calls["/docs/"] != 2 {
		t.Errorf("report = %+v after %d requests, want one page, asked for directly and by the redirect", report, s.calls["/docs/"])
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "manual")
	write(t, dir, map[string]string{
		"index.html":   "<title>Start</title><p>Begin here.",
		"sub/guide.md": "---\ntitle: The guide\nlang: fr\n---\nBonjour.\n\n## Un peu plus\n\nPlus.",
		"notes.txt":    "Plain notes.",
	})
	for _, tt := range []struct {
		name, base, source string
		wantURLs           []string
		wantSource         string
	}{
		{"with a base", "https://docs.example.com/m", "",
			[]string{"https://docs.example.com/m/", "https://docs.example.com/m/notes.txt", "https://docs.example.com/m/sub/guide.md"}, "docs.example.com"},
		{"without", "", "", []string{dir + "/index.html", dir + "/notes.txt", dir + "/sub/guide.md"}, "manual"},
		{"named", "", "the manual", []string{dir + "/index.html", dir + "/notes.txt", dir + "/sub/guide.md"}, "the manual"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := &watchedStore{}
			in := newIngester(t, ingest.Config{Opener: store, Embedder: newEmbedder(), BaseURL: tt.base, Crawl: crawl.Options{Source: tt.source}})
			mustIngest(t, in, dir)
			_, chunks := contents(t, in, store)
			var urls []string
			for _, c := range chunks {
				urls = append(urls, c.URL)
				if c.Source != tt.wantSource {
					t.Errorf("source of %s = %q, want %q", c.URL, c.Source, tt.wantSource)
				}
			}
			if diff := cmp.Diff(tt.wantURLs, urls); diff != "" {
				t.Errorf("URLs (-want +got):\n%s", diff)
			}
			guide := chunks[2]
			if guide.Title != "The guide" || guide.Lang != "fr" || !strings.HasPrefix(guide.Text, "Bonjour.") {
				t.Errorf("guide = %+v, want its front matter read and left out", guide)
			}
		})
	}
}

func TestRebuild(t *testing.T) {
	s := newSite(t)
	store, e := &watchedStore{}, newEmbedder()
	targets := s.urls("/docs/", "/docs/faq.html")
	mustIngest(t, newIngester(t, ingest.Config{Opener: store, Embedder: e}), targets...)

	other := newIngester(t, ingest.Config{Opener: store, Embedder: e, Metric: "COSINE", PruneAll: true}) // which leaves a page out
	if _, err := other.Ingest(t.Context(), targets[:1], false); !errors.Is(err, index.ErrMismatch) {
		t.Fatalf("Ingest with another metric = %v, want ErrMismatch", err)
	}
	texts := e.texts.Load()
	report, err := other.Ingest(t.Context(), targets[:1], true)
	if err != nil {
		t.Fatal(err)
	}
	if report.Indexed != 1 || report.Embedded != 0 || e.texts.Load() != texts {
		t.Errorf("report of the rebuild = %+v, want the stored vectors used again", report)
	}
	pages, _ := contents(t, other, store)
	if _, old := pages[targets[1]]; len(pages) != 1 || old {
		t.Errorf("pages after the rebuild = %v, want only the page named", pages)
	}
}

func TestPreviewShowsWhatIsStored(t *testing.T) {
	s := newSite(t)
	store := &watchedStore{}
	c := ingest.Config{Opener: store, Embedder: newEmbedder(), Chunking: chunker.Options{SizeRunes: 80, OverlapRunes: 30}}
	in := newIngester(t, c)
	targets := s.urls("/docs/", "/docs/brewing.html")
	mustIngest(t, in, targets...)
	_, stored := contents(t, in, store)

	preview := newIngester(t, ingest.Config{Chunking: c.Chunking}) // needs neither store nor embedder
	var shown []index.Chunk
	for d, err := range preview.Preview(t.Context(), append(targets, s.url+"/missing")) {
		if err != nil {
			if !strings.Contains(err.Error(), "404") {
				t.Errorf("error = %v, want 404", err)
			}
			continue
		}
		runes := []rune(d.Text)
		for i, c := range d.Chunks {
			if string(runes[c.Start:c.End]) != c.Text {
				t.Errorf("chunk %d is %q, not [%d, %d) of the page", i, c.Text, c.Start, c.End)
			}
			if want := index.ChunkID(c.URL, c.Embedded(), 0); c.ID != want {
				t.Errorf("chunk %d has ID %s, want %s", i, c.ID, want)
			}
			c.CrawledAt = time.Time{}
			shown = append(shown, c.Chunk)
		}
	}
	if diff := cmp.Diff(stored, shown, cmpopts.SortSlices(func(a, b index.Chunk) bool { return a.ID < b.ID })); diff != "" {
		t.Errorf("chunks (-stored +shown):\n%s", diff)
	}
	for _, err := range preview.Preview(t.Context(), []string{"no/such/file"}) {
		if err == nil || !strings.Contains(err.Error(), "no such file") {
			t.Errorf("error = %v, want no such file", err)
		}
	}
	if _, err := preview.Ingest(t.Context(), targets, false); err == nil {
		t.Error("Ingest without a store succeeds")
	}
}

func TestProgress(t *testing.T) {
	s := newSite(t)
	var last ingest.Progress
	in := newIngester(t, ingest.Config{
		Opener: &watchedStore{}, Embedder: newEmbedder(),
		Progress: func(p ingest.Progress) { last = p }, // the race detector holds it to one goroutine
	})
	mustIngest(t, in, s.urls("/docs/", "/docs/brewing.html", "/missing")...)
	want := ingest.Progress{Found: 3, Fetched: 2, Embedded: 2, ToEmbed: 2, Stored: 2, Failed: 1, Elapsed: last.Elapsed, PerSecond: last.PerSecond}
	if last != want || last.Elapsed <= 0 || last.PerSecond <= 0 {
		t.Errorf("last progress = %+v, want %+v", last, want)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    ingest.Config
		want string
	}{
		{"chunks", ingest.Config{Chunking: chunker.Options{SizeRunes: 100}}, "overlap 200 is not smaller than size 100"},
		{"large chunks", ingest.Config{Chunking: chunker.Options{SizeRunes: 20_000}}, "more than 16383 characters"},
		{"selector", ingest.Config{Extract: extract.Options{Selectors: []string{"p["}}}, `selector "p[" is not CSS`},
		{"base", ingest.Config{BaseURL: "docs.example.com"}, "not an http or https address"},
		{"source", ingest.Config{Crawl: crawl.Options{Source: `a"b`}}, "can't have"},
		{"concurrency", ingest.Config{Concurrency: -1}, "concurrency -1 is negative"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ingest.New(tt.c); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, want %q", err, tt.want)
			}
		})
	}
	in := newIngester(t, ingest.Config{Opener: &watchedStore{}, Embedder: embedtest.Words{Name: "x/y"}})
	if fp, err := in.Fingerprint(); err != nil || fp.Dim != 384 || fp.Chunker != "recursive 2000/200 markdown" || fp.Metric != "L2" {
		t.Errorf("Fingerprint = %+v, %v", fp, err)
	}
}
