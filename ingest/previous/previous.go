// Package previous is what earlier runs left in an index, as a new run asks for
// it.
//
// Call [Read] once, before the run writes anything. [Index.Page] finds the row of
// a page, [Index.CrawlOf] tells the crawler of a site what to ask its server.
// An Index is safe for concurrent use, but for [Crawl.Children].
package previous

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/dedupe"
	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// A Store is an index that is read.
type Store interface {
	EachPage(ctx context.Context, f func(index.Page) error) error
	// Crawls returns the recorded crawls, or [index.ErrNoIndex].
	Crawls(ctx context.Context) ([]index.Crawl, error)
}

// blockRows is how many rows stand together in memory.
const blockRows = 1024

// An Index is what an index held when the run began. The zero Index is that of
// an index that does not exist.
type Index struct {
	blocks   [][]row // of blockRows rows, but for the last
	texts    []string
	byURL    []int32 // numbers of all rows, sorted by URL
	sites    []*site.Site
	children []int32 // numbers of the rows that were found on a page, by that page, in the order of the visits; nil until it is needed
}

// Read reads what a store holds, which need not have an index.
func Read(ctx context.Context, store Store) (*Index, error) {
	ix := &Index{}
	ids := map[string]textID{}
	shared := func(s string) textID {
		id, ok := ids[s]
		if !ok {
			id = textID(len(ix.texts))
			ids[s] = id
			ix.texts = append(ix.texts, s)
		}
		return id
	}
	shared("")
	err := store.EachPage(ctx, func(p index.Page) error {
		ix.add(row{
			text: p.URL + p.ETag, urlBytes: int32(len(p.URL)), modified: shared(p.LastModified), from: shared(p.DiscoveredFrom), decision: shared(p.Decision),
			reason: shared(p.Reason), hash: dedupe.HashOf(p.Title, cmp.Or(p.ReaderHash, p.ContentHash)), version: shared(p.Version), alsoIn: shared(p.AlsoIn), sum: rowSum(p), at: p.CrawledAt.UnixMicro(), chunks: int32(p.Chunks),
			claim: dedupe.ClaimOf(p.URL, p.Canonical), isFile: p.Status == 0 && p.Decision != index.DecisionFailed,
		})
		return nil
	})
	if err != nil && !errors.Is(err, index.ErrNoIndex) {
		return nil, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	ix.sort()
	ix.sites, err = ReadSites(ctx, store)
	return ix, err
}

// ReadSites reads the recorded crawls of a store, which need not have an index.
func ReadSites(ctx context.Context, store Store) ([]*site.Site, error) {
	crawls, err := store.Crawls(ctx)
	if errors.Is(err, index.ErrNoIndex) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	var sites []*site.Site
	for _, c := range crawls {
		s, err := site.Stored(c)
		if err != nil {
			return nil, err
		}
		sites = append(sites, s)
	}
	return sites, nil
}

// add adds a row.
func (ix *Index) add(r row) {
	last := len(ix.blocks) - 1
	if last < 0 || len(ix.blocks[last]) == blockRows {
		ix.blocks, last = append(ix.blocks, make([]row, 0, blockRows)), last+1
	}
	ix.blocks[last] = append(ix.blocks[last], r)
}

// sort makes the rows findable, and lets equal texts share memory.
func (ix *Index) sort() {
	ix.byURL = make([]int32, ix.len())
	for i := range ix.byURL {
		ix.byURL[i] = int32(i)
	}
	slices.SortFunc(ix.byURL, func(a, b int32) int { return strings.Compare(ix.row(a).url(), ix.row(b).url()) })
	for i, text := range ix.texts {
		if p, ok := ix.Page(text); ok {
			ix.texts[i] = p.URL()
		}
	}
}

// len returns the number of rows.
func (ix *Index) len() int {
	if len(ix.blocks) == 0 {
		return 0
	}
	last := len(ix.blocks) - 1
	return last*blockRows + len(ix.blocks[last])
}

// row returns row i.
func (ix *Index) row(i int32) *row { return &ix.blocks[i/blockRows][i%blockRows] }

// Page returns the row of a URL; false if there is none.
func (ix *Index) Page(cited string) (Page, bool) {
	n, ok := slices.BinarySearchFunc(ix.byURL, cited, func(i int32, cited string) int { return strings.Compare(ix.row(i).url(), cited) })
	if !ok {
		return Page{}, false
	}
	return Page{ix, ix.byURL[n]}, true
}

// Pages yields all pages, in no order.
func (ix *Index) Pages() iter.Seq[Page] {
	return func(yield func(Page) bool) {
		for i := range int32(ix.len()) {
			if !yield(Page{ix, i}) {
				return
			}
		}
	}
}

// Sites returns the sites whose crawls are recorded.
func (ix *Index) Sites() []*site.Site { return ix.sites }

// Site returns the site whose recorded crawl began at a start in normal form; nil
// if there is none.
func (ix *Index) Site(start string) *site.Site {
	for _, s := range ix.sites {
		if s.Start == start {
			return s
		}
	}
	return nil
}

// PagesOf returns the pages that a crawl of s found. Of sites whose scopes
// overlap, a page belongs to the one with the longest start, but a page that was found
// in a list to the site of that list. Files, and pages that were named by themselves,
// belong to no site.
func (ix *Index) PagesOf(s *site.Site) []Page {
	var inner []*site.Site
	lists := map[string]bool{}
	for _, other := range ix.sites {
		if other.State.List {
			lists[other.Cite(other.Start)] = true
		} else if other.Start != s.Start && len(other.Start) > len(s.Start) {
			inner = append(inner, other)
		}
	}
	var pages []Page
	for i := range int32(ix.len()) {
		r := ix.row(i)
		from := ix.texts[r.from]
		if r.isFile || !s.Owns(r.url(), from) || lists[from] && !s.State.List {
			continue
		}
		if s.State.List || !slices.ContainsFunc(inner, func(other *site.Site) bool { return other.Contains(r.url()) }) {
			pages = append(pages, Page{ix, i})
		}
	}
	return pages
}
