package crawl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
)

// errOtherHost means that a redirect leads to another host.
var errOtherHost = errors.New("on another host")

// redirectChain returns the pages from p to the end of its redirects, and the fetch of
// the last one; a nil fetch if one of them was visited before.
func (w *walk) redirectChain(p *node) (chain []*node, fl *pageFetch) {
	for len(chain) <= maxRedirects {
		if p.visited {
			return chain, nil
		}
		if slices.Contains(chain, p) {
			return chain[:1], &pageFetch{err: redirectError(chain[0], errRedirectLoop)}
		}
		chain = append(chain, p)
		w.mu.Lock()
		fl = p.fetch
		w.mu.Unlock()
		if fl.to == nil {
			return chain, fl
		}
		p = fl.to
	}
	return chain[:1], &pageFetch{err: redirectError(chain[0], errRedirects)}
}

// redirectError returns the error of a page whose redirects don't end at a document.
func redirectError(p *node, err error) error {
	return &Error{URL: p.url, Reason: err.Error() + ": check the address in a browser; a site that wants a cookie of yours gets it by --header 'Cookie: …'", err: err}
}

// visitPage visits the document at the end of a page's redirects.
func (w *walk) visitPage(ctx context.Context, p *node) error {
	if p.visited {
		w.release(p)
		return nil
	}
	chain, fl := w.redirectChain(p)
	for _, c := range chain {
		c.visited, c.outcome = true, outcomeRedirected
	}
	var err error
	if fl != nil {
		end := chain[len(chain)-1]
		err = w.learnNotice(ctx, end.url, fl.answer)
		if err == nil {
			err = w.readVersions(ctx, fl)
		}
		if err == nil {
			err = w.reportPage(end, p, fl)
		}
	}
	for _, c := range chain {
		w.release(c)
	}
	return err
}

// release drops the answer of a page that was visited.
func (w *walk) release(p *node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.fetch != nil {
		w.heldBytes.Add(-int64(len(p.fetch.answer.Body)))
		p.fetch = nil
	}
}

// reportPage visits end, where the redirects of p end.
func (w *walk) reportPage(end, p *node, fl *pageFetch) error {
	v := Visit{URL: end.url, Asked: p.url, DiscoveredFrom: p.from, Depth: int(p.depth)}
	switch {
	case fl.notFollowed != inScope:
		return w.reportRedirectAway(v, end, fl)
	case fl.err != nil:
		v.Err = fl.err
		return w.reportFailure(v, end)
	case w.isSameDocument(end, fl):
		return nil
	case p != w.start && w.isNotice(end.url, fl.answer):
		if end.instead != "" {
			w.enqueue(end.instead, p.from, int(p.depth), time.Time{})
			return nil
		}
		v.Err = w.noteNotice(end.url)
		return w.reportFailure(v, end)
	}
	end.outcome, end.sum = outcomeFetched, fl.sum
	v.Response, v.Version = fl.answer.Response, w.versions.numberOf(end.url)
	links := fl.links.URLs
	if v.Response.Status == http.StatusNotModified {
		end.outcome, end.etag = outcomeNotModified, v.Response.ETag
		w.summary.NotModified++
		w.unchanged = append(w.unchanged, end)
		links = w.previous.children(end.url)
	} else {
		w.addPageNotes(&v, fl.links)
		w.skipTwins(fl.links, v.NoIndex)
		w.noteNavigation(&v, fl.links)
		w.noteVersions(end.url, fl.links)
		links = w.worthwhile(end, p.from, fl, links)
		w.noteDescription(&v, cmp.Or(fl.links.Base, end.url))
	}
	if p == w.start && w.list != "" {
		v.List = true
		v.NoIndex = "it is " + w.list + ": the pages that it names are indexed"
		v.Response.ETag, v.Response.LastModified = "", "" // The next crawl reads it again.
	}
	if ok, rule := w.inScope(end.url); p == w.start && !ok && v.NoIndex == "" {
		v.NoIndex = "out of scope, fetched for its links alone: " + rule
	}
	if p.from == "" && p != w.start {
		v.Notes = append(v.Notes, "nothing links to it this time; it is kept, because the crawl did not see all pages")
	}
	w.unanswered = 0
	w.docs++
	if v.Canonical != "" && v.Canonical != end.url {
		links = append(links, v.Canonical)
	}
	if p == w.start {
		w.startLinks = links // They are queued after what the sitemap names.
	} else {
		w.enqueueLinks(end.url, int(p.depth), links)
	}
	return w.emit(v)
}

