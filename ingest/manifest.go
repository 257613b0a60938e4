package ingest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// A textHash stands for the title and the text of a page, and is zero if there
// is none. The title counts too: of pages that are all but empty, it may be the
// one thing that tells what they are empty of. Of a million texts two have the
// same one by a chance of 3 in 100 million.
type textHash uint64

func hashOf(title, contentHash string) textHash {
	if contentHash == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(contentHash + title))
	return textHash(binary.LittleEndian.Uint64(sum[:]))
}

// A knownPage is what a run keeps in memory of a row of the manifest. It is
// small, since there is one for each page of the index.
type knownPage struct {
	text     string // URL and ETag
	urlBytes int32  // of text
	from     textID
	modified textID
	decision textID
	reason   textID // only of what is not indexed
	chunks   int32
	hash     textHash
	sum      uint64 // of the columns, see rowSum
	at       int64  // microseconds since 1970
	rank     rank
	isFile   bool
}

func (p *knownPage) url() string  { return p.text[:p.urlBytes] }
func (p *knownPage) etag() string { return p.text[p.urlBytes:] }

// A textID is the index of a text that many rows share.
type textID int32

// blockPages is how many rows stand together in memory.
const blockPages = 1024

// A manifest is what the index knew when the run began.
type manifest struct {
	blocks   [][]knownPage // of blockPages rows, but for the last
	texts    []string
	byURL    []int32 // indices of all rows, sorted
	crawls   []*site
	children []int32 // indices of the rows that were found on a page, by from, in the order of the visits; nil until it is needed
}

// readManifest reads the manifest of a store, which need not have an index.
func readManifest(ctx context.Context, store Store) (*manifest, error) {
	m := &manifest{}
	intern := map[string]textID{}
	one := func(s string) textID {
		id, ok := intern[s]
		if !ok {
			id = textID(len(m.texts))
			intern[s] = id
			m.texts = append(m.texts, s)
		}
		return id
	}
	one("")
	err := store.EachPage(ctx, func(p index.Page) error {
		m.add(knownPage{
			text: p.URL + p.ETag, urlBytes: int32(len(p.URL)), modified: one(p.LastModified), from: one(p.DiscoveredFrom), decision: one(p.Decision),
			reason: one(p.Reason), hash: hashOf(p.Title, p.ContentHash), sum: rowSum(p), at: p.CrawledAt.UnixMicro(), chunks: int32(p.Chunks),
			rank: rankOf(p.URL, p.Canonical), isFile: p.Status == 0 && p.Decision != index.DecisionFailed,
		})
		return nil
	})
	if err != nil && !errors.Is(err, index.ErrNoIndex) {
		return nil, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	m.sort()
	m.crawls, err = readCrawls(ctx, store)
	return m, err
}

// readCrawls reads what crawls a store remembers. It need not have an index.
func readCrawls(ctx context.Context, store Store) ([]*site, error) {
	crawls, err := store.Crawls(ctx)
	if errors.Is(err, index.ErrNoIndex) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ingest: read the manifest: %w", err)
	}
	var sites []*site
	for _, c := range crawls {
		s, err := storedSite(c)
		if err != nil {
			return nil, err
		}
		sites = append(sites, s)
	}
	return sites, nil
}

// add adds a row.
func (m *manifest) add(p knownPage) {
	last := len(m.blocks) - 1
	if last < 0 || len(m.blocks[last]) == blockPages {
		m.blocks, last = append(m.blocks, make([]knownPage, 0, blockPages)), last+1
	}
	m.blocks[last] = append(m.blocks[last], p)
}

// sort makes the rows findable, and lets equal texts share memory.
func (m *manifest) sort() {
	m.byURL = make([]int32, m.len())
	for i := range m.byURL {
		m.byURL[i] = int32(i)
	}
	slices.SortFunc(m.byURL, func(a, b int32) int { return strings.Compare(m.row(a).url(), m.row(b).url()) })
	for i, text := range m.texts {
		if p := m.page(text); p != nil {
			m.texts[i] = p.url()
		}
	}
}

// len returns the number of rows.
func (m *manifest) len() int {
	if len(m.blocks) == 0 {
		return 0
	}
	last := len(m.blocks) - 1
	return last*blockPages + len(m.blocks[last])
}

// row returns row i.
func (m *manifest) row(i int32) *knownPage { return &m.blocks[i/blockPages][i%blockPages] }

// find returns the index of the row of a URL, false if there is none.
func (m *manifest) find(cited string) (int32, bool) {
	n, ok := slices.BinarySearchFunc(m.byURL, cited, func(i int32, cited string) int { return strings.Compare(m.row(i).url(), cited) })
	if !ok {
		return 0, false
	}
	return m.byURL[n], true
}

// page returns the row of a URL, nil if there is none.
func (m *manifest) page(cited string) *knownPage {
	if i, ok := m.find(cited); ok {
		return m.row(i)
	}
	return nil
}

// from, decision and reason return columns of a row.
func (m *manifest) from(p *knownPage) string     { return m.texts[p.from] }
func (m *manifest) decision(p *knownPage) string { return m.texts[p.decision] }
func (m *manifest) reason(p *knownPage) string   { return m.texts[p.reason] }

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
		m.children = []int32{}
		for _, i := range m.byURL {
			if m.row(i).from != 0 {
				m.children = append(m.children, i)
			}
		}
		slices.SortFunc(m.children, func(a, b int32) int {
			p, q := m.row(a), m.row(b)
			return cmp.Or(strings.Compare(m.from(p), m.from(q)), cmp.Compare(p.at, q.at), strings.Compare(p.url(), q.url()))
		})
	}
	first, _ := slices.BinarySearchFunc(m.children, cited, func(i int32, cited string) int { return strings.Compare(m.from(m.row(i)), cited) })
	end := first
	for end < len(m.children) && m.from(m.row(m.children[end])) == cited {
		end++
	}
	return m.children[first:end]
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
	start := s.cite(s.start)
	for i := range int32(m.len()) {
		p := m.row(i)
		if p.isFile || p.from == 0 && p.url() != start || !s.contains(p.url()) {
			continue
		}
		if !slices.ContainsFunc(rivals, func(r *site) bool { return r.contains(p.url()) }) {
			own = append(own, i)
		}
	}
	return own
}

var sumSeed = maphash.MakeSeed()

// rowSum returns a number that differs, but for a chance of 2⁻⁶⁴, when the
// columns of two rows differ. The time of the visit is left out.
func rowSum(p index.Page) uint64 {
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
