package main

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/embed"
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

// readyParts returns what /readyz reports besides the store.
func (a *app) readyParts(p *parts) []server.Part {
	e := &embedderProbe{embedder: p.embedder, turn: make(chan struct{}, 1)}
	out := []server.Part{
		{Name: "index", State: func(ctx context.Context) (string, error) {
			fp, err := p.store.Fingerprint(ctx)
			if err != nil {
				return "", err
			}
			return server.StateOK, a.validateEmbedderOf(fp, p.embedder)
		}},
		{Name: "embedder", State: e.state},
		{Name: "model", Optional: true, State: p.seen.state},
	}
	if strings.HasSuffix(a.milvus, ".db") {
		out = append(out, server.Part{Name: "file", State: func(ctx context.Context) (string, error) {
			return server.StateOK, p.store.CheckFile(ctx)
		}})
	}
	return out
}

// validateEmbedderOf returns an error unless the index was made with the embedder.
func (a *app) validateEmbedderOf(fp index.Fingerprint, e embed.Embedder) error {
	if fp.Model == e.Model() {
		return nil
	}
	asked := fp
	asked.Model = e.Model()
	return &index.MismatchError{Name: a.name, Have: fp, Asked: asked}
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
	e.err = err
	e.until = time.Now().Add(keepOK)
	if e.err != nil {
		e.until = time.Now().Add(keepFailed)
	}
	return server.StateOK, e.err
}

// A seenModel is a model whose last result /readyz reports. The zero value is no model.
type seenModel struct {
	*llm.Client
	last atomic.Pointer[error] // nil before the first request
}

// Complete asks the model.
func (m *seenModel) Complete(ctx context.Context, r llm.Request) (llm.Response, error) {
	resp, err := m.Client.Complete(ctx, r)
	if !errors.Is(ctx.Err(), context.Canceled) && !errors.Is(err, llm.ErrTooLong) { // the client went away, or asked for too much
		m.last.Store(&err)
	}
	return resp, err
}

func (m *seenModel) state(context.Context) (string, error) {
	if m.Client == nil {
		return server.StateNone, nil
	}
	last := m.last.Load()
	if last == nil {
		return server.StateUnknown, nil
	}
	return server.StateOK, *last
}
