package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server"
)

// A questionExplanation is the output of explain QUESTION --json: the result of
// /v1/search with debug, and whether the question is answered.
type questionExplanation struct {
	Question    string  `json:"question"`
	Answered    bool    `json:"answered"` // there is enough evidence to answer
	MinEvidence float64 `json:"min_evidence"`
	server.Found
}

// explainOther explains an argument that is not an address: the page that is stored
// under this name, such as a file, or else a question.
func (a *app) explainOther(ctx context.Context, arg string) (err error) {
	p, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	page, ok, err := p.store.Page(ctx, arg)
	if err != nil {
		return err
	}
	if ok {
		return a.explainStored(ctx, p, page)
	}
	res, err := p.retriever.Retrieve(ctx, retrieve.Query{Text: arg, K: a.k, Filter: a.filter()})
	if err != nil {
		return err
	}
	minEvidence := max(0, a.minEvidence)
	x := questionExplanation{Question: arg, Answered: len(res.Hits) > 0 && res.Evidence >= minEvidence, MinEvidence: minEvidence, Found: server.FoundOf(res, true)}
	if a.json {
		return a.printJSON(x)
	}
	return writeQuestion(a.out, x)
}

// writeQuestion prints the decision, its reasons and each candidate.
func writeQuestion(w io.Writer, x questionExplanation) error {
	out := errWriter{w: w}
	line := func(name, format string, args ...any) {
		out.printf("  %-20s %s\n", name, fmt.Sprintf(format, args...))
	}
	out.printf("%s\n", x.Question)
	decision := "answered"
	switch {
	case len(x.Hits) == 0:
		decision = "not answered: nothing was found"
	case !x.Answered:
		decision = "not answered: too little evidence"
	}
	line("decision", "%s", decision)
	line("evidence", "%.3f, and %.3f is needed (--min-evidence)", x.Evidence, x.MinEvidence)
	line("on the subject", "%.3f, by nearness %.3f and words %.3f", x.Signals.OnSubject, x.Signals.Nearness, x.Signals.Words)
	if len(x.Signals.Absent) > 0 {
		line("on no page", "%s", strings.Join(x.Signals.Absent, ", "))
	}
	if x.Signals.ApartWord != "" {
		line("not beside the rest", "%s (%.3f)", x.Signals.ApartWord, x.Signals.Apart)
	}
	if text := correctionNotice(x.Corrections); text != "" {
		line("spelling", "%s", text)
	}
	line("mode", "%s", x.Mode)
	if x.Notice != "" {
		line("notice", "%s", x.Notice)
	}
	if x.Reranker != "" {
		line("reranked by", "%s", x.Reranker)
	}
	for _, c := range x.Candidates {
		writeCandidate(&out, c, x.Reranker != "")
	}
	return out.err
}

func writeCandidate(out *errWriter, c server.Candidate, reranked bool) {
	kept := "dropped"
	if c.Kept {
		kept = "kept"
	}
	scores := []string{fmt.Sprintf("fused %.3f", c.Fused), "dense " + scoreAndRank(c.Dense, c.DenseRank), "sparse " + scoreAndRank(c.Sparse, c.SparseRank),
		fmt.Sprintf("title %.2f", c.TitleShare), fmt.Sprintf("phrases %.2f", c.PhraseShare)}
	if reranked {
		scores = append([]string{fmt.Sprintf("rerank %.3f", c.Rerank)}, scores...)
	}
	if c.Flags != "" {
		scores = append(scores, "flagged: "+c.Flags)
	}
	out.printf("%3d. %-7s %s\n     %s\n     %s\n     %s\n", c.Rank, kept, heading(c.Title, c.Section), strings.TrimSuffix(c.URL+"#"+c.Anchor, "#"),
		strings.Join(scores, "  "), c.Why)
}

// scoreAndRank formats the score and rank of a chunk in one search. If the search did
// not find the chunk, the score is the lowest one that it found.
func scoreAndRank(score float64, rank int) string {
	if rank == 0 {
		return fmt.Sprintf("%.3f (not found)", score)
	}
	return fmt.Sprintf("%.3f (#%d)", score, rank)
}
