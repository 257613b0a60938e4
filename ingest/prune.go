package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// A pruner removes the pages that sites no longer have.
type pruner struct {
	*run
	crawls  []*siteCrawl
	visited *visitedPages
	missing map[string]decision // see decider
}

// finishCrawl removes the pages of a site that are gone, and records the crawl.
func (p *pruner) finishCrawl(ctx context.Context, c *siteCrawl) error {
	if !c.ended || c.suspect || c.site.State.StartOnly() {
		return nil
	}
	removed, err := p.prune(ctx, c)
	if err != nil {
		return err
	}
	c.site.State.Pages = c.owned
	for _, page := range c.previous.Pages {
		if u := page.URL(); !p.visited.has(u) && !removed[u] {
			c.site.State.Pages++
		}
	}
	state, err := json.Marshal(c.site.State)
	if err != nil {
		// Unreachable: strings and numbers.
		return err
	}
	row := index.Crawl{Start: c.site.Start, Complete: c.complete, State: string(state), CrawledAt: c.began}
	if !c.complete {
		row.CrawledAt = c.site.Recorded.CrawledAt
	}
	if err := p.store.Put(ctx, []index.Change{{Page: row.Page()}}); err != nil {
		return fmt.Errorf("ingest: record the crawl of %s: %w", c.site.Start, err)
	}
	return nil
}

// prune removes the pages of a site that are gone, unless they are more than the
// prune limit, and returns those whose rows are removed. A page that is still
// linked keeps a row, as any broken link has, until what led to it goes too.
func (p *pruner) prune(ctx context.Context, c *siteCrawl) (map[string]bool, error) {
	gone := p.gone(c)
	if n, limit, known := len(gone), p.config.PruneLimitPercent, len(c.previous.Pages); n*percentWhole > limit*known && !p.config.PruneAll {
		p.tally.warn("%s: %d of %d pages are missing, which is over the prune limit of %d %%: the site may be down, so none of them is removed. "+
			"If they are really gone, ingest with --yes", c.site.Start, n, known, limit)
		for _, u := range gone {
			p.tally.kept(u, "missing, but kept: over the prune limit")
			delete(p.missing, u)
		}
		gone = nil
	}
	p.tally.pruned(gone)
	removed := make(map[string]bool, len(gone))
	var broken []decision
	var remove []string
	for _, u := range gone {
		if d, linked := p.missing[u]; linked {
			broken = append(broken, d)
			delete(p.missing, u)
		} else {
			remove = append(remove, u)
		}
	}
	if c.summary.Unsure == 0 && c.isFull() {
		for _, page := range c.previous.Pages {
			if !p.visited.has(page.URL()) && page.Is(index.DecisionFailed) {
				remove = append(remove, page.URL())
			}
		}
	}
	for batch := range slices.Chunk(remove, putPages) {
		if err := p.markIncomplete(ctx, c); err != nil {
			return nil, err
		}
		if _, err := p.store.Remove(ctx, batch); err != nil {
			return nil, fmt.Errorf("ingest: remove pages that are gone: %w", err)
		}
		for _, u := range batch {
			removed[u] = true
		}
	}
	return removed, p.write(ctx, broken)
}

// gone returns the known pages that a site no longer has, sorted: those that the
// crawl found to be gone, and, if its settings are new, those that it excludes or
// cites by another address now. A crawl that is narrower than the last one
// otherwise keeps the pages that it did not try.
func (p *pruner) gone(c *siteCrawl) []string {
	var gone []string
	for _, address := range c.summary.Gone {
		u := c.site.Cite(address)
		if _, known := p.previous.Page(u); known && !p.visited.wasRead(u) {
			gone = append(gone, u)
		}
	}
	for _, page := range c.previous.Pages { // parts that the document they were in does not have any more
		if u := page.URL(); strings.Contains(u, "#") && !p.visited.has(u) && p.visited.wasRead(page.DiscoveredFrom()) {
			gone = append(gone, u)
		}
	}
	if old := p.previous.Site(c.site.Start); old != nil && !old.State.Settings.Equal(c.site.State.Settings) {
		for _, page := range p.previous.PagesOf(old) {
			if u := page.URL(); !p.visited.wasRead(u) && !p.isInScope(u) && p.isReplaced(c, old, u) {
				gone = append(gone, u)
			}
		}
	}
	slices.Sort(gone)
	return slices.Compact(gone)
}

// isReplaced reports whether a page of an earlier crawl of the site is excluded
// now, or was looked for at the address that it is cited by now.
func (p *pruner) isReplaced(c *siteCrawl, old *site.Site, cited string) bool {
	address, ok := old.Uncite(cited)
	if !ok {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false // Unreachable: it was crawled.
	}
	if c.site.Scope.Excludes(u) {
		return true
	}
	now := c.site.Cite(address)
	inScope, _ := c.site.Scope.Contains(u)
	return inScope && now != cited && (p.visited.wasRead(now) || c.isFull() && !p.visited.has(now))
}

// isInScope reports whether a page is in the scope of a site of this run.
func (p *pruner) isInScope(cited string) bool {
	return slices.ContainsFunc(p.crawls, func(c *siteCrawl) bool { return c.site.Contains(cited) })
}
