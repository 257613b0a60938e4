package retrievetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/retrieve/index"
)

// rows returns the rows of the manifest for which keep returns true, by key.
func (o *Oracle) rows(ctx context.Context, keep func(index.Page) bool) ([]index.Page, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.active == nil {
		return nil, fmt.Errorf("retrievetest: read the manifest: %w", index.ErrNoIndex)
	}
	var rows []index.Page
	for _, p := range o.active.pages {
		if keep(p) {
			rows = append(rows, p)
		}
	}
	slices.SortFunc(rows, func(a, b index.Page) int {
		return strings.Compare(index.URLID(a.URL), index.URLID(b.URL))
	})
	return rows, nil
}

// EachPage implements [index.Manifest].
func (o *Oracle) EachPage(ctx context.Context, f func(index.Page) error) error {
	rows, err := o.rows(ctx, func(p index.Page) bool { return p.Decision != index.DecisionCrawl })
	if err != nil {
		return err
	}
	for _, p := range rows {
		if err := f(p); err != nil {
			return err
		}
	}
	return nil
}

// Page implements [index.Manifest].
func (o *Oracle) Page(ctx context.Context, url string) (index.Page, bool, error) {
	rows, err := o.rows(ctx, func(p index.Page) bool { return p.URL == url })
	if len(rows) == 0 {
		return index.Page{}, false, err
	}
	return rows[0], true, nil
}

// ChunksOf implements [index.Manifest].
func (o *Oracle) ChunksOf(ctx context.Context, url string) ([]index.Chunk, error) {
	if _, _, err := o.Page(ctx, url); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var chunks []index.Chunk
	for _, rec := range o.active.chunks {
		if rec.URL == url {
			chunks = append(chunks, rec.Chunk)
		}
	}
	slices.SortFunc(chunks, func(a, b index.Chunk) int {
		return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), strings.Compare(a.ID, b.ID))
	})
	return chunks, nil
}

// Records returns the chunks of a page with their vectors, by Ordinal.
func (o *Oracle) Records(ctx context.Context, url string) ([]index.Record, error) {
	chunks, err := o.ChunksOf(ctx, url)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	records := make([]index.Record, len(chunks))
	for i, c := range chunks {
		records[i] = o.active.chunks[c.ID]
	}
	return records, nil
}

// Crawls returns the crawls in the manifest, ordered by start.
func (o *Oracle) Crawls(ctx context.Context) ([]index.Crawl, error) {
	rows, err := o.rows(ctx, func(p index.Page) bool { return p.Decision == index.DecisionCrawl })
	var crawls []index.Crawl
	for _, p := range rows {
		c, _ := p.Crawl()
		crawls = append(crawls, c)
	}
	slices.SortFunc(crawls, func(a, b index.Crawl) int { return strings.Compare(a.Start, b.Start) })
	return crawls, err
}
