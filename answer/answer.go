// Package answer answers a question from the chunks that are found for it, and
// shows for each claim a sentence that stands on a page.
//
// Call [Answerer.Answer], or [Answerer.Stream] to show the same answer while it
// is being written. With a model, the sources and the question are one
// prompt, and each quote the model gives is looked for in its source. Without
// one, or when it fails, the answer is made of the pages' own sentences and says
// so. No text of a source can close its delimiter in the prompt.
package answer

import (
	"context"
	"fmt"
	"strings"

	"github.com/citewell/citewell/retrieve"
)

// Answer answers q. A question that can't be searched gives [retrieve.ErrQuery],
// and the retriever's other errors come as they are. A question that the pages
// do not answer is no error: Answered is false then.
func (a *Answerer) Answer(ctx context.Context, q Question) (*Answer, error) {
	return a.Stream(ctx, q, nil)
}

// Stream answers q as Answer does, and tells on what can be shown before the
// answer is whole: first the sources, then the text, piece by piece. The pieces
// together are the answer's text, to the byte. Stream calls on one at a time; an
// error of it ends the call and is returned.
func (a *Answerer) Stream(ctx context.Context, q Question, on func(Event) error) (*Answer, error) {
	q.Text = strings.TrimSpace(q.Text)
	if q.Text == "" {
		return nil, fmt.Errorf("answer: %w: the question is empty", retrieve.ErrQuery)
	}
	if err := a.validate(q); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	start := a.now()
	spent, err := a.rewriteFollowUp(ctx, &q)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	var ans *Answer
	if q.Mode == Agentic {
		ans, err = a.agentic(ctx, q, on)
	} else {
		ans, err = a.once(ctx, q, on)
	}
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	ans.recordRewrite(q, spent)
	ans.Cost = a.prices.cost(ans.Usage, ans.Model, a.modelName)
	ans.Timings.TotalMS = ms(a.now().Sub(start))
	return ans, nil
}
