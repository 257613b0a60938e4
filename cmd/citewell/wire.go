package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/budget"
	"github.com/citewell/citewell/answer/cache"
	"github.com/citewell/citewell/answer/journal"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/local"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

// parts are the components that a command uses. Close releases all of them.
type parts struct {
	embedder  embed.Embedder
	models    ingest.Models // of which pages choose the embedder of a new index; nil if it is chosen
	store     *milvus.Store
	retriever retrieve.Finder
	model     *llm.Client                 // nil if none is configured, and before openAnswerer
	gates     *gates                      // of a server; nil if nothing is bounded
	state     *state.DB                   // of a server; nil before it is opened
	budget    *budget.Budget              // of the model; nil if it has none
	proven    *provenFinder               // the retriever of a server; else nil
	cache     *cache.Cache                // of the answers of a server; else nil
	answerer  answer.Responder            // nil before openAnswerer
	reserved  func(answer.Question) int64 // tokens that a question reserves; nil before openAnswerer
	journal   *journal.Journal            // the answerer, if questions are logged; else nil
	closers   []func() error
}

func (p *parts) Close() error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i]())
	}
	return errors.Join(errs...)
}

// open opens the embedder, the store and the retriever. For mayCreate, see
// openStore.
func (a *app) open(ctx context.Context, mayCreate bool) (_ *parts, err error) {
	p := &parts{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if !a.choosesModel() {
		if p.embedder, err = a.openEmbedder(ctx, p); err != nil {
			return nil, err
		}
	}
	if p.store, err = a.openStore(ctx, mayCreate); err != nil {
		return nil, err
	}
	p.closers = append(p.closers, p.store.Close)
	if a.choosesModel() {
		return p, a.follow(ctx, p)
	}
	p.retriever, err = a.newRetriever(retrieve.Config{Embedder: p.embedder, Searcher: p.store})
	return p, err
}

// follow makes the local model of the index the embedder. If a.deferModel is set, it is
// opened on first use.
func (a *app) follow(ctx context.Context, p *parts) error {
	models := a.openLocal(p)
	f := &follower{models: models, fingerprint: p.store.Fingerprint, newRetriever: func(e embed.Embedder) (*retrieve.Retriever, error) {
		return a.newRetriever(retrieve.Config{Embedder: e, Searcher: p.store})
	}}
	p.models, p.embedder, p.retriever = models, f, f
	if a.deferModel {
		return nil
	}
	return f.start(ctx)
}

// openEmbedder opens the embedder that the user has chosen; the local model for English
// if that is none.
func (a *app) openEmbedder(ctx context.Context, p *parts) (embed.Embedder, error) {
	switch a.embedder {
	case "constant":
		return embed.Constant{}, nil
	case "local":
		name, _ := local.Find(cmp.Or(a.embedModel, local.English))
		return a.openLocal(p).Open(ctx, name)
	}
	return a.openService(ctx)
}

// isFile reports whether the location of an index is a file of Milvus Lite.
func isFile(milvus string) bool { return strings.HasSuffix(milvus, ".db") }

// openStore opens the store. If mayCreate is false, the file of Milvus Lite must
// exist: a question with a mistyped path should not create one.
func (a *app) openStore(ctx context.Context, mayCreate bool) (*milvus.Store, error) {
	if _, err := os.Stat(a.milvus); !mayCreate && isFile(a.milvus) && errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist: %w", a.milvus, index.ErrNoIndex)
	}
	c := milvus.Config{URI: a.milvus, Token: string(a.milvusToken), CAFile: a.milvusCA, Name: a.name, LiteDir: a.liteDir, CacheDir: a.cacheDir,
		Progress: a.download("Milvus Lite"), Log: a.log(), LeaseWait: a.wait,
		Waiting: func(h index.Holder) { a.say("waiting: %s is changing the index", h) }}
	if state.IsPostgres(a.state) {
		c.TryLock = a.tryLock
	}
	return milvus.Open(ctx, c)
}

// tryLock is an [index.TryLock] in the PostgreSQL database of the state.
func (a *app) tryLock(ctx context.Context, name, note string) (index.Lock, string, error) {
	l, heldBy, err := state.TryLock(ctx, a.state, name, note)
	if l == nil || err != nil {
		return nil, heldBy, err // not l: a nil pointer in an interface is not nil
	}
	return l, "", nil
}

func (a *app) newIngester(p *parts) (*ingest.Ingester, error) {
	c, err := a.ingestConfig()
	if err != nil {
		return nil, err
	}
	p.ingestInto(&c, a)
	c.Progress = a.ingestProgress()
	return ingest.New(c)
}

// ingestInto sets the index that is ingested into, and its embedder.
func (p *parts) ingestInto(c *ingest.Config, a *app) {
	c.Opener, c.IndexType, c.Metric = p.store, a.index, a.metric
	if c.Models = p.models; c.Models == nil {
		c.Embedder = p.embedder
	}
}

// openAnswerer sets the answerer: with a model if one is configured, else
// extractive. All requests of a process to a model share one client, and so its
// limits and what it has learnt about the model.
func (a *app) openAnswerer(ctx context.Context, p *parts) error {
	r := retrieve.Finder(p.retriever)
	if p.gates != nil {
		r = p.gates.searches.LateFinder(r)
	}
	answerer, err := a.newAnswerer(ctx, p, r)
	if err != nil {
		return err
	}
	p.answerer, p.reserved = answerer, answerer.ReservedTokens
	if p.gates == nil {
		return nil
	}
	p.cache, err = a.newAnswerCache(p.gates.asks.Responder(answerer), p)
	p.answerer = p.cache
	return err
}

// newAnswerer returns an answerer that finds chunks with r.
func (a *app) newAnswerer(ctx context.Context, p *parts, r retrieve.Finder) (_ *answer.Answerer, err error) {
	c := answer.Config{Retriever: r, Instructions: a.instructions, MinEvidence: a.minEvidence, ModelName: a.model, RequireModel: a.requireModel, Quotes: answer.Quotes(a.quotes), Log: a.log()}
	if c.Prices, err = a.loadPrices(); err != nil {
		return nil, err
	}
	if a.hasModel() {
		if p.model, err = a.newModel(ctx); err != nil {
			return nil, err
		}
		p.closers = append(p.closers, func() error { a.forgetModel(p.model.State()); return nil })
		if err := a.openBudget(p, c.Prices); err != nil {
			return nil, err
		}
		c.Model, c.ModelName = p.boundModel(), p.model.Model()
	}
	return answer.New(c)
}

func (a *app) cache(elem ...string) string {
	return filepath.Join(append([]string{a.cacheDir}, elem...)...)
}
