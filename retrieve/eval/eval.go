// Package eval measures what a [retrieve.Retriever] finds, on corpora whose
// questions have known answers.
//
// Call [Evaluate] with a set that [evalset.Read] returned and a retriever on an index
// of its documents. [Compare] reports whether one run is better than another by more
// than chance. [Refusal] measures how well the evidence separates answerable from
// unanswerable questions.
package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
)

// RRF is the mode that fuses the two rankings by 1/(60+place), as many systems do. It
// is a baseline: the retriever itself does not have it.
const RRF retrieve.Mode = "rrf"

// rrfConstant is the usual constant of reciprocal rank fusion.
const rrfConstant = 60

// Options say what is measured.
type Options struct {
	Mode     retrieve.Mode         // one of the retriever's, or RRF; "" means hybrid
	Ks       []int                 // numbers of documents or chunks; nil means 3, 5, 10, 20
	Progress func(done, total int) // called after each question; may be nil
}

var defaultKs = []int{3, 5, 10, 20}

// A Row is the result of one question.
type Row struct {
	ID      string   `json:"id"`
	Text    string   `json:"question"`
	Metrics Metrics  `json:"metrics"`
	Found   []string `json:"found"` // documents, or parts as ID[start:end] if the set asks for parts; best first
}

// A Report is the result of one run.
type Report struct {
	Mode      string  `json:"mode"`
	Documents int     `json:"documents"`
	Questions int     `json:"questions"`
	Metrics   Metrics `json:"metrics"` // means over the questions
	Rows      []Row   `json:"rows"`
	Notice    string  `json:"notice,omitempty"` // why another mode was used
}

// Evaluate asks a retriever the questions and measures what it finds: documents,
// each at the place of its best chunk, or chunks if the set asks for parts of
// documents.
func Evaluate(ctx context.Context, d *evalset.Dataset, r retrieve.Finder, o Options) (*Report, error) {
	o.Mode = cmp.Or(o.Mode, retrieve.Hybrid)
	if o.Ks == nil {
		o.Ks = defaultKs
	}
	if i := slices.IndexFunc(o.Ks, func(k int) bool { return k < 1 || k > retrieve.MaxK }); i >= 0 {
		return nil, fmt.Errorf("eval: k is %d, not within 1–%d", o.Ks[i], retrieve.MaxK)
	}
	rep := &Report{Mode: string(o.Mode), Documents: len(d.Documents), Questions: len(d.Questions)}
	for i, q := range d.Questions {
		hits, notice, err := search(ctx, r, q.Text, o.Mode)
		if err != nil {
			return nil, fmt.Errorf("eval: question %s: %w", q.ID, err)
		}
		rep.Notice = notice
		rep.Rows = append(rep.Rows, row(q, hits, d.Spans, o.Ks))
		if o.Progress != nil {
			o.Progress(i+1, len(d.Questions))
		}
	}
	if len(rep.Rows) == 0 {
		return nil, errors.New("eval: the set has no questions")
	}
	rep.Metrics = mean(rep.Rows)
	return rep, nil
}

// search returns all candidates for a question.
func search(ctx context.Context, r retrieve.Finder, text string, mode retrieve.Mode) ([]retrieve.Hit, string, error) {
	if mode != RRF {
		res, err := r.Retrieve(ctx, retrieve.Query{Text: text, K: retrieve.MaxK, Mode: mode})
		if err != nil {
			return nil, "", err
		}
		return hitsOf(res), res.Notice, nil
	}
	scores := map[string]float64{}
	byID := map[string]retrieve.Hit{}
	for _, side := range []retrieve.Mode{retrieve.Dense, retrieve.Sparse} {
		res, err := r.Retrieve(ctx, retrieve.Query{Text: text, K: retrieve.MaxK, Mode: side})
		if err != nil {
			return nil, "", err
		}
		for i, h := range hitsOf(res) {
			scores[h.ID] += 1 / float64(rrfConstant+i+1)
			byID[h.ID] = h
		}
	}
	var hits []retrieve.Hit
	for id, h := range byID {
		h.Score = scores[id]
		hits = append(hits, h)
	}
	slices.SortFunc(hits, func(a, b retrieve.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return hits, "", nil
}

func hitsOf(res *retrieve.Result) []retrieve.Hit {
	hits := make([]retrieve.Hit, len(res.Candidates))
	for i, c := range res.Candidates {
		hits[i] = c.Hit
	}
	return hits
}

// row measures what was found for a question.
func row(q evalset.Question, hits []retrieve.Hit, spans bool, ks []int) Row {
	r := Row{ID: q.ID, Text: q.Text}
	most := slices.Max(ks)
	if spans {
		for _, h := range hits[:min(most, len(hits))] {
			r.Found = append(r.Found, fmt.Sprintf("%s[%d:%d]", h.URL, h.Start, h.End))
		}
		r.Metrics = ofSpans(hits, q.Spans, ks)
		return r
	}
	seen := map[string]bool{}
	for _, h := range hits {
		if !seen[h.URL] && len(r.Found) < most {
			seen[h.URL] = true
			r.Found = append(r.Found, h.URL)
		}
	}
	r.Metrics = ofDocuments(r.Found, q.Relevant, ks)
	return r
}
