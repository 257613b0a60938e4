// Package answer answers a question from the chunks that are found for it, and
// cites a sentence of a page for each claim.
//
// Call [Answerer.Answer], or [Answerer.Stream] to show the answer while it is
// being written. With a model, the sources and the question are one prompt, and
// each quote that the model gives is searched for in its source. Without a
// model, or if it fails, the answer consists of sentences of the pages and says
// so. No text of a source can close its delimiter in the prompt.
package answer

import (
	"context"
	"fmt"
	"strings"

	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve"
)

// Answer answers q. A question that can't be searched for returns
// [retrieve.ErrQuery]; other errors of the retriever are returned unchanged. A
// question that the pages do not answer is not an error: Answered is false.
func (a *Answerer) Answer(ctx context.Context, q Question) (*Answer, error) {
	return a.Stream(ctx, q, nil)
}

// Stream answers q as Answer does and calls on for each part that can be shown
// early: first the sources, then the text in pieces, which together are exactly
// the answer's text. Calls of on do not overlap. If on returns an error, Stream
// stops and returns it.
func (a *Answerer) Stream(ctx context.Context, q Question, on func(Event) error) (*Answer, error) {
	q.Text = strings.TrimSpace(q.Text)
	if q.Text == "" {
		return nil, fmt.Errorf("answer: %w: the question is empty", retrieve.ErrQuery)
	}
	if err := a.validate(q); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	if len(q.Images) == 0 && history.IsCourtesy(q.Text) {
		return courtesy(on)
	}
	ctx, span := trace.Start(ctx, "answer")
	ans, err := a.answer(ctx, q, on)
	if span.End(err); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return ans, nil
}

// answer answers a valid question.
func (a *Answerer) answer(ctx context.Context, q Question, on func(Event) error) (*Answer, error) {
	start := a.now()
	spent, err := a.rewriteFollowUp(ctx, &q)
	if err != nil {
		return nil, err
	}
	var ans *Answer
	if q.Mode == Agentic {
		ans, err = a.agentic(ctx, q, on)
	} else {
		ans, err = a.once(ctx, q, on)
	}
	if err != nil {
		return nil, err
	}
	ans.Editions = editions(q.searchText(), ans.Citations)
	ans.recordRewrite(q, spent)
	ans.Cost = a.prices.Cost(ans.Usage, ans.Model, a.modelName)
	ans.Timings.TotalMS = ms(a.now().Sub(start))
	return ans, nil
}

// courtesyReply answers a message that asks nothing.
const courtesyReply = "You're welcome. Ask a question, and the pages will answer."

// courtesy returns the reply to a message that asks nothing: it is not searched for,
// and it is no gap of the pages.
func courtesy(on func(Event) error) (*Answer, error) {
	ans := &Answer{Answered: true, Mode: Extractive, Answer: courtesyReply, Citations: []Citation{}}
	if on == nil {
		return ans, nil
	}
	if err := on(Event{Sources: []Source{}}); err != nil {
		return nil, err
	}
	return ans, on(Event{Delta: ans.Answer})
}
