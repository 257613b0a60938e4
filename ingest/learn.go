package ingest

import (
	"errors"
	"slices"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/retrieve/index"
)

// Bounds of what waits for a learner.
const (
	maxHeld      = 1000     // documents
	maxHeldBytes = 16 << 20 // of their texts
)

// A learner finds out what the pages of one target repeat, so that it is left
// out of all of them. The documents wait until enough of them have come. Only
// pages of HTML have frames to repeat: what repeats in files of text was written
// there.
type learner struct {
	group   int
	site    *site           // nil for files
	set     boilerplate.Set // valid if it is known
	isKnown bool
	lines   boilerplate.Collector
	seen    map[textHash]bool // pages that it has learnt from: of equal ones, one
	held    []*item
	bytes   int // in held
}

// learner returns the learner of an item's target.
func (p *pipeline) learner(it *item) *learner {
	l := &learner{group: it.group, site: it.site, isKnown: !p.in.strips(), seen: map[textHash]bool{}}
	switch s := it.site; {
	case s == nil:
	case s.isLearnt || s.state.StartOnly():
		l.set, l.isKnown = s.state.Repeated, true
	case l.isKnown:
		s.state.Learned = boilerplate.Learn // There is nothing to learn.
	}
	return l
}

// add takes the next document and returns those that wait no longer.
func (l *learner) add(it *item) []*item {
	if l.isKnown {
		return []*item{it}
	}
	l.held = append(l.held, it)
	if it.err == nil && !it.unread() {
		l.learn(it.raw)
	}
	if len(l.seen) < boilerplate.Learn && len(l.held) < maxHeld && l.bytes < maxHeldBytes {
		return nil
	}
	return l.end(boilerplate.Learn)
}

// learn learns from a page.
func (l *learner) learn(r raw) {
	l.bytes += len(r.page.Text)
	key := hashOf(r.page.Title, index.ContentHash(r.page.Text))
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	if r.isHTML {
		l.lines.Add(r.page.Text)
	}
}

// last returns the documents that wait when the target has no more.
func (l *learner) last() []*item { return l.end(len(l.seen)) }

// end concludes what repeats from the pages that have come, which count as so
// many, and returns the documents that wait.
func (l *learner) end(learned int) []*item {
	if l.isKnown {
		return nil
	}
	l.set, _ = l.lines.Repeated()
	if l.site != nil {
		l.site.state.Repeated, l.site.state.Learned = l.set, learned
	}
	held := l.held
	*l = learner{group: l.group, site: l.site, set: l.set, isKnown: true}
	return held
}

// strips reports whether pages lose what they repeat: what selectors match was
// wanted, and in plain text code can't be told from other lines.
func (in *Ingester) strips() bool {
	o := in.config.Extract
	return len(o.Selectors) == 0 && o.Format == extract.Markdown
}

// strip takes out of a page what most pages of its site repeat, and returns it.
func (in *Ingester) strip(r *raw, set boilerplate.Set) []boilerplate.Taken {
	if len(set) == 0 || !r.isHTML || !in.strips() {
		return nil
	}
	out := set.Strip(r.page.Text)
	if out.Lines == 0 {
		return nil
	}
	var headings []extract.Heading
	for _, h := range r.page.Headings {
		if at, gone := out.Offset(h.StartRune); !gone {
			h.StartRune = at
			headings = append(headings, h)
		}
	}
	r.page.Text, r.page.Headings = out.Text, headings
	return out.Taken
}

// outgrown reports whether a crawl had too few pages to learn from, and the site now
// has more than twice as many with text: then it is read as a new one.
func (s *site) outgrown(pages int) bool {
	return s.state.Learned < boilerplate.Learn && pages >= max(boilerplate.MinPages, 2*s.state.Learned+1)
}

// learnt returns what is known to repeat on the pages of a site, from its own
// crawl or, of a page that is read by itself, from the one that holds it; false
// if it is to be learnt.
func (m *manifest) learnt(s *site, own []int32) (boilerplate.Set, int, bool) {
	if s.state.StartOnly() {
		var best *site
		for _, c := range m.crawls {
			if c.state.Version == s.state.Version && slices.Equal(c.state.Selectors, s.state.Selectors) && c.contains(s.cite(s.start)) &&
				(best == nil || len(c.start) > len(best.start)) {
				best = c
			}
		}
		if best == nil {
			return nil, 0, true
		}
		return best.state.Repeated, 0, true
	}
	old := m.crawl(s.start)
	if old == nil || !old.state.settings.equal(s.state.settings) {
		return nil, 0, false
	}
	pages := 0
	for _, i := range own {
		if m.decision(m.row(i)) == index.DecisionIndexed {
			pages++
		}
	}
	if old.outgrown(pages) {
		return nil, 0, false
	}
	return old.state.Repeated, old.state.Learned, true
}

// A raw is a document that is extracted and not yet split.
type raw struct {
	page   extract.Page
	resp   crawl.Response // without the body
	source string
	isHTML bool
}

// extract reads a fetched document.
func (in *Ingester) extract(resp crawl.Response, source string) (raw, error) {
	page, err := extract.Extract(resp.Body, resp.ContentType, resp.URL, in.config.Extract)
	if errors.Is(err, extract.ErrNoText) && needsScript(resp.Body) || err == nil && isShell(page.Text, resp.Body) {
		return raw{}, errNeedsScript
	}
	if err != nil {
		return raw{}, err
	}
	isHTML := extract.Type(resp.ContentType, resp.URL, resp.Body) == "text/html"
	resp.Body = nil
	return raw{page: page, resp: resp, source: source, isHTML: isHTML}, nil
}
