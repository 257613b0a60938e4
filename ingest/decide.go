package ingest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/dedupe"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/ingest/previous"
	"github.com/citewell/citewell/retrieve/index"
)

// maxUnsent is how many rows wait for a page that is indexed before they create
// an index without one.
const maxUnsent = 10_000

// maxStubRunes is the longest text of a page that refreshes to another one and holds no
// more than the note that it does.
const maxStubRunes = 300

// A decider is the stage that decides about each page, in the order of the crawl.
// What only the whole crawl can tell is put off: see finish.
type decider struct {
	*run
	out     chan<- decision
	visited *visitedPages // complete when the last page has come
	unsent  []decision    // that must not create an index
	last    time.Time     // of the last row

	groups     dedupe.Groups
	rows       map[string]index.Page // of primary pages that are stored as duplicates and were read, by URL
	kept       spool                 // documents of these, until the last page has come
	duplicates []duplicate
	textless   []decision          // indexed pages that have no text now, or ask not to be indexed
	missing    map[string]decision // pages by URL that the server says are gone: what becomes of them if they are linked
	parents    map[string]string   // of unchanged pages that another page leads to now
	claims     []canonicalClaim

	changes  map[*siteCrawl]*siteChange // nil values for sites that are not watched
	ready    []decision                 // to be sent next
	suspects []string                   // why sites are suspect, sorted; set when all pages were decided
}

// A duplicate is a page that another one with equal text replaces.
type duplicate struct {
	url        string
	key        dedupe.Key
	row        *index.Page // nil means the one that is stored
	crawl      *siteCrawl
	wasPrimary bool // at first, and was counted as a page of the index
	seq        int  // of its decision then; -1 if there was none
}

// A canonicalClaim is a page that names another one of its site as canonical.
type canonicalClaim struct{ url, canonical string }

func newDecider(r *run, visited *visitedPages, out chan<- decision) *decider {
	return &decider{run: r, visited: visited, out: out, rows: map[string]index.Page{}, parents: map[string]string{}, missing: map[string]decision{},
		changes: map[*siteCrawl]*siteChange{}}
}

