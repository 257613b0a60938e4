package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/ingest/previous"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// A run is what the stages of one ingestion share.
type run struct {
	config    Config
	documents document.Options
	rebuild   bool
	tally     *tally

	// Set by prepare.
	fingerprint index.Fingerprint
	fetcher     *crawl.Fetcher
	previous    *previous.Index // empty when rebuilding
	before      *previous.Index // what the index held when the run began, also when rebuilding
	hasIndex    bool            // there is an index that the run changes

	// embedder is nil until the first pages of a new index have chosen it.
	embedder embed.Embedder

	store     index.Run // set by prepare: from then on, no other run changes the index
	unchanged bitset    // decision.seq of the indexed pages that the index has as they are; set by compare
}

func newRun(c Config, rebuild bool) *run {
	return &run{config: c, documents: c.documents(), rebuild: rebuild, tally: newTally(), previous: &previous.Index{}, before: &previous.Index{}}
}

// prepare checks that the run is possible, waits until no other run changes the
// index, and reads what the index holds.
func (r *run) prepare(ctx context.Context, targets []string) (err error) {
	store := r.config.Opener
	if store == nil {
		return errors.New("ingest: the Ingester has no store")
	}
	if r.fingerprint, err = r.config.fingerprint(); err != nil {
		return err
	}
	if r.fetcher, err = r.config.fetcher(targets); err != nil {
		return err
	}
	for _, name := range targets { // before anything is sent anywhere
		if !isAddress(name) {
			if _, _, err := r.config.list(name); err != nil {
				return err
			}
		}
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	if r.before, err = previous.Read(ctx, store); err != nil {
		return err
	}
	if r.rebuild {
		if err := r.validateRebuild(targets); err != nil {
			return err
		}
		return r.openEmbedder(ctx)
	}
	r.previous = r.before
	_, err = store.Fingerprint(ctx)
	if r.hasIndex = err == nil; err != nil && !errors.Is(err, index.ErrNoIndex) {
		return fmt.Errorf("ingest: open the index: %w", err)
	}
	return r.openEmbedder(ctx)
}

// close ends the run on the index, so that another one can begin.
func (r *run) close(ctx context.Context) {
	if r.store == nil {
		return
	}
	if err := r.store.Close(ctx); err != nil {
		r.config.Log.Warn("run not ended", "err", err)
	}
}

// wasIndexed reports whether the index held chunks of a page when the run began.
func (r *run) wasIndexed(cited string) bool {
	p, _ := r.previous.Page(cited)
	return p.Is(index.DecisionIndexed)
}

// A siteCrawl is the crawl of one site in a run.
type siteCrawl struct {
	group    int // number of its target
	site     *site.Site
	previous *previous.Crawl
	began    time.Time
	summary  crawl.Summary
	visits   int
	bases    otherBases
	found    int  // documents counted as found
	owned    int  // of the visits, those to pages of the site
	ended    bool // the crawl ran to its end
	complete bool // and left no page out
	suspect  bool // the site looks like a login or error page; see siteChange
	marked   bool // it is recorded as incomplete; used by the goroutine that writes
}

// isFull reports whether the crawl was not cut and had no limit of depth.
func (c *siteCrawl) isFull() bool { return !c.summary.Cut && c.site.State.MaxDepth == nil }

// A decision is what becomes of one page. Of pages that are not indexed, the
// Document has the row alone.
type decision struct {
	document.Document
	crawl *siteCrawl // nil for a file
	seq   int        // of the page, in the order of the crawl; -1 if it is decided after the crawl
}

// send sends v unless ctx is done first.
func send[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// receive receives a value unless ctx is done first; ok is false after the last
// one.
func receive[T any](ctx context.Context, from <-chan T) (v T, ok bool, err error) {
	select {
	case v, ok = <-from:
		return v, ok, nil
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
}
