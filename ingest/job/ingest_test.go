package job_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/job"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// TestIngestion runs real ingestions: one is stopped half way, and the next
// runner ends it.
func TestIngestion(t *testing.T) {
	const pages = 6
	reached, held := make(chan struct{}), make(chan struct{})
	reach := sync.OnceFunc(func() { close(reached) })
	release := sync.OnceFunc(func() { close(held) })
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" || r.URL.Path == "/sitemap.xml" {
			http.NotFound(w, r)
			return
		}
		if r.URL.Path == "/p5" {
			reach()
			select {
			case <-held:
			case <-r.Context().Done():
			}
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<html><title>Page %s</title><main><h1>Page</h1><p>This is what page %s tells its readers about kettles and tea.</p></main></html>", r.URL.Path, r.URL.Path)
	}))
	defer site.Close()
	defer release()

	store := &retrievetest.Oracle{}
	d := openState(t, filepath.Join(t.TempDir(), "state.db"))
	config := job.Config{State: d, New: func(c job.Crawl) (job.Ingester, error) {
		in, err := ingest.New(ingest.Config{Opener: store, Embedder: embedtest.Words{Dim: 64}, Crawl: c.Options, Progress: c.Progress})
		if err != nil {
			return nil, err
		}
		return in, nil
	}}
	first := newRunner(t, config)
	stop := run(t, first)
	q := job.Request{Options: crawl.Options{Source: "tea"}}
	for i := range pages {
		q.Targets = append(q.Targets, fmt.Sprint(site.URL, "/p", i))
	}
	j, err := first.Start(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	<-reached
	stop()
	if j, err := first.Job(t.Context(), j.ID); err != nil || j.State != state.Queued {
		t.Errorf("a job that was stopped = %+v, %v", j, err)
	}
	release()
	second := newRunner(t, config)
	run(t, second)
	if j := end(t, second, j.ID); j.State != state.Done {
		t.Errorf("the job ends as %+v", j)
	}
	stored := 0
	if err := store.EachPage(t.Context(), func(p index.Page) error {
		stored++
		return nil
	}); err != nil || stored != pages {
		t.Errorf("%d pages are stored, %v, want %d", stored, err, pages)
	}
}

// TestRebuildOfLoginPage rebuilds by a job an index whose site now answers every
// address with a login page: the job fails and says why, and the index stays.
func TestRebuildOfLoginPage(t *testing.T) {
	var down atomic.Bool
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt" || r.URL.Path == "/sitemap.xml":
			http.NotFound(w, r)
		case down.Load():
			fmt.Fprint(w, "<html><title>Sign in</title><main><h1>Sign in</h1><p>Please sign in to read this page.</p></main></html>")
		default:
			fmt.Fprintf(w, "<html><title>Page %[1]s</title><main><h1>Page</h1><p>This is page %[1]s.</p><a href=/p1>1</a> <a href=/p2>2</a> <a href=/p3>3</a></main></html>", r.URL.Path)
		}
	}))
	defer site.Close()
	store := &retrievetest.Oracle{}
	r := newRunner(t, job.Config{State: openState(t, filepath.Join(t.TempDir(), "state.db")), New: func(c job.Crawl) (job.Ingester, error) {
		return ingest.New(ingest.Config{Opener: store, Embedder: embedtest.Words{Dim: 64}, Crawl: c.Options, PruneAll: c.PruneAll})
	}})
	run(t, r)
	for _, tt := range []struct {
		q     job.Request
		down  bool
		want  state.JobState
		pages int
	}{
		{job.Request{}, false, state.Done, 4},
		{job.Request{Rebuild: true}, true, state.Failed, 4},
		{job.Request{}, true, state.Failed, 4},
		{job.Request{Rebuild: true, PruneAll: true}, true, state.Done, 1},
	} {
		down.Store(tt.down)
		tt.q.Targets = []string{site.URL + "/"}
		j, err := r.Start(t.Context(), tt.q)
		if err != nil {
			t.Fatal(err)
		}
		j = end(t, r, j.ID)
		if j.State != tt.want || tt.want == state.Failed && (!strings.Contains(j.Error, "login or error page") || !strings.Contains(string(j.Report), "prune_all")) {
			t.Errorf("%+v ends as %s: %s, want %s", tt.q, j.State, j.Error, tt.want)
		}
		n := 0
		if err := store.EachPage(t.Context(), func(index.Page) error { n++; return nil }); err != nil || n != tt.pages {
			t.Errorf("after %+v the index has %d pages, %v, want %d", tt.q, n, err, tt.pages)
		}
	}
}
