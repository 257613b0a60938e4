package retrieve_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// library is an index of one page, of chunks at angles from the question's vector,
// by their texts.
func library(t *testing.T, chunks map[string]float64) *retrievetest.Oracle {
	t.Helper()
	return libraryOf(t, chunks, func(string) index.Chunk { return index.Chunk{URL: "u"} })
}

// libraryOf is an index of chunks of which is says more.
func libraryOf(t *testing.T, chunks map[string]float64, is func(text string) index.Chunk) *retrievetest.Oracle {
	t.Helper()
	o := &retrievetest.Oracle{}
	run, err := o.Begin(t.Context(), fp, false)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]*index.Change{}
	for text, cosine := range chunks {
		c := is(text)
		c.ID, c.Text = index.ChunkID(c.URL, text, 0), text
		if pages[c.URL] == nil {
			pages[c.URL] = &index.Change{Page: index.Page{URL: c.URL}}
		}
		pages[c.URL].Insert = append(pages[c.URL].Insert, index.Record{
			Chunk: c, Windows: []embed.Vector{{float32(cosine), float32(math.Sqrt(1 - cosine*cosine))}}, Terms: bm25.Document(text, ""),
		})
	}
	for _, page := range pages {
		if err := run.Put(t.Context(), []index.Change{*page}); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o
}

var shelf = map[string]float64{
	"an oak door opens with a key":    0.70, // words in another order
	"a key opens the oak door":        0.70, // the phrase
	"entrances and how to enter them": 0.80, // meaning alone
	"nothing of the kind":             0.10,
	"roofs are made of slate":         0.05,
}

func texts(hits []retrieve.Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Text)
	}
	return strings.Join(out, " | ")
}

func TestModes(t *testing.T) {
	r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: library(t, shelf)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mode retrieve.Mode
		k    int
		want string
	}{
		{retrieve.Dense, 1, "entrances and how to enter them"},
		{retrieve.Hybrid, 2, "a key opens the oak door | an oak door opens with a key"},
		{"", 1, "a key opens the oak door"},
	} {
		res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "Which key opens the oak door?", K: tt.k, Mode: tt.mode})
		if err != nil || texts(res.Hits) != tt.want || res.Notice != "" {
			t.Errorf("%q: %v, %q, %q, want %q", tt.mode, err, texts(res.Hits), res.Notice, tt.want)
		}
	}
	res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "slate", Mode: retrieve.Sparse})
	if err != nil || texts(res.Hits) != "roofs are made of slate" || res.Hits[0].Score != res.Hits[0].Sparse {
		t.Errorf("sparse: %+v, %v", res, err)
	}
}

// TestDefaultMode checks that Config.Mode is that of questions that name none.
func TestDefaultMode(t *testing.T) {
	c := retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: library(t, shelf), Mode: retrieve.Sparse}
	r, err := retrieve.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[retrieve.Mode]retrieve.Mode{"": retrieve.Sparse, retrieve.Dense: retrieve.Dense} {
		res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "slate", Mode: asked})
		if err != nil || res.Mode != want {
			t.Errorf("Retrieve(mode %q) = %+v, %v, want mode %s", asked, res, err, want)
		}
	}
	c.Mode = "fuzzy"
	if _, err := retrieve.New(c); err == nil || !strings.Contains(err.Error(), "the mode is not dense, sparse or hybrid") {
		t.Errorf("New(mode fuzzy): %v", err)
	}
}

// TestCandidates holds a result to telling of each candidate what it scored and
// what became of it.
func TestCandidates(t *testing.T) {
	r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: library(t, shelf)})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "Which key opens the oak door?", K: 2})
	if err != nil || len(res.Candidates) != len(shelf) {
		t.Fatalf("Retrieve() = %+v, %v", res, err)
	}
	for i, c := range res.Candidates {
		if c.Kept != (i < 2) || !strings.Contains(c.Why, fmt.Sprint("place ", i+1)) {
			t.Errorf("candidate %d: kept %v, %q", i, c.Kept, c.Why)
		}
		if c.Score != c.Fused || math.Abs(c.Dense-shelf[c.Text]) > 1e-6 || (c.Sparse > 0) != (c.SparseRank > 0) || c.DenseRank == 0 {
			t.Errorf("candidate %d: %+v", i, c)
		}
		if i > 0 && c.Score > res.Candidates[i-1].Score {
			t.Errorf("candidate %d is out of order", i)
		}
	}
	if first := res.Candidates[0]; first.Phrases != 1 {
		t.Errorf("phrases of %q = %v, want 1", first.Text, first.Phrases)
	}
}

