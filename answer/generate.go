package answer

import (
	"context"
	"errors"

	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve"
)

// Quotes says how a model gives its quotes.
type Quotes string

// The ways to give quotes. A model without the one that is asked for writes a list.
const (
	QuotesAuto   Quotes = "auto"   // by the citations of its service, else as a list
	QuotesText   Quotes = "text"   // as a list behind the answer
	QuotesFields Quotes = "fields" // as fields of an object, by structured outputs
)

// generate asks the model and shows what it writes. If the model refuses or
// fails, the answer is extractive. But if a part of its text was already shown,
// the answer stops there.
func (a *Answerer) generate(ctx context.Context, q Question, hits []retrieve.Hit, show func(string) error) (*Answer, error) {
	r, err := a.complete(ctx, q, hits, show)
	switch {
	case r.draft.Err() != nil:
		return nil, r.draft.Err()
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	failed := err != nil || r.Refusal != ""
	if failed {
		a.logFailure(ctx, "answer", r.Response, err)
	}
	if !failed || len(r.draft.Text()) > 0 {
		if err := r.end(failed); err != nil {
			return nil, err
		}
		if ans := readReply(ctx, q.searchText(), r); ans != nil {
			ans.recordResponse(r.Response)
			ans.Truncated, ans.Warning = truncation(r.Response, failed, err)
			return ans, nil
		}
		err = llm.ErrNoText
	}
	return a.quoteInstead(q, hits, r.Response, err)
}

// complete asks the model with as many of the best chunks as fit its context.
func (a *Answerer) complete(ctx context.Context, q Question, hits []retrieve.Hit, show func(string) error) (*reply, error) {
	for n := len(hits); ; n = n * 3 / 4 {
		r := newReply(hits[:n], show)
		req := a.request(ctx, q, r.hits)
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

// request returns the request for an answer from hits.
func (a *Answerer) request(ctx context.Context, q Question, hits []retrieve.Hit) llm.Request {
	_, span := trace.Start(ctx, "prompt")
	defer span.End()
	span.Number("citewell.sources", len(hits))
	req := a.prompt(q).Answer(fence.New(), hits)
	switch {
	case a.writesForms():
		req = a.prompt(q).AnswerForm(fence.New(), hits)
	case a.quotes == QuotesText:
		req.Cited = nil
	}
	req.Impatient = true
	return req
}

// writesForms reports whether the model writes answer and quotes as an object: if that
// is configured and the model has structured outputs.
func (a *Answerer) writesForms() bool {
	m, ok := a.model.(profiled)
	return a.quotes == QuotesFields && ok && m.Profile().Schema
}
