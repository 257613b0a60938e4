package milvus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/retrieve/index"
)

// Expressions for the rows of the manifest that are crawls, and for the others.
const (
	isCrawl  = `decision == "` + index.DecisionCrawl + `"`
	notCrawl = `decision != "` + index.DecisionCrawl + `"`
)

// maxTextRows is how many rows with texts one reply may have: at most half of the
// 64 MB that a reply may be long.
const maxTextRows = 500

// EachPage implements [index.Manifest]. If the index is replaced meanwhile, it returns
// an error, since f has seen pages of the old one.
func (s *Store) EachPage(ctx context.Context, f func(index.Page) error) error {
	seen := false
	return s.onManifest(ctx, "list pages of", func(row *metaRow) error {
		if seen {
			return errors.New("the index was replaced meanwhile: try again")
		}
		return s.eachRow(ctx, row, notCrawl, func(p index.Page) error {
			seen = true
			return f(p)
		})
	})
}

// eachRow calls f for each row of the manifest that matches the expression, until f
// returns an error.
func (s *Store) eachRow(ctx context.Context, row *metaRow, expr string, f func(index.Page) error) error {
	for p, err := range list(ctx, s, s.collection(row.Active, pagesKind), pageColumns.in(row.Fingerprint), expr, listLimit) {
		if err != nil {
			return err
		}
		if err := f(p.Page); err != nil {
			return err
		}
	}
	return nil
}

// Page implements [index.Manifest].
func (s *Store) Page(ctx context.Context, url string) (p index.Page, ok bool, err error) {
	err = s.onManifest(ctx, "read a page of", func(row *metaRow) error {
		ok = false
		for row, err := range byKeys(ctx, s, s.collection(row.Active, pagesKind), pageColumns.in(row.Fingerprint), urlIDs([]string{url}), session) {
			if err != nil {
				return err
			}
			p, ok = row.Page, true
		}
		return nil
	})
	return p, ok, err
}

// ChunksOf implements [index.Manifest].
func (s *Store) ChunksOf(ctx context.Context, url string) (chunks []index.Chunk, err error) {
	err = s.onManifest(ctx, "read chunks of", func(row *metaRow) error {
		chunks = nil
		where := in("url_id", urlIDs([]string{url}))
		for c, err := range list(ctx, s, s.collection(row.Active, chunksKind), chunkReadColumns.in(row.Fingerprint), where, maxTextRows) {
			if err != nil {
				return err
			}
			chunks = append(chunks, c.Chunk)
		}
		return nil
	})
	slices.SortFunc(chunks, byOrdinal)
	return chunks, err
}

// Crawls returns the crawls in the manifest, ordered by start. Without an index the
// error is [index.ErrNoIndex].
func (s *Store) Crawls(ctx context.Context) (crawls []index.Crawl, err error) {
	err = s.onManifest(ctx, "list crawls of", func(row *metaRow) error {
		crawls = nil
		return s.eachRow(ctx, row, isCrawl, func(p index.Page) error {
			c, _ := p.Crawl()
			crawls = append(crawls, c)
			return nil
		})
	})
	slices.SortFunc(crawls, func(a, b index.Crawl) int { return strings.Compare(a.Start, b.Start) })
	return crawls, err
}

// onManifest calls f with the current meta row, and adds to its error what was being
// done.
func (s *Store) onManifest(ctx context.Context, doing string, f func(*metaRow) error) error {
	if err := s.onActive(ctx, f); err != nil {
		return fmt.Errorf("milvus: %s %s: %w", doing, s.config.Name, err)
	}
	return nil
}
