package server

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

func TestFoundOf(t *testing.T) {
	hit := retrieve.Hit{Chunk: index.Chunk{ID: "1", URL: "u", Title: "Keys", Text: "a key", Flags: "override"}, Score: 0.9, Dense: 0.5, Sparse: 7, Fused: 0.8, Rerank: 0.9, DenseRank: 2, SparseRank: 1}
	res := &retrieve.Result{
		Hits: []retrieve.Hit{hit}, Mode: retrieve.Hybrid, Notice: "not reranked", Evidence: 0.75, Signals: retrieve.Signals{Nearness: 0.5, Words: 0.25, Apart: 0.75, ApartWord: "gzip"}, Words: []retrieve.Word{{Text: "Kafka", Absent: true}, {Text: "gzip"}}, OnSubject: 0.875, Corrections: []retrieve.Correction{{From: "gizp", To: "gzip"}}, Reranker: "r/m",
		Candidates: []retrieve.Candidate{{Hit: hit, Title: 0.25, Phrases: 0.125, Kept: true, Why: "best"}},
	}
	const hitJSON = `"id":"1","url":"u","title":"Keys","section":"","anchor":"","text":"a key","ordinal":0,"start":0,"end":0,"source":"","lang":"","score":0.9`
	for _, tt := range []struct {
		name  string
		debug bool
		want  string
	}{
		{"plain", false, `{"hits":[{` + hitJSON + `}],"corrections":[{"from":"gizp","to":"gzip"}],"mode":"hybrid","notice":"not reranked"}`},
		{"debug", true, `{"hits":[{` + hitJSON + `}],"corrections":[{"from":"gizp","to":"gzip"}],"mode":"hybrid","notice":"not reranked","reranker":"r/m","evidence":0.75,"signals":{"on_subject":0.875,"nearness":0.5,"words":0.25,"apart":0.75,"apart_word":"gzip","absent":["Kafka"]},` +
			`"candidates":[{` + hitJSON + `,"rank":1,"dense":0.5,"sparse":7,"fused":0.8,"rerank":0.9,"dense_rank":2,"sparse_rank":1,"title_share":0.25,"phrase_share":0.125,"flags":"override","kept":true,"read":true,"why":"best"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(FoundOf(res, tt.debug))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("FoundOf() (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLeftOut checks that candidates tell what becomes of hits behind the search.
func TestLeftOut(t *testing.T) {
	hit := func(id, text string, score float64) retrieve.Candidate {
		return retrieve.Candidate{Hit: retrieve.Hit{Chunk: index.Chunk{ID: id, URL: id, Text: text}, Score: score}, Kept: true, Why: "found"}
	}
	res := &retrieve.Result{Candidates: []retrieve.Candidate{
		hit("a", "the warden keeps the keys of the archive", 0.9),
		hit("b", "the warden keeps the keys of the archive", 0.9),
		hit("c", "the ferry departs at seven in the morning", 0.8),
		hit("d", "a roof is covered with slate in the north", 0.1),
	}}
	for _, c := range res.Candidates {
		res.Hits = append(res.Hits, c.Hit)
	}
	res.Candidates = append(res.Candidates, retrieve.Candidate{Hit: retrieve.Hit{Chunk: index.Chunk{ID: "e"}}, Why: "behind"})
	var got []string
	for _, c := range FoundOf(res, true).Candidates {
		got = append(got, fmt.Sprintf("%s %v %v %s", c.ID, c.Kept, c.Read, c.Why))
	}
	want := []string{
		"a true true found",
		"b true false found; no answer is written from it: it repeats one above",
		"c true true found",
		"d true false found; no answer is written from it: it is far below the best",
		"e false false behind",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("candidates (-want +got):\n%s", diff)
	}
}

// recorder keeps the last query.
type recorder struct{ last *retrieve.Query }

func (r recorder) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	*r.last = q
	return &retrieve.Result{Mode: retrieve.Sparse}, nil
}

// A search while the reader types tells no service of the query.
func TestTyping(t *testing.T) {
	for _, tt := range []struct {
		elsewhere bool
		body      string
		want      retrieve.Query
	}{
		{false, `{"query":"key","typing":true}`, retrieve.Query{Text: "key", NoRerank: true}},
		{true, `{"query":"key","typing":true,"mode":"dense"}`, retrieve.Query{Text: "key", Mode: retrieve.Sparse, NoRerank: true}},
		{true, `{"query":"key"}`, retrieve.Query{Text: "key"}},
	} {
		var got retrieve.Query
		h, err := Handler(Config{Answerer: fake{}, Retriever: recorder{&got}, Ready: func(context.Context) error { return nil }, EmbedsElsewhere: tt.elsewhere})
		if err != nil {
			t.Fatal(err)
		}
		if w := do(h, "POST", "/v1/search", tt.body); w.Code != 200 {
			t.Errorf("%s = %d %s", tt.body, w.Code, w.Body)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.body, diff)
		}
	}
}
