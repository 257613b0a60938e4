// Package admit bounds how many questions and searches a server works on, and how many
// wait. The others are refused at once, so that those who are answered are answered in
// time.
//
// Call [New] for a [Gate], and put [Gate.Answerer] or [Gate.Retriever] around what does
// the work.
package admit

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
)

// QueuePerSlot is how many may wait for each one that is worked on. Who is last in the
// queue waits about so many times as long as the work takes.
const QueuePerSlot = 8

// after is when those who are refused may try again.
const after = time.Second

// A Gate lets a number of callers in, and as many again wait, in the order in which they
// came. It is safe for concurrent use.
type Gate struct {
	slots   chan struct{} // holds one value for each caller that is in
	queue   int64         // most that wait
	waiting atomic.Int64
}

// New returns a Gate with this number of slots, at least one, and a queue of
// [QueuePerSlot] for each.
func New(slots int) *Gate {
	slots = max(slots, 1)
	return &Gate{slots: make(chan struct{}, slots), queue: int64(slots) * QueuePerSlot}
}

// Enter waits for a slot. The caller calls leave when it is done. If the queue is full,
// the error is [problem.Overloaded], at once.
func (g *Gate) Enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-g.slots }
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.queue {
		return nil, &problem.Error{Kind: problem.Overloaded, After: after}
	}
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Answerer returns an answerer whose questions pass the gate.
func (g *Gate) Answerer(a answer.Responder) answer.Responder { return gatedAnswerer{a, g} }

// Retriever returns a retriever whose searches pass the gate.
func (g *Gate) Retriever(r retrieve.Finder) retrieve.Finder { return gatedRetriever{r, g} }

type gatedAnswerer struct {
	a answer.Responder
	g *Gate
}

// Answer implements [answer.Responder].
func (s gatedAnswerer) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return inside(ctx, s.g, func() (*answer.Answer, error) { return s.a.Answer(ctx, q) })
}

// Stream implements [answer.Responder].
func (s gatedAnswerer) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	return inside(ctx, s.g, func() (*answer.Answer, error) { return s.a.Stream(ctx, q, on) })
}

type gatedRetriever struct {
	r retrieve.Finder
	g *Gate
}

// Retrieve implements [retrieve.Finder].
func (s gatedRetriever) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	return inside(ctx, s.g, func() (*retrieve.Result, error) { return s.r.Retrieve(ctx, q) })
}

// inside does work within a gate.
func inside[T any](ctx context.Context, g *Gate, work func() (*T, error)) (*T, error) {
	leave, err := g.Enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return work()
}
