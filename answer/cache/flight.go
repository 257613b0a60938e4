package cache

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/citewell/citewell/answer"
)

// A flight is a question that is being answered, for all who ask it meanwhile.
type flight struct {
	streams bool               // events arrive before the end
	cancel  context.CancelFunc // ends the question
	askers  int                // who wait; guarded by Cache.mu

	mu      sync.Mutex
	events  []answer.Event
	changed chan struct{} // closed when there are more events, or the end
	done    bool
	answer  *answer.Answer
	err     error
}

// join returns the answer to a question that is being answered, or begins to answer it.
func (c *Cache) join(ctx context.Context, key string, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	start := c.config.Now()
	c.mu.Lock()
	f, joined := c.flights[key], true
	if f == nil {
		f, joined = c.begin(ctx, key, q, on != nil), false
		c.misses++
	} else {
		c.shared++
	}
	f.askers++
	c.mu.Unlock()
	defer c.leave(key, f)
	if err := f.follow(ctx, on); err != nil {
		return nil, err
	}
	switch {
	case f.err != nil:
		return nil, f.err
	case joined:
		return c.again(f.answer, start), nil
	}
	a := *f.answer
	return &a, nil
}

// begin begins to answer a question. It outlives the request of who asks first, if others
// ask it, too. The caller has locked c.
func (c *Cache) begin(ctx context.Context, key string, q answer.Question, streams bool) *flight {
	f := &flight{streams: streams, changed: make(chan struct{})}
	ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	c.flights[key] = f
	c.running.Go(func() {
		defer f.cancel()
		var on func(answer.Event) error
		if streams {
			on = f.add
		}
		a, err := c.askSafely(ctx, q, on)
		if err == nil {
			c.keep(key, a, f.sources())
		}
		c.mu.Lock()
		if c.flights[key] == f {
			delete(c.flights, key)
		}
		c.mu.Unlock()
		f.end(a, err)
	})
	return f
}

// askSafely asks the responder, and makes an error of a panic: no request stands above it
// that would.
func (c *Cache) askSafely(ctx context.Context, q answer.Question, on func(answer.Event) error) (a *answer.Answer, err error) {
	defer func() {
		if v := recover(); v != nil {
			a, err = nil, fmt.Errorf("cache: panic: %v\n%s", v, debug.Stack())
		}
	}()
	return c.ask(ctx, q, on)
}

// leave is called by each who has joined a flight. The last one ends it, and who asks
// after that begins anew.
func (c *Cache) leave(key string, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.askers--; f.askers > 0 {
		return
	}
	if c.flights[key] == f {
		delete(c.flights, key)
	}
	f.cancel()
}

// add adds an event for all who follow. None of them can slow the answer.
func (f *flight) add(e answer.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
	f.wake()
	return nil
}

// end ends the flight.
func (f *flight) end(a *answer.Answer, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer, f.err, f.done = a, err, true
	f.wake()
}

// wake wakes all who follow. The caller has locked f.
func (f *flight) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// sources returns the sources that were sent, nil if none were.
func (f *flight) sources() []answer.Source {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		if e.Sources != nil {
			return e.Sources
		}
	}
	return nil
}

// follow sends all events to on, and returns when the flight has ended. An error is that
// of on or of ctx.
func (f *flight) follow(ctx context.Context, on func(answer.Event) error) error {
	for sent := 0; ; {
		f.mu.Lock()
		more, done, changed := f.events[sent:], f.done, f.changed
		f.mu.Unlock()
		for _, e := range more {
			if sent++; on == nil {
				continue
			}
			if err := on(e); err != nil {
				return err
			}
		}
		if done {
			return f.sendWhole(on)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sendWhole sends an answer that was not streamed, since who asked first wanted it whole.
func (f *flight) sendWhole(on func(answer.Event) error) error {
	if f.streams || f.err != nil {
		return nil
	}
	return replay(kept{answer: f.answer, sources: sourcesOf(f.answer)}, on)
}
