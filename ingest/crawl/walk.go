package crawl

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/citewell/citewell/ingest/crawl/guard"
	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/crawl/robots"
)

const (
	window       = 64        // addresses that are fetched ahead of the visits
	maxHeldBytes = 128 << 20 // bodies that wait for their visits; more stops fetching ahead
	// maxSilence is how many addresses in a row may get no answer at all before
	// the server counts as gone and the crawl ends.
	maxSilence = 25
)

// Crawl visits each document of a site once, breadth first: the start, what the
// sitemap names, and what links lead to, in an order that depends on the site
// alone. It sends requests ahead of the visits, a bounded number, and calls visit
// from the goroutine it was called from; an error of visit ends the crawl.
//
// An error says that the site could not be crawled, or not to its end: the start
// can't be had or may not, the server has gone away, or ctx is canceled
// (ctx.Err()). What was visited before counts, but of what was not nothing is
// known: Summary.Gone is empty then. known may be nil.
func (f *Fetcher) Crawl(ctx context.Context, site Site, known Known, visit func(Visit) error) (Summary, error) {
	start, err := parse(site.Start)
	if err != nil {
		return Summary{}, err
	}
	w := f.walk(start, site, known)
	w.visit = visit
	g, leave := f.gate(start.Host, w.rate())
	defer leave()
	w.caller = caller{f: f, gate: g, weight: slots / int64(w.concurrency()), start: start}
	w.client = f.polite(g, func() { w.sent.Add(1) })
	err = w.walk(ctx)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	w.summary.Requests = int(w.sent.Load())
	return w.summary, err
}

// A walk is one crawl.
type walk struct {
	caller
	site       Site
	known      *former
	visit      func(Visit) error
	start      *node // as asked for
	startLinks []string
	sitemaps   map[string]bool // addresses that were asked for as sitemaps
	scope      Scope
	robots     *robots.Rules
	origin     string   // what all addresses of the crawl begin with: https://example.com/
	aliases    []string // other origins of the same host
	seed       maphash.Seed

	mu    sync.Mutex
	table map[string]*node // by address; with fetched and flight of its nodes all that is shared

	queue     []*node // from head on, in the order of discovery
	head      int
	queued    int                // ever
	rejected  map[string]verdict // addresses on the host that are left out
	unchanged []*node            // answered 304
	docs      int                // visits with a document
	pending   int                // pages taken from the queue and not handled
	seq       int
	silence   int  // addresses without answer, in a row
	partial   bool // something kept the walk from seeing all: a page failed, or a limit was reached
	held      atomic.Int64
	busy      atomic.Pointer[busyError]
	summary   Summary
}

func (f *Fetcher) walk(start *url.URL, site Site, known Known) *walk {
	site.Start, site.MaxPages = start.String(), site.maxPages()
	return &walk{
		site: site, known: &former{known: known}, seed: maphash.MakeSeed(),
		table: map[string]*node{}, rejected: map[string]verdict{}, sitemaps: map[string]bool{},
		summary: Summary{ForeignHosts: map[string]int{}},
	}
}

func (w *walk) concurrency() int {
	if w.site.Concurrency <= 0 {
		return DefaultConcurrency
	}
	return min(w.site.Concurrency, slots)
}

func (w *walk) rate() rate.Limit {
	switch {
	case w.site.Rate > 0:
		return rate.Limit(w.site.Rate)
	case len(guard.Named(w.site.Start)) > 0:
		return rate.Inf
	}
	return DefaultRatePerSecond
}

// walk does the crawl.
func (w *walk) walk(ctx context.Context) error {
	end, fl, err := w.begin(ctx)
	if err != nil {
		return err
	}
	if err := w.report(end, w.start, fl); err != nil {
		return err
	}
	w.release(end)
	if w.site.MaxDepth == nil {
		if err := w.readSitemaps(ctx); err != nil {
			return err
		}
	}
	w.discover(end.url, 0, w.startLinks)
	w.startLinks = nil
	if err := w.drain(ctx); err != nil {
		return err
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	w.warn()
	return nil
}

// drain visits what is in the queue, and what that leads to.
func (w *walk) drain(ctx context.Context) error {
	err := w.ahead(ctx, w.room, w.next, w.resolve, func(j *job) error { return w.handle(j.page) })
	if err != nil {
		return err
	}
	if w.docs >= w.site.MaxPages && w.next() != nil {
		w.summary.Cut, w.partial = true, true
	}
	return nil
}

// room reports whether another page may be fetched ahead of so many that wait for
// their visits.
func (w *walk) room(pending int) bool { return pending < window && w.docs+pending < w.site.MaxPages }

// next takes the next page that is not visited from the queue; nil if there is
// none.
func (w *walk) next() *node {
	for w.head < len(w.queue) {
		p := w.queue[w.head]
		w.queue[w.head] = nil
		w.head++
		if w.head == len(w.queue) || w.head > 4096 && w.head > len(w.queue)/2 {
			w.queue = append(w.queue[:0:0], w.queue[w.head:]...)
			w.head = 0
		}
		if !p.visited {
			return p
		}
	}
	return nil
}

// A job is a page that is worked on ahead of its turn.
type job struct {
	page  *node
	links pagelinks.Links // of a page that is read again
	err   error
	done  chan struct{}
}

// ahead takes pages, works on as many of them at once as there is room for, and
// handles them one by one in the order in which they were taken.
func (w *walk) ahead(ctx context.Context, room func(pending int) bool, take func() *node, work func(context.Context, *job), handle func(*job) error) error {
	ctx, cancel := context.WithCancel(ctx)
	jobs := make(chan *job, window)
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
	var pending []*job
	for {
		for room(len(pending)) && (len(pending) == 0 || w.held.Load() < maxHeldBytes) {
			p := take()
			if p == nil {
				break
			}
			j := &job{page: p, done: make(chan struct{})}
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

// warn adds what a person should know of the crawl as a whole.
func (w *walk) warn() {
	s := &w.summary
	if s.Disallowed > 0 && s.Disallowed >= w.docs {
		s.Warnings = append(s.Warnings, fmt.Sprintf("robots.txt forbids %d addresses, and %d documents are left: %s; --ignore-robots is for sites of one's own",
			s.Disallowed, w.docs, strings.Join(s.DisallowedExamples[:1], "")))
	}
	if s.Cut {
		s.Warnings = append(s.Warnings, fmt.Sprintf("the site has more than %d pages: raise --max-pages or narrow the scope", w.site.MaxPages))
	}
}
