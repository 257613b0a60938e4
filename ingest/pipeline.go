package ingest

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Sizes of the pipeline: they limit what is in memory at once.
const (
	readers      = 2  // pages whose text is extracted at once: a thread each
	maxUndecided = 16 // pages whose text is extracted, or that wait for their turn
	embedders    = 2  // batches embedded at once, so that one waits while the other computes
)

// pipeline reads the targets, writes them to the index and commits:
//
//	crawl → read → decide, in the order of the crawl → choose the embedder of a
//	new index → compare with what is stored → embed → write; and when all is
//	written, finish
//
// Each stage sends to the next through a channel with little room, so that the
// slowest one sets the pace.
func pipeline(ctx context.Context, r *run, targets []string) error {
	g, ctx2 := errgroup.WithContext(ctx)
	toRead, toDecide := make(chan *visitedPage), make(chan *visitedPage, maxUndecided)
	decisions, embeddable := make(chan decision, 1), make(chan decision)
	differences := make(chan []difference, 1)
	changes := make(chan change, comparePages)

	c := &crawler{run: r, toRead: toRead, toDecide: toDecide, visited: visitedPages{previous: r.previous}}
	g.Go(func() error {
		defer close(toRead)
		defer close(toDecide)
		return c.crawlTargets(ctx2, targets)
	})
	for range readers {
		g.Go(func() error { return r.readPages(ctx2, toRead) })
	}
	d := newDecider(r, &c.visited, decisions)
	defer func() {
		if err := d.kept.Close(); err != nil {
			r.config.Log.Warn("temporary file not removed", "err", err)
		}
	}()
	g.Go(func() error {
		defer close(decisions)
		return d.decideAll(ctx2, toDecide)
	})
	g.Go(func() error {
		defer close(embeddable)
		return r.chooseEmbedder(ctx2, decisions, embeddable)
	})
	g.Go(func() error {
		defer close(differences)
		return r.compareAll(ctx2, embeddable, differences)
	})
	embedding, ctx3 := errgroup.WithContext(ctx2)
	for range embedders {
		embedding.Go(func() error { return r.embedAll(ctx3, differences, changes) })
	}
	g.Go(func() error {
		defer close(changes)
		return embedding.Wait()
	})
	g.Go(func() error { return r.writeAll(ctx2, changes) })
	if err := g.Wait(); err != nil {
		return err
	}
	return finish(ctx, r, c, d)
}
