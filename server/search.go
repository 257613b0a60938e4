package server

import (
	"net/http"
	"time"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
)

// A Hit is one row of the answer to /v1/search.
type Hit struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Section   string    `json:"section"`
	Anchor    string    `json:"anchor"`
	Text      string    `json:"text"`
	Ordinal   int       `json:"ordinal"`
	Start     int       `json:"start"` // rune offset in the page's text
	End       int       `json:"end"`
	Source    string    `json:"source"`
	Lang      string    `json:"lang"`
	Score     float64   `json:"score"` // what hits are ordered by; see retrieve.Hit
	CrawledAt time.Time `json:"crawled_at,omitzero"`
}

// rows turns what a retriever found into what clients see.
func rows(hits []retrieve.Hit) []Hit {
	out := make([]Hit, len(hits))
	for i, h := range hits {
		out[i] = Hit{ID: h.ID, URL: h.URL, Title: h.Title, Section: h.Section, Anchor: h.Anchor, Text: h.Text, Ordinal: h.Ordinal,
			Start: h.Start, End: h.End, Source: h.Source, Lang: h.Lang, Score: h.Score, CrawledAt: h.CrawledAt}
	}
	return out
}

// A Candidate is a chunk that was compared with others, and what became of it.
type Candidate struct {
	Hit
	Rank        int     `json:"rank"`   // from 1
	Dense       float64 `json:"dense"`  // cosine of the best window
	Sparse      float64 `json:"sparse"` // BM25
	Fused       float64 `json:"fused"`  // of both; 0 if the search was of one side
	Rerank      float64 `json:"rerank,omitempty"`
	DenseRank   int     `json:"dense_rank"` // place on that side, from 1; 0 if it did not find the chunk
	SparseRank  int     `json:"sparse_rank"`
	TitleShare  float64 `json:"title_share"`  // of the question's terms, in title and section
	PhraseShare float64 `json:"phrase_share"` // of its pairs of terms, in title and text
	Flags       string  `json:"flags,omitempty"`
	Kept        bool    `json:"kept"` // it is among the hits
	Read        bool    `json:"read"` // and an answer may be written from it
	Why         string  `json:"why"`
}

// Found is the answer to /v1/search.
type Found struct {
	Hits   []Hit         `json:"hits"`
	Mode   retrieve.Mode `json:"mode"` // the sides that were searched
	Notice string        `json:"notice,omitempty"`
	*Debug
}

// Debug is what the answer to /v1/search says besides if it is asked for.
type Debug struct {
	Reranker   string      `json:"reranker,omitempty"`
	Evidence   float64     `json:"evidence"` // how likely the index holds the answer
	Signals    signals     `json:"signals"`  // what Evidence is made of
	Candidates []Candidate `json:"candidates"`
}

// signals are those of [retrieve.Signals].
type signals struct {
	Nearness float64 `json:"nearness"`
	Words    float64 `json:"words"`
	Phrases  float64 `json:"phrases"`
}

// FoundOf turns the result of a search into what clients see, with debug all that
// was compared.
func FoundOf(res *retrieve.Result, debug bool) Found {
	f := Found{Hits: rows(res.Hits), Mode: res.Mode, Notice: res.Notice}
	if !debug {
		return f
	}
	f.Debug = &Debug{Reranker: res.Reranker, Evidence: res.Evidence,
		Signals: signals{res.Signals.Nearness, res.Signals.Words, res.Signals.Phrases}, Candidates: []Candidate{}}
	left := retrieve.Select(res.Hits).LeftOut
	for i, c := range res.Candidates {
		why := c.Why
		if left[c.ID] != "" {
			why += "; no answer is written from it: " + left[c.ID]
		}
		f.Candidates = append(f.Candidates, Candidate{Hit: rows([]retrieve.Hit{c.Hit})[0], Rank: i + 1, Dense: c.Dense, Sparse: c.Sparse, Fused: c.Fused, Rerank: c.Rerank,
			DenseRank: c.DenseRank, SparseRank: c.SparseRank, TitleShare: c.Title, PhraseShare: c.Phrases, Flags: c.Flags, Kept: c.Kept, Read: c.Kept && left[c.ID] == "", Why: why})
	}
	return f
}

func (s *api) search(r *http.Request) (any, error) {
	var in struct {
		Query  string          `json:"query"`
		K      *int            `json:"k"`
		Filter retrieve.Filter `json:"filter"`
		Mode   retrieve.Mode   `json:"mode"`
		Debug  bool            `json:"debug"`
	}
	if err := decode(r, &in, fixes{}); err != nil {
		return nil, err
	}
	k, err := checkK(in.K)
	if err != nil {
		return nil, err
	}
	if !in.Mode.Valid() {
		return nil, &problem.Error{Kind: problem.BadQuery, Message: "there is no such mode", Fix: `leave "mode" out, or send "hybrid", "dense" or "sparse"`}
	}
	start := time.Now()
	res, err := s.Retriever.Retrieve(r.Context(), retrieve.Query{Text: in.Query, K: k, Filter: in.Filter, Mode: in.Mode})
	if err != nil {
		return nil, err
	}
	return struct {
		Found
		Timings   map[string]int64 `json:"timings"`
		RequestID string           `json:"request_id"`
	}{FoundOf(res, in.Debug), map[string]int64{"total_ms": time.Since(start).Milliseconds()}, RequestID(r.Context())}, nil
}
