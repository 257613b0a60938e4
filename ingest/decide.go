package ingest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/retrieve/index"
)

const (
	notModified    = http.StatusNotModified
	maxReasonRunes = 500
	sameTextAs     = "same text as "
)

// A leader is the page that is kept of those with the same text: the one with
// the lowest rank, then the shortest address, then the first in the alphabet.
// So it is the same one in whatever order they come.
type leader struct {
	url  string
	rank rank
	seq  int32 // of its document; -1 if there is none, since the server answered 304
	// bodyless says that the page is stored as a duplicate, and was not sent on:
	// most often its better comes later. If none comes, it is fetched once more.
	bodyless bool
}

func (l leader) before(m leader) bool {
	if l.rank != m.rank {
		return l.rank < m.rank
	}
	if len(l.url) != len(m.url) {
		return len(l.url) < len(m.url)
	}
	return l.url < m.url
}

// An alias is a page that another one with the same text stands for.
type alias struct {
	url  string
	key  textKey
	page *index.Page // its row; nil means the one that is stored
	site *site
	led  bool  // it was the leader at first, and was counted as a page of the index
	seq  int32 // of its document then; -1 if there is none
}

// A verdict is a page that is not to be indexed, though it was.
type verdict struct {
	page index.Page
	site *site
}

// A promise is a page whose canonical link names another one of the site.
type promise struct{ url, canon string }

// decisions are what the order of the walk has decided so far, and what is put
// off until the walk is over. One goroutine uses it.
type decisions struct {
	leaders  leaders
	bodies   map[string]*index.Page // rows of bodyless leaders that were read, by URL
	aliases  []alias
	lost     []verdict
	promises []promise
	parents  map[string]string   // of unchanged pages that another page leads to now
	missing  map[string]Document // known pages, by URL, that the server says are no more: what their rows become
	waiting  []Document          // rows that must not create an index
	last     time.Time           // of the last row: rows are in the order of the walk
}

