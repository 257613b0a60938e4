// Package crawl fetches documents from web servers.
//
// Call [Fetcher.Fetch] for an address. A fetch speaks http and https only, follows
// at most ten redirects, reads no more than the body limit, and tries again when
// the server is busy or the connection breaks. It connects to addresses of the
// public Internet alone, unless Config.AllowPrivate or Config.Allow opens others. A
// failed fetch returns an [*Error], whose one line says what to do.
//
// Call [Fetcher.Crawl] for a whole site. It obeys robots.txt, stays on the host
// and in the scope of its start, asks for no address twice, keeps to the rate of
// the host, and visits the documents in an order that depends on the site alone.
package crawl

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/citewell/citewell/ingest/crawl/guard"
	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/crawl/robots"
)

const (
	window       = 64        // addresses that are fetched ahead of the visits
	maxHeldBytes = 128 << 20 // bodies that wait for their visits; more stops fetching ahead
	// maxUnanswered is how many addresses in a row may get no answer before the
	// crawl ends, because the server seems to be down.
	maxUnanswered = 25
)

// Crawl visits each document of a site once, breadth first: the start, then what
// the sitemap names, then what links lead to. If the start is a list of pages, a
// sitemap or an llms.txt, these are the pages, and their links are followed only within
// Site.MaxDepth, if it is set. The order depends on the site alone. Crawl sends a bounded number of requests ahead of the visits. It calls
// visit from the goroutine that called Crawl; an error of visit ends the crawl.
// known may be nil.
//
// Crawl returns an error if the site could not be crawled to its end: the start
// can't be fetched, robots.txt forbids it, the server stopped answering, or ctx is
// canceled (ctx.Err()). Visits made before the error are valid; Summary.Gone is
// empty.
func (f *Fetcher) Crawl(ctx context.Context, site Site, known Known, visit func(Visit) error) (Summary, error) {
	start, err := parse(site.Start)
	if err != nil {
		return Summary{}, err
	}
	if err := site.Validate(); err != nil {
		return Summary{}, fmt.Errorf("crawl: %w", err)
	}
	w := f.newWalk(start, site, known)
	w.visit = visit
	g, leave := f.gate(start.Host, w.rate())
	defer leave()
	w.hostClient = hostClient{f: f, gate: g, weight: slots / int64(w.concurrency()), start: start}
	w.client = f.throttledClient(g, func() { w.sent.Add(1) })
	err = w.run(ctx)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	w.summary.Requests = int(w.sent.Load())
	return w.summary, err
}

// A walk is one crawl.
type walk struct {
	hostClient
	site       Site
	previous   *previousCrawl
	visit      func(Visit) error
	start      *node // as given by the caller
	startLinks []string
	sitemaps   map[string]bool // addresses that were asked for as sitemaps

	navigations map[string]bool // files that pages name as navigation
	navigators  []navigator     // pages whose files are to be read
	describers  []describer     // pages whose descriptions are to be visited
	unread      []string        // files of navigation that can't be read
	scripted    bool            // a page has no link, but a script

	searchIndexes []searchIndex // that are to be read
	names         siteNames

	list string // what the start is if it lists pages, in words: see [walk.readList]

	versions        versions
	notice          notice
	echoes          echoes
	series          map[string]*series // by shape of their addresses
	repeated        int                // addresses that repeat their folders
	repeatedExample string

	scope   Scope
	robots  *robots.Rules
	origin  string   // what all addresses of the crawl begin with: https://example.com/
	aliases []string // other origins of the same host
	seed    maphash.Seed

	mu    sync.Mutex
	table map[string]*node // by address; the table and its nodes' fetched and fetch are shared

	queue      []*node // from head on, in the order of discovery
	head       int
	queued     int                 // ever
	rejected   map[string]decision // addresses on the host that are left out
	unchanged  []*node             // answered 304
	docs       int                 // visits with a document
	pending    int                 // pages taken from the queue and not handled
	seq        int
	unanswered int  // addresses in a row that got no answer
	partial    bool // the walk can't have seen all pages: one failed, or a limit was reached
	heldBytes  atomic.Int64
	busy       atomic.Pointer[busyError]
	summary    Summary
}

