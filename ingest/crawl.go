package ingest

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/ingest/folder"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// A visitedPage is one page on its way from the crawl to its decision.
type visitedPage struct {
	seq       int
	group     int        // number of the target: equal texts are looked for inside of one
	crawl     *siteCrawl // nil for a file
	file      target
	visit     crawl.Visit // of a site
	url       string      // that the page is stored and cited by
	from      string      // page that named it first, as cited
	canonical string      // URL that it claims as its own, as cited
	extracted document.Extracted
	err       error             // why there is nothing in extracted or doc
	done      chan struct{}     // closed when extracted or err is set
	doc       document.Document // set by the decider if err is nil
}

// hasBody reports whether there is something to extract a text from.
func (v *visitedPage) hasBody() bool {
	return v.crawl == nil || v.visit.Err == nil && v.visit.Response.Status != http.StatusNotModified && v.visit.NoIndex == ""
}

// row returns the manifest's row of a page that is not indexed.
func (v *visitedPage) row(decision, reason string, at time.Time) index.Page {
	r := v.visit.Response
	return document.Storable(index.Page{
		URL: v.url, Status: r.Status, ETag: r.ETag, LastModified: r.LastModified, Canonical: v.canonical,
		DiscoveredFrom: v.from, Decision: decision, Reason: reason, CrawledAt: at,
	})
}

// A crawler is the first stage of a run: it sends the pages of the targets, in
// order, to those who read them and to the decider.
type crawler struct {
	*run
	toRead   chan<- *visitedPage // those with a body
	toDecide chan<- *visitedPage // all

	sent    int
	visited visitedPages
	crawls  []*siteCrawl
	folders []string // origins of those that were read as a whole
}