// worthwhile returns the links of a page that was read, unless they lead to ever more
// pages that are the same.
func (w *walk) worthwhile(p *node, from string, fl *pageFetch, links []string) []string {
	p.content = fl.links.Content
	w.noteChain(p, from)
	w.watchSeries(p, fl.answer, links)
	if w.isEcho(p, from) {
		return nil
	}
	return links
}

// isSameDocument reports whether the document was visited under another form of its
// address: with or without slash at the end, or without query.
func (w *walk) isSameDocument(p *node, fl *pageFetch) bool {
	base, _, _ := strings.Cut(p.url, "?")
	for _, other := range []string{otherSlashForm(p.url), base} {
		t := w.lookup(other)
		switch {
		case t == nil || t == p || t.outcome != outcomeFetched && t.outcome != outcomeNotModified || fl.sum == 0:
		case t.outcome == outcomeFetched && t.sum == fl.sum, t.outcome == outcomeNotModified && t.etag != "" && t.etag == fl.answer.ETag:
			return true
		case t.outcome == outcomeNotModified && other != base && w.previous.crawledAt(p.url).IsZero():
			// Of two forms, the earlier crawl kept the one that is known.
			return true
		}
	}
	return false
}

// skipTwins leaves out the addresses that hold the text of an indexed page once more, in Markdown.
func (w *walk) skipTwins(l pagelinks.Links, noIndex string) {
	for _, twin := range l.Twins {
		if address, v := w.decide(twin); v == inScope && noIndex == "" {
			if p := w.node(address); !p.visited {
				p.visited, p.outcome = true, outcomeRedirected
			}
		}
	}
}

// addPageNotes adds what the page says about itself.
func (w *walk) addPageNotes(v *Visit, l pagelinks.Links) {
	v.NoIndex = l.NoIndex
	if l.NoFollow != "" {
		v.Notes = append(v.Notes, "its links are not followed: "+l.NoFollow)
	}
	if l.Refresh != "" {
		v.Refresh = l.Refresh
		v.Notes = append(v.Notes, "it refreshes to "+l.Refresh)
	}
	if l.Canonical == "" {
		return
	}
	v.Canonical = l.Canonical
	if address, ok := w.atOrigin(l.Canonical); ok {
		v.Canonical = address
		return
	}
	v.Notes = append(v.Notes, "its canonical address is on another host: "+l.Canonical)
	w.countOtherHost(l.Canonical)
}

// reportRedirectAway counts and visits a redirect that is not followed.
func (w *walk) reportRedirectAway(v Visit, end *node, fl *pageFetch) error {
	end.outcome = outcomeUnknown
	if s := fl.answer.Status; s == http.StatusMovedPermanently || s == http.StatusPermanentRedirect {
		end.outcome = outcomeMissing
	}
	w.unanswered = 0
	if fl.notFollowed != otherHost {
		w.countRejected(fl.target.String(), fl.notFollowed)
		return nil
	}
	w.countOtherHost(fl.target.String())
	v.Err = &Error{URL: end.url, Status: fl.answer.Status, Reason: fmt.Sprintf("it redirects to %s, on another host", redact(fl.target)), err: errOtherHost}
	w.summary.Failed++
	return w.emit(v)
}

// reportFailure visits a page that could not be fetched.
func (w *walk) reportFailure(v Visit, end *node) error {
	if e, ok := errors.AsType[busyError](v.Err); ok {
		return e.cause
	}
	end.outcome = outcomeUnknown
	status := 0
	if e, ok := errors.AsType[*Error](v.Err); ok {
		status = e.Status
	}
	if status == http.StatusNotFound || status == http.StatusGone {
		end.outcome = outcomeMissing
	}
	forbidden := status == http.StatusUnauthorized || status == http.StatusForbidden
	if isTemporary(v.Err) && !(forbidden && w.previous.crawledAt(end.url).IsZero()) {
		w.partial = true
	}
	if status != http.StatusOK {
		w.summary.Failed++
	}
	w.unanswered++
	if status != 0 {
		w.unanswered = 0
	}
	if err := w.emit(v); err != nil {
		return err
	}
	if w.unanswered >= maxUnanswered {
		return &Error{URL: w.site.Start, err: v.Err,
			Reason: fmt.Sprintf("the last %d addresses got no answer: the server seems to be down; try again later, what was fetched is kept", w.unanswered)}
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
