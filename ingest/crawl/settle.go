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

// settle finds out what became of known pages that nothing has led to: the server
// may say that they are gone, or pages that have not changed, and whose links
// were therefore not read, may still lead to them.
func (w *walk) settle(ctx context.Context) error {
	if w.known.known == nil || w.site.StartOnly() {
		return nil
	}
	// Without the sitemap it is not known that nothing leads to a page.
	w.partial = w.partial || w.site.MaxDepth != nil
	if err := w.visitUnreachable(ctx); err != nil {
		return err
	}
	lost := w.lost()
	if len(lost) > 0 && !w.partial {
		if err := w.probe(ctx, lost); err != nil {
			return err
		}
		if err := w.readAgain(ctx, lost); err != nil {
			return err
		}
	}
	if w.partial {
		// They may be found on pages that were not seen: look at them themselves.
		for _, p := range lost {
			if !p.queued && !p.visited && p.outcome == unseen {
				p.queued = true
				w.queue = append(w.queue, p)
			}
		}
		if err := w.drain(ctx); err != nil {
			return err
		}
	}
	w.tally(lost)
	return nil
}

// visitUnreachable visits the known pages in scope that a page out of scope led to:
// with the scope of the earlier crawl, links led there.
func (w *walk) visitUnreachable(ctx context.Context) error {
	for _, p := range w.lost() {
		from, ok := w.local(w.known.from(p.url))
		if !ok || p.queued || w.sitemaps[from] {
			continue
		}
		if by := w.find(from); by != nil && by.visited {
			continue // It was read, and leads here no more.
		}
		if ok, _ := w.inScope(from); !ok {
			p.queued = true
			w.queue = append(w.queue, p)
		}
	}
	return w.drain(ctx)
}

// lost returns the known pages in scope that were not visited, in the order of
// their addresses.
func (w *walk) lost() []*node {
	var lost []*node
	w.each(func(address string) {
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

// each calls f for the known pages in scope, as addresses of the walk.
func (w *walk) each(f func(address string)) {
	w.known.known.Each(func(known string) bool {
		if address, ok := w.key(known); ok {
			f(address)
		}
		return true
	})
}

// key returns the address of a known page, if it is in scope.
func (w *walk) key(known string) (string, bool) {
	u, err := url.Parse(known)
	if err != nil {
		return "", false
	}
	address, ok := w.local(urlnorm.Normalize(u).String())
	if !ok {
		return "", false
	}
	ok, _ = w.inScope(address)
	return address, ok
}

// probe asks for pages that nothing has led to, without a visit.
func (w *walk) probe(ctx context.Context, lost []*node) error {
	rest := lost
	take := func() *node {
		if len(rest) == 0 {
			return nil
		}
		p := rest[0]
		rest = rest[1:]
		return p
	}
	work := func(ctx context.Context, j *job) { w.fetch(ctx, j.page) }
	return w.ahead(ctx, func(pending int) bool { return pending < window }, take, work, func(j *job) error {
		p := j.page
		w.mu.Lock()
		fl := p.flight
		w.mu.Unlock()
		if e, ok := errors.AsType[busyError](fl.err); ok {
			return e.cause
		}
		p.outcome = probed(fl)
		w.partial = w.partial || fl.err != nil && passing(fl.err)
		if p.outcome == unseen && fl.answer.Status == http.StatusOK && w.held.Load() > maxHeldBytes/2 {
			w.release(p)
			p.fetched = false
		}
		return nil
	})
}

// probed returns what an answer says of a page that nothing has led to.
func probed(fl *flight) outcome {
	status := fl.answer.Status
	if e, ok := errors.AsType[*Error](fl.err); ok {
		status = e.Status
	}
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusMovedPermanently, http.StatusPermanentRedirect:
		return missing
	case http.StatusNotModified:
		return unseen
	case http.StatusOK:
		if fl.err == nil {
			return unseen
		}
	}
	return unknown
}

// readAgain fetches pages that had not changed in full, one after the other, and
// visits what they lead to, until all that was lost is found.
func (w *walk) readAgain(ctx context.Context, lost []*node) error {
	found := func() bool {
		return !slices.ContainsFunc(lost, func(p *node) bool { return !p.visited && p.outcome == unseen })
	}
	next := 0
	take := func() *node {
		if next == len(w.unchanged) || w.partial || found() {
			return nil
		}
		next++
		return w.unchanged[next-1]
	}
	work := func(ctx context.Context, j *job) { j.links, j.err = w.readLinks(ctx, j.page) }
	return w.ahead(ctx, func(pending int) bool { return pending == 0 }, take, work, func(j *job) error {
		if e, ok := errors.AsType[busyError](j.err); ok {
			return e.cause
		}
		if j.err != nil {
			w.partial = true
			return nil
		}
		w.discover(j.page.url, int(j.page.depth), j.links.URLs)
		return w.drain(ctx)
	})
}

// readLinks fetches a page in full for its links.
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

// tally counts what became of the known pages.
func (w *walk) tally(lost []*node) {
	isLost := map[*node]bool{}
	for _, p := range lost {
		isLost[p] = true
	}
	w.known.known.Each(func(known string) bool {
		address, ok := w.key(known)
		if !ok {
			return true
		}
		p := w.node(address)
		allowed, _ := w.permitted(address)
		sure := !w.partial
		switch {
		case p.outcome == missing, p.outcome == elsewhere, p.outcome == unseen && sure, !allowed:
			w.summary.Gone = append(w.summary.Gone, known)
		case p.outcome == unknown, p.outcome == unseen, isLost[p] && w.partial && p.from == "":
			w.summary.Unsure++
		}
		return true
	})
	slices.Sort(w.summary.Gone)
}
