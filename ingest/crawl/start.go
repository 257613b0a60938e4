package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/time/rate"

	"github.com/citewell/citewell/ingest/crawl/robots"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// fetchStart fetches the start and returns its page and answer. Its redirects may lead
// to the other scheme, to the host with or without www, or to another path: origin
// and scope of the crawl follow them.
func (w *walk) fetchStart(ctx context.Context) (*node, *pageFetch, error) {
	first := urlnorm.Normalize(w.hostClient.start)
	w.start = &node{url: first.String()}
	if _, err := NewScope(first, w.site.Include, w.site.Exclude); err != nil {
		return nil, nil, err
	}
	seen := []string{}
	cookies := false
	for u := first; len(seen) <= maxRedirects; {
		if slices.Contains(seen, u.String()) && !cookies {
			return nil, nil, redirectError(w.start, errRedirectLoop)
		}
		seen = append(seen, u.String())
		if err := w.enterOrigin(ctx, u); err != nil {
			return nil, nil, err
		}
		r := request{url: u, start: true}
		r.etag, r.modified = w.previous.validators(u.String())
		a, err := w.send(ctx, r)
		if e, ok := errors.AsType[busyError](err); ok {
			err = e.cause
		}
		if err != nil {
			return nil, nil, err
		}
		if a.Status == http.StatusOK || a.Status == http.StatusNotModified {
			end, fl, err := w.adoptStart(first, u, seen, a)
			return end, fl, err
		}
		to, err := redirectTarget(u, a.location)
		if err != nil {
			return nil, nil, err
		}
		if !sameSite(u.Host, to.Host) {
			return nil, nil, &Error{URL: redact(first), Status: a.Status, err: errOtherHost,
				Reason: fmt.Sprintf("it redirects to %s, on another host: crawl that address instead", redact(to))}
		}
		// Who has a cookie may be let in the next time.
		cookies = cookies || a.header.Get("Set-Cookie") != ""
		u = to
	}
	return nil, nil, redirectError(w.start, errRedirects)
}

// enterOrigin reads the robots.txt of the origin of an address, if the origin is new,
// and returns an error unless it allows the address.
func (w *walk) enterOrigin(ctx context.Context, u *url.URL) error {
	if origin := u.Scheme + "://" + u.Host + "/"; origin != w.origin {
		w.origin = origin
		if err := w.readRobots(ctx, u); err != nil {
			return err
		}
	}
	if ok, rule := w.permitted(u.String()); !ok {
		return &Error{URL: redact(u), Reason: fmt.Sprintf("robots.txt does not allow it (%s): ask the owner; --ignore-robots is for sites you own", rule)}
	}
	return nil
}

// adoptStart moves scope and origin to where the redirects of the start ended.
func (w *walk) adoptStart(first, u *url.URL, seen []string, a answer) (*node, *pageFetch, error) {
	moved := *first
	moved.Scheme, moved.Host = u.Scheme, u.Host
	var err error
	if w.scope, err = NewScope(&moved, w.site.Include, w.site.Exclude); err != nil {
		return nil, nil, err
	}
	if ok, _ := w.scope.Contains(u); !ok && len(w.site.Include) == 0 {
		if w.scope, err = NewScope(u, nil, w.site.Exclude); err != nil {
			return nil, nil, err
		}
		if u.Path != first.Path {
			w.warning("the start redirects to %s: that is crawled instead", redact(u))
		}
	}
	for _, host := range slices.Compact([]string{u.Host, first.Host}) {
		for _, scheme := range []string{"http", "https"} {
			// A port belongs to one scheme.
			if o := scheme + "://" + host + "/"; o != w.origin && (u.Port() == "" || scheme == u.Scheme) {
				w.aliases = append(w.aliases, o)
			}
		}
	}
	end := w.node(u.String())
	fl := &pageFetch{done: make(chan struct{}), answer: a}
	close(fl.done)
	end.fetch = fl
	w.readAnswer(u, fl)
	if fl.to != nil { // Content-Location
		end, fl = fl.to, fl.to.fetch
	}
	for _, s := range append(seen, end.url) {
		if address, ok := w.atOrigin(s); ok {
			p := w.node(address)
			p.fetched, p.visited = true, true
			if p != end {
				p.outcome = outcomeRedirected
			}
		}
	}
	return end, fl, nil
}

// readRobots reads the robots.txt of an origin. Without one, everything is allowed;
// if the server fails, nothing is. Redirects are followed on the same site.
func (w *walk) readRobots(ctx context.Context, at *url.URL) error {
	u := &url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/robots.txt"}
	w.summary.RobotsURL, w.summary.RobotsStatus = u.String(), 0
	w.robots = robots.AllowAll()
	a, err := w.fetchFile(ctx, u, robots.MaxBytes+1)
	e, refused := errors.AsType[*Error](err)
	switch {
	case err == nil:
		w.summary.RobotsStatus = a.Status
		w.robots = robots.Parse(a.Body)
	case !refused:
		return err
	default:
		w.summary.RobotsStatus = e.Status
		if !leavesOpen(e.Status) || w.site.IgnoreRobots {
			return nil
		}
		if e.Status == 0 {
			return err // The start would not be answered either.
		}
		w.robots = robots.DisallowAll(fmt.Sprintf("it answers %d, so nothing may be fetched until it can be read again", e.Status))
	}
	if w.site.IgnoreRobots {
		return nil
	}
	delay := w.robots.Delay(robots.Agent)
	if delay > maxCrawlDelay {
		w.warning("robots.txt asks for %v between requests: %v is used", delay, maxCrawlDelay)
		delay = maxCrawlDelay
	}
	if delay > 0 {
		w.gate.limit(rate.Every(delay))
		w.weight = slots
	}
	return nil
}

// leavesOpen reports whether a status means that robots.txt may exist, but can't be
// read now. By RFC 9309, 4xx means that there is none; but 429 asks to try later.
func leavesOpen(status int) bool {
	return status == 0 || status >= 500 || status == http.StatusTooManyRequests
}

// fetchFile fetches a file of the host that is not a document, cut at a limit. It
// follows at most five redirects, as RFC 9309 says, on the same site; one to
// another site is an [*Error] with its status.
func (w *walk) fetchFile(ctx context.Context, u *url.URL, limit int64) (answer, error) {
	for range 6 {
		a, err := w.send(ctx, request{url: u, any: true, limit: limit})
		if err != nil || a.Status == http.StatusOK {
			return a, err
		}
		to, err := redirectTarget(u, a.location)
		if err != nil || !sameSite(u.Host, to.Host) {
			return answer{}, &Error{URL: redact(u), Status: a.Status, Reason: "it redirects to another host", err: errOtherHost}
		}
		u = to
	}
	return answer{}, &Error{URL: redact(u), Status: http.StatusFound, Reason: errRedirects.Error(), err: errRedirects}
}

// warning adds a sentence to the warnings.
func (w *walk) warning(format string, args ...any) {
	w.summary.Warnings = append(w.summary.Warnings, fmt.Sprintf(format, args...))
}
