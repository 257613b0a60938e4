package answer

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
)

const (
	// standaloneTimeout is how long a question waits for the model to make it
	// understood alone.
	standaloneTimeout = 15 * time.Second
	// maxStandaloneRunes is the longest such question that is believed.
	maxStandaloneRunes = 600
)

// rewriteFollowUp makes of a question with a history one that can be searched for: by the
// model, else by [history.Standalone]. It returns what the model cost.
func (a *Answerer) rewriteFollowUp(ctx context.Context, q *Question) (llm.Usage, error) {
	if err := history.Validate(q.History); err != nil || len(q.History) == 0 {
		return llm.Usage{}, err
	}
	q.standalone = history.Standalone(q.Text, q.History)
	if a.model == nil {
		return llm.Usage{}, nil
	}
	limited, cancel := context.WithTimeout(ctx, standaloneTimeout)
	defer cancel()
	start := a.now()
	resp, err := a.model.Complete(limited, a.prompt(*q).Standalone(fence.New()))
	q.rewriteMS = ms(a.now().Sub(start))
	switch text := strings.Trim(strings.Join(strings.Fields(resp.Text), " "), `"“”`); {
	case ctx.Err() != nil:
		return resp.Usage, ctx.Err()
	case err != nil, resp.Refusal != "", resp.FinishReason == "length":
		a.log.Warn("the model made no standalone question", "err", err, "refused", resp.Refusal != "")
	case utf8.RuneCountInString(text) <= max(maxStandaloneRunes, 2*utf8.RuneCountInString(q.Text)) && history.Covers(text, q.Text, q.History):
		q.standalone = text
	}
	return resp.Usage, nil
}

// recordRewrite notes what was searched for, and what the model took to say so.
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
