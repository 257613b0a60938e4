package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server"
)

// provenFor is how long a search that found by vectors proves that the store, the index
// and the embedder work.
const provenFor = 2 * time.Second

// A provenFinder remembers when a search last worked, so that /readyz asks nothing of a
// server that is busy with questions.
type provenFinder struct {
	retrieve.Finder
	last atomic.Int64 // of time.Time.UnixNano
}

// Retrieve implements [retrieve.Finder].
func (f *provenFinder) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	r, err := f.Finder.Retrieve(ctx, q)
	if err == nil && r.Mode != retrieve.Sparse {
		f.last.Store(time.Now().UnixNano())
	}
	return r, err
}

// proven returns the check of a part that is ok while a search has worked lately.
func proven(f *provenFinder, check func(context.Context) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if time.Since(time.Unix(0, f.last.Load())) < provenFor {
			return server.StateOK, nil
		}
		return check(ctx)
	}
}
