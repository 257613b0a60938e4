package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/citewell/citewell/retrieve/index"
)

// settleCrawl removes the pages of a site that are gone, and records the crawl.
func (p *pipeline) settleCrawl(ctx context.Context, c *crawled) error {
	if !c.ended || c.site.state.StartOnly() {
		return nil
	}
	removed, err := p.prune(ctx, c)
	if err != nil {
		return err
	}
	c.site.state.Pages = c.owned
	for _, i := range c.known.own {
		u := p.known.row(i).url()
		if !p.seen.has(u) && !removed[u] {
			c.site.state.Pages++
		}
	}
	state, err := json.Marshal(c.site.state)
	if err != nil {
		// Unreachable: strings and numbers.
		return err
	}
	row := index.Crawl{Start: c.site.start, Complete: c.whole, State: string(state), CrawledAt: c.began}
	if !c.whole {
		row.CrawledAt = c.site.stored.CrawledAt
	}
	if err := p.store.Put(ctx, []index.Change{{Page: row.Page()}}); err != nil {
		return fmt.Errorf("ingest: record the crawl of %s: %w", c.site.start, err)
	}
	return nil
}

// prune takes the pages of a site that are gone out of the index, unless they
// are more than may be, and returns those whose rows are removed. A page that is
// linked still has a row as any broken link has, and such rows go with what led
// to them.
func (p *pipeline) prune(ctx context.Context, c *crawled) (map[string]bool, error) {
	gone := p.gone(c)
	config := &p.in.config
	if n, limit := len(gone), config.pruneLimit(); n*percentWhole > limit*len(c.known.own) && !config.PruneAll {
		p.tally.warn("%s: %d of %d known pages are gone; since that is more than %d %%, none of them is removed: the site may be down. "+
			"If it is right, ingest with --yes", c.site.start, n, len(c.known.own), limit)
		for _, u := range gone {
			p.tally.kept(u, "gone, but more pages are than may be removed")
			delete(p.d.missing, u)
		}
		gone = nil
	}
	p.tally.pruned(gone)
	removed := make(map[string]bool, len(gone))
	var broken []Document
	var remove []string
	for _, u := range gone {
		if d, linked := p.d.missing[u]; linked {
			broken = append(broken, d)
			delete(p.d.missing, u)
		} else {
			remove = append(remove, u)
		}
	}
	if c.summary.Unsure == 0 && c.isFull() {
		for _, i := range c.known.own {
			row := p.known.row(i)
			if !p.seen.has(row.url()) && p.known.decision(row) == index.DecisionFailed {
				remove = append(remove, row.url())
			}
		}
	}
	for batch := range slices.Chunk(remove, settlePages) {
		if err := p.mark(ctx, c.site); err != nil {
			return nil, err
		}
		if _, err := p.store.Remove(ctx, batch); err != nil {
			return nil, fmt.Errorf("ingest: remove pages that are gone: %w", err)
		}
		for _, u := range batch {
			removed[u] = true
		}
	}
	return removed, p.bring(ctx, broken)
}

// gone returns the known pages of a site that are no more, sorted: those that the
// crawl found to be gone, and, if its settings are new, those that it excludes or
// cites by another address now. A crawl that is narrower than the last one
// otherwise keeps the pages that it did not try.
func (p *pipeline) gone(c *crawled) []string {
	var gone []string
	for _, address := range c.summary.Gone {
		u := c.site.cite(address)
		if p.known.page(u) != nil && !p.seen.wasRead(u) {
			gone = append(gone, u)
		}
	}
	if old := p.known.crawl(c.site.start); old != nil && !old.state.settings.equal(c.site.state.settings) {
		for _, i := range p.known.owned(old) {
			row := p.known.row(i)
			if !p.seen.wasRead(row.url()) && !p.claimed(row.url()) && p.isReplaced(c, old, row.url()) {
				gone = append(gone, row.url())
			}
		}
	}
	slices.Sort(gone)
	return slices.Compact(gone)
}

// isReplaced reports whether a page of an earlier crawl of the site is excluded
// now, or was looked for at the address that it is cited by now.
func (p *pipeline) isReplaced(c *crawled, old *site, cited string) bool {
	address, ok := old.uncite(cited)
	if !ok {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false // Unreachable: it was crawled.
	}
	if c.site.scope.Excludes(u) {
		return true
	}
	now := c.site.cite(address)
	inScope, _ := c.site.scope.Contains(u)
	return inScope && now != cited && (p.seen.wasRead(now) || c.isFull() && !p.seen.has(now))
}

// isFull reports whether the crawl was not cut and had no limit of depth.
func (c *crawled) isFull() bool { return !c.summary.Cut && c.site.state.MaxDepth == nil }

// claimed reports whether a page is in the scope of a site of this run.
func (p *pipeline) claimed(cited string) bool {
	return slices.ContainsFunc(p.crawls, func(c *crawled) bool { return c.site.contains(cited) })
}
