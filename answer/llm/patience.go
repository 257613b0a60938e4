package llm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// defaultPatience is how long most models take for their reasoning and a whole
	// answer of some hundred tokens.
	defaultPatience = 2 * time.Minute
	// turnTimeout is how long an impatient request waits while others are answered.
	turnTimeout = 20 * time.Second
)

// awaitTurn waits until fewer than Config.Concurrency requests are at work. The caller
// releases the slot.
func (c *Client) awaitTurn(ctx context.Context, r Request) error {
	limit := c.timeout
	if r.Impatient {
		limit = min(limit, turnTimeout)
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := c.slots.Acquire(waiting, 1)
	switch {
	case err == nil:
		return nil
	case r.Impatient && ctx.Err() == nil:
		return because(nil, "it is busy with other questions; ask again later")
	}
	return fmt.Errorf("no free slot within %s: %w", limit, err)
}

// withPatience returns a context that ends if an impatient request gets no text in time.
func (c *Client) withPatience(ctx context.Context, r *Request) (context.Context, context.CancelFunc) {
	if !r.Impatient {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(c.patience, func() {
		cancel(because(context.DeadlineExceeded, "no text within %s", c.patience))
	})
	if delta := r.Delta; delta != nil {
		arrived := sync.OnceFunc(func() { timer.Stop() })
		r.Delta = func(text string) error {
			arrived()
			return delta(text)
		}
	}
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// lostPatience returns why withPatience has ended ctx; nil if it has not.
func lostPatience(ctx context.Context) error {
	if r, ok := errors.AsType[*reason](context.Cause(ctx)); ok {
		return r
	}
	return nil
}
