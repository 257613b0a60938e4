package crawl

import (
	"net/url"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/robots"
)

// A decision is whether an address belongs to the crawl, or why not.
type decision uint8

const (
	inScope decision = iota
	outOfScope
	disallowed // by robots.txt
	otherHost  // on another host
	endless    // repeats its folders
)

// maxRejected is how many rejected addresses are remembered, so that each counts
// once.
const maxRejected = 500_000

// maxExamples is how many addresses that robots.txt forbids a Summary names.
const maxExamples = 10

// atOrigin returns an address with the origin of the walk; false if it is on another
// host.
func (w *walk) atOrigin(address string) (string, bool) {
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

// decide decides whether an address in normal form may be fetched, and returns it with
// the origin of the walk. It changes nothing.
func (w *walk) decide(address string) (string, decision) {
	address, ok := w.atOrigin(address)
	if !ok {
		return "", otherHost
	}
	if ok, _ := w.inScope(address); !ok {
		return address, outOfScope
	}
	if ok, _ := w.permitted(address); !ok {
		return address, disallowed
	}
	if repeats(address) {
		return address, endless
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

// enqueueLinks puts the pages that a page links to into the queue, unless they are too deep.
func (w *walk) enqueueLinks(from string, depth int, links []string) {
	if w.list != "" && w.site.MaxDepth == nil {
		return
	}
	if w.site.MaxDepth != nil && depth >= *w.site.MaxDepth {
		w.partial = w.partial || len(links) > 0
		return
	}
	for _, l := range links {
		w.enqueue(l, from, depth+1, time.Time{})
	}
}

// enqueue puts an address in normal form into the queue, if it belongs to the crawl
// and is new. A page that was modified after its last crawl is fetched
// unconditionally.
func (w *walk) enqueue(address, from string, depth int, modified time.Time) decision {
	address, ok := w.atOrigin(address)
	if !ok {
		return otherHost
	}
	p := w.lookup(address)
	if p == nil || !p.queued && !p.visited {
		if v, seen := w.rejected[address]; seen {
			return v
		}
		if _, v := w.decide(address); v != inScope {
			w.countRejected(address, v)
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
		p.newer = !modified.IsZero() && modified.After(w.previous.crawledAt(address))
		w.queue = append(w.queue, p)
		w.queued++
	}
	return inScope
}

// lookup returns the node of an address; nil if there is none.
func (w *walk) lookup(address string) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.table[address]
}

// queueMargin is added to twice MaxPages for the most addresses that are ever
// queued. Sites that generate addresses without end have more.
const queueMargin = 1000

// countRejected counts a rejected address on the host, once.
func (w *walk) countRejected(address string, v decision) {
	address, ok := w.atOrigin(address)
	if _, seen := w.rejected[address]; seen || !ok {
		return
	}
	if len(w.rejected) < maxRejected {
		w.rejected[address] = v
	}
	switch v {
	case outOfScope:
		w.summary.OutOfScope++
		return
	case endless:
		if w.repeated++; w.repeatedExample == "" {
			w.repeatedExample = address
		}
		return
	}
	w.summary.Disallowed++
	if len(w.summary.DisallowedExamples) < maxExamples {
		_, rule := w.permitted(address)
		w.summary.DisallowedExamples = append(w.summary.DisallowedExamples, address+" by "+rule)
	}
}

// countOtherHost counts an address on another host.
func (w *walk) countOtherHost(address string) {
	if u, err := url.Parse(address); err == nil {
		w.summary.ForeignHosts[u.Host]++
	}
}
