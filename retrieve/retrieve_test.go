package retrieve_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// An embedder turns every text into the vector it was made with.
type embedder struct {
	model string
	vec   embed.Vector
	err   error
	calls int
}

func (e *embedder) Model() string  { return e.model }
func (e *embedder) MaxTokens() int { return 256 }

func (e *embedder) Embed(_ context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	e.calls++
	if e.err != nil || kind != embed.Query {
		return nil, e.err
	}
	return []embed.Vector{e.vec}, nil
}

var fp = index.Fingerprint{Model: "test/2", Dim: 2, Index: "FLAT", Metric: "L2", Chunker: "c", Schema: index.SchemaVersion}

// index returns an index with one chunk to the east and one to the north.
func newIndex(t *testing.T) *retrievetest.Oracle {
	t.Helper()
	o := &retrievetest.Oracle{}
	r, err := o.Begin(t.Context(), fp, false)
	if err != nil {
		t.Fatal(err)
	}
	c := index.Change{Page: index.Page{URL: "u"}}
	for text, vec := range map[string]embed.Vector{"east": {1, 0}, "north": {0, 1}} {
		c.Insert = append(c.Insert, index.Record{
			Chunk:   index.Chunk{ID: index.ChunkID("u", text, 0), URL: "u", Text: text},
			Windows: []embed.Vector{vec},
		})
	}
	if err := errors.Join(r.Put(t.Context(), []index.Change{c}), r.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestRetrieve(t *testing.T) {
	e := &embedder{model: "test/2", vec: embed.Vector{0.6, 0.8}}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: newIndex(t)})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "where?", Mode: retrieve.Dense})
	if err != nil || len(res.Hits) != 2 || res.Hits[0].Text != "north" || math.Abs(res.Hits[0].Score-0.8) > 1e-6 {
		t.Errorf("Retrieve() = %+v, %v, want north, then east", res, err)
	}
	res, err = r.Retrieve(t.Context(), retrieve.Query{Text: "where?", K: 1, Filter: retrieve.Filter{URLPrefix: "x"}})
	if err != nil || len(res.Hits) != 0 {
		t.Errorf("Retrieve() with a filter that none passes = %+v, %v", res, err)
	}
}

// TestRetrieveRefused holds a bad question to costing no embedding.
func TestRetrieveRefused(t *testing.T) {
	for _, tt := range []struct {
		name     string
		question string
		k        int
		filter   retrieve.Filter
		mode     retrieve.Mode
	}{
		{"empty", " \n", 5, retrieve.Filter{}, ""},
		{"long", strings.Repeat("é", retrieve.MaxQueryRunes+1), 5, retrieve.Filter{}, ""},
		{"negative k", "q", -1, retrieve.Filter{}, ""},
		{"k too large", "q", retrieve.MaxK + 1, retrieve.Filter{}, ""},
		{"filter", "q", 1, retrieve.Filter{Source: `"`}, ""},
		{"mode", "q", 1, retrieve.Filter{}, "rrf"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &embedder{model: "test/2", vec: embed.Vector{1, 0}}
			r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: newIndex(t)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Retrieve(t.Context(), retrieve.Query{Text: tt.question, K: tt.k, Filter: tt.filter, Mode: tt.mode}); !errors.Is(err, retrieve.ErrQuery) {
				t.Errorf("Retrieve() = %v, want ErrQuery", err)
			}
			if e.calls != 0 {
				t.Errorf("the embedder was called %d times, want 0", e.calls)
			}
		})
	}
}

func TestRetrieveErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name     string
		embedder *embedder
		searcher retrieve.Searcher
		want     error
	}{
		{"other model, same dimension", &embedder{model: "other/2"}, newIndex(t), index.ErrMismatch},
		{"no index", &embedder{model: "test/2"}, &retrievetest.Oracle{}, index.ErrNoIndex},
		{"embedder", &embedder{model: "test/2", err: broken}, newIndex(t), broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := retrieve.New(retrieve.Config{Embedder: tt.embedder, Searcher: tt.searcher})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Retrieve(t.Context(), retrieve.Query{Text: "q", K: 1, Mode: retrieve.Dense}); !errors.Is(err, tt.want) {
				t.Errorf("Retrieve() = %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := retrieve.New(retrieve.Config{Searcher: newIndex(t)}); err == nil {
		t.Error("New() without an embedder succeeded")
	}
}

// TestIDs holds keys to their form, and to telling apart what differs.
