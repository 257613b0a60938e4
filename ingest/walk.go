package ingest

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/retrieve/index"
)

// Bounds of what is between the walk and the decisions.
const (
	readers  = 2  // documents extracted at once: a thread each
	waitRoom = 16 // documents that are extracted or wait for their turn
)

// An item is one document on its way from the walk to its decision.
type item struct {
	seq   int
	group int   // number of the target: equal texts are looked for inside of one
	site  *site // nil for a file
	file  target
	visit crawl.Visit // of a site
	url   string      // that the document is stored and cited by
	from  string      // page that named it first, as cited
	canon string      // what it calls its own address, as cited
	done  chan struct{}
	raw   raw      // valid when done is closed and err is nil
	err   error    // why there is no document
	doc   Document // valid when it is split and err is nil
}

// unread reports whether there is nothing of the item to extract.
func (it *item) unread() bool {
	return it.site != nil && (it.visit.Err != nil || it.visit.Response.Status == notModified || it.visit.NoIndex != "")
}

// A crawled is how the crawl of one site went.
type crawled struct {
	site    *site
	known   *remembered
	began   time.Time
	summary crawl.Summary
	visits  int
	found   int  // documents counted as found
	owned   int  // of the visits, those that belong to the site
	ended   bool // the crawl ran to its end
	whole   bool // and left no page out
}

