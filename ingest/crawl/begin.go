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

// begin asks for the start, and returns its page and answer. Its redirects may
// lead to the other scheme, with or without www, or to another path of the host:
// the crawl's origin and scope move along.
func (w *walk) begin(ctx context.Context) (*node, *flight, error) {
	first := urlnorm.Normalize(w.caller.start)
	w.start = &node{url: first.String()}
	if _, err := NewScope(first, w.site.Include, w.site.Exclude); err != nil {
		return nil, nil, err
	}
	seen := []string{}
	for u := first; len(seen) <= maxRedirects; {
		if slices.Contains(seen, u.String()) {
			return nil, nil, fault(w.start, errRedirectLoop)
		}
		seen = append(seen, u.String())
		if err := w.enter(ctx, u); err != nil {
			return nil, nil, err
		}
		r := request{url: u}
		r.etag, r.modified = w.known.validators(u.String())
		a, err := w.send(ctx, r)
		if e, ok := errors.AsType[busyError](err); ok {
			err = e.cause
		}
		if err != nil {
			return nil, nil, err
		}
		if a.Status == http.StatusOK || a.Status == http.StatusNotModified {
			end, fl, err := w.arrive(first, u, seen, a)
			return end, fl, err
		}
		to, err := target(u, a.location)
		if err != nil {
			return nil, nil, err
		}
		if !sameSite(u.Host, to.Host) {
			return nil, nil, &Error{URL: redact(first), Status: a.Status, err: errForeign,
				Reason: fmt.Sprintf("it redirects to %s, on another host: crawl that address instead", redact(to))}
		}
		u = to
	}
	return nil, nil, fault(w.start, errRedirects)
}

// enter reads the rules of the origin of an address, if it is new, and checks
// that they allow the address.
func (w *walk) enter(ctx context.Context, u *url.URL) error {
	if origin := u.Scheme + "://" + u.Host + "/"; origin != w.origin {
		w.origin = origin
		if err := w.readRobots(ctx, u); err != nil {
			return err
		}
	}
	if ok, rule := w.permitted(u.String()); !ok {
		return &Error{URL: redact(u), Reason: fmt.Sprintf("robots.txt does not allow it (%s): ask the owner; --ignore-robots is for sites of one's own", rule)}
	}
	return nil
}

// arrive sets scope and origin to where the redirects of the start ended.
func (w *walk) arrive(first, u *url.URL, seen []string, a answer) (*node, *flight, error) {
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
			w.warning("the start redirects to %s: the crawl is of what is there", redact(u))
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
	fl := &flight{done: make(chan struct{}), answer: a}
	close(fl.done)
	end.flight = fl
	w.take(u, fl)
	if fl.to != nil { // Content-Location
		end, fl = fl.to, fl.to.flight
	}
	for _, s := range append(seen, end.url) {
		if address, ok := w.local(s); ok {
			p := w.node(address)
			p.fetched, p.visited = true, true
			if p != end {
				p.outcome = elsewhere
			}
		}
	}
	return end, fl, nil
}

// readRobots reads the robots.txt of an origin: without one all is allowed, and
// nothing if the server fails. Redirects are followed on the same site.
func (w *walk) readRobots(ctx context.Context, at *url.URL) error {
	u := &url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/robots.txt"}
	w.summary.RobotsURL, w.summary.RobotsStatus = u.String(), 0
	w.robots = robots.AllowAll()
	a, err := w.raw(ctx, u, robots.MaxBytes+1)
	e, refused := errors.AsType[*Error](err)
	switch {
	case err == nil:
		w.summary.RobotsStatus = a.Status
		w.robots = robots.Parse(a.Body)
	case !refused:
		return err
	default:
		w.summary.RobotsStatus = e.Status
		if !unanswered(e.Status) || w.site.IgnoreRobots {
			return nil
		}
		if e.Status == 0 {
			return err // The start would get no answer either.
		}
		w.robots = robots.DisallowAll(fmt.Sprintf("it answers %d, so nothing may be fetched until it is there again", e.Status))
	}
	if w.site.IgnoreRobots {
		return nil
	}
	delay := w.robots.Delay(robots.Agent)
	if delay > longestDelay {
		w.warning("robots.txt asks for %v between requests: %v are kept", delay, longestDelay)
		delay = longestDelay
	}
	if delay > 0 {
		w.gate.limit(rate.Every(delay))
		w.weight = slots
	}
	return nil
}

// unanswered reports whether a status leaves open what robots.txt says. RFC 9309
// takes 4xx for none; 429 is a server that can't answer now.
func unanswered(status int) bool {
	return status == 0 || status >= 500 || status == http.StatusTooManyRequests
}

// raw fetches a file of the host that is no document, cut at a limit. Redirects
// are followed on the same site, five at most, as RFC 9309 asks for; one that
// leads elsewhere is an *Error of its status.
func (w *walk) raw(ctx context.Context, u *url.URL, limit int64) (answer, error) {
	for range 6 {
		a, err := w.send(ctx, request{url: u, any: true, limit: limit})
		if err != nil || a.Status == http.StatusOK {
			return a, err
		}
		to, err := target(u, a.location)
		if err != nil || !sameSite(u.Host, to.Host) {
			return answer{}, &Error{URL: redact(u), Status: a.Status, Reason: "it redirects to another host", err: errForeign}
		}
		u = to
	}
	return answer{}, &Error{URL: redact(u), Status: http.StatusFound, Reason: errRedirects.Error(), err: errRedirects}
}

// warning adds a sentence to the warnings.
func (w *walk) warning(format string, args ...any) {
	w.summary.Warnings = append(w.summary.Warnings, fmt.Sprintf(format, args...))
}
