package retrieve_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/rerank"
	"github.com/citewell/citewell/retrieve/rerank/reranktest"
)

var _ retrieve.Reranker = (*rerank.Client)(nil)

// A judge gives a text the score of the word that it holds.
type judge struct {
	scores map[string]float64
	err    error
	texts  []string
}

func (j *judge) Model() string { return "judge/1" }

func (j *judge) Rerank(_ context.Context, _ string, texts []string) ([]float64, error) {
	j.texts = texts
	if j.err != nil {
		return nil, j.err
	}
	out := make([]float64, len(texts))
	for i, t := range texts {
		for word, score := range j.scores {
			if strings.Contains(t, word) {
				out[i] = score
			}
		}
	}
	return out, nil
}

func TestReranker(t *testing.T) {
	const asked = "Which key opens the oak door?"
	fused := "a key opens the oak door | an oak door opens with a key | entrances and how to enter them"
	for _, tt := range []struct {
		name   string
		judge  *judge
		want   string
		notice string
	}{
		{"another order", &judge{scores: map[string]float64{"slate": 0.9, "entrances": 0.8}},
			"roofs are made of slate | entrances and how to enter them | a key opens the oak door", ""},
		{"all equal", &judge{}, fused, ""},
		{"fails", &judge{err: errors.New("rerank: ask cohere: no answer in time")}, fused, "not reranked: rerank: ask cohere: no answer in time"},
		{"no number", &judge{scores: map[string]float64{"slate": math.NaN()}}, fused, "not reranked: the reranker did not return one score for each text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &embedder{model: "test/2", vec: embed.Vector{1, 0}}
			r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: library(t, shelf), Reranker: tt.judge})
			if err != nil {
				t.Fatal(err)
			}
			res, err := r.Retrieve(t.Context(), retrieve.Query{Text: asked, K: 3})
			if err != nil || texts(res.Hits) != tt.want || res.Notice != tt.notice || len(tt.judge.texts) != len(shelf) {
				t.Fatalf("Retrieve() = %q, %q, %v, want %q, %q", texts(res.Hits), res.Notice, err, tt.want, tt.notice)
			}
			if done := tt.notice == ""; (res.Reranker == "judge/1") != done {
				t.Errorf("reranker = %q", res.Reranker)
			}
			for _, h := range res.Hits {
				if reranked := tt.notice == ""; reranked && h.Score != h.Rerank || !reranked && (h.Score != h.Fused || h.Rerank != 0) {
					t.Errorf("scores of %q: %+v", h.Text, h)
				}
			}
		})
	}
}

// TestRerankService reranks by a service as it is used.
func TestRerankService(t *testing.T) {
	s := reranktest.NewServer(t, "voyage")
	client, err := rerank.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	r, err := retrieve.New(retrieve.Config{Embedder: &embedder{model: "test/2", vec: embed.Vector{1, 0}}, Searcher: library(t, shelf), Reranker: client})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Retrieve(t.Context(), retrieve.Query{Text: "made of slate", K: 1})
	if err != nil || texts(res.Hits) != "roofs are made of slate" || res.Hits[0].Score != 1 || res.Reranker != "voyage/rerank-2.5" {
		t.Errorf("Retrieve() = %+v, %v", res, err)
	}
	asked := len(s.Requests())
	res, err = r.Retrieve(t.Context(), retrieve.Query{Text: "made of slate", K: 1, NoRerank: true})
	if err != nil || res.Reranker != "" || len(s.Requests()) != asked {
		t.Errorf("Retrieve() = %+v, %v without reranking; the service was asked %d times, want %d", res, err, len(s.Requests()), asked)
	}
}
