package main

import (
	"cmp"
	"runtime"

	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/admit"
)

// asksWithModel is how many questions are answered at once with a model, which is mostly
// waiting for it.
const asksWithModel = 64

// gates bound what a server works on. An answer passes the gate of questions, then that of
// searches, which it shares with POST /v1/search, then that of the model, which it shares
// with POST /v1/extract.
type gates struct {
	asks, searches, model *admit.Gate
}

// newGates returns the gates of a server.
func (c *config) newGates() *gates {
	atOnce := 2 * runtime.GOMAXPROCS(0) // more only makes all of them slower
	asks := atOnce
	if c.hasModel() {
		asks = asksWithModel
	}
	asks = cmp.Or(c.maxAsks, asks)
	return &gates{asks: admit.New(asks), searches: admit.New(cmp.Or(c.maxSearches, atOnce)), model: admit.New(asks)}
}

// bound bounds what p works on, for a server.
func (p *parts) bound(g *gates) {
	p.gates, p.proven = g, &provenFinder{Finder: p.retriever}
	p.retriever = p.proven
}

// open makes a server refuse what can't wait before it reads it.
func (g *gates) open(c *server.Config) {
	c.Asks, c.Searches = g.asks, g.searches
	if c.Metrics != nil {
		c.Metrics.WatchGates(map[string]*admit.Gate{"ask": g.asks, "search": g.searches, "model": g.model})
	}
}
