package crawl

import (
	"context"
	"errors"
	"hash/maphash"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// A node is an address of the site: in the queue, visited, or where a redirect
// leads. fetched and flight are shared and guarded by the walk's mu; the rest
// belongs to the goroutine of the visits.
type node struct {
	url     string // normal form, at the walk's origin
	from    string
	depth   int32
	outcome outcome
	queued  bool
	visited bool   // it, or where it leads, was told; or there is nothing to tell
	newer   bool   // the sitemap says that it is newer than what is known
	sum     uint64 // of the body; 0 without
	etag    string // of a page that has not changed
	fetched bool   // it was asked for, or is
	flight  *flight
}

// An outcome is what a crawl found out about an address.
type outcome uint8

const (
	unseen    outcome = iota
	got               // a document, anew
	same              // a document that has not changed
	elsewhere         // its document has another address
	missing           // there is none
	unknown           // it can't be said this time
)

// A flight is the request for one page, and its answer.
type flight struct {
	done   chan struct{}
	answer answer
	links  pagelinks.Links
	sum    uint64
	to     *node    // where a redirect leads, if that may be fetched
	left   verdict  // why that may not be
	target *url.URL // of the redirect
	err    error
}

// former is what an earlier crawl left, or nothing. One goroutine at a time asks.
type former struct {
	mu    sync.Mutex
	known Known
}

func (f *former) validators(address string) (etag, modified string) {
	if f.known == nil {
		return "", ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known.Validators(address)
}

func (f *former) crawledAt(address string) time.Time {
	if f.known == nil {
		return time.Time{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known.CrawledAt(address)
}

func (f *former) from(address string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known.From(address)
}

func (f *former) children(address string) []string {
	if f.known == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known.Children(address)
}

// node returns the node of an address.
func (w *walk) node(address string) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.table[address]
	if p == nil {
		p = &node{url: address}
		w.table[address] = p
	}
	return p
}

// fetch returns the answer for a page, and nil if the page was visited. The first
// to call it sends the request, others wait.
func (w *walk) fetch(ctx context.Context, p *node) *flight {
	w.mu.Lock()
	fl := p.flight
	mine := fl == nil && !p.fetched
	if mine {
		fl = &flight{done: make(chan struct{})}
		p.flight, p.fetched = fl, true
	}
	w.mu.Unlock()
	switch {
	case fl == nil:
		return nil
	case mine:
		w.ask(ctx, p, fl)
		close(fl.done)
	}
	select {
	case <-ctx.Done():
		return nil
	case <-fl.done:
		return fl
	}
}

// resolve fetches a page and where its redirects lead.
func (w *walk) resolve(ctx context.Context, j *job) {
	p := j.page
	for range maxRedirects + 1 {
		fl := w.fetch(ctx, p)
		if fl == nil || fl.to == nil {
			return
		}
		p = fl.to
	}
}

// ask sends the request for a page.
func (w *walk) ask(ctx context.Context, p *node, fl *flight) {
	r := request{}
	if !p.newer {
		r.etag, r.modified = w.known.validators(p.url)
	}
	if r.url, fl.err = url.Parse(p.url); fl.err != nil {
		return // Unreachable: a normal form is an address.
	}
	if fl.answer, fl.err = w.send(ctx, r); fl.err == nil {
		w.take(r.url, fl)
	}
}

// send sends a request, unless the host has asked to be left alone.
func (w *walk) send(ctx context.Context, r request) (answer, error) {
	if e := w.busy.Load(); e != nil {
		return answer{}, *e
	}
	a, err := w.get(ctx, r)
	if e, ok := errors.AsType[busyError](err); ok {
		w.busy.CompareAndSwap(nil, &e)
	}
	return a, err
}

// take reads what an answer says: where it leads, or what is in it.
func (w *walk) take(u *url.URL, fl *flight) {
	a := &fl.answer
	switch a.Status {
	case http.StatusOK:
		a.URL = u.String()
		w.held.Add(int64(len(a.Body)))
		fl.links = pagelinks.Find(a.Body, a.ContentType, u, a.header)
		fl.sum = maphash.Bytes(w.seed, a.Body) | 1
		w.adopt(u, fl)
	case http.StatusNotModified:
	default:
		fl.target, fl.err = target(u, a.location)
		if fl.err != nil {
			if e, ok := errors.AsType[*Error](fl.err); ok {
				e.Status = a.Status
			}
			return
		}
		address, v := w.judge(fl.target.String())
		if fl.left = v; v == inScope {
			fl.to = w.node(address)
		}
	}
	a.header = nil
}

// adopt makes an answer that names the other form of its address, with or
// without slash at the end, as its Content-Location the answer for that form.
func (w *walk) adopt(u *url.URL, fl *flight) {
	own := fl.answer.header.Get("Content-Location")
	if own == "" {
		return
	}
	other, ok := urlnorm.Resolve(u, own)
	if !ok || other.String() == u.String() || other.String() != twin(u.String()) {
		return
	}
	address, v := w.judge(other.String())
	if v != inScope {
		return
	}
	p := w.node(address)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !p.fetched {
		given := &flight{done: make(chan struct{}), answer: fl.answer, links: fl.links, sum: fl.sum}
		given.answer.URL, given.answer.header = p.url, nil
		close(given.done)
		p.flight, p.fetched = given, true
	} else {
		w.held.Add(-int64(len(fl.answer.Body)))
	}
	fl.to, fl.answer.Body, fl.links, fl.sum = p, nil, pagelinks.Links{}, 0
}

// target returns where a redirect leads, in normal form.
func target(u *url.URL, location string) (*url.URL, error) {
	if t, err := u.Parse(location); err == nil && t.User != nil {
		return nil, &Error{URL: redact(u), Reason: "it redirects to an address with a user name", err: errUser}
	}
	t, ok := urlnorm.Resolve(u, location)
	if !ok {
		return nil, &Error{URL: redact(u), Reason: errRedirectLeave.Error(), err: errRedirectLeave}
	}
	return t, nil
}

// twin returns an address with the slash at the end of its path, if it has none,
// and without it otherwise.
func twin(address string) string {
	p, query, has := strings.Cut(address, "?")
	if q, ok := strings.CutSuffix(p, "/"); ok {
		p = q
	} else {
		p += "/"
	}
	if has {
		p += "?" + query
	}
	return p
}
