package retrieve_test

import (
	"math"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// TestFlaggedChunks checks that a chunk which seems to give orders to a model
// ranks lower, as much as is configured, and says why.
func TestFlaggedChunks(t *testing.T) {
	o := libraryOf(t, map[string]float64{"bad apple": 0.90, "good apple": 0.80, "pear": 0.60, "plum": -0.5}, func(text string) index.Chunk {
		c := index.Chunk{URL: "u"}
		if text == "bad apple" || text == "plum" {
			c.Flags = "imperative"
		}
		return c
	})
	for _, tt := range []struct {
		name   string
		weight float64
		mode   retrieve.Mode
		rerank map[string]float64
		want   string
	}{
		{"by default", 0, retrieve.Hybrid, nil, "good apple | bad apple | pear | plum"},
		{"dense", 0, retrieve.Dense, nil, "good apple | bad apple | pear | plum"},
		{"more", 0.3, retrieve.Dense, nil, "good apple | pear | bad apple | plum"},
		{"not", 1, retrieve.Hybrid, nil, "bad apple | good apple | pear | plum"},
		{"reranked", 0, retrieve.Hybrid, map[string]float64{"bad": 0.6, "good": 0.5, "pear": 0.4}, "good apple | bad apple | pear | plum"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: o, FlaggedWeight: tt.weight}
			if tt.rerank != nil {
				config.Reranker = &judge{scores: tt.rerank}
			}
			r, err := retrieve.New(config)
			if err != nil {
				t.Fatal(err)
			}
			res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "apple", Mode: tt.mode})
			if err != nil || texts(res.Hits) != tt.want {
				t.Fatalf("Retrieve = %q, %v, want %q", texts(res.Hits), err, tt.want)
			}
			for _, c := range res.Candidates {
				if strings.Contains(c.Why, "flagged: imperative") != (c.Flags != "") {
					t.Errorf("%q: %q", c.Text, c.Why)
				}
			}
		})
	}
	for _, weight := range []float64{-1, 1.1, math.NaN()} {
		if _, err := retrieve.New(retrieve.Config{Embedder: &embedder{}, Searcher: o, FlaggedWeight: weight}); err == nil || !strings.Contains(err.Error(), "not within 0–1") {
			t.Errorf("New(weight %v) = %v", weight, err)
		}
	}
}
