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

// A node is an address of the site: in the queue, visited, or the target of a
// redirect. fetched and fetch are guarded by the walk's mu, as is to; only the goroutine of
// the visits uses the rest.
type node struct {
	url     string // normal form, at the walk's origin
	from    string
	depth   int32
	outcome outcome
	queued  bool
	visited bool   // it, or the target of its redirects, was visited or needs no visit
	newer   bool   // by the sitemap, it was modified after its last crawl
	sum     uint64 // of the body; 0 without a body
	content uint64 // of what the page shows and links to; 0 if it was not read
	chain   int32  // pages with numbered addresses that led to it, one to the next, with itself
	to      string // address that it redirects to, without query; "" if it does not. Guarded by mu
	etag    string // if it has not changed
	instead string // address to try if the page is not there; "" if there is none
	twin    string // Markdown of the page by llms.txt; "" if there is none. Both are set before the page is queued
	fetched bool   // it was requested, or is being requested
	fetch   *pageFetch
}

// An outcome is what a crawl learned about an address.
type outcome uint8

const (
	outcomeUnseen      outcome = iota
	outcomeFetched             // a document, read in full
	outcomeNotModified         // a document that has not changed
	outcomeRedirected          // it redirects to another address
	outcomeMissing             // there is no document
	outcomeUnknown             // not known this time: it failed, or was not followed
)

// A pageFetch is the request for one page, and its answer.
type pageFetch struct {
	done        chan struct{}
	answer      answer
	links       pagelinks.Links
	sum         uint64
	to          *node    // target of a redirect, if it may be fetched
	notFollowed decision // why it may not be fetched
	target      *url.URL // target of a redirect
	err         error
}

// previousCrawl is a [Known] that may be nil and that goroutines share.
type previousCrawl struct {
	mu    sync.Mutex
	known Known
}

func (f *previousCrawl) validators(address string) (etag, modified string) {
	if f.known == nil {
		return "", ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known.Validators(address)
}

func (f *previousCrawl) crawledAt(address string) time.Time {
	if f.known == nil {
		return time.Time{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known.CrawledAt(address)
}

func (f *previousCrawl) from(address string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known.From(address)
}

func (f *previousCrawl) children(address string) []string {
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

// fetch returns the answer for a page; nil if the page was visited or ctx is done.
// The first caller sends the request, others wait.
func (w *walk) fetch(ctx context.Context, p *node) *pageFetch {
	w.mu.Lock()
	fl := p.fetch
	mine := fl == nil && !p.fetched
	if mine {
		fl = &pageFetch{done: make(chan struct{})}
		p.fetch, p.fetched = fl, true
	}
	w.mu.Unlock()
	switch {
	case fl == nil:
		return nil
	case mine:
		w.fetchPage(ctx, p, fl)
		close(fl.done)
	}
	select {
	case <-ctx.Done():
		return nil
	case <-fl.done:
		return fl
	}
}

// fetchRedirects fetches a page and the targets of its redirects.
func (w *walk) fetchRedirects(ctx context.Context, j *task) {
	p := j.page
	for range maxRedirects + 1 {
		fl := w.fetch(ctx, p)
		if fl == nil || fl.to == nil {
			return
		}
		p = fl.to
	}
}

// fetchPage sends the request for a page.
func (w *walk) fetchPage(ctx context.Context, p *node, fl *pageFetch) {
	r := request{}
	if !p.newer {
		r.etag, r.modified = w.previous.validators(p.url)
	}
	if r.url, fl.err = url.Parse(p.url); fl.err != nil {
		return // Unreachable: a normal form is an address.
	}
	fl.answer, fl.err = w.send(ctx, r)
	if fl.err == nil && setsCookie(r.url, fl.answer) {
		fl.answer, fl.err = w.send(ctx, r)
	}
	if fl.err == nil {
		w.readAnswer(r.url, fl)
	}
	w.tryInstead(p, fl)
	w.readTwin(ctx, p, fl)
	if fl.target != nil {
		to, _, _ := strings.Cut(fl.target.String(), "?")
		w.mu.Lock()
		p.to = to
		w.mu.Unlock()
	}
}

// setsCookie reports whether an answer redirects to the same address only to set a
// cookie.
func setsCookie(u *url.URL, a answer) bool {
	if a.location == "" || a.header.Get("Set-Cookie") == "" {
		return false
	}
	to, err := redirectTarget(u, a.location)
	return err == nil && to.String() == u.String()
}

// send sends a request, unless the host has asked for a long pause.
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

// readAnswer reads the links of a document, or the target of a redirect.
func (w *walk) readAnswer(u *url.URL, fl *pageFetch) {
	a := &fl.answer
	switch a.Status {
	case http.StatusOK:
		a.URL = u.String()
		w.heldBytes.Add(int64(len(a.Body)))
		fl.links = pagelinks.Find(a.Body, a.ContentType, u, a.header)
		fl.sum = maphash.Bytes(w.seed, a.Body) | 1
		w.adoptContentLocation(u, fl)
	case http.StatusNotModified:
	default:
		fl.target, fl.err = redirectTarget(u, a.location)
		if fl.err != nil {
			if e, ok := errors.AsType[*Error](fl.err); ok {
				e.Status = a.Status
			}
			return
		}
		address, v := w.decide(fl.target.String())
		if fl.notFollowed = v; v == inScope {
			fl.to = w.node(address)
		}
	}
	a.header = nil
}

// adoptContentLocation assigns an answer to the other form of its address, with or
// without slash at the end, if its Content-Location names that form.
func (w *walk) adoptContentLocation(u *url.URL, fl *pageFetch) {
	own := fl.answer.header.Get("Content-Location")
	if own == "" {
		return
	}
	other, ok := urlnorm.Resolve(u, own)
	if !ok || other.String() == u.String() || other.String() != otherSlashForm(u.String()) {
		return
	}
	address, v := w.decide(other.String())
	if v != inScope {
		return
	}
	p := w.node(address)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !p.fetched {
		given := &pageFetch{done: make(chan struct{}), answer: fl.answer, links: fl.links, sum: fl.sum}
		given.answer.URL, given.answer.header = p.url, nil
		close(given.done)
		p.fetch, p.fetched = given, true
	} else {
		w.heldBytes.Add(-int64(len(fl.answer.Body)))
	}
	fl.to, fl.answer.Body, fl.links, fl.sum = p, nil, pagelinks.Links{}, 0
}

// redirectTarget returns the target of a redirect, in normal form.
func redirectTarget(u *url.URL, location string) (*url.URL, error) {
	if t, err := u.Parse(location); err == nil && t.User != nil {
		return nil, &Error{URL: redact(u), Reason: "it redirects to an address with a user name", err: errUser}
	}
	t, ok := urlnorm.Resolve(u, location)
	if !ok {
		return nil, &Error{URL: redact(u), Reason: errRedirectLeave.Error(), err: errRedirectLeave}
	}
	return t, nil
}

// otherSlashForm returns an address with the slash at the end of its path, if it has none,
// and without it otherwise.
func otherSlashForm(address string) string {
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
