package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/retrieve/index"
)

func TestBadInputIsSaidAndNothingStored(t *testing.T) {
	s := newSite(t)
	s.set("/large", strings.Repeat("<p>large</p>", 100_000))
	s.set("/empty", "")
	for _, tt := range []struct{ name, target, want string }{
		{"404", s.url + "/missing", "the server answers 404"},
		{"archive", s.url + "/file.zip", "application/zip"},
		{"empty", s.url + "/empty", "the page has no text"},
		{"needs JavaScript", s.url + "/docs/app.html", "it needs JavaScript"},
		{"redirect loop", s.url + "/loop", "form a loop"},
		{"too large", s.url + "/large", "larger than the limit of 1048576 bytes"},
		{"closed port", "http://127.0.0.1:1/", "nothing listens on 127.0.0.1:1"},
		{"scheme", "ftp://example.com/x", "only http and https"},
		{"no file", "docs/none", "there is no such file or folder"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := &watchedStore{}
			in := newIngester(t, ingest.Config{Opener: store, Embedder: newEmbedder()})
			_, err := in.Ingest(t.Context(), []string{tt.target}, false)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Ingest(%s) = %v, want one line with %q", tt.target, err, tt.want)
			}
			if _, err := store.Fingerprint(t.Context()); !errors.Is(err, index.ErrNoIndex) {
				t.Errorf("after Ingest(%s) there is an index (%v)", tt.target, err)
			}
		})
	}
}

func TestNothingToIndex(t *testing.T) {
	s := newSite(t)
	in := newIngester(t, ingest.Config{Opener: &watchedStore{}, Embedder: newEmbedder()})
	for _, tt := range []struct {
		name    string
		targets []string
		want    string
	}{
		{"no target", nil, "no document was named"},
		{"two", s.urls("/a", "/b"), "2 pages failed, the first with: fetch " + s.url + "/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := in.Ingest(t.Context(), tt.targets, false); !errors.Is(err, ingest.ErrNothing) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Ingest(%q) = %v, want ErrNothing with %q", tt.targets, err, tt.want)
			}
		})
	}
}

func TestEmptyRebuildKeepsTheIndex(t *testing.T) {
	s := newSite(t)
	store := &watchedStore{}
	in := newIngester(t, ingest.Config{Opener: store, Embedder: newEmbedder()})
	mustIngest(t, in, s.url+"/docs/")
	if _, err := in.Ingest(t.Context(), s.urls("/missing"), true); !errors.Is(err, ingest.ErrNothing) {
		t.Errorf("rebuild of nothing = %v, want ErrNothing", err)
	}
	if pages, _ := contents(t, in, store); len(pages) != 1 {
		t.Errorf("pages = %v, want the old one", pages)
	}
}

func TestFailedPageDoesNotStopTheOthers(t *testing.T) {
	s := newSite(t)
	store := &watchedStore{}
	in := newIngester(t, ingest.Config{Opener: store, Embedder: newEmbedder()})
	report := mustIngest(t, in, s.urls("/missing", "/docs/", "/loop", "/docs/faq.html")...)
	if report.Failed != 2 || report.Indexed != 2 || report.Pages != 2 || len(report.Errors) != 2 {
		t.Errorf("report = %+v, want 2 failed and 2 indexed", report)
	}
	for _, e := range report.Errors {
		if strings.HasPrefix(e.Error, "crawl: ") {
			t.Errorf("the error of %s names a package: %s", e.URL, e.Error)
		}
	}
	if pages, _ := contents(t, in, store); len(pages) != 2 {
		t.Errorf("%d pages stored, want 2", len(pages))
	}
}

func TestFailingPartsStopTheRun(t *testing.T) {
	boom := errors.New("boom")
	for _, tt := range []struct {
		name   string
		change func(*ingest.Config, *watchedStore)
		want   error
	}{
		{"embedder", func(c *ingest.Config, _ *watchedStore) {
			c.Embedder = embedtest.Failing{Embedder: embedtest.Words{}, Err: boom}
		}, boom},
		{"store", func(_ *ingest.Config, s *watchedStore) { s.putErr = index.ErrUnavailable }, index.ErrUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			store := &watchedStore{}
			c := ingest.Config{Opener: store, Embedder: newEmbedder()}
			tt.change(&c, store)
			in := newIngester(t, c)
			if _, err := in.Ingest(t.Context(), s.urls("/docs/", "/docs/faq.html"), false); !errors.Is(err, tt.want) {
				t.Errorf("Ingest = %v, want %v", err, tt.want)
			}
			if store.commits != 0 || len(store.changes) != 0 {
				t.Errorf("%d commits, changes %+v; want none", store.commits, store.changes)
			}
		})
	}
}

func TestCanceledRunRecordsWholePagesOnly(t *testing.T) {
	s := newSite(t)
	var paths []string
	for i := range 200 {
		path := fmt.Sprintf("/page%d", i)
		s.set(path, strings.ReplaceAll(paragraphs(i, i+3), "Numbers", fmt.Sprint("Page ", i)))
		paths = append(paths, path)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	store, e := &watchedStore{}, newEmbedder()
	e.before = func(ctx context.Context, call int64) error {
		if call < 4 {
			return nil
		}
		cancel() // in the middle of the run
		<-ctx.Done()
		return ctx.Err()
	}
	in := newIngester(t, ingest.Config{Opener: store, Embedder: e})
	if _, err := in.Ingest(ctx, s.urls(paths...), false); !errors.Is(err, context.Canceled) {
		t.Fatalf("Ingest = %v, want context.Canceled", err)
	}
	if store.commits != 0 {
		t.Error("the canceled run was committed")
	}
	for _, c := range store.changes {
		if c.Page.Chunks != len(c.Insert) {
			t.Errorf("page %s is recorded with %d chunks, %d written", c.Page.URL, c.Page.Chunks, len(c.Insert))
		}
	}
	// The next run finishes the job.
	e.before = nil
	stored := len(store.changes)
	report := mustIngest(t, in, s.urls(paths...)...)
	if report.Unchanged != stored || report.Unchanged+report.Indexed != len(paths) {
		t.Errorf("report = %+v, want %d unchanged of %d", report, stored, len(paths))
	}
}
func TestReportJSON(t *testing.T) {
	in := newIngester(t, ingest.Config{Opener: &watchedStore{}, Embedder: newEmbedder()})
	report, _ := in.Ingest(t.Context(), []string{"no/such/file"}, false)
	report.Seconds = 0.5
	got, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"pages":0,"indexed":0,"unchanged":0,"skipped":0,"skipped_by_reason":{},"failed":0,"pruned":0,"chunks":0,"embedded":0,"seconds":0.5}`
	if string(got) != want {
		t.Errorf("report = %s, want %s", got, want)
	}
}

// TestPreviewNeedsScript checks that Preview refuses the pages that a run does not
// index because a browser has to run their script.
func TestPreviewNeedsScript(t *testing.T) {
	s := newSite(t)
	s.set("/wait", `<html><title>Application</title><body><div id="root"><p>Loading, please wait…</p></div><script src="app.js"></script></body></html>`)
	in := newIngester(t, ingest.Config{})
	for d, err := range in.Preview(t.Context(), s.urls("/docs/app.html", "/wait")) {
		if err == nil || !strings.Contains(err.Error(), "it needs JavaScript") {
			t.Errorf("Preview = %+v, %v, want that it needs JavaScript", d, err)
		}
	}
}
