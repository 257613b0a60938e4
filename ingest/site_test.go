package ingest_test

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// A site is a web server whose pages can change.
type site struct {
	url   string
	mu    sync.Mutex
	pages map[string]string // by path
	calls map[string]int    // requests, by path
}

// newSite serves testdata/site.txtar.
func newSite(t testing.TB) *site {
	t.Helper()
	archive, err := txtar.ParseFile("../testdata/site.txtar")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{pages: map[string]string{}, calls: map[string]int{}}
	for _, f := range archive.Files {
		s.pages[f.Name] = string(f.Data)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[r.URL.Path]++
	switch r.URL.Path {
	case "/old":
		http.Redirect(w, r, "/docs/", http.StatusMovedPermanently)
	case "/loop":
		http.Redirect(w, r, "/loop", http.StatusFound)
	case "/file.zip":
		w.Header().Set("Content-Type", "application/zip")
	default:
		body, ok := s.pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(body))
	}
}

// set changes a page.
func (s *site) set(path, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = body
}

// urls returns addresses on the site.
func (s *site) urls(paths ...string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = s.url + p
	}
	return out
}

// A countingEmbedder counts the texts it embeds and calls before, if set, at each
// call.
type countingEmbedder struct {
	embed.Embedder
	texts  atomic.Int64
	before func(ctx context.Context, call int64) error
	calls  atomic.Int64
}

func newEmbedder() *countingEmbedder {
	return &countingEmbedder{Embedder: embedtest.Words{Dim: 64}}
}

func (e *countingEmbedder) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	call := e.calls.Add(1)
	if e.before != nil {
		if err := e.before(ctx, call); err != nil {
			return nil, err
		}
	}
	e.texts.Add(int64(len(texts)))
	return e.Embedder.Embed(ctx, texts, kind)
}

// A watchedStore is an Oracle that records what is written to it.
type watchedStore struct {
	retrievetest.Oracle
	mu      sync.Mutex
	changes []index.Change
	commits int
	putErr  error
}

func (s *watchedStore) Begin(ctx context.Context, fp index.Fingerprint, rebuild bool) (index.Run, error) {
	run, err := s.Oracle.Begin(ctx, fp, rebuild)
	if err != nil {
		return nil, err
	}
	return &watchedRun{run, s}, nil
}

type watchedRun struct {
	index.Run
	store *watchedStore
}

func (r *watchedRun) Put(ctx context.Context, changes []index.Change) error {
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	if r.store.putErr != nil {
		return r.store.putErr
	}
	r.store.changes = append(r.store.changes, changes...)
	return r.Run.Put(ctx, changes)
}

func (r *watchedRun) Commit(ctx context.Context) error {
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	r.store.commits++
	return r.Run.Commit(ctx)
}

// newIngester returns an Ingester of the pages named alone.
func newIngester(t testing.TB, c ingest.Config) *ingest.Ingester {
	t.Helper()
	c.Crawl.MaxDepth = new(0)
	return newCrawler(t, c)
}

// newCrawler returns an Ingester of sites, with quick retries.
func newCrawler(t testing.TB, c ingest.Config) *ingest.Ingester {
	t.Helper()
	if c.Crawl.Rate == 0 {
		c.Crawl.Rate = 1e6
	}
	c.Fetch = crawl.Config{AllowPrivate: true, RetryWait: time.Millisecond, MaxBodyBytes: 1 << 20}
	in, err := ingest.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// mustIngest runs an ingestion that must succeed.
func mustIngest(t *testing.T, in *ingest.Ingester, targets ...string) ingest.Report {
	t.Helper()
	report, err := in.Ingest(t.Context(), targets, false)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// contents returns all that an index holds: the manifest, and the chunks with their
// texts, by URL and ordinal. Times of visits are left out.
func contents(t *testing.T, in *ingest.Ingester, store index.Opener) (map[string]index.Page, []index.Chunk) {
	t.Helper()
	fp, err := in.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	run, err := store.Begin(t.Context(), fp, false)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close(t.Context())
	pages, err := run.Pages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for u, p := range pages {
		p.CrawledAt = time.Time{}
		pages[u] = p
	}
	chunks, err := retrievetest.AllChunks(t.Context(), store, fp.Dim)
	if err != nil {
		t.Fatal(err)
	}
	for i := range chunks {
		chunks[i].CrawledAt = time.Time{}
	}
	slices.SortFunc(chunks, func(a, b index.Chunk) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	return pages, chunks
}

// write writes files.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, body := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
