// Package admit bounds how much a server works on at once, and how much waits. The rest is
// refused at once, so that those who are answered are answered in time.
//
// Call [New] for a [Gate] of each kind of work, put [Gate.Responder], [Gate.Finder] or
// [Gate.Complete] around what does the work, and ask [Gate.Refuses] before anything else is
// done for a request.
package admit

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/citewell/citewell/internal/problem"
)

// QueuePerSlot is how many may wait for each one that is worked on. Who is last in the
// queue waits about so many times as long as the work takes.
const QueuePerSlot = 8

// MaxWait is how long a caller waits at most. Who would wait for longer, by how long the
// work took lately, is refused at once.
const MaxWait = 20 * time.Second

// The longest and the shortest time after which those who are refused may try again.
const (
	minAfter = time.Second
	maxAfter = time.Minute
	spread   = 3 // most times as long again
)

// A Gate lets a number of callers in, and lets others wait, in the order in which they
// came. It is safe for concurrent use.
type Gate struct {
	slots chan struct{} // holds one value for each caller that is in

	mu      sync.Mutex
	waiting int
	took    time.Duration // how long callers were in lately; 0 if none has left
	refused int64
}

// Stats are what a [Gate] does now, and how many it has refused.
type Stats struct {
	Slots, Inside, Waiting int
	Refused                int64
}

// New returns a Gate with this number of slots, at least one, and a queue of
// [QueuePerSlot] for each.
func New(slots int) *Gate { return &Gate{slots: make(chan struct{}, max(slots, 1))} }

// Stats returns the state of the gate.
func (g *Gate) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Stats{Slots: cap(g.slots), Inside: len(g.slots), Waiting: g.waiting, Refused: g.refused}
}

// Refuses returns the error of [Gate.Enter] if it would refuse a caller now, and counts
// the caller as refused. It is cheap: with it, a request is refused before it is read.
func (g *Gate) Refuses() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := g.expected()
	if isFree := len(g.slots) < cap(g.slots); isFree || g.waiting < QueuePerSlot*cap(g.slots) && wait <= MaxWait {
		return nil
	}
	return g.refuse(wait)
}

// Enter waits for a slot. The caller calls leave when it is done. If the queue is full, or
// longer than can be worked on within [MaxWait], the error is [problem.Overloaded].
func (g *Gate) Enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.slots <- struct{}{}:
		return g.leaver(), nil
	default:
	}
	if err := g.Refuses(); err != nil {
		return nil, err
	}
	g.wait(1)
	defer g.wait(-1)
	limit := time.NewTimer(MaxWait)
	defer limit.Stop()
	select {
	case g.slots <- struct{}{}:
		return g.leaver(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-limit.C:
		g.mu.Lock()
		defer g.mu.Unlock()
		return nil, g.refuse(g.expected())
	}
}

// enterLate waits for a slot until ctx ends. It is for callers whose number another gate
// bounds.
func (g *Gate) enterLate(ctx context.Context) (leave func(), err error) {
	select {
	case g.slots <- struct{}{}:
		return g.leaver(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *Gate) wait(by int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting += by
}

// leaver returns the function by which a caller that is in leaves.
func (g *Gate) leaver() func() {
	start := time.Now()
	return func() {
		took := time.Since(start)
		g.mu.Lock()
		if g.took == 0 {
			g.took = took
		}
		g.took += (took - g.took) / 16
		g.mu.Unlock()
		<-g.slots
	}
}

// expected returns how long a caller who comes now will wait. The caller has locked g.
func (g *Gate) expected() time.Duration {
	return g.took * time.Duration(g.waiting+1) / time.Duration(cap(g.slots))
}

// refuse counts a caller who is refused, and returns the error. The callers of a moment
// are told different times, so that they do not all come back in one. The caller has
// locked g.
func (g *Gate) refuse(wait time.Duration) error {
	g.refused++
	after := max(minAfter, wait.Round(time.Second))
	after += time.Duration(rand.Int64N(spread*int64(after/time.Second)+1)) * time.Second
	return &problem.Error{Kind: problem.Overloaded, After: min(after, maxAfter)}
}