// crawlTargets crawls all targets.
func (c *crawler) crawlTargets(ctx context.Context, targets []string) error {
	for group, name := range targets {
		var err error
		if isAddress(name) {
			err = c.crawlSite(ctx, name, group)
		} else {
			err = c.readFiles(ctx, name, group)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forward sends one page on.
func (c *crawler) forward(ctx context.Context, v *visitedPage) error {
	v.seq, v.done = c.sent, make(chan struct{})
	c.sent++
	if !v.hasBody() {
		close(v.done)
		return send(ctx, c.toDecide, v)
	}
	if err := send(ctx, c.toDecide, v); err != nil {
		return err
	}
	return send(ctx, c.toRead, v)
}

func (c *crawler) readFiles(ctx context.Context, name string, group int) error {
	files, listing, err := c.config.list(name)
	if err != nil {
		return err
	}
	c.tally.listed(listing)
	if listing.Cut {
		c.tally.warn("%s: the folder has more than %d files: raise --max-pages or narrow the scope", name, c.config.Crawl.MaxPages)
	}
	c.tally.found(len(files))
	if !listing.Cut && len(c.config.Crawl.Include) == 0 {
		c.folders = append(c.folders, listing.Origin)
	}
	defer c.checkPublished(ctx, name, files, listing)()
	for _, f := range files {
		if c.visited.has(f.url) {
			c.tally.found(-1)
			continue
		}
		c.visited.set(f.url, true)
		vp := &visitedPage{group: group, file: f, url: f.url, from: listing.Origin, visit: crawl.Visit{Version: f.file.Version}}
		if f.file.Type != folder.OpenAPI {
			if err := c.forward(ctx, vp); err != nil {
				return err
			}
			continue
		}
		parts, err := c.config.splitFile(f)
		if err != nil {
			vp.visit.Err = err
			err = c.forward(ctx, vp)
		} else {
			vp.visit.Response.URL = f.url
			err = c.visitParts(ctx, vp, parts)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// crawlSite crawls one site. That it can't be crawled is an error of the site,
// not of the run.
func (c *crawler) crawlSite(ctx context.Context, address string, group int) error {
	sc := &siteCrawl{group: group, began: c.config.Now().UTC(), bases: otherBases{}}
	var known crawl.Known
	s, invalid := site.New(address, c.config.settings())
	if invalid == nil {
		if c.isCovered(s) {
			return nil
		}
		if old := c.previous.Site(s.Start); old != nil {
			s.Recorded = old.Recorded
			invalid = cmp.Or(s.MoveTo(old.State.Origin), s.SetList(old.State.List))
		}
		sc.site, sc.previous = s, c.previous.CrawlOf(s)
		if !s.State.StartOnly() {
			known = sc.previous
		}
		c.crawls = append(c.crawls, sc)
	}
	var err error
	options := crawl.Site{Start: address, Options: c.config.Crawl, Concurrency: c.config.Concurrency, HasText: c.documents.HasText}
	sc.summary, err = c.fetcher.Crawl(ctx, options, known, func(v crawl.Visit) error {
		if invalid != nil {
			// Unreachable: an address without a site is not crawled.
			return invalid
		}
		return c.visit(ctx, sc, v, group)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.config.Log.Warn("site not crawled", "start", address, "err", err)
		c.tally.found(sc.visits - sc.found + 1)
		c.tally.failed(address, err, false)
		return nil
	}
	c.tally.found(sc.visits - sc.found)
	sc.ended, sc.complete = true, !sc.summary.Cut
	c.tally.crawled(address, sc.visits, sc.summary)
	c.warnOfOtherBase(sc)
	return nil
}

// visit sends one document of a site on.
func (c *crawler) visit(ctx context.Context, sc *siteCrawl, v crawl.Visit, group int) error {
	s := sc.site
	isStart := v.Asked == s.Start
	if isStart {
		if err := cmp.Or(s.MoveTo(v.URL), s.SetList(v.List)); err != nil {
			return err
		}
	}
	vp := &visitedPage{group: group, crawl: sc, visit: v, url: s.Cite(v.URL), from: s.Cite(v.DiscoveredFrom), canonical: s.Canonical(v.Canonical)}
	if old, ok := c.previous.Page(vp.url); ok && vp.from == "" && !isStart {
		vp.from = old.DiscoveredFrom() // The crawler asked for it, since nothing led to it.
	}
	if c.visited.has(vp.url) {
		return nil
	}
	sc.visits++
	c.tally.found(max(v.Found, sc.visits) - sc.found)
	sc.found = max(v.Found, sc.visits)
	if v.Err == nil {
		c.tally.fetched()
	}
	c.tally.notes(vp.url, v.Notes)
	sc.bases.add(sc, v.URL, v.Canonical)
	c.visited.set(vp.url, v.Err == nil)
	if asked := s.Cite(v.Asked); asked != vp.url {
		c.visited.set(asked, v.Err == nil)
	}
	if s.Owns(vp.url, vp.from) {
		sc.owned++
	}
	return c.forwardParts(ctx, vp)
}

// forwardParts sends a document of a site on, and its parts if it is an OpenAPI description.
func (c *crawler) forwardParts(ctx context.Context, vp *visitedPage) error {
	if !vp.hasBody() {
		return c.forward(ctx, vp)
	}
	resp, ref := vp.visit.Response, reference{}
	resp.URL = vp.url
	if r := vp.visit.Reference; r != nil {
		ref = reference{vp.crawl.site.Cite(r.URL), r.Renderer}
	}
	parts, err := split(resp, ref, nil)
	if err != nil {
		vp.visit.Err = err
		c.visited.set(vp.url, false)
	}
	if len(parts) == 0 {
		return c.forward(ctx, vp)
	}
	vp.visit.Response.URL = vp.url
	return c.visitParts(ctx, vp, parts)
}

// isCovered reports whether an earlier crawl of this run has visited all that a
// crawl of s would.
func (c *crawler) isCovered(s *site.Site) bool {
	if s.State.MaxDepth != nil {
		return c.visited.wasRead(s.Cite(s.Start))
	}
	for _, sc := range c.crawls {
		if sc.complete && c.visited.wasRead(s.Cite(s.Start)) && sc.site.Origin == s.Origin &&
			(sc.site.Folder == s.Folder || strings.HasPrefix(s.Folder, sc.site.Folder+"/")) {
			return true
		}
	}
	return false
}
