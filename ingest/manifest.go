package ingest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"
	"slices"
	"time"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/retrieve"
)

// A textHash stands for the title and the text of a page, and is zero if there
// is none. The title counts too: of pages that are all but empty, it may be the
// one thing that tells what they are empty of.
type textHash [16]byte

func hashOf(title, contentHash string) (h textHash) {
	if contentHash != "" {
		sum := sha256.Sum256([]byte(contentHash + title))
		copy(h[:], sum[:])
	}
	return h
}

// A knownPage is what a run keeps in memory of a row of the manifest.
type knownPage struct {
	url, etag, modified, from string
	decision, reason          string // reason only of what is not indexed
	hash                      textHash
	sum                       uint64 // of the columns, see rowSum
	at                        int64  // microseconds since 1970
	chunks                    int32
	rank                      rank
	isFile                    bool
}

// A manifest is what the index knew when the run began.
type manifest struct {
	rows     []knownPage
	byURL    map[string]int32
	crawls   []*site
	children map[string][]int32 // by from, in the order of the visits; nil until it is needed
}

// readManifest reads the manifest of a store, which need not have an index.
func readManifest(ctx context.Context, store Store) (*manifest, error) {
	m := &manifest{byURL: map[string]int32{}}
	intern := map[string]string{"": ""}
	one := func(s string) string {
		if known, ok := intern[s]; ok {
			return known
		}
		intern[s] = s
		return s
	}
	err := store.EachPage(ctx, func(p retrieve.Page) error {
		u := one(p.URL)
		m.byURL[u] = int32(len(m.rows))
		m.rows = append(m.rows, knownPage{
			url: u, etag: p.ETag, modified: one(p.LastModified), from: one(p.DiscoveredFrom), decision: one(p.Decision),
			reason: one(p.Reason), hash: hashOf(p.Title, p.ContentHash), sum: rowSum(p), at: p.CrawledAt.UnixMicro(), chunks: int32(p.Chunks),
			rank: rankOf(p.URL, p.Canonical), isFile: p.Status == 0 && p.Decision != retrieve.DecisionFailed,
		})
		return nil
	})
	if errors.Is(err, retrieve.ErrNoIndex) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	crawls, err := store.Crawls(ctx)
	if err != nil {
		return nil, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	for _, c := range crawls {
		s, err := storedSite(c)
		if err != nil {
			return nil, err
		}
		m.crawls = append(m.crawls, s)
	}
	return m, nil
}

// page returns the row of a URL, nil if there is none.
func (m *manifest) page(cited string) *knownPage {
	if i, ok := m.byURL[cited]; ok {
		return &m.rows[i]
	}
	return nil
}

// crawl returns the crawl that is remembered of a start, nil if none is.
func (m *manifest) crawl(start string) *site {
	for _, s := range m.crawls {
		if s.start == start {
			return s
		}
	}
	return nil
}

// childrenOf returns the pages that were found on a page.
func (m *manifest) childrenOf(cited string) []int32 {
	if m.children == nil {
		m.children = map[string][]int32{}
		for i, p := range m.rows {
			if p.from != "" {
				m.children[p.from] = append(m.children[p.from], int32(i))
			}
		}
		for _, c := range m.children {
			slices.SortFunc(c, func(a, b int32) int {
				return cmp.Or(cmp.Compare(m.rows[a].at, m.rows[b].at), cmp.Compare(m.rows[a].url, m.rows[b].url))
			})
		}
	}
	return m.children[cited]
}

// owned returns the pages that a crawl of s found before. Of sites whose scopes
// overlap, a page belongs to the one with the longest start. What was named by
// itself, and files, belong to none.
func (m *manifest) owned(s *site) []int32 {
	var rivals []*site
	for _, c := range m.crawls {
		if c.start != s.start && len(c.start) > len(s.start) {
			rivals = append(rivals, c)
		}
	}
	var own []int32
	for i, p := range m.rows {
		if p.isFile || p.from == "" && p.url != s.cite(s.start) || !s.contains(p.url) {
			continue
		}
		if !slices.ContainsFunc(rivals, func(r *site) bool { return r.contains(p.url) }) {
			own = append(own, int32(i))
		}
	}
	return own
}

// A remembered is what an earlier crawl left of a site, as the crawler asks it.
type remembered struct {
	m           *manifest
	s           *site
	own         []int32
	conditional bool // the crawl was complete, and with the same settings
}

var _ crawl.Known = (*remembered)(nil)

// remember returns what is known of a site, and tells it what its pages repeat.
func (m *manifest) remember(s *site) *remembered {
	r := &remembered{m: m, s: s, own: m.owned(s)}
	s.state.Repeated, s.state.Learned, s.isLearnt = m.learnt(s, r.own)
	old := m.crawl(s.start)
	r.conditional = old != nil && old.stored.Complete && old.state.settings.equal(s.state.settings) && s.isLearnt &&
		old.state.Pages == len(r.own) && s.state.MaxDepth != crawl.NoLinks
	return r
}

// Validators implements [crawl.Known].
func (r *remembered) Validators(address string) (etag, lastModified string) {
	p := r.m.page(r.s.cite(address))
	if !r.conditional || p == nil || p.isFile || p.decision == retrieve.DecisionFailed {
		return "", ""
	}
	return p.etag, p.modified
}

// Children implements [crawl.Known].
func (r *remembered) Children(address string) []string {
	var out []string
	for _, i := range r.m.childrenOf(r.s.cite(address)) {
		if child, ok := r.s.uncite(r.m.rows[i].url); ok {
			out = append(out, child)
		}
	}
	return out
}

// Each implements [crawl.Known]. Pages that never could be read are not missed.
func (r *remembered) Each(yield func(address string) bool) {
	for _, i := range r.own {
		p := &r.m.rows[i]
		address, ok := r.s.uncite(p.url)
		if ok && p.decision != retrieve.DecisionFailed && !yield(address) {
			return
		}
	}
}

// CrawledAt implements [crawl.Known]. Rows of pages that did not change are not
// written again: the crawl as a whole has seen them last.
func (r *remembered) CrawledAt(address string) time.Time {
	p := r.m.page(r.s.cite(address))
	if p == nil {
		return time.Time{}
	}
	at := time.UnixMicro(p.at)
	if old := r.m.crawl(r.s.start); old != nil && old.stored.CrawledAt.After(at) {
		return old.stored.CrawledAt
	}
	return at
}

var sumSeed = maphash.MakeSeed()

// rowSum returns a number that differs, but for a chance of 2⁻⁶⁴, when the
// columns of two rows differ. The time of the visit is left out.
func rowSum(p retrieve.Page) uint64 {
	p.CrawledAt = time.Time{}
	return maphash.Comparable(sumSeed, p)
}

// A rank orders pages with the same text: the lowest is the one to keep.
type rank uint8

// rankOf returns the rank of a page by what it calls its canonical address. One
// on another host says nothing of the pages here.
func rankOf(cited, canonical string) rank {
	switch {
	case canonical == cited:
		return 0
	case canonical == "" || !sameHost(cited, canonical):
		return 1
	}
	return 2
}

func sameHost(a, b string) bool {
	u, err := url.Parse(a)
	v, err2 := url.Parse(b)
	return err == nil && err2 == nil && u.Host == v.Host
}
