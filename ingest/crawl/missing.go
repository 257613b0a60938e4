package crawl

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// findMissing decides what became of the known pages that nothing led to. The server
// may answer that they are gone. Pages that have not changed may still link to
// them: their links were not read.
func (w *walk) findMissing(ctx context.Context) error {
	if w.previous.known == nil || w.site.StartOnly() {
		return nil
	}
	// A crawl with a limit of depth reads no sitemap, which may name more pages.
	w.partial = w.partial || w.site.MaxDepth != nil
	lost := w.unvisited()
	if found, err := w.visitUnreachable(ctx, lost); err != nil {
		return err
	} else if found {
		lost = w.unvisited()
	}
	if len(lost) > 0 && !w.partial {
		if err := w.probeUnvisited(ctx, lost); err != nil {
			return err
		}
		if w.list != "" {
			w.unchanged = nil // Only the list names pages, and it was read.
		}
		if err := w.rereadUnchanged(ctx, lost); err != nil {
			return err
		}
	}
	if w.partial {
		// Pages that were not seen may link to them: fetch them directly.
		for _, p := range lost {
			if !p.queued && !p.visited && p.outcome == outcomeUnseen {
				p.queued = true
				w.queue = append(w.queue, p)
			}
		}
		if err := w.visitQueue(ctx); err != nil {
			return err
		}
	}
	w.countMissing(lost)
	return nil
}

// visitUnreachable visits those of the lost pages that a page led to which is out of
// scope now, and reports whether there are any. The earlier crawl had another scope;
// this one can't reach them by links.
func (w *walk) visitUnreachable(ctx context.Context, lost []*node) (found bool, err error) {
	for _, p := range lost {
		from, ok := w.atOrigin(w.previous.from(p.url))
		if !ok || p.queued || w.sitemaps[from] {
			continue
		}
		if by := w.lookup(from); by != nil && by.visited {
			continue // It was read, and does not link here any more.
		}
		if ok, _ := w.inScope(from); !ok {
			p.queued, found = true, true
			w.queue = append(w.queue, p)
		}
	}
	if !found {
		return false, nil
	}
	return true, w.visitQueue(ctx)
}

// unvisited returns the known pages in scope that were not visited, sorted by address.
func (w *walk) unvisited() []*node {
	var lost []*node
	w.eachKnown(func(address string) {
		if ok, _ := w.permitted(address); !ok {
			return
		}
		if p := w.node(address); !p.visited {
			lost = append(lost, p)
		}
	})
	slices.SortFunc(lost, func(a, b *node) int { return strings.Compare(a.url, b.url) })
	return slices.Compact(lost)
}

// eachKnown calls f with the addresses of the known pages in scope.
func (w *walk) eachKnown(f func(address string)) {
	w.previous.known.Each(func(known string) bool {
		if address, ok := w.inScopeAddress(known); ok {
			f(address)
		}
		return true
	})
}

// inScopeAddress returns the address of a known page; false if it is out of scope.
func (w *walk) inScopeAddress(known string) (string, bool) {
	u, err := url.Parse(known)
	if err != nil {
		return "", false
	}
	address, ok := w.atOrigin(urlnorm.Normalize(u).String())
	if !ok {
		return "", false
	}
	ok, _ = w.inScope(address)
	return address, ok
}

// probeUnvisited requests pages that nothing led to, without visiting them.
func (w *walk) probeUnvisited(ctx context.Context, lost []*node) error {
	rest := lost
	take := func() *node {
		if len(rest) == 0 {
			return nil
		}
		p := rest[0]
		rest = rest[1:]
		return p
	}
	work := func(ctx context.Context, j *task) { w.fetch(ctx, j.page) }
	return w.prefetch(ctx, func(pending int) bool { return pending < window }, take, work, func(j *task) error {
		p := j.page
		w.mu.Lock()
		fl := p.fetch
		w.mu.Unlock()
		if e, ok := errors.AsType[busyError](fl.err); ok {
			return e.cause
		}
		if err := w.learnNotice(ctx, p.url, fl.answer); err != nil {
			return err
		}
		if p.outcome = probeOutcome(fl); w.isNotice(p.url, fl.answer) {
			p.outcome = outcomeMissing
		}
		w.partial = w.partial || fl.err != nil && isTemporary(fl.err)
		if p.outcome == outcomeUnseen && fl.answer.Status == http.StatusOK && w.heldBytes.Load() > maxHeldBytes/2 {
			w.release(p)
			p.fetched = false
		}
		return nil
	})
}