// decide takes the documents in order, splits them when it is known what their
// target repeats, decides what becomes of each, and sends what there is to write.
func (p *pipeline) decide(ctx context.Context, order <-chan *item, documents chan<- Document) error {
	l := &learner{isKnown: true, group: -1}
	for {
		it, ok, err := receive(ctx, order)
		if err != nil {
			return err
		}
		if !ok {
			return p.take(ctx, l.last(), l.set, documents)
		}
		select {
		case <-it.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if it.group != l.group {
			if err := p.take(ctx, l.last(), l.set, documents); err != nil {
				return err
			}
			l = p.learner(it)
		}
		if err := p.take(ctx, l.add(it), l.set, documents); err != nil {
			return err
		}
	}
}

// take splits and judges items, and sends what there is to write of them.
func (p *pipeline) take(ctx context.Context, items []*item, repeated boilerplate.Set, documents chan<- Document) error {
	for _, it := range items {
		p.split(it, repeated)
		d, ok := p.judge(it)
		if !ok {
			continue
		}
		d.site, d.seq = it.site, it.seq
		p.tally.read(d)
		if err := p.hand(ctx, d, documents); err != nil {
			return err
		}
	}
	return nil
}

// maxWaiting is how many rows wait for a page that is indexed before they create
// an index that holds none.
const maxWaiting = 10_000

// hand sends a document on. What is not indexed does not create an index.
func (p *pipeline) hand(ctx context.Context, d Document, documents chan<- Document) error {
	if p.mayCreate || d.Page.Decision == index.DecisionIndexed || len(p.d.waiting) >= maxWaiting {
		p.mayCreate = true
		for _, w := range p.d.waiting {
			if err := send(ctx, documents, w); err != nil {
				return err
			}
		}
		p.d.waiting = nil
		return send(ctx, documents, d)
	}
	p.d.waiting = append(p.d.waiting, d)
	return nil
}

// judge decides what becomes of a document, and returns what there is to write
// of it now.
func (p *pipeline) judge(it *item) (Document, bool) {
	old := p.known.page(it.url)
	switch {
	case it.site != nil && it.visit.Err != nil:
		return p.unfetched(it, old, it.visit.Err)
	case it.visit.NoIndex != "":
		p.tally.skipped(it.url, index.DecisionNoindex, it.visit.NoIndex)
		return Document{Page: it.row(index.DecisionNoindex, it.visit.NoIndex, p.stamp(it.visit.Response.FetchedAt))}, true
	case it.site != nil && it.visit.Response.Status == notModified:
		return p.unmodified(it, old)
	case errors.Is(it.err, errNeedsScript):
		return p.textless(it, old, index.DecisionScript, it.err.Error())
	case errors.Is(it.err, extract.ErrNoText):
		return p.textless(it, old, index.DecisionNoText, it.err.Error())
	case errors.Is(it.err, extract.ErrType):
		return p.textless(it, old, index.DecisionType, it.err.Error())
	case it.err != nil:
		return p.unfetched(it, old, it.err)
	}
	d := it.doc
	at := p.stamp(d.Page.CrawledAt)
	d.Page.CrawledAt = at
	for i := range d.Chunks {
		d.Chunks[i].CrawledAt = at
	}
	if it.canon != "" && rankOf(it.url, it.canon) == 2 {
		p.d.promises = append(p.d.promises, promise{it.url, it.canon})
	}
	key := textKey{hashOf(d.Page.Title, d.Page.ContentHash), int32(it.group)}
	row := d.Page
	row.Decision, row.Chunks = index.DecisionDuplicate, 0
	l := leader{url: it.url, rank: rankOf(it.url, d.Page.Canonical), seq: int32(it.seq)}
	if old != nil && p.known.decision(old) == index.DecisionDuplicate && old.hash == key.hash {
		l.bodyless = true
		p.d.bodies[it.url] = &row
	}
	if p.lead(it, key, l) {
		return d, !l.bodyless
	}
	p.d.aliases = append(p.d.aliases, alias{url: it.url, key: key, page: &row, site: it.site})
	return Document{}, false
}

// stamp returns the time that a row gets: that of the fetch, but later than
// that of the row before. The next run tells the order of the walk by it.
func (p *pipeline) stamp(at time.Time) time.Time {
	at = at.UTC().Truncate(time.Microsecond)
	if !at.After(p.d.last) {
		at = p.d.last.Add(time.Microsecond)
	}
	p.d.last = at
	return at
}

// lead makes a page the leader of those with its text, and reports whether it is.
// The one that it puts off becomes an alias.
func (p *pipeline) lead(it *item, key textKey, l leader) bool {
	before, ok := p.d.leaders.get(key)
	if ok && !l.before(before) {
		return false
	}
	p.d.leaders.set(key, l)
	if ok {
		p.d.aliases = append(p.d.aliases, alias{url: before.url, key: key, page: p.d.bodies[before.url], site: it.site, led: !before.bodyless, seq: before.seq})
	}
	return true
}

// unmodified takes a page of which the server says that it is as the index has it.
func (p *pipeline) unmodified(it *item, old *knownPage) (Document, bool) {
	if old == nil {
		return p.unfetched(it, nil, errors.New("ingest: the server answers 304 to a page that it was not asked about"))
	}
	if p.known.from(old) != it.from {
		p.d.parents[it.url] = it.from
	}
	switch p.known.decision(old) {
	case index.DecisionIndexed, index.DecisionDuplicate:
		isAlias := p.known.decision(old) == index.DecisionDuplicate
		key := textKey{old.hash, int32(it.group)}
		if !p.lead(it, key, leader{url: it.url, rank: old.rank, seq: -1, bodyless: isAlias}) {
			p.d.aliases = append(p.d.aliases, alias{url: it.url, key: key, site: it.site})
		} else if !isAlias {
			p.tally.unchanged(int(old.chunks))
		}
	default:
		p.tally.skipped(it.url, p.known.decision(old), p.known.reason(old))
	}
	return Document{}, false
}

// textless takes a page that has nothing to index. One that had is judged when
// the walk is over: if many are, the site may be down.
func (p *pipeline) textless(it *item, old *knownPage, decision, reason string) (Document, bool) {
	p.tally.skipped(it.url, decision, reason)
	at := it.visit.Response.FetchedAt
	if it.site == nil {
		at = p.in.config.Now()
	}
	row := it.row(decision, reason, p.stamp(at))
	if old != nil && p.known.decision(old) == index.DecisionIndexed && it.site != nil {
		p.d.lost = append(p.d.lost, verdict{row, it.site})
		return Document{}, false
	}
	return Document{Page: row}, true
}

// unfetched takes a page that could not be read. What the index has of it stays,
// but that of a page that is no more: the end of the crawl decides on it.
func (p *pipeline) unfetched(it *item, old *knownPage, err error) (Document, bool) {
	status := 0
	if e, ok := errors.AsType[*crawl.Error](err); ok {
		status = e.Status
	}
	if errors.Is(err, crawl.ErrType) {
		return p.textless(it, old, index.DecisionType, err.Error())
	}
	row := it.row(index.DecisionFailed, err.Error(), p.stamp(p.in.config.Now()))
	row.Status = status
	known := old != nil && p.known.decision(old) != index.DecisionFailed
	if known && it.site != nil && (status == http.StatusNotFound || status == http.StatusGone) {
		p.d.missing[it.url] = Document{Page: row, site: it.site, seq: -1}
		return Document{}, false
	}
	p.in.log.Warn("page not indexed", "url", it.url, "err", err)
	p.tally.failed(it.url, err, known)
	return Document{Page: row}, !known && it.site != nil
}

// line returns a text on one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }
