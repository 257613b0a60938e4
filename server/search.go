package server

import (
	"cmp"
	"net/http"
	"time"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve"
)

// A Hit is one row of the answer to /v1/search.
type Hit struct {
	ID        string          `json:"id"`
	URL       string          `json:"url"`
	Title     string          `json:"title"`
	Section   string          `json:"section"`
	Anchor    string          `json:"anchor"`
	Text      string          `json:"text"`
	Ordinal   int             `json:"ordinal"`
	Start     int             `json:"start"` // rune offset in the page's text
	End       int             `json:"end"`
	Source    string          `json:"source"`
	Lang      string          `json:"lang"`
	Version   string          `json:"version,omitempty"`
	Twins     []retrieve.Twin `json:"twins,omitempty"` // other versions and translations of the page, which were left out
	Score     float64         `json:"score"`           // hits are sorted by it; see retrieve.Hit
	CrawledAt time.Time       `json:"crawled_at,omitzero"`
}

// publicHits converts hits to their public form.
func publicHits(hits []retrieve.Hit) []Hit {
	out := make([]Hit, len(hits))
	for i, h := range hits {
		out[i] = Hit{ID: h.ID, URL: h.URL, Title: h.Title, Section: h.Section, Anchor: h.Anchor, Text: h.Text, Ordinal: h.Ordinal,
			Start: h.Start, End: h.End, Source: h.Source, Lang: h.Lang, Version: h.Version, Twins: h.Twins, Score: h.Score, CrawledAt: h.CrawledAt}
	}
	return out
}

// A Candidate is a chunk that a search considered, with its scores and whether it
// was kept.
type Candidate struct {
	Hit
	Rank        int     `json:"rank"`   // from 1
	Dense       float64 `json:"dense"`  // cosine of the best window
	Sparse      float64 `json:"sparse"` // BM25
	Fused       float64 `json:"fused"`  // of dense and sparse; 0 if only one was searched
	Rerank      float64 `json:"rerank,omitempty"`
	DenseRank   int     `json:"dense_rank"` // rank in the dense search, from 1; 0 if not found
	SparseRank  int     `json:"sparse_rank"`
	TitleShare  float64 `json:"title_share"`  // share of the question's terms in title and section
	PhraseShare float64 `json:"phrase_share"` // share of its pairs of terms in title and text
	Flags       string  `json:"flags,omitempty"`
	Kept        bool    `json:"kept"` // the candidate is among the hits
	Read        bool    `json:"read"` // an answer may be written from it
	Why         string  `json:"why"`
}

// Found is the answer to /v1/search.
type Found struct {
	Hits        []Hit                 `json:"hits"`
	Corrections []retrieve.Correction `json:"corrections,omitempty"` // words that were taken for misspelt ones of the pages
	Mode        retrieve.Mode         `json:"mode"`                  // the mode that was searched
	Notice      string                `json:"notice,omitempty"`
	*Debug
}

// Debug is the part of the answer to /v1/search that a request with debug adds.
type Debug struct {
	Reranker   string      `json:"reranker,omitempty"`
	Evidence   float64     `json:"evidence"` // how likely the index holds the answer
	Signals    signals     `json:"signals"`  // the parts of Evidence
	Candidates []Candidate `json:"candidates"`
}

// signals are those of [retrieve.Signals].
type signals struct {
	OnSubject float64  `json:"on_subject"` // how likely the index holds pages on the subject
	Nearness  float64  `json:"nearness"`
	Words     float64  `json:"words"`
	Apart     float64  `json:"apart"`
	ApartWord string   `json:"apart_word,omitempty"`
	Absent    []string `json:"absent"` // words that no page holds
}

func signalsOf(res *retrieve.Result) signals {
	s := signals{OnSubject: res.OnSubject, Nearness: res.Signals.Nearness, Words: res.Signals.Words, Apart: res.Signals.Apart, ApartWord: res.Signals.ApartWord, Absent: []string{}}
	for _, w := range res.Words {
		if w.Absent {
			s.Absent = append(s.Absent, w.Text)
		}
	}
	return s
}

// FoundOf converts the result of a search to its public form. With debug it includes
// the candidates.
func FoundOf(res *retrieve.Result, debug bool) Found {
	f := Found{Hits: publicHits(res.Hits), Mode: res.Mode, Notice: res.Notice, Corrections: res.Corrections}
	if !debug {
		return f
	}
	f.Debug = &Debug{Reranker: res.Reranker, Evidence: res.Evidence,
		Signals: signalsOf(res), Candidates: []Candidate{}}
	left := retrieve.Select(res.Hits).LeftOut
	for i, c := range res.Candidates {
		why := c.Why
		if left[c.ID] != "" {
			why += "; no answer is written from it: " + left[c.ID]
		}
		f.Candidates = append(f.Candidates, Candidate{Hit: publicHits([]retrieve.Hit{c.Hit})[0], Rank: i + 1, Dense: c.Dense, Sparse: c.Sparse, Fused: c.Fused, Rerank: c.Rerank,
			DenseRank: c.DenseRank, SparseRank: c.SparseRank, TitleShare: c.Title, PhraseShare: c.Phrases, Flags: c.Flags, Kept: c.Kept, Read: c.Kept && left[c.ID] == "", Why: why})
	}
	return f
}

// A searchRequest is the body of POST /v1/search.
type searchRequest struct {
	Query    string          `json:"query"`
	Question string          `json:"question"` // the same, as /v1/ask names it
	K        *int            `json:"k"`
	Filter   retrieve.Filter `json:"filter"`
	Mode     retrieve.Mode   `json:"mode"`
	Debug    bool            `json:"debug"`
	Typing   bool            `json:"typing"` // the reader has not asked yet: no service is told of the query
}

// A searchReply is the reply of POST /v1/search.
type searchReply struct {
	Found
	Timings   map[string]int64 `json:"timings"`
	RequestID string           `json:"request_id"`
}

func (s *api) search(r *http.Request) (any, error) {
	var in searchRequest
	if err := decode(r, &in, fixes{form: `send an object such as {"query": "…", "k": 5}`}); err != nil {
		return nil, err
	}
	k, err := validateK(in.K)
	if err != nil {
		return nil, err
	}
	if in.Query != "" && in.Question != "" {
		return nil, &problem.Error{Kind: problem.BadQuery, Message: `both "query" and "question" are given`, Fix: `send "query" alone`}
	}
	if !in.Mode.Valid() {
		return nil, &problem.Error{Kind: problem.BadQuery, Message: "unknown mode", Fix: `leave "mode" out, or send "hybrid", "dense" or "sparse"`}
	}
	if in.Typing && s.EmbedsElsewhere {
		in.Mode = retrieve.Sparse
	}
	start := time.Now()
	res, err := s.Retriever.Retrieve(r.Context(), retrieve.Query{Text: cmp.Or(in.Query, in.Question), K: k, Filter: in.Filter, Mode: in.Mode, NoRerank: in.Typing})
	if err != nil {
		return nil, err
	}
	return searchReply{FoundOf(res, in.Debug), map[string]int64{"total_ms": time.Since(start).Milliseconds()}, trace.RequestID(r.Context())}, nil
}
