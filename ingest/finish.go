package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve/index"
)

// maxExamples is how many pages a warning names.
const maxExamples = 3

// finish does what only the whole crawl can tell: it stores duplicates as such,
// removes the pages that are gone, and records that the crawls were complete.
// Then it commits.
func finish(ctx context.Context, r *run, c *crawler, d *decider) error {
	nothing := nothingIndexed(r.tally.result(), c.crawls)
	if nothing != nil && (r.rebuild || !r.hasIndex) {
		return nothing
	}
	if err := r.validateLoss(c, d); err != nil {
		return err
	}
	m := &demoter{r, c.crawls, d}
	for _, step := range []func(context.Context) error{m.promote, m.demoteDuplicates, m.demoteTextless, m.recordVersions} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := r.recordParents(ctx, d.parents); err != nil {
		return err
	}
	r.warnOfClaims(d, &c.visited)
	p := &pruner{r, c.crawls, &c.visited, d.missing}
	for _, sc := range c.crawls {
		if err := p.finishCrawl(ctx, sc); err != nil {
			return err
		}
	}
	if err := p.finishFolders(ctx, c.folders); err != nil {
		return err
	}
	for u, d := range d.missing { // of sites whose crawl did not come to its end
		r.tally.failed(u, errors.New(d.Page.Reason), true)
	}
	ctx, span := trace.Start(ctx, "commit", trace.Client)
	err := r.store.Commit(ctx)
	if span.End(err); err != nil {
		return fmt.Errorf("ingest: commit: %w", err)
	}
	if len(d.suspects) > 0 {
		return fmt.Errorf("ingest: %w: %s", ErrKept, d.suspects[0])
	}
	return nothing
}

// recordParents records the pages that lead to unchanged pages now, in the place
// of those that did before.
func (r *run) recordParents(ctx context.Context, parents map[string]string) error {
	urls := make([]string, 0, len(parents))
	for u := range parents {
		urls = append(urls, u)
	}
	slices.Sort(urls)
	for batch := range slices.Chunk(urls, putPages) {
		rows, err := r.store.Pages(ctx, batch...)
		if err != nil {
			return fmt.Errorf("ingest: read the manifest: %w", err)
		}
		var changes []change
		for _, u := range batch {
			if row, ok := rows[u]; ok {
				row.DiscoveredFrom = parents[u]
				changes = append(changes, change{Change: index.Change{Page: row}, sameChunks: true})
			}
		}
		if err := r.put(ctx, changes); err != nil {
			return err
		}
	}
	return nil
}

// warnOfClaims adds a warning of the pages that claim another page as canonical
// which has another text.
func (r *run) warnOfClaims(d *decider, visited *visitedPages) {
	isDuplicate := map[string]bool{}
	for _, dup := range d.duplicates {
		isDuplicate[dup.url] = true
	}
	n, examples := 0, ""
	for _, c := range d.claims {
		if isDuplicate[c.url] || !visited.wasRead(c.canonical) || isDuplicate[c.canonical] {
			continue
		}
		if n++; n <= maxExamples {
			examples += fmt.Sprintf("; %s names %s", c.url, c.canonical)
		}
	}
	if n > 0 {
		r.tally.warn("%d pages name another page as canonical that has a different text; both are indexed%s", n, examples)
	}
}

// nothingIndexed returns an [ErrNothing] unless the report says that a page is in
// the index.
func nothingIndexed(r Report, crawls []*siteCrawl) error {
	if r.Indexed+r.Unchanged > 0 {
		return nil
	}
	bad := r.Failed + r.Skipped + r.WrongType
	first := ""
	switch {
	case len(r.Errors) > 0:
		first = r.Errors[0].String()
	case len(r.NotIndexed) > 0:
		first = r.NotIndexed[0].URL + ": " + r.NotIndexed[0].Note
	}
	robots := ""
	for _, c := range crawls {
		if s := c.summary; s.Disallowed > 0 {
			robots += fmt.Sprintf("; %s forbids %d of the addresses found; if the site is yours, ingest with --ignore-robots", s.RobotsURL, s.Disallowed)
		}
	}
	switch bad {
	case 0:
		return fmt.Errorf("ingest: %w: no document was named", ErrNothing)
	case 1:
		return fmt.Errorf("ingest: %w: %s%s", ErrNothing, first, robots)
	}
	if r.Failed == bad {
		return fmt.Errorf("ingest: %w: %d pages failed, the first with: %s%s", ErrNothing, bad, first, robots)
	}
	return fmt.Errorf("ingest: %w: %d pages failed or hold nothing to index, the first: %s%s", ErrNothing, bad, first, robots)
}
