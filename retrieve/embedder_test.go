package retrieve_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// faultyService returns an embedder whose service answers with h.
func faultyService(t *testing.T, h http.HandlerFunc) *provider.Service {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that the client goes away
		h(w, r)
	}))
	t.Cleanup(srv.Close)
	e, err := provider.New(t.Context(), provider.Config{BaseURL: srv.URL, Model: "text-embedding-3-small"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// libraryOfModel returns the shelf as an index that the model has made.
func libraryOfModel(t *testing.T, e embed.Embedder) *retrievetest.Oracle {
	t.Helper()
	o := &retrievetest.Oracle{}
	print := fp
	print.Model, print.Analyser = e.Model(), bm25.Analyser
	run, err := o.Begin(t.Context(), print, false)
	if err != nil {
		t.Fatal(err)
	}
	c := index.Change{Page: index.Page{URL: "u"}}
	for text := range shelf {
		c.Insert = append(c.Insert, index.Record{Chunk: index.Chunk{ID: index.ChunkID("u", text, 0), URL: "u", Text: text},
			Windows: []embed.Vector{{1, 0}}, Terms: bm25.Document(text, "")})
	}
	if err := errors.Join(run.Put(t.Context(), []index.Change{c}), run.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestEmbedderFails checks what a search does if the embedding service fails in any
// way: a hybrid search finds words only and says so, with the evidence of a search
// for words, and a dense search fails in time.
func TestEmbedderFails(t *testing.T) {
	status := func(code int, header, value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				w.Header().Set(header, value)
			}
			w.WriteHeader(code)
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"hangs after the header": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"closes":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"500":          status(http.StatusInternalServerError, "", ""),
		"rate limit":   status(http.StatusTooManyRequests, "Retry-After", "30"),
		"wrong key":    status(http.StatusUnauthorized, "", ""),
		"not a list":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":"x"}`)) },
		"no vector":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":[]}`)) },
		"a login page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>Sign in</html>`)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := faultyService(t, h)
			const limit = 500 * time.Millisecond
			r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: libraryOfModel(t, e), EmbedTimeout: limit})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			q := retrieve.Query{Text: "Which key opens the oak door?", K: 3}
			got, err := r.Retrieve(t.Context(), q)
			if err != nil || got.Mode != retrieve.Sparse || got.Notice == "" || len(got.Hits) == 0 {
				t.Fatalf("a hybrid search = %+v, %v, want words only and a notice", got, err)
			}
			q.Mode = retrieve.Sparse
			words, err := r.Retrieve(t.Context(), q)
			if err != nil || got.Evidence != words.Evidence || texts(got.Hits) != texts(words.Hits) || words.Notice != "" {
				t.Errorf("without vectors, evidence is %v and found is %q; want %v, %q as by words (%v)", got.Evidence, texts(got.Hits), words.Evidence, texts(words.Hits), err)
			}
			q.Mode = retrieve.Dense
			if _, err := r.Retrieve(t.Context(), q); !errors.Is(err, retrieve.ErrEmbedder) || problem.Of(err).Status != http.StatusServiceUnavailable {
				t.Errorf("a dense search = %v (%+v), want ErrEmbedder, 503", err, problem.Of(err))
			}
			if d := time.Since(start); d > time.Minute {
				t.Errorf("two searches took %v; each may wait for %v", d, limit)
			}
		})
	}
}

// TestRequireVectors checks that a measurement is not made by words alone.
func TestRequireVectors(t *testing.T) {
	e := &embedder{model: "test/2", err: errors.New("broken")}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: library(t, shelf), RequireVectors: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Retrieve(t.Context(), retrieve.Query{Text: "oak"}); !errors.Is(err, retrieve.ErrEmbedder) {
		t.Errorf("Retrieve() = %+v, %v, want ErrEmbedder", got, err)
	}
	if _, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: library(t, shelf), EmbedTimeout: -1}); err == nil {
		t.Error("New with a negative limit succeeds")
	}
}

// A hungEmbedder answers the first n calls.
type hungEmbedder struct {
	embedder
	n int
}

func (e *hungEmbedder) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	if e.n--; e.n >= 0 {
		return e.embedder.Embed(ctx, texts, kind)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestEmbedderHangs checks the default limit, and that of what is embedded besides
// the question.
func TestEmbedderHangs(t *testing.T) {
	for _, tt := range []struct {
		name   string
		n      int
		waits  [2]time.Duration // of two questions, at most
		notice bool
	}{
		{"at the question", 0, [2]time.Duration{5 * time.Second, 5 * time.Second}, true},
		{"at the baseline", 1, [2]time.Duration{25 * time.Second, 0}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &hungEmbedder{embedder: embedder{model: "test/2", vec: embed.Vector{1, 0}}, n: tt.n}
				r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: library(t, shelf)})
				if err != nil {
					t.Fatal(err)
				}
				for _, wait := range tt.waits {
					start := time.Now()
					got, err := r.Retrieve(t.Context(), retrieve.Query{Text: "oak"})
					if d := time.Since(start); err != nil || got.Notice != "" != tt.notice || d > wait {
						t.Errorf("Retrieve() = %+v, %v after %v, want a result within %v", got, err, d, wait)
					}
					if !tt.notice { // the question itself is embedded again
						e.n = 1
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				e.n = 0
				if _, err := r.Retrieve(ctx, retrieve.Query{Text: "oak"}); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, retrieve.ErrEmbedder) {
					t.Errorf("Retrieve() of a request with less time = %v, want its own end", err)
				}
			})
		})
	}
}