func (f *Fetcher) newWalk(start *url.URL, site Site, known Known) *walk {
	site.Start, site.MaxPages = start.String(), site.maxPages()
	return &walk{
		site: site, previous: &previousCrawl{known: known}, seed: maphash.MakeSeed(),
		table: map[string]*node{}, rejected: map[string]decision{}, sitemaps: map[string]bool{}, navigations: map[string]bool{},
		versions: versions{offered: map[string]pagelinks.Version{}, visited: map[string]bool{}},
		echoes:   echoes{depths: map[uint64]int{}, named: map[string]*named{}}, series: map[string]*series{},
		summary: Summary{ForeignHosts: map[string]int{}},
	}
}

func (w *walk) concurrency() int {
	if w.site.Concurrency <= 0 {
		return defaultConcurrency
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

// run crawls the site.
func (w *walk) run(ctx context.Context) error {
	end, fl, err := w.fetchStart(ctx)
	if err != nil {
		return err
	}
	if !w.site.StartOnly() {
		w.list = listKind(end.url, fl.answer.Response)
	}
	body := fl.answer.Response
	w.notice.start = fl.answer
	if w.list == "" {
		w.readTwin(ctx, end, fl)
	}
	if err := w.readVersions(ctx, fl); err != nil {
		return err
	}
	if err := w.reportPage(end, w.start, fl); err != nil {
		return err
	}
	w.release(end)
	if w.list != "" {
		if err := w.readList(ctx, end, body); err != nil {
			return err
		}
	} else if w.site.MaxDepth == nil && !isAlone(end.url, body) {
		if err := w.readSitemaps(ctx); err != nil {
			return err
		}
	}
	if w.list == "" {
		w.enqueueLinks(end.url, 0, w.startLinks)
	}
	w.startLinks = nil
	w.recallSearchIndexes()
	if err := w.readNavigation(ctx); err != nil {
		return err
	}
	if err := w.visitDescriptions(ctx); err != nil {
		return err
	}
	if err := w.visitQueue(ctx); err != nil {
		return err
	}
	if err := w.visitListed(ctx); err != nil {
		return err
	}
	if err := w.visitNamed(ctx); err != nil {
		return err
	}
	if err := w.findMissing(ctx); err != nil {
		return err
	}
	w.warn()
	return nil
}

// visitQueue visits the pages in the queue, and those that they lead to.
func (w *walk) visitQueue(ctx context.Context) error {
	err := w.prefetch(ctx, w.hasRoom, w.next, w.fetchRedirects, func(j *task) error {
		if err := w.visitPage(ctx, j.page); err != nil {
			return err
		}
		if err := w.visitDescriptions(ctx); err != nil {
			return err
		}
		return w.readNavigation(ctx)
	})
	if err != nil {
		return err
	}
	if w.docs >= w.site.MaxPages && w.next() != nil {
		w.summary.Cut, w.partial = true, true
	}
	return nil
}

// hasRoom reports whether another page may be fetched while pending pages wait for
// their visits.
func (w *walk) hasRoom(pending int) bool { return pending < window && w.docs+pending < w.site.MaxPages }

// next removes the next unvisited page from the queue and returns it; nil if there
// is none.
func (w *walk) next() *node {
	for w.head < len(w.queue) {
		p := w.queue[w.head]
		w.queue[w.head] = nil
		w.head++
		if w.head == len(w.queue) || w.head > 4096 && w.head > len(w.queue)/2 {
			w.queue = append(w.queue[:0:0], w.queue[w.head:]...)
			w.head = 0
		}
		if !p.visited && !w.isLeftOut(p) {
			return p
		}
	}
	return nil
}

// warn adds the warnings that concern the whole crawl.
func (w *walk) warn() {
	s := &w.summary
	w.warnNavigation()
	w.warnNotice()
	w.warnEchoes()
	w.warnSeries()
	w.warnVersions()
	if s.Disallowed > 0 && s.Disallowed >= w.docs {
		s.Warnings = append(s.Warnings, fmt.Sprintf("robots.txt forbids %d addresses, and %d documents are left: %s; --ignore-robots is for sites you own",
			s.Disallowed, w.docs, strings.Join(s.DisallowedExamples[:1], "")))
	}
	if s.Cut {
		s.Warnings = append(s.Warnings, fmt.Sprintf("the site has more than %d pages: raise --max-pages or narrow the scope", w.site.MaxPages))
	}
}
