package server

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/citewell/citewell/server/admit"
)

// shed refuses a request that would be refused anyway, since too many wait. A refusal
// costs little: the body is not read, no key is looked for, and nothing is logged of a
// single one. The connection stays: with a new one for each, a refusal took 2.4 times as
// much of the processor (2026-11-28).
func (s *api) shed(g *gin.Context) {
	gate := s.gateOf(g.FullPath())
	if gate == nil {
		return
	}
	if err := gate.Refuses(); err != nil {
		s.refused.pace(g.Request.Context())
		secure(g)
		s.shareWithOrigins(g) // a page of another origin reads when to try again
		s.fail(g, err)
	}
}

// gateOf returns the gate that the work of a route stands behind; nil for the others.
func (s *api) gateOf(route string) *admit.Gate {
	switch route {
	case "/v1/ask", "/v1/chat/completions", "/v1/responses":
		return s.Asks
	case "/v1/search":
		return s.Searches
	}
	return nil
}

// refusalsEvery is how often the log tells that requests are refused.
const refusalsEvery = 10 * time.Second

// Clients that ask again at once when they are refused would take the processors from the
// questions that are being answered: 200 of them made 12,000 requests in a second, and a
// tenth of the answers remained; with this limit, two thirds do (2026-11-28, two busy
// cores). Above so many refusals in a second for each processor, the others wait for
// theirs, until mostPace. 1000 clients that wait as they are told make 340.
const (
	refusalsPerSecond = 250
	mostPace          = time.Second
)

// pace waits until it is time for another refusal, or until ctx ends.
func (r *refusals) pace(ctx context.Context) {
	r.begin.Do(func() {
		n := refusalsPerSecond * runtime.GOMAXPROCS(0)
		r.pacer = rate.NewLimiter(rate.Limit(n), n/5)
	})
	next := r.pacer.Reserve()
	wait := next.Delay()
	if wait > mostPace {
		next.Cancel()
		wait = mostPace
	}
	if wait == 0 {
		return
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// refusals counts the requests that are refused since there are too many.
type refusals struct {
	begin sync.Once
	pacer *rate.Limiter

	mu    sync.Mutex
	count int
	last  time.Time // when the log told of them
}

// add counts one, and tells the log of all since it was last told.
func (r *refusals) add(log *slog.Logger) {
	r.mu.Lock()
	r.count++
	n := r.count
	due := time.Since(r.last) >= refusalsEvery
	if due {
		r.count, r.last = 0, time.Now()
	}
	r.mu.Unlock()
	if due {
		log.Warn("too many requests at once: some are refused", "refused", n)
	}
}
