package crawl

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
)

// A task is the work on one page, done before its turn.
type task struct {
	page  *node
	links pagelinks.Links // of a page that is read again
	err   error
	done  chan struct{}
}

// prefetch calls take for pages, works on them concurrently while there is room,
// and calls handle for one after the other, in the order in which they were taken.
func (w *walk) prefetch(ctx context.Context, room func(pending int) bool, take func() *node, work func(context.Context, *task), handle func(*task) error) error {
	ctx, cancel := context.WithCancel(ctx)
	jobs := make(chan *task, window)
	var workers errgroup.Group
	for range w.concurrency() {
		workers.Go(func() error {
			for j := range jobs {
				work(ctx, j)
				close(j.done)
			}
			return nil
		})
	}
	defer func() {
		cancel()
		close(jobs)
		_ = workers.Wait() // They return no error.
	}()
	var pending []*task
	for {
		for room(len(pending)) && (len(pending) == 0 || w.heldBytes.Load() < maxHeldBytes) {
			p := take()
			if p == nil {
				break
			}
			j := &task{page: p, done: make(chan struct{})}
			pending = append(pending, j)
			jobs <- j
		}
		if len(pending) == 0 {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pending[0].done:
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		j := pending[0]
		pending = slices.Delete(pending, 0, 1)
		w.pending = len(pending)
		if err := handle(j); err != nil {
			return err
		}
	}
}