// probeOutcome returns the outcome of a page that nothing led to.
func probeOutcome(fl *pageFetch) outcome {
	status := fl.answer.Status
	if e, ok := errors.AsType[*Error](fl.err); ok {
		status = e.Status
	}
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusMovedPermanently, http.StatusPermanentRedirect:
		return outcomeMissing
	case http.StatusNotModified:
		return outcomeUnseen
	case http.StatusOK:
		if fl.err == nil {
			return outcomeUnseen
		}
	}
	return outcomeUnknown
}

// rereadUnchanged fetches unchanged pages in full, one after the other, and visits
// what they link to, until all of the unvisited pages are found.
func (w *walk) rereadUnchanged(ctx context.Context, lost []*node) error {
	found := func() bool {
		return !slices.ContainsFunc(lost, func(p *node) bool { return !p.visited && p.outcome == outcomeUnseen })
	}
	next := 0
	take := func() *node {
		if next == len(w.unchanged) || w.partial || found() {
			return nil
		}
		next++
		return w.unchanged[next-1]
	}
	work := func(ctx context.Context, j *task) { j.links, j.err = w.readLinks(ctx, j.page) }
	return w.prefetch(ctx, func(pending int) bool { return pending == 0 }, take, work, func(j *task) error {
		if e, ok := errors.AsType[busyError](j.err); ok {
			return e.cause
		}
		if j.err != nil {
			w.partial = true
			return nil
		}
		w.enqueueLinks(j.page.url, int(j.page.depth), j.links.URLs)
		return w.visitQueue(ctx)
	})
}

// readLinks fetches a page unconditionally and returns its links.
func (w *walk) readLinks(ctx context.Context, p *node) (pagelinks.Links, error) {
	u, err := url.Parse(p.url)
	if err != nil {
		return pagelinks.Links{}, err // Unreachable: a normal form is an address.
	}
	a, err := w.send(ctx, request{url: u})
	if err != nil {
		return pagelinks.Links{}, err
	}
	return pagelinks.Find(a.Body, a.ContentType, u, a.header), nil
}

// countMissing sets Gone, NotFound, Redirects and Unsure of the summary.
func (w *walk) countMissing(lost []*node) {
	isLost := map[*node]bool{}
	for _, p := range lost {
		isLost[p] = true
	}
	w.summary.Redirects, w.summary.NotFound = map[string]string{}, map[string]bool{}
	w.previous.known.Each(func(known string) bool {
		address, ok := w.inScopeAddress(known)
		if !ok {
			return true
		}
		p := w.node(address)
		w.mu.Lock()
		to := p.to
		w.mu.Unlock()
		if to != "" {
			w.summary.Redirects[known] = to
		}
		if to == "" && p.outcome == outcomeMissing {
			w.summary.NotFound[known] = true
		}
		allowed, _ := w.permitted(address)
		sure := !w.partial
		switch {
		case p.outcome == outcomeMissing, p.outcome == outcomeRedirected, p.outcome == outcomeUnseen && sure, !allowed:
			w.summary.Gone = append(w.summary.Gone, known)
		case p.outcome == outcomeUnknown, p.outcome == outcomeUnseen, isLost[p] && w.partial && p.from == "":
			w.summary.Unsure++
		}
		return true
	})
	slices.Sort(w.summary.Gone)
}
