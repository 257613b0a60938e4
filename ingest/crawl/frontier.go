package crawl

import (
	"net/url"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/robots"
)

// A verdict reports whether an address is one of the crawl.
type verdict uint8

const (
	inScope verdict = iota
	outOfScope
	disallowed // by robots.txt
	foreign    // on another host
)

// maxRejected is how many addresses that are left out are kept in mind, so that
// each counts once.
const maxRejected = 500_000

// maxExamples is how many addresses a Summary names of those that robots.txt
// forbids.
const maxExamples = 10

// local returns an address as it is at the walk's origin, if it is on its host.
func (w *walk) local(address string) (string, bool) {
	if strings.HasPrefix(address, w.origin) {
		return address, true
	}
	for _, a := range w.aliases {
		if rest, ok := strings.CutPrefix(address, a); ok {
			return w.origin + rest, true
		}
	}
	return "", false
}

// judge reports whether an address in normal form may be fetched, and gives it as it
// is at the walk's origin. It changes nothing.
func (w *walk) judge(address string) (string, verdict) {
	address, ok := w.local(address)
	if !ok {
		return "", foreign
	}
	if ok, _ := w.inScope(address); !ok {
		return address, outOfScope
	}
	if ok, _ := w.permitted(address); !ok {
		return address, disallowed
	}
	return address, inScope
}

func (w *walk) inScope(address string) (bool, string) {
	u, err := url.Parse(address)
	if err != nil {
		return false, "not an address" // Unreachable: a normal form is one.
	}
	return w.scope.Contains(u)
}

// permitted reports whether robots.txt allows an address, and by which rule.
func (w *walk) permitted(address string) (bool, string) {
	u, err := url.Parse(address)
	if err != nil {
		return false, "not an address" // Unreachable: a normal form is one.
	}
	if w.site.IgnoreRobots {
		return true, "robots.txt is ignored"
	}
	return w.robots.Allowed(robots.Agent, u)
}

// discover puts the pages that a page links to into the queue.
func (w *walk) discover(from string, depth int, links []string) {
	if w.site.MaxDepth != nil && depth >= *w.site.MaxDepth {
		w.partial = w.partial || len(links) > 0
		return
	}
	for _, l := range links {
		w.add(l, from, depth+1, time.Time{})
	}
}

// add puts an address in normal form into the queue, if it is one of the crawl
// and new there. A page that is newer than modified is asked for as if it was
// unknown.
func (w *walk) add(address, from string, depth int, modified time.Time) verdict {
	address, ok := w.local(address)
	if !ok {
		return foreign
	}
	p := w.find(address)
	if p == nil || !p.queued && !p.visited {
		if v, seen := w.rejected[address]; seen {
			return v
		}
		if _, v := w.judge(address); v != inScope {
			w.reject(address, v)
			return v
		}
		if w.queued >= 2*w.site.MaxPages+queueMargin {
			w.summary.Cut, w.partial = true, true
			return inScope
		}
		if p == nil {
			p = w.node(address)
		}
		p.queued, p.from, p.depth = true, from, int32(depth)
		p.newer = !modified.IsZero() && modified.After(w.known.crawledAt(address))
		w.queue = append(w.queue, p)
		w.queued++
	}
	return inScope
}

// find returns the node of an address; nil if there is none.
func (w *walk) find(address string) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.table[address]
}

// queueMargin is how many addresses, more than twice the pages that may be
// visited, are kept in mind at most. Sites that make up addresses for ever have
// more.
const queueMargin = 1000

// reject counts an address on the host that is left out, once.
func (w *walk) reject(address string, v verdict) {
	address, ok := w.local(address)
	if _, seen := w.rejected[address]; seen || !ok {
		return
	}
	if len(w.rejected) < maxRejected {
		w.rejected[address] = v
	}
	if v == outOfScope {
		w.summary.OutOfScope++
		return
	}
	w.summary.Disallowed++
	if len(w.summary.DisallowedExamples) < maxExamples {
		_, rule := w.permitted(address)
		w.summary.DisallowedExamples = append(w.summary.DisallowedExamples, address+" by "+rule)
	}
}

// foreign counts an address on another host.
func (w *walk) foreign(address string) {
	if u, err := url.Parse(address); err == nil {
		w.summary.ForeignHosts[u.Host]++
	}
}
