package ingest

import (
	"context"
	"fmt"
	"slices"

	"github.com/citewell/citewell/ingest/previous"
)

// finishFolders removes the pages whose files are no longer in the folders that they
// were read from.
func (p *pruner) finishFolders(ctx context.Context, origins []string) error {
	slices.Sort(origins)
	for _, origin := range slices.Compact(origins) {
		if origin == "" { // a file
			continue
		}
		gone, known := p.goneFrom(origin)
		if limit := p.config.PruneLimitPercent; len(gone)*percentWhole > limit*known && !p.config.PruneAll {
			p.tally.warn("%s: %d of %d pages are missing, which is over the prune limit of %d %%, so none of them is removed. If they are really gone, ingest with --yes",
				origin, len(gone), known, limit)
			for _, u := range gone {
				p.tally.kept(u, "missing, but kept: over the prune limit")
			}
			continue
		}
		p.tally.pruned(gone)
		for batch := range slices.Chunk(gone, putPages) {
			if _, err := p.store.Remove(ctx, batch); err != nil {
				return fmt.Errorf("ingest: remove pages that are gone: %w", err)
			}
		}
	}
	return nil
}

// goneFrom returns the pages that the index has of a folder and that the run has not
// come to, sorted, and how many it has in all. Parts of a document, such as the
// operations of an OpenAPI description, are found on its page.
func (p *pruner) goneFrom(origin string) (gone []string, known int) {
	isOf := func(page previous.Page) bool { return page.IsFile() && page.DiscoveredFrom() == origin }
	for page := range p.previous.Pages() {
		whole, found := p.previous.Page(page.DiscoveredFrom())
		if !isOf(page) && !(found && isOf(whole)) {
			continue
		}
		known++
		if !p.visited.has(page.URL()) {
			gone = append(gone, page.URL())
		}
	}
	slices.Sort(gone)
	return gone, known
}
