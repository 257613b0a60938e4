package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server"
)

// provenFor is how long a part that has worked is taken to work, so that /readyz asks
// nothing of a server that is busy with questions.
const provenFor = 2 * time.Second

// A proof remembers when a part last worked. A nil proof remembers nothing.
type proof struct {
	last atomic.Int64 // of time.Time.UnixNano
}

func (p *proof) worked() {
	if p != nil {
		p.last.Store(time.Now().UnixNano())
	}
}

// or returns the check of a part that is ok while it has worked lately.
func (p *proof) or(check func(context.Context) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if p != nil && time.Since(time.Unix(0, p.last.Load())) < provenFor {
			return server.StateOK, nil
		}
		return check(ctx)
	}
}

// A provenFinder proves by its searches that the store and the index work.
type provenFinder struct {
	retrieve.Finder
	proof
}

// Retrieve implements [retrieve.Finder].
func (f *provenFinder) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	r, err := f.Finder.Retrieve(ctx, q)
	if err == nil && r.Mode != retrieve.Sparse {
		f.worked()
	}
	return r, err
}

// A provenEmbedder proves by the questions that it embeds that it works. A search does not:
// the vector of its question may be an earlier one.
type provenEmbedder struct {
	embed.Embedder
	*proof
}

// Embed implements [embed.Embedder].
func (e provenEmbedder) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	vecs, err := e.Embedder.Embed(ctx, texts, kind)
	if err == nil && kind == embed.Query {
		e.worked()
	}
	return vecs, err
}
