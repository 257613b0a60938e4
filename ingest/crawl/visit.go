package crawl

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
)

// errForeign is the fault of a redirect to another host.
var errForeign = errors.New("on another host")

// follow returns the pages from p to where its redirects end, the last one with
// its flight. It returns no flight if one of them was visited before.
func (w *walk) follow(p *node) (chain []*node, fl *flight) {
	for len(chain) <= maxRedirects {
		if p.visited {
			return chain, nil
		}
		if slices.Contains(chain, p) {
			return chain[:1], &flight{err: fault(chain[0], errRedirectLoop)}
		}
		chain = append(chain, p)
		w.mu.Lock()
		fl = p.flight
		w.mu.Unlock()
		if fl.to == nil {
			return chain, fl
		}
		p = fl.to
	}
	return chain[:1], &flight{err: fault(chain[0], errRedirects)}
}

// fault returns the error of a page whose redirects lead nowhere.
func fault(p *node, err error) error {
	return &Error{URL: p.url, Reason: err.Error() + ": check the address in a browser", err: err}
}

// handle visits the document that a page leads to.
func (w *walk) handle(p *node) error {
	if p.visited {
		w.release(p)
		return nil
	}
	chain, fl := w.follow(p)
	for _, c := range chain {
		c.visited, c.outcome = true, elsewhere
	}
	var err error
	if fl != nil {
		end := chain[len(chain)-1]
		err = w.report(end, p, fl)
	}
	for _, c := range chain {
		w.release(c)
	}
	return err
}

// release drops the answer for a page that was visited.
func (w *walk) release(p *node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.flight != nil {
		w.held.Add(-int64(len(p.flight.answer.Body)))
		p.flight = nil
	}
}

// report tells of the end of a chain of redirects that begins at p.
func (w *walk) report(end, p *node, fl *flight) error {
	v := Visit{URL: end.url, Asked: p.url, DiscoveredFrom: p.from, Depth: int(p.depth)}
	switch {
	case fl.left != inScope:
		return w.leave(v, end, fl)
	case fl.err != nil:
		v.Err = fl.err
		return w.fail(v, end)
	case w.isTwin(end, fl):
		return nil
	}
	end.outcome, end.sum = got, fl.sum
	v.Response = fl.answer.Response
	links := fl.links.URLs
	if v.Response.Status == http.StatusNotModified {
		end.outcome, end.etag = same, v.Response.ETag
		w.summary.NotModified++
		w.unchanged = append(w.unchanged, end)
		links = w.known.children(end.url)
	} else {
		w.describe(&v, fl.links)
	}
	if ok, rule := w.inScope(end.url); p == w.start && !ok && v.NoIndex == "" {
		v.NoIndex = "out of scope, fetched for its links alone: " + rule
	}
	if p.from == "" && p != w.start {
		v.Notes = append(v.Notes, "nothing led to it this time: it is kept because the crawl did not see all pages")
	}
	w.silence = 0
	w.docs++
	if v.Canonical != "" && v.Canonical != end.url {
		links = append(links, v.Canonical)
	}
	if p == w.start {
		w.startLinks = links // They come after what the sitemap names.
	} else {
		w.discover(end.url, int(p.depth), links)
	}
	return w.emit(v)
}

// isTwin reports whether the document was visited by another form of its address:
// with or without slash at the end, or without query.
func (w *walk) isTwin(p *node, fl *flight) bool {
	base, _, _ := strings.Cut(p.url, "?")
	for _, other := range []string{twin(p.url), base} {
		t := w.find(other)
		switch {
		case t == nil || t == p || t.outcome != got && t.outcome != same || fl.sum == 0:
		case t.outcome == got && t.sum == fl.sum, t.outcome == same && t.etag != "" && t.etag == fl.answer.ETag:
			return true
		case t.outcome == same && other != base && w.known.crawledAt(p.url).IsZero():
			// Of two forms, the one that was there before is the one that was kept.
			return true
		}
	}
	return false
}

// describe adds what the page says of itself.
func (w *walk) describe(v *Visit, l pagelinks.Links) {
	v.NoIndex = l.NoIndex
	if l.NoFollow != "" {
		v.Notes = append(v.Notes, "its links are not followed: "+l.NoFollow)
	}
	if l.Refresh != "" {
		v.Notes = append(v.Notes, "it sends its readers to "+l.Refresh)
	}
	if l.Canonical == "" {
		return
	}
	v.Canonical = l.Canonical
	if address, ok := w.local(l.Canonical); ok {
		v.Canonical = address
		return
	}
	v.Notes = append(v.Notes, "its canonical address is on another host: "+l.Canonical)
	w.foreign(l.Canonical)
}

// leave tells of a redirect that is not followed.
func (w *walk) leave(v Visit, end *node, fl *flight) error {
	end.outcome = unknown
	if s := fl.answer.Status; s == http.StatusMovedPermanently || s == http.StatusPermanentRedirect {
		end.outcome = missing
	}
	w.silence = 0
	if fl.left != foreign {
		w.reject(fl.target.String(), fl.left)
		return nil
	}
	w.foreign(fl.target.String())
	v.Err = &Error{URL: end.url, Status: fl.answer.Status, Reason: fmt.Sprintf("it redirects to %s, on another host", redact(fl.target)), err: errForeign}
	w.summary.Failed++
	return w.emit(v)
}

// fail tells of a page that could not be had.
func (w *walk) fail(v Visit, end *node) error {
	if e, ok := errors.AsType[busyError](v.Err); ok {
		return e.cause
	}
	end.outcome = unknown
	status := 0
	if e, ok := errors.AsType[*Error](v.Err); ok {
		status = e.Status
	}
	if status == http.StatusNotFound || status == http.StatusGone {
		end.outcome = missing
	}
	forbidden := status == http.StatusUnauthorized || status == http.StatusForbidden
	if passing(v.Err) && !(forbidden && w.known.crawledAt(end.url).IsZero()) {
		w.partial = true
	}
	if status != http.StatusOK {
		w.summary.Failed++
	}
	w.silence++
	if status != 0 {
		w.silence = 0
	}
	if err := w.emit(v); err != nil {
		return err
	}
	if w.silence >= maxSilence {
		return &Error{URL: w.site.Start, err: v.Err,
			Reason: fmt.Sprintf("the last %d addresses got no answer: the server seems to be down; try again later, what was fetched is kept", w.silence)}
	}
	return nil
}

// emit calls visit.
func (w *walk) emit(v Visit) error {
	v.Seq = w.seq
	w.seq++
	v.Found = w.seq + w.pending + len(w.queue) - w.head
	return w.visit(v)
}