// dry is an index on an engine without sparse vectors.
type dry struct{ *retrievetest.Oracle }

func (d dry) Index(ctx context.Context) (index.Info, error) {
	ix, err := d.Oracle.Index(ctx)
	ix.Statistics, ix.Lacks = nil, "Milvus v2.3.5 has no sparse vectors"
	return ix, err
}

func TestWithoutSparseVectors(t *testing.T) {
	r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: dry{library(t, shelf)}})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "key"})
	if err != nil || res.Mode != retrieve.Dense || !strings.Contains(res.Notice, "Milvus v2.3.5 has no sparse vectors") || len(res.Hits) != 5 {
		t.Errorf("hybrid: %+v, %v, want a dense search that says so", res, err)
	}
	if res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "key", Mode: retrieve.Dense}); err != nil || res.Notice != "" {
		t.Errorf("dense: %+v, %v, want no notice", res, err)
	}
	if _, err := r.Retrieve(t.Context(), retrieve.Query{Text: "key", Mode: retrieve.Sparse}); !errors.Is(err, retrieve.ErrQuery) {
		t.Errorf("sparse: %v, want ErrQuery", err)
	}
}

// gone is an index whose chunks go between the search and the fetch, so often.
type gone struct {
	*retrievetest.Oracle
	times int
}

func (g *gone) Chunks(ctx context.Context, ids []string) ([]index.Stored, error) {
	if g.times--; g.times >= 0 {
		return nil, nil
	}
	return g.Oracle.Chunks(ctx, ids)
}

func TestReplacedMeanwhile(t *testing.T) {
	for times, want := range map[int]int{1: 5, 2: 0} {
		r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: &gone{library(t, shelf), times}})
		if err != nil {
			t.Fatal(err)
		}
		res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "key"})
		if err != nil || len(res.Hits) != want {
			t.Errorf("gone %d times: %+v, %v, want %d hits", times, res, err, want)
		}
	}
}

func TestOtherForm(t *testing.T) {
	for name, alter := range map[string]func(*index.Fingerprint){
		"schema":   func(fp *index.Fingerprint) { fp.Schema = index.ReadableSchema - 1 },
		"analyser": func(fp *index.Fingerprint) { fp.Analyser = "words-v0" },
	} {
		t.Run(name, func(t *testing.T) {
			o, other := &retrievetest.Oracle{}, fp
			alter(&other)
			run, err := o.Begin(t.Context(), other, false)
			if err != nil {
				t.Fatal(err)
			}
			if err := run.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: o})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Retrieve(t.Context(), retrieve.Query{Text: "q"}); !errors.Is(err, index.ErrMismatch) {
				t.Errorf("Retrieve() = %v, want ErrMismatch", err)
			}
		})
	}
}

// A chunk whose title changes keeps its ID, and is scored by what it says now.
func TestTitleChanges(t *testing.T) {
	titled := func(title string) *retrievetest.Oracle {
		return libraryOf(t, shelf, func(string) index.Chunk { return index.Chunk{URL: "u", Title: title} })
	}
	phrases := func(r *retrieve.Retriever) map[string]float64 {
		res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "Which slate key opens?"})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]float64{}
		for _, c := range res.Candidates {
			found[c.Text] = c.Phrases
		}
		return found
	}
	searcher := &struct{ retrieve.Searcher }{titled("Windows")}
	var r [2]*retrieve.Retriever // of which one has searched before
	for i := range r {
		var err error
		if r[i], err = retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: searcher}); err != nil {
			t.Fatal(err)
		}
	}
	before := phrases(r[0])
	searcher.Searcher = titled("Slate keys")
	after, want := phrases(r[0]), phrases(r[1])
	if cmp.Equal(before, want) || !cmp.Equal(after, want) {
		t.Errorf("shares of phrases: %v, then %v, want %v", before, after, want)
	}
}
