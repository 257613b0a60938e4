package ingest

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/retrieve"
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
//	fetch, extract, split → plan: what is stored? → embed → write
//
// Each stage hands on through a channel with little room, so that the slowest
// sets the pace.
type pipeline struct {
	in      *Ingester
	fp      retrieve.Fingerprint
	rebuild bool
	tally   *tally

	// run is begun by plan when the first document arrives: a run that reads
	// nothing creates nothing. The later stages have it from plan's messages.
	store retrieve.Run
	pages map[string]retrieve.Page // the manifest when the run began
	seen  map[string]bool          // URLs of documents that came through
}

// prepare checks that the run can be done and returns what it is to read.
func (p *pipeline) prepare(targets []string) ([]target, error) {
	if p.in.config.Opener == nil {
		return nil, errors.New("ingest: the Ingester has no store")
	}
	var err error
	if p.fp, err = p.in.Fingerprint(); err != nil {
		return nil, err
	}
	sources, err := p.in.expand(targets)
	if err != nil {
		return nil, err
	}
	p.tally.found(len(sources))
	return sources, nil
}

// run reads the sources, brings them into the index and commits.
func (p *pipeline) run(ctx context.Context, sources []target) error {
	g, ctx2 := errgroup.WithContext(ctx)
	documents := p.fetch(ctx2, g, sources)
	plans := make(chan []plan, 1)
	changes := make(chan change, planPages)
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
	if err := p.tally.nothing(); err != nil {
		return err
	}
	if err := p.store.Commit(ctx); err != nil {
		return fmt.Errorf("ingest: commit: %w", err)
	}
	return nil
}

// fetch reads the sources, several at once, and closes the channel after the
// last.
func (p *pipeline) fetch(ctx context.Context, g *errgroup.Group, sources []target) <-chan Document {
	waiting := make(chan target)
	documents := make(chan Document, p.in.config.Concurrency)
	g.Go(func() error {
		defer close(waiting)
		for _, t := range sources {
			if err := send(ctx, waiting, t); err != nil {
				return err
			}
		}
		return nil
	})
	readers, ctx2 := errgroup.WithContext(ctx)
	for range p.in.config.Concurrency {
		readers.Go(func() error {
			for t := range waiting {
				if err := p.readOne(ctx2, t, documents); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(documents)
		return readers.Wait()
	})
	return documents
}

// readOne reads one source. Only a canceled context is an error.
func (p *pipeline) readOne(ctx context.Context, t target, documents chan<- Document) error {
	d, err := p.in.read(ctx, t)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		p.in.log.Warn("page not indexed", "url", t.url, "err", err)
		p.tally.failed(t.url, err)
		return nil
	}
	d.Text = "" // The chunks hold what is needed of it.
	p.tally.fetched()
	return send(ctx, documents, d)
}

// write puts changes into the index, in batches.
func (p *pipeline) write(ctx context.Context, changes <-chan change) error {
	var batch []change
	bytes := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		put := make([]retrieve.Change, len(batch))
		for i, c := range batch {
			put[i] = c.Change
		}
		if err := p.store.Put(ctx, put); err != nil {
			return fmt.Errorf("ingest: write %d pages: %w", len(batch), err)
		}
		for _, c := range batch {
			if !c.unchanged {
				p.tally.stored(c.Page.Chunks)
			}
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
