package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/retrieve/index"
)

// Bounds of what is in memory at once.
const (
	planPages = 8       // pages whose stored chunks are looked up together
	planBytes = 1 << 17 // of their text; a batch ends with the page that passes it
	putBytes  = 1 << 20 // of the changes that are written together, about: the store works while more is read
	embedders = 2       // batches embedded at once, so that one waits while the other computes
)

// A pipeline is one run of [Ingester.Ingest]:
//
//	walk → extract, split → decide, in the order of the walk →
//	plan: what is stored? → embed → write; and when all is written, settle
//
// Each stage hands on through a channel with little room, so that the slowest
// sets the pace.
type pipeline struct {
	in      *Ingester
	fp      index.Fingerprint
	rebuild bool
	fetcher *crawl.Fetcher
	tally   *tally
	known   *manifest // of the index when the run began

	// Of the walk; settle has them when it is over.
	sent   int
	seen   visits
	crawls []*crawled

	// Of decide, and of settle later.
	d         decisions
	mayCreate bool // a page to index has come, or there is an index

	// run is begun when the first document is written: a run that reads nothing
	// creates nothing. The later stages have it from plan's messages.
	store    index.Run
	asBefore bitset // of Document.seq: indexed pages that plan found unchanged
}

func newPipeline(in *Ingester, rebuild bool) *pipeline {
	return &pipeline{
		in: in, rebuild: rebuild, tally: newTally(),
		d: decisions{bodies: map[string]*index.Page{}, parents: map[string]string{}, missing: map[string]Document{}},
	}
}

// prepare checks that the run can be done, and reads what the index holds.
func (p *pipeline) prepare(ctx context.Context, targets []string) (err error) {
	store := p.in.config.Opener
	if store == nil {
		return errors.New("ingest: the Ingester has no store")
	}
	if p.fp, err = p.in.Fingerprint(); err != nil {
		return err
	}
	if p.fetcher, err = p.in.fetcher(targets); err != nil {
		return err
	}
	for _, name := range targets { // before anything is sent anywhere
		if !isAddress(name) {
			if _, err := p.in.files(name); err != nil {
				return err
			}
		}
	}
	p.known = &manifest{}
	if p.rebuild {
		return nil
	}
	have, err := store.Fingerprint(ctx)
	switch {
	case errors.Is(err, index.ErrNoIndex):
		return nil
	case err != nil:
		return fmt.Errorf("ingest: open the index: %w", err)
	case have != p.fp:
		return fmt.Errorf("ingest: open the index: %w", &index.MismatchError{Have: have, Asked: p.fp})
	}
	p.mayCreate = true
	p.known, err = readManifest(ctx, store)
	return err
}

// run reads the targets, brings them into the index and commits.
func (p *pipeline) run(ctx context.Context, targets []string) error {
	p.seen.known = p.known
	g, ctx2 := errgroup.WithContext(ctx)
	items := p.fetch(ctx2, g, targets)
	documents := make(chan Document, 1)
	plans := make(chan []plan, 1)
	changes := make(chan change, planPages)
	g.Go(func() error {
		defer close(documents)
		return p.decide(ctx2, items, documents)
	})
	g.Go(func() error {
		defer close(plans)
		return p.plan(ctx2, documents, plans)
	})
	embedding, ctx3 := errgroup.WithContext(ctx2)
	for range embedders {
		embedding.Go(func() error { return p.embed(ctx3, plans, changes) })
	}
	g.Go(func() error {
		defer close(changes)
		return embedding.Wait()
	})
	g.Go(func() error { return p.write(ctx2, changes) })
	if err := g.Wait(); err != nil {
		return err
	}
	return p.settle(ctx)
}

// write puts changes into the index, in batches.
func (p *pipeline) write(ctx context.Context, changes <-chan change) error {
	var batch []change
	bytes := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := p.put(ctx, batch); err != nil {
			return err
		}
		batch, bytes = nil, 0
		return nil
	}
	for {
		c, ok, err := receive(ctx, changes)
		if err != nil {
			return err
		}
		if !ok {
			return flush()
		}
		batch = append(batch, c)
		if bytes += c.bytes(p.fp.Dim); bytes >= putBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// put writes changes. Before the first of a site, its crawl is marked as
// incomplete.
func (p *pipeline) put(ctx context.Context, batch []change) error {
	put := make([]index.Change, len(batch))
	for i, c := range batch {
		if err := p.mark(ctx, c.site); err != nil {
			return err
		}
		put[i] = c.Change
	}
	if err := p.store.Put(ctx, put); err != nil {
		return fmt.Errorf("ingest: write %d pages: %w", len(batch), err)
	}
	for _, c := range batch {
		if !c.unchanged && c.Page.Decision == index.DecisionIndexed {
			p.tally.stored(c.Page.Chunks)
		}
	}
	return nil
}

// mark records that the crawl of a site is not complete, and what its pages
// repeat: pages are about to be written, and those they lead to may never be.
// With settings that are not those of the crawl before, its record stays but for
// that: the next run has to tell by it which pages are not wanted any more.
func (p *pipeline) mark(ctx context.Context, s *site) error {
	if s == nil || s.marked {
		return nil
	}
	s.marked = true
	if s.state.StartOnly() {
		return nil
	}
	mark := index.Crawl{Start: s.start, State: s.stored.State, CrawledAt: s.stored.CrawledAt}
	if old := p.known.crawl(s.start); old == nil || old.state.settings.equal(s.state.settings) {
		state, err := json.Marshal(s.state)
		if err != nil {
			// Unreachable: strings and numbers.
			return err
		}
		mark.State = string(state)
	}
	if mark == s.stored {
		return nil
	}
	if err := p.store.Put(ctx, []index.Change{{Page: mark.Page()}}); err != nil {
		return fmt.Errorf("ingest: record the crawl of %s: %w", s.start, err)
	}
	return nil
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
