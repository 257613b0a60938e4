package answer

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve"
)

const (
	// standaloneTimeout bounds the model's rewriting of a question.
	standaloneTimeout = 15 * time.Second
	// maxStandaloneRunes is the longest rewritten question that is accepted.
	maxStandaloneRunes = 600
)

// rewriteFollowUp rewrites a question with a history so that it can be searched
// for: by the model, or by [history.Standalone] if there is no model or it
// fails. It returns the model's usage.
func (a *Answerer) rewriteFollowUp(ctx context.Context, q *Question) (llm.Usage, error) {
	if err := history.Validate(q.History); err != nil || len(q.History) == 0 {
		return llm.Usage{}, err
	}
	q.standalone = history.Standalone(q.Text, q.History)
	if !a.asksModel(*q) {
		return llm.Usage{}, nil
	}
	limited, cancel := context.WithTimeout(ctx, standaloneTimeout)
	defer cancel()
	start := a.now()
	limited, span := trace.Start(limited, "rewrite")
	resp, err := a.model.Complete(limited, a.prompt(*q).Standalone(fence.New()))
	span.End(err)
	q.rewriteMS = ms(a.now().Sub(start))
	switch text := strings.Trim(strings.Join(strings.Fields(resp.Text), " "), `"“”`); {
	case ctx.Err() != nil:
		return resp.Usage, ctx.Err()
	case err != nil, resp.Refusal != "", resp.FinishReason == "length":
		a.logFailure(ctx, "rewrite question", resp, err)
	case utf8.RuneCountInString(text) <= min(max(maxStandaloneRunes, 2*utf8.RuneCountInString(q.Text)), retrieve.MaxQueryRunes) && history.Covers(text, q.Text, q.History):
		q.standalone = text
	}
	return resp.Usage, nil
}

// recordRewrite records the rewritten question and what it cost.
func (a *Answer) recordRewrite(q Question, spent llm.Usage) {
	a.Standalone = q.standalone
	a.Timings.ModelMS += q.rewriteMS
	if spent == (llm.Usage{}) {
		return
	}
	if a.Usage != nil {
		spent = spent.Add(*a.Usage)
	}
	a.Usage = &spent
}
