package admit

import (
	"context"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// Responder returns a responder whose questions pass the gate.
func (g *Gate) Responder(r answer.Responder) answer.Responder { return responder{r, g} }

// Finder returns a finder whose searches pass the gate.
func (g *Gate) Finder(f retrieve.Finder) retrieve.Finder { return finder{f, g.Enter} }

// LateFinder returns a finder whose searches wait for the gate as long as they have time:
// those of questions that another gate has let in.
func (g *Gate) LateFinder(f retrieve.Finder) retrieve.Finder { return finder{f, g.enterLate} }

// A Complete asks a model, as [llm.Client.Complete] does.
type Complete = func(ctx context.Context, r llm.Request) (llm.Response, error)

// Complete returns a model that is asked within the gate.
func (g *Gate) Complete(ask Complete) Complete {
	return func(ctx context.Context, r llm.Request) (llm.Response, error) {
		leave, err := g.Enter(ctx)
		if err != nil {
			return llm.Response{}, err
		}
		defer leave()
		return ask(ctx, r)
	}
}

type responder struct {
	r answer.Responder
	g *Gate
}

// Answer implements [answer.Responder].
func (s responder) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return inside(ctx, s.g.Enter, func() (*answer.Answer, error) { return s.r.Answer(ctx, q) })
}

// Stream implements [answer.Responder].
func (s responder) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	return inside(ctx, s.g.Enter, func() (*answer.Answer, error) { return s.r.Stream(ctx, q, on) })
}

type finder struct {
	f     retrieve.Finder
	enter func(context.Context) (leave func(), err error)
}

// Retrieve implements [retrieve.Finder].
func (s finder) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	return inside(ctx, s.enter, func() (*retrieve.Result, error) { return s.f.Retrieve(ctx, q) })
}

// inside does work within a gate.
func inside[T any](ctx context.Context, enter func(context.Context) (func(), error), work func() (*T, error)) (*T, error) {
	leave, err := enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return work()
}
