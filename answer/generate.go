package answer

import (
	"context"
	"errors"
	"fmt"

	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/retrieve"
)

// generate asks the model and shows what it writes. What may pass, and a refusal,
// make the answer extractive, unless some of the model's own is shown already: it
// ends there then.
func (a *Answerer) generate(ctx context.Context, q Question, hits []retrieve.Hit, show func(string) error) (*Answer, error) {
	r, err := a.complete(ctx, q, hits, show)
	switch {
	case r.draft.err != nil:
		return nil, r.draft.err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, llm.ErrConfig) && r.draft.text.Len() == 0:
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	failed := err != nil || r.Refusal != ""
	if failed {
		a.log.Warn("the model failed", "err", err, "refused", r.Refusal != "", "shown", r.draft.text.Len())
	}
	if !failed || r.draft.text.Len() > 0 {
		if err := r.end(failed); err != nil {
			return nil, err
		}
		if ans := read(q.asked(), r); ans != nil {
			ans.spent(r.Response)
			ans.Truncated, ans.Warning = truncated(r.Response, failed, err)
			return ans, nil
		}
		err = llm.ErrNoText
	}
	ans := extract(q.asked(), hits)
	ans.Warning = warning(r.Response, err) + "; these sentences are quoted from the pages instead"
	ans.spent(r.Response)
	return ans, nil
}

// complete asks the model with as many of the best chunks as its context takes.
func (a *Answerer) complete(ctx context.Context, q Question, hits []retrieve.Hit, show func(string) error) (*reply, error) {
	for n := len(hits); ; n = n * 3 / 4 {
		r := &reply{hits: hits[:n], draft: newDraft(hits[:n], show)}
		req := a.prompt(q).Answer(fence.New(), r.hits)
		if show != nil {
			req.Delta = r.delta
		}
		var err error
		r.Response, err = a.model.Complete(ctx, req)
		if !errors.Is(err, llm.ErrTooLong) || n <= 1 {
			return r, err
		}
	}
}

// prompt returns what the model is asked.
func (a *Answerer) prompt(q Question) prompt.Question {
	return prompt.Question{Text: q.Text, History: q.History, Images: q.Images, Instructions: a.instructions}
}

// truncated reports whether the model was cut off, and by what.
func truncated(resp llm.Response, failed bool, err error) (bool, string) {
	why := ""
	switch {
	case failed && resp.Refusal != "":
		why = "the model declined to go on"
	case failed && errors.Is(err, context.DeadlineExceeded):
		why = "the model did not finish in time"
	case failed, resp.FinishReason == "cut":
		why = "the connection to the model broke off"
	case resp.FinishReason == "length":
		why = "the model reached its output limit (--max-output raises it)"
	case resp.FinishReason == "content_filter":
		why = "the provider's content filter held back the rest"
	default:
		return false, ""
	}
	return true, why + "; the answer is incomplete"
}

// warning says why the model did not answer. The cause itself may name hosts,
// and is logged instead.
func warning(resp llm.Response, err error) string {
	switch {
	case resp.Refusal != "":
		return "the model declined to answer"
	case errors.Is(err, llm.ErrNoText) && resp.FinishReason == "length":
		return "the model used up its output limit before it wrote anything (--max-output raises it)"
	case errors.Is(err, llm.ErrNoText) && resp.FinishReason == "content_filter":
		return "the provider's content filter held the answer back"
	case errors.Is(err, llm.ErrNoText):
		return "the model wrote nothing"
	case errors.Is(err, llm.ErrTooLong):
		return "the question and one source are too long for the model"
	case errors.Is(err, context.DeadlineExceeded):
		return "the model did not answer in time"
	}
	return "the model is not available"
}
