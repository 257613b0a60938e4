package ingest

import (
	"time"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/retrieve/index"
)

// A remembered is what an earlier crawl left of a site, as the crawler asks it.
type remembered struct {
	m           *manifest
	s           *site
	own         []int32
	conditional bool // the crawl was complete, and with the same settings
}

var _ crawl.Known = (*remembered)(nil)

// remember returns what is known of a site, and tells it what its pages repeat.
func (m *manifest) remember(s *site) *remembered {
	r := &remembered{m: m, s: s, own: m.owned(s)}
	s.state.Repeated, s.state.Learned, s.isLearnt = m.learnt(s, r.own)
	old := m.crawl(s.start)
	r.conditional = old != nil && old.stored.Complete && old.state.settings.equal(s.state.settings) && s.isLearnt &&
		old.state.Pages == len(r.own) && !s.state.StartOnly()
	return r
}

// Validators implements [crawl.Known].
func (r *remembered) Validators(address string) (etag, lastModified string) {
	p := r.m.page(r.s.cite(address))
	if !r.conditional || p == nil || p.isFile || r.m.decision(p) == index.DecisionFailed {
		return "", ""
	}
	return p.etag(), r.m.texts[p.modified]
}

// Children implements [crawl.Known].
func (r *remembered) Children(address string) []string {
	var out []string
	for _, i := range r.m.childrenOf(r.s.cite(address)) {
		if child, ok := r.s.uncite(r.m.row(i).url()); ok {
			out = append(out, child)
		}
	}
	return out
}

// From implements [crawl.Known].
func (r *remembered) From(address string) string {
	p := r.m.page(r.s.cite(address))
	if p == nil {
		return ""
	}
	from, _ := r.s.uncite(r.m.from(p))
	return from
}

// Each implements [crawl.Known]. Pages that never could be read are not missed.
func (r *remembered) Each(yield func(address string) bool) {
	for _, i := range r.own {
		p := r.m.row(i)
		address, ok := r.s.uncite(p.url())
		if ok && r.m.decision(p) != index.DecisionFailed && !yield(address) {
			return
		}
	}
}

// CrawledAt implements [crawl.Known]. Rows of pages that did not change are not
// written again: the crawl as a whole has seen them last.
func (r *remembered) CrawledAt(address string) time.Time {
	p := r.m.page(r.s.cite(address))
	if p == nil {
		return time.Time{}
	}
	at := time.UnixMicro(p.at)
	if old := r.m.crawl(r.s.start); old != nil && old.stored.CrawledAt.After(at) {
		return old.stored.CrawledAt
	}
	return at
}
