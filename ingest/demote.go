package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/dedupe"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/retrieve/index"
)

const (
	sameTextAs   = "same text as "
	downPages    = 10 // fewer lost pages are no sign that the site is down
	percentWhole = 100
)

var errChanging = errors.New("ingest: the page changed while the site was crawled: ingest again")

// A demoter applies, after the crawl, what the decider found out about pages with
// equal text and without text: who is primary and who is not any more.
type demoter struct {
	*run
	crawls  []*siteCrawl
	decider *decider
}

// promote indexes the primary pages that were duplicates until now.
func (m *demoter) promote(ctx context.Context) error {
	var keys []dedupe.Key
	for key, p := range m.decider.groups.Primaries() {
		if p.StoredAsDuplicate {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b dedupe.Key) int { return strings.Compare(m.primary(a), m.primary(b)) })
	for _, key := range keys {
		if err := m.promoteOne(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// primary returns the URL of the primary page of a group.
func (m *demoter) primary(key dedupe.Key) string { return m.decider.groups.Primary(key).URL }

func (m *demoter) promoteOne(ctx context.Context, key dedupe.Key) error {
	cited := m.primary(key)
	i := slices.IndexFunc(m.crawls, func(c *siteCrawl) bool { return c.site.Contains(cited) })
	if i < 0 {
		// Unreachable: the page was visited, so a crawl's scope contains it.
		return nil
	}
	c := m.crawls[i]
	doc, ok, err := m.decider.kept.get(cited)
	if err != nil {
		m.config.Log.Warn("kept document not read", "url", cited, "err", err)
	}
	if !ok {
		if doc, ok, err = m.fetchAgain(ctx, c, cited, key.Hash); err != nil || !ok {
			return err
		}
	}
	return m.write(ctx, []decision{{doc, c, -1}})
}

// fetchAgain fetches a page that its server called unchanged: its text was not
// sent in this run. It returns false if the page has another text now.
func (m *demoter) fetchAgain(ctx context.Context, c *siteCrawl, cited string, hash dedupe.Hash) (document.Document, bool, error) {
	address, _ := c.site.Uncite(cited)
	resp, err := m.fetcher.Fetch(ctx, address)
	if ctx.Err() != nil {
		return document.Document{}, false, ctx.Err()
	}
	var doc document.Document
	if err == nil {
		resp.URL = cited
		doc, err = m.documents.Make(resp, "", c.site.State.Repeated)
	}
	if err != nil || dedupe.HashOf(doc.Page.Title, doc.Page.ReaderHash) != hash {
		// The next run indexes it, since this crawl is not complete.
		m.config.Log.Warn("page not indexed", "url", cited, "err", err)
		m.tally.failed(cited, errors.Join(errChanging, err), true)
		c.complete = false
		return document.Document{}, false, nil
	}
	rows, err := m.store.Pages(ctx, cited)
	if err != nil {
		return document.Document{}, false, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	doc.SetVersion(rows[cited].Version)
	doc.Page.DiscoveredFrom, doc.Page.Canonical, doc.Text = rows[cited].DiscoveredFrom, rows[cited].Canonical, ""
	return doc, true, nil
}

// demoteDuplicates stores the duplicates as such. If a site gives one text at many
// addresses that had their own before, it may be down.
func (m *demoter) demoteDuplicates(ctx context.Context) error {
	down := m.down(func(yield func(string, *siteCrawl)) {
		for _, d := range m.decider.duplicates {
			yield(d.url, d.crawl)
		}
	})
	for batch := range slices.Chunk(m.decider.duplicates, putPages) {
		rows, err := m.storedRows(ctx, batch)
		if err != nil {
			return err
		}
		var decisions []decision
		for _, d := range batch {
			reason := sameTextAs + m.primary(d.key)
			row := rows[d.url]
			if d.row != nil {
				row = *d.row
			}
			if d.wasPrimary {
				m.tally.demoted(d.seq < 0 || m.unchanged.has(d.seq), row.Chunks)
			}
			m.tally.skipped(d.url, index.DecisionDuplicate, reason)
			if down[d.crawl] && m.wasIndexed(d.url) {
				m.tally.kept(d.url, reason)
				continue
			}
			if d.crawl != nil && d.crawl.suspect {
				continue
			}
			same := d.row == nil && row.Decision == index.DecisionDuplicate && row.Reason == reason
			row.Decision, row.Reason, row.Chunks = index.DecisionDuplicate, reason, 0
			if !same {
				decisions = append(decisions, decision{document.Document{Page: row}, d.crawl, -1})
			}
		}
		if err := m.write(ctx, decisions); err != nil {
			return err
		}
	}
	return nil
}

// storedRows returns the rows of those duplicates that have no other.
func (m *demoter) storedRows(ctx context.Context, batch []duplicate) (map[string]index.Page, error) {
	var urls []string
	for _, d := range batch {
		if d.row == nil {
			urls = append(urls, d.url)
		}
	}
	if len(urls) == 0 {
		return nil, nil
	}
	rows, err := m.store.Pages(ctx, urls...)
	if err != nil {
		return nil, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	return rows, nil
}

// demoteTextless removes the chunks of the pages that have no text any more.
func (m *demoter) demoteTextless(ctx context.Context) error {
	down := m.down(func(yield func(string, *siteCrawl)) {
		for _, d := range m.decider.textless {
			yield(d.Page.URL, d.crawl)
		}
	})
	var decisions []decision
	for _, d := range m.decider.textless {
		if down[d.crawl] {
			m.tally.kept(d.Page.URL, d.Page.Reason)
			continue
		}
		decisions = append(decisions, d)
	}
	return m.write(ctx, decisions)
}

// down returns the sites that may be down: those that would lose more pages than
// may be pruned, of the pages that each yields.
func (m *demoter) down(each func(yield func(cited string, c *siteCrawl))) map[*siteCrawl]bool {
	lost := map[*siteCrawl]int{}
	each(func(cited string, c *siteCrawl) {
		if c != nil && m.wasIndexed(cited) {
			lost[c]++
		}
	})
	down := map[*siteCrawl]bool{}
	for _, c := range m.crawls {
		if c.suspect {
			down[c] = true
			continue
		}
		n, known := lost[c], len(c.previous.Pages)
		if n <= downPages || m.config.PruneAll || n*percentWhole <= m.config.PruneLimitPercent*known {
			continue
		}
		down[c] = true
		c.complete = false
		m.tally.warn("%s: %d of %d pages now have no text, or the same text as another page, which is over the prune limit of %d %%: the site may be down, so the index keeps their old text. "+
			"If the site is right, ingest with --yes", c.site.Start, n, known, m.config.PruneLimitPercent)
	}
	return down
}