// walk sends the documents of the targets, in order, to those who read them and
// to those who decide.
func (p *pipeline) walk(ctx context.Context, targets []string, work, order chan<- *item) error {
	for group, name := range targets {
		var err error
		if isAddress(name) {
			err = p.walkSite(ctx, name, group, work, order)
		} else {
			err = p.walkFiles(ctx, name, group, work, order)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// emit sends one document on.
func (p *pipeline) emit(ctx context.Context, it *item, work, order chan<- *item) error {
	it.seq, it.done = p.sent, make(chan struct{})
	p.sent++
	if it.unread() {
		close(it.done)
		return send(ctx, order, it)
	}
	if err := send(ctx, order, it); err != nil {
		return err
	}
	return send(ctx, work, it)
}

func (p *pipeline) walkFiles(ctx context.Context, name string, group int, work, order chan<- *item) error {
	files, err := p.in.files(name)
	if err != nil {
		return err
	}
	p.tally.found(len(files))
	for _, f := range files {
		if p.seen.has(f.url) {
			p.tally.found(-1)
			continue
		}
		p.seen.set(f.url, true)
		if err := p.emit(ctx, &item{group: group, file: f, url: f.url}, work, order); err != nil {
			return err
		}
	}
	return nil
}

// walkSite crawls one site. That it can't be crawled is an error of the site,
// not of the run.
func (p *pipeline) walkSite(ctx context.Context, address string, group int, work, order chan<- *item) error {
	c := &crawled{began: p.in.config.Now().UTC()}
	var known crawl.Known
	s, invalid := newSite(address, p.in.settings())
	if invalid == nil {
		if p.covered(s) {
			return nil
		}
		if old := p.known.crawl(s.start); old != nil {
			s.stored, s.isStored = old.stored, true
			invalid = s.moveTo(old.state.Origin)
		}
		c.site, c.known = s, p.known.remember(s)
		if !s.state.StartOnly() {
			known = c.known
		}
		p.crawls = append(p.crawls, c)
	}
	var err error
	site := crawl.Site{Start: address, Options: p.in.config.Crawl, Concurrency: p.in.config.Concurrency}
	c.summary, err = p.fetcher.Crawl(ctx, site, known, func(v crawl.Visit) error {
		if invalid != nil {
			// Unreachable: what is no site is not crawled.
			return invalid
		}
		return p.visit(ctx, c, v, group, work, order)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		p.in.log.Warn("site not crawled", "start", address, "err", err)
		p.tally.found(c.visits - c.found + 1)
		p.tally.failed(address, err, false)
		return nil
	}
	p.tally.found(c.visits - c.found)
	c.ended, c.whole = true, !c.summary.Cut
	p.tally.crawled(address, c.visits, c.summary)
	return nil
}

// visit sends one document of a site on.
func (p *pipeline) visit(ctx context.Context, c *crawled, v crawl.Visit, group int, work, order chan<- *item) error {
	s := c.site
	isStart := v.Asked == s.start
	if isStart {
		if err := s.moveTo(v.URL); err != nil {
			return err
		}
	}
	it := &item{group: group, site: s, visit: v, url: s.cite(v.URL), from: s.cite(v.DiscoveredFrom), canon: s.canonical(v.Canonical)}
	if old := p.known.page(it.url); old != nil && it.from == "" && !isStart {
		it.from = p.known.from(old) // It was looked for, since nothing led to it.
	}
	if p.seen.has(it.url) {
		return nil
	}
	c.visits++
	p.tally.found(max(v.Found, c.visits) - c.found)
	c.found = max(v.Found, c.visits)
	if v.Err == nil {
		p.tally.fetched()
	}
	p.tally.notes(it.url, v.Notes)
	p.seen.set(it.url, v.Err == nil)
	if asked := s.cite(v.Asked); asked != it.url {
		p.seen.set(asked, v.Err == nil)
	}
	if (it.from != "" || it.url == s.cite(s.start)) && s.contains(it.url) {
		c.owned++
	}
	return p.emit(ctx, it, work, order)
}

// covered reports whether an earlier crawl of this run has visited all that a crawl
// of s would.
func (p *pipeline) covered(s *site) bool {
	if s.state.MaxDepth != nil {
		return p.seen.wasRead(s.cite(s.start))
	}
	for _, c := range p.crawls {
		if c.whole && p.seen.wasRead(s.cite(s.start)) && c.site.origin == s.origin &&
			(c.site.folder == s.folder || strings.HasPrefix(s.folder, c.site.folder+"/")) {
			return true
		}
	}
	return false
}

// read extracts documents until there are no more.
func (p *pipeline) read(ctx context.Context, work <-chan *item) error {
	for {
		it, ok, err := receive(ctx, work)
		if err != nil || !ok {
			return err
		}
		p.readOne(it)
	}
}

func (p *pipeline) readOne(it *item) {
	defer close(it.done)
	resp, source := it.visit.Response, it.file.source
	if it.site == nil {
		if resp, it.err = p.in.readFile(it.file); it.err != nil {
			return
		}
		p.tally.fetched()
	}
	resp.URL = it.url
	it.raw, it.err = p.in.extract(resp, source)
	it.visit.Response.Body = nil
}

// split makes the document of an item.
func (p *pipeline) split(it *item, repeated boilerplate.Set) {
	if it.err != nil || it.unread() {
		return
	}
	it.doc, it.err = p.in.split(it.raw, repeated)
	it.raw, it.doc.Text = raw{}, "" // The chunks hold what is needed of it.
	if it.site != nil {
		it.doc.Page.Canonical, it.doc.Page.DiscoveredFrom = header(it.canon), it.from
	}
}

// fetch starts the walk and the readers, and returns the documents in the order
// of the walk. They are to be waited for.
func (p *pipeline) fetch(ctx context.Context, g *errgroup.Group, targets []string) <-chan *item {
	work, order := make(chan *item), make(chan *item, waitRoom)
	g.Go(func() error {
		defer close(work)
		defer close(order)
		return p.walk(ctx, targets, work, order)
	})
	for range readers {
		g.Go(func() error { return p.read(ctx, work) })
	}
	return order
}

// row returns the manifest's row of a document that is not indexed.
func (it *item) row(decision, reason string, at time.Time) index.Page {
	r := it.visit.Response
	return index.Page{
		URL: it.url, Status: r.Status, ETag: header(r.ETag), LastModified: header(r.LastModified), Canonical: header(it.canon),
		DiscoveredFrom: it.from, Decision: decision, Reason: cut(line(reason), maxReasonRunes), CrawledAt: at,
	}
}
