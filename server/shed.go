package server

import (
	"log/slog"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

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

// refusals counts the requests that are refused since there are too many.
type refusals struct {
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
