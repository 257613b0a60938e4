package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server"
)

// How long /readyz keeps a result of the embedder, which may cost money.
const (
	keepOK     = 30 * time.Second
	keepFailed = 5 * time.Second
)

// probeTimeout is the time that the embedder has to answer /readyz.
const probeTimeout = 2500 * time.Millisecond

// storeReady returns the check of the store for /readyz.
func storeReady(p *parts) func(context.Context) error {
	check := p.proven.or(func(ctx context.Context) (string, error) { return server.StateOK, p.store.Ping(ctx) })
	return func(ctx context.Context) error {
		_, err := check(ctx)
		return err
	}
}

// readyParts returns what /readyz reports besides the store.
func (a *app) readyParts(p *parts) []server.Part {
	e := &embedderProbe{embedder: p.embedder, turn: make(chan struct{}, 1)}
	out := []server.Part{
		{Name: "index", State: p.proven.or(func(ctx context.Context) (string, error) {
			fp, err := p.store.Fingerprint(ctx)
			if err != nil {
				return "", err
			}
			return server.StateOK, canSearch(fp, p.embedder)
		})},
		{Name: "embedder", State: a.embedded.or(e.state)},
		{Name: "model", Optional: true, State: func(context.Context) (string, error) { return modelState(p.model) }, Details: func() any { return modelDetails(p.model) }},
	}
	if isFile(a.milvus) {
		out = append(out, server.Part{Name: "file", State: func(ctx context.Context) (string, error) {
			return server.StateOK, p.store.CheckFile(ctx)
		}})
	}
	return out
}

// canSearch returns an error unless this program can search the index with the embedder.
func canSearch(fp index.Fingerprint, e embed.Embedder) error {
	model := e.Model()
	if f, ok := e.(*follower); ok && f.models.Has(fp.Model) {
		model = fp.Model
	}
	return retrieve.CanSearch(fp, model)
}

// An embedderProbe asks the embedder for a short text, at most every few seconds.
type embedderProbe struct {
	embedder embed.Embedder
	turn     chan struct{} // holds a value while one request asks; guards the rest
	err      error         // of the last probe
	until    time.Time     // err is valid
}

func (e *embedderProbe) state(ctx context.Context) (string, error) {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-e.turn }()
	if time.Now().Before(e.until) {
		return server.StateOK, e.err
	}
	pctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, err := e.embedder.Embed(pctx, []string{"ready"}, embed.Query)
	if errors.Is(ctx.Err(), context.Canceled) {
		return "", ctx.Err() // the client went away
	}
	if e.err = err; err != nil {
		e.err = fmt.Errorf("%w: %w", retrieve.ErrEmbedder, err)
	}
	e.until = time.Now().Add(keepOK)
	if e.err != nil {
		e.until = time.Now().Add(keepFailed)
	}
	return server.StateOK, e.err
}

// modelState returns the state of the model as of its last completion.
func modelState(m *llm.Client) (string, error) {
	if m == nil {
		return server.StateNone, nil
	}
	s := m.State()
	switch {
	case s.Err != nil:
		return "", s.Err
	case s.Asked == 0:
		return server.StateUnknown, nil
	}
	return server.StateOK, nil
}

// modelDetails returns the counters of the model and, if its last completion failed,
// how to fix that; nil without a model.
func modelDetails(m *llm.Client) any {
	if m == nil {
		return nil
	}
	s := m.State()
	out := map[string]any{"asked": s.Asked, "failed": s.Failed, "misconfigured": s.Misconfigured}
	if s.Err != nil && llm.Advice(s.Err) != "" {
		out["fix"] = llm.Advice(s.Err)
	}
	return out
}
