package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/local"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// choosesModel reports whether the pages of an index choose its local model.
func (c *config) choosesModel() bool { return c.embedder == "local" && c.embedModel == "" }

// validateLocal checks the name of a local model.
func (c *config) validateLocal() error {
	if _, ok := local.Find(c.embedModel); c.embedModel == "" || ok {
		return nil
	}
	return fmt.Errorf("--embed-model %q is no local model: choose %s or %s, or the service that has it with --embedder", c.embedModel, local.English, local.Multilingual)
}

// localModels are the local models of a command. They say what the user should know.
type localModels struct {
	*local.Models
	say     func(format string, args ...any)
	warning *sync.Once // of a slow processor
}

var _ ingest.Models = localModels{}

// openLocal returns the local models. p closes them.
func (a *app) openLocal(p *parts) localModels {
	m := local.New(local.Config{Dir: a.modelDir, CacheDir: a.cacheDir, Deferred: a.deferModel,
		Progress: func(model string) func(done, total int64) { return a.download("the embedding model " + model) }})
	p.closers = append(p.closers, m.Close)
	return localModels{m, a.say, &sync.Once{}}
}

// Open opens a model.
func (m localModels) Open(ctx context.Context, name string) (embed.Embedder, error) {
	e, err := m.Models.Open(ctx, name)
	if err == nil && encoder.Slow() {
		m.warning.Do(func() {
			m.say("warning: this processor has no AVX2, so embedding will be about 25 times slower")
		})
	}
	return e, err
}

// Choose implements [ingest.Models].
func (m localModels) Choose(texts []string) string {
	c := m.Models.Choose(texts)
	name, _, _ := strings.Cut(c.Name, "/")
	switch pages := fmt.Sprintf("%d of the first %d pages are not in English (most: %s)", c.Foreign, c.Pages, c.Language); {
	case c.Missing != "":
		m.say("warning: %s, but the folder CITEWELL_MODEL_DIR has no %s: %s will find less", pages, c.Missing, name)
	case name != local.English:
		m.say("%s: the index gets the embedding model %s, unless --embed-model names another", pages, name)
	}
	return c.Name
}

// A follower searches with the local model that the index was made with, also after
// another process has rebuilt the index with the other model. As an [embed.Embedder] it
// is that model.
type follower struct {
	models       localModels
	fingerprint  func(context.Context) (index.Fingerprint, error) // of the index
	newRetriever func(embed.Embedder) (*retrieve.Retriever, error)

	mu      sync.Mutex
	current *followed // nil until it is needed
}

// followed is one model, and a retriever with it.
type followed struct {
	embed.Embedder
	*retrieve.Retriever
}

var _ embed.Embedder = (*follower)(nil)

// name returns the name of the index's model. Without an index, or with one of another
// embedder, it is the one for English.
func (f *follower) name(ctx context.Context) (string, error) {
	fp, err := f.fingerprint(ctx)
	switch {
	case err == nil && f.models.Has(fp.Model):
		return fp.Model, nil
	case err != nil && !errors.Is(err, index.ErrNoIndex):
		return "", err
	}
	return f.Model(), nil
}

// start opens the model of the index before it is needed.
func (f *follower) start(ctx context.Context) error {
	name, err := f.name(ctx)
	if err != nil {
		return err
	}
	if _, err := f.models.Open(ctx, name); err != nil {
		return err
	}
	_, err = f.use(ctx, name)
	return err
}

// open returns the current model; at first, that of the index.
func (f *follower) open(ctx context.Context) (*followed, error) {
	if c := f.peek(); c != nil {
		return c, nil
	}
	name, err := f.name(ctx)
	if err != nil {
		return nil, err
	}
	return f.use(ctx, name)
}

// peek returns the current model; nil if none is opened.
func (f *follower) peek() *followed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// use makes the model of this name the current one.
func (f *follower) use(ctx context.Context, name string) (*followed, error) {
	e, err := f.models.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", retrieve.ErrEmbedder, err)
	}
	r, err := f.newRetriever(e)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current == nil || f.current.Model() != name {
		f.current = &followed{e, r}
	}
	return f.current, nil
}

// Retrieve finds chunks, see [retrieve.Retriever.Retrieve].
func (f *follower) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	c, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	res, err := c.Retrieve(ctx, q)
	if m, ok := errors.AsType[*index.MismatchError](err); ok && m.Have.Model != m.Asked.Model && f.models.Has(m.Have.Model) {
		if c, err = f.use(ctx, m.Have.Model); err != nil {
			return nil, err
		}
		return c.Retrieve(ctx, q)
	}
	return res, err
}

// Model implements [embed.Embedder].
func (f *follower) Model() string {
	if c := f.peek(); c != nil {
		return c.Model()
	}
	return f.models.Choose(nil)
}

// MaxTokens implements [embed.Embedder].
func (f *follower) MaxTokens() int {
	if c := f.peek(); c != nil {
		return c.MaxTokens()
	}
	return 0
}

// Embed implements [embed.Embedder].
func (f *follower) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	c, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	return c.Embed(ctx, texts, kind)
}