// decideAll takes the pages in order, splits them when it is known what their
// target repeats, and sends the decisions to write.
func (d *decider) decideAll(ctx context.Context, pages <-chan *visitedPage) error {
	l := &learner{isKnown: true, group: -1}
	for {
		v, ok, err := receive(ctx, pages)
		if err != nil {
			return err
		}
		if !ok {
			if err := d.decideEach(ctx, l.drain(), l.repeated); err != nil {
				return err
			}
			return d.endSites(ctx)
		}
		select {
		case <-v.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if v.group != l.group {
			if err := d.decideEach(ctx, l.drain(), l.repeated); err != nil {
				return err
			}
			l = newLearner(v, d.documents.Strips())
		}
		if err := d.decideEach(ctx, l.add(v), l.repeated); err != nil {
			return err
		}
	}
}

// decideEach splits pages, decides about them, and sends the decisions to write.
func (d *decider) decideEach(ctx context.Context, pages []*visitedPage, repeated boilerplate.Set) error {
	for _, v := range pages {
		if v.err == nil && v.hasBody() {
			v.doc, v.err = d.split(ctx, v, repeated)
			v.doc.Page.DiscoveredFrom = v.from
			if v.visit.Version != "" {
				v.doc.SetVersion(v.visit.Version)
			}
			v.extracted, v.doc.Text = document.Extracted{}, "" // The text is in the chunks.
		}
		doc, ok := d.decide(v)
		if ok {
			d.tally.read(doc)
			d.ready = append(d.ready, decision{doc, v.crawl, v.seq})
		}
		for _, de := range d.ready {
			if err := d.send(ctx, de); err != nil {
				return err
			}
		}
		d.ready = d.ready[:0]
	}
	return nil
}

// send sends a decision on. A page that is not indexed does not create an index.
func (d *decider) send(ctx context.Context, de decision) error {
	if !d.hasIndex && de.Page.Decision != index.DecisionIndexed && len(d.unsent) < maxUnsent {
		d.unsent = append(d.unsent, de)
		return nil
	}
	d.hasIndex = true
	for _, u := range d.unsent {
		if err := send(ctx, d.out, u); err != nil {
			return err
		}
	}
	d.unsent = nil
	return send(ctx, d.out, de)
}

// decide decides about a page. It returns false if there is nothing to write yet.
func (d *decider) decide(v *visitedPage) (document.Document, bool) {
	old, _ := d.previous.Page(v.url)
	switch {
	case v.crawl != nil && v.visit.Err != nil:
		return d.unread(v, old, v.visit.Err)
	case v.visit.NoIndex != "":
		return d.withoutText(v, old, index.DecisionNoindex, v.visit.NoIndex)
	case !v.hasBody():
		return d.notModified(v, old)
	case errors.Is(v.err, document.ErrNeedsScript):
		return d.withoutText(v, old, index.DecisionScript, v.whyNoText())
	case errors.Is(v.err, extract.ErrNoText):
		return d.withoutText(v, old, index.DecisionNoText, v.whyNoText())
	case errors.Is(v.err, extract.ErrType):
		return d.withoutText(v, old, index.DecisionType, v.err.Error())
	case v.err != nil:
		return d.unread(v, old, v.err)
	case v.visit.Refresh != "" && v.doc.Page.TextRunes <= maxStubRunes:
		return d.withoutText(v, old, index.DecisionNoindex, "it only sends its readers on to "+v.visit.Refresh)
	}
	return d.withText(v, old)
}

// stamp returns the time that a row gets: that of the fetch, but later than
// that of the row before. The next run tells the order of the crawl by it.
func (d *decider) stamp(at time.Time) time.Time {
	at = at.UTC().Truncate(time.Microsecond)
	if !at.After(d.last) {
		at = d.last.Add(time.Microsecond)
	}
	d.last = at
	return at
}

// withText decides about a page that was read: it is indexed if it is the primary
// of its group so far.
func (d *decider) withText(v *visitedPage, old previous.Page) (document.Document, bool) {
	doc := v.doc
	at := d.stamp(doc.Page.CrawledAt)
	doc.Page.CrawledAt = at
	for i := range doc.Chunks {
		doc.Chunks[i].CrawledAt = at
	}
	if v.canonical != "" && dedupe.ClaimOf(v.url, v.canonical) == dedupe.ClaimsAnother {
		d.claims = append(d.claims, canonicalClaim{v.url, v.canonical})
	}
	key := dedupe.Key{Hash: dedupe.HashOf(doc.Page.Title, doc.Page.ReaderHash), Target: int32(v.group)}
	change := d.changeOf(v.crawl)
	d.ready = append(d.ready, change.addText(old, key.Hash)...)
	row := duplicateRow(doc.Page)
	p := dedupe.Page{URL: v.url, Version: doc.Page.Version, Claim: dedupe.ClaimOf(v.url, doc.Page.Canonical), Seq: int32(v.seq)}
	if old.Is(index.DecisionDuplicate) && old.Hash() == key.Hash {
		p.StoredAsDuplicate = true
		d.rows[v.url] = row
	}
	if d.isPrimary(v, key, p) {
		if p.StoredAsDuplicate {
			if err := d.kept.put(doc); err != nil { // It is fetched again if it is needed.
				d.config.Log.Warn("document not kept", "url", v.url, "err", err)
			}
		}
		if !p.StoredAsDuplicate && change.hold(decision{doc, v.crawl, v.seq}, old, key.Hash) {
			d.tally.read(doc)
			return document.Document{}, false
		}
		return doc, !p.StoredAsDuplicate
	}
	d.duplicates = append(d.duplicates, duplicate{url: v.url, key: key, row: &row, crawl: v.crawl})
	return document.Document{}, false
}

// duplicateRow returns the row of an indexed page that becomes a duplicate.
func duplicateRow(p index.Page) index.Page {
	p.Decision, p.Chunks = index.DecisionDuplicate, 0
	return p
}

// isPrimary adds a page to its group and reports whether it is the primary page
// so far. The one whose place it takes becomes a duplicate.
func (d *decider) isPrimary(v *visitedPage, key dedupe.Key, p dedupe.Page) bool {
	displaced, primary := d.groups.Add(key, p)
	if displaced != nil {
		d.kept.drop(displaced.URL)
		dup := duplicate{url: displaced.URL, key: key, crawl: v.crawl, wasPrimary: !displaced.StoredAsDuplicate, seq: int(displaced.Seq)}
		if row, ok := d.rows[displaced.URL]; ok {
			dup.row = &row
		} else if held, ok := d.changeOf(v.crawl).drop(displaced.URL); ok { // never written
			row := duplicateRow(held.Page)
			dup.row, dup.wasPrimary = &row, false
		}
		d.duplicates = append(d.duplicates, dup)
	}
	return primary
}

// notModified decides about a page that its server calls unchanged.
func (d *decider) notModified(v *visitedPage, old previous.Page) (document.Document, bool) {
	if old == (previous.Page{}) {
		return d.unread(v, old, errors.New("ingest: the server answers 304 to a page that it was not asked about"))
	}
	if old.DiscoveredFrom() != v.from {
		d.parents[v.url] = v.from
	}
	isDuplicate := old.Is(index.DecisionDuplicate)
	d.ready = append(d.ready, d.changeOf(v.crawl).addText(old, old.Hash())...)
	if !isDuplicate && !old.Is(index.DecisionIndexed) {
		d.tally.skipped(v.url, old.Decision(), old.Reason())
		return document.Document{}, false
	}
	key := dedupe.Key{Hash: old.Hash(), Target: int32(v.group)}
	if !d.isPrimary(v, key, dedupe.Page{URL: v.url, Version: old.Version(), Claim: old.Claim(), Seq: -1, StoredAsDuplicate: isDuplicate}) {
		d.duplicates = append(d.duplicates, duplicate{url: v.url, key: key, crawl: v.crawl})
	} else if !isDuplicate {
		d.tally.unchanged(old.Chunks())
	}
	return document.Document{}, false
}

// withoutText decides about a page that has nothing to index, or asks not to be indexed. Whether one that is
// indexed loses its chunks is decided after the crawl: if there are many such
// pages, the site may be down.
func (d *decider) withoutText(v *visitedPage, old previous.Page, reason, note string) (document.Document, bool) {
	d.tally.skipped(v.url, reason, note)
	d.changeOf(v.crawl).addNoText(old)
	at := v.visit.Response.FetchedAt
	if v.crawl == nil {
		at = d.config.Now()
	}
	doc := document.Document{Page: v.row(reason, note, d.stamp(at))}
	if old.Is(index.DecisionIndexed) && v.crawl != nil {
		d.textless = append(d.textless, decision{doc, v.crawl, -1})
		return document.Document{}, false
	}
	return doc, true
}

// unread decides about a page that could not be read. The index keeps what it has
// of the page. If the server says that the page is gone, the end of the crawl
// decides.
func (d *decider) unread(v *visitedPage, old previous.Page, err error) (document.Document, bool) {
	status := 0
	if e, ok := errors.AsType[*crawl.Error](err); ok {
		status = e.Status
	}
	if errors.Is(err, crawl.ErrType) {
		return d.withoutText(v, old, index.DecisionType, err.Error())
	}
	doc := document.Document{Page: v.row(index.DecisionFailed, err.Error(), d.stamp(d.config.Now()))}
	doc.Page.Status = status
	wasRead := old != (previous.Page{}) && !old.Is(index.DecisionFailed)
	if wasRead && v.crawl != nil && (status == http.StatusNotFound || status == http.StatusGone) {
		d.missing[v.url] = decision{doc, v.crawl, -1}
		return document.Document{}, false
	}
	d.config.Log.Warn("page not indexed", "url", v.url, "err", err)
	d.tally.failed(v.url, err, wasRead)
	return doc, !wasRead && v.crawl != nil
}
