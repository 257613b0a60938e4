package retrievetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/retrieve"
)

// rows returns the rows of the manifest that keep wants, by key.
func (o *Oracle) rows(ctx context.Context, keep func(retrieve.Page) bool) ([]retrieve.Page, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.active == nil {
		return nil, fmt.Errorf("retrievetest: read the manifest: %w", retrieve.ErrNoIndex)
	}
	var rows []retrieve.Page
	for _, p := range o.active.pages {
		if keep(p) {
			rows = append(rows, p)
		}
	}
	slices.SortFunc(rows, func(a, b retrieve.Page) int {
		return strings.Compare(retrieve.URLID(a.URL), retrieve.URLID(b.URL))
	})
	return rows, nil
}

// EachPage implements [retrieve.Manifest].
func (o *Oracle) EachPage(ctx context.Context, f func(retrieve.Page) error) error {
	rows, err := o.rows(ctx, func(p retrieve.Page) bool { return p.Decision != retrieve.DecisionCrawl })
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

// Page implements [retrieve.Manifest].
func (o *Oracle) Page(ctx context.Context, url string) (retrieve.Page, bool, error) {
	rows, err := o.rows(ctx, func(p retrieve.Page) bool { return p.URL == url })
	if len(rows) == 0 {
		return retrieve.Page{}, false, err
	}
	return rows[0], true, nil
}

// ChunksOf implements [retrieve.Manifest].
func (o *Oracle) ChunksOf(ctx context.Context, url string) ([]retrieve.Chunk, error) {
	if _, _, err := o.Page(ctx, url); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var chunks []retrieve.Chunk
	for _, rec := range o.active.chunks {
		if rec.URL == url {
			chunks = append(chunks, rec.Chunk)
		}
	}
	slices.SortFunc(chunks, func(a, b retrieve.Chunk) int {
		return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), strings.Compare(a.ID, b.ID))
	})
	return chunks, nil
}

// Crawls returns what the manifest remembers of crawls, by start.
func (o *Oracle) Crawls(ctx context.Context) ([]retrieve.Crawl, error) {
	rows, err := o.rows(ctx, func(p retrieve.Page) bool { return p.Decision == retrieve.DecisionCrawl })
	var crawls []retrieve.Crawl
	for _, p := range rows {
		c, _ := p.Crawl()
		crawls = append(crawls, c)
	}
	slices.SortFunc(crawls, func(a, b retrieve.Crawl) int { return strings.Compare(a.Start, b.Start) })
	return crawls, err
}
