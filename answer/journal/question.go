package journal

import (
	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/state"
)

// describe fills in the fields that follow from an answer.
func describe(q *state.Question, a *answer.Answer) {
	q.Outcome = state.OutcomeUnanswered
	if a.Answered {
		q.Outcome = state.OutcomeAnswered
	}
	q.Mode, q.Reason, q.Answered, q.Grounded, q.Verified, q.Total = string(a.Mode), a.Reason, a.Answered, a.Grounded, a.Verified, a.Total
	q.Evidence, q.Model, q.Standalone = a.Evidence, a.Model, a.Standalone
	for _, h := range a.Found {
		q.Scores = append(q.Scores, state.Score{ChunkID: h.ID, URL: h.URL, Title: h.Title, Section: h.Section, Score: h.Score, Dense: h.Dense, Sparse: h.Sparse, Fused: h.Fused})
	}
	for _, c := range a.Citations {
		q.Citations = append(q.Citations, state.Citation{N: c.N, URL: c.URL, ChunkID: c.ChunkID, ContentHash: c.ContentHash, Quote: c.Quote, Verified: c.Verified})
	}
	q.Timings = map[string]float64{"retrieval_ms": a.Timings.RetrievalMS, "model_ms": a.Timings.ModelMS, "total_ms": a.Timings.TotalMS}
	if u := a.Usage; u != nil && !u.Unknown {
		q.Tokens = map[string]int{"prompt_tokens": u.PromptTokens, "cached_tokens": u.CachedTokens, "completion_tokens": u.CompletionTokens,
			"reasoning_tokens": u.ReasoningTokens, "calls": u.Calls}
	}
	if a.Cost != nil {
		q.Cost, q.Currency = a.Cost.Amount, a.Cost.Currency
	}
}
