package retrieve_test

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// TestSpread checks that a page has three hits, unless no other page has anything
// nearly as good.
func TestSpread(t *testing.T) {
	o := libraryOf(t, map[string]float64{
		"stove a1": 0.90, "stove a2": 0.89, "stove a3": 0.88, "stove a4": 0.87, "stove a5": 0.86, "stove b1": 0.85, "stove b2": 0.84, "stove c1": 0.60,
	}, func(text string) index.Chunk { return index.Chunk{URL: text[6:7]} })
	for _, tt := range []struct {
		name   string
		mode   retrieve.Mode
		k      int
		rerank map[string]float64
		want   string
	}{
		{"three", retrieve.Hybrid, 3, nil, "a1 a2 a3"},
		{"five", retrieve.Hybrid, 5, nil, "a1 a2 a3 b1 b2"},
		{"none nearly as good", retrieve.Hybrid, 8, nil, "a1 a2 a3 b1 b2 a4 a5 c1"},
		{"one side", retrieve.Dense, 5, nil, "a1 a2 a3 a4 a5"},
		{"reranked", retrieve.Hybrid, 5, map[string]float64{"a1": 5, "a2": 4, "a3": 3, "a4": 2, "a5": 1}, "a1 a2 a3 a4 a5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: o}
			if tt.rerank != nil {
				config.Reranker = &judge{scores: tt.rerank}
			}
			r, err := retrieve.New(config)
			if err != nil {
				t.Fatal(err)
			}
			res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "stove", Mode: tt.mode, K: tt.k})
			if got := strings.ReplaceAll(strings.ReplaceAll(texts(res.Hits), "stove ", ""), " |", ""); err != nil || got != tt.want {
				t.Fatalf("Retrieve = %q, %v, want %q", got, err, tt.want)
			}
			moved := 0
			for i, c := range res.Candidates {
				if strings.Contains(c.Why, "moved up") {
					moved++
				}
				if tt.name == "five" && c.Kept != (i < 5) {
					t.Errorf("candidate %d: kept %t", i, c.Kept)
				}
			}
			if (moved > 0) != strings.Contains(tt.want, "b1 b2") {
				t.Errorf("%d candidates say that they moved up", moved)
			}
		})
	}
}
