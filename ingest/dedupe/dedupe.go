// Package dedupe decides which of the pages with equal text is the primary one,
// whose chunks are stored, and which are its duplicates.
//
// Call [Groups.Add] for each page as it comes. The decision does not depend on
// the order of the calls: after the last one, [Groups.Primary] returns the same
// page for the same set of pages.
//
//   - Pages are equal if their titles and their texts are, as a reader sees them. Of pages that are all
//     but empty, the title may be the one thing that tells them apart.
//   - A page that claims to be canonical wins over one that claims nothing, and
//     that one over a page that names another one of its host.
//   - Of pages with the same claim the newest stable version wins, then the one with
//     the shortest URL, then the first in the order of the alphabet.
package dedupe

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"net/url"

	"github.com/citewell/citewell/internal/edition"
)

// A Hash stands for the title and the text of a page. It is zero if the page has
// no text. Of a million pages, two that differ share a Hash with a chance of 3 in
// 100 million.
type Hash uint64

// HashOf returns the Hash of a page with this title and content hash.
func HashOf(title, contentHash string) Hash {
	if contentHash == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(contentHash + title))
	return Hash(binary.LittleEndian.Uint64(sum[:]))
}

// A Key names a group of equal pages: pages are compared within one target of a
// run.
type Key struct {
	Hash   Hash
	Target int32 // number of the target
}

// A Claim is what a page says of its canonical URL. The lowest one wins.
type Claim uint8

// What a page can claim.
const (
	ClaimsItself  Claim = iota
	ClaimsNothing       // it names no URL, or one on another host, which says nothing about the pages here
	ClaimsAnother       // it names another page of its host
)

// ClaimOf returns the claim of a page that names canonical; "" means that it
// names none.
func ClaimOf(pageURL, canonical string) Claim {
	switch {
	case canonical == pageURL:
		return ClaimsItself
	case canonical == "" || !sameHost(pageURL, canonical):
		return ClaimsNothing
	}
	return ClaimsAnother
}

func sameHost(a, b string) bool {
	u, err := url.Parse(a)
	v, err2 := url.Parse(b)
	return err == nil && err2 == nil && u.Host == v.Host
}

// A Page is what decides between equal pages.
type Page struct {
	URL     string
	Version string // "" if it is of none
	Claim   Claim
	// StoredAsDuplicate is set if the index has the page as a duplicate. The
	// caller writes its chunks only if it is still primary after the last page.
	StoredAsDuplicate bool
	Seq               int32 // the caller's number of the document; Groups does not use it
}

// precedes reports whether p is preferred to q as the primary.
func (p Page) precedes(q Page) bool {
	if p.Claim != q.Claim {
		return p.Claim < q.Claim
	}
	if c := edition.Compare(edition.Rank(p.URL, p.Version), edition.Rank(q.URL, q.Version)); c != 0 {
		return c > 0
	}
	if len(p.URL) != len(q.URL) {
		return len(p.URL) < len(q.URL)
	}
	return p.URL < q.URL
}

// Groups are the groups of equal pages so far. The zero Groups has none. It keeps
// one Page for each group.
type Groups struct {
	index map[Key]int32
	all   []Page
}

// Add adds a page to a group and reports whether it is the primary now. If it
// took the place of another one, that is displaced, else nil.
func (g *Groups) Add(key Key, p Page) (displaced *Page, primary bool) {
	i, ok := g.index[key]
	if !ok {
		if g.index == nil {
			g.index = map[Key]int32{}
		}
		g.index[key] = int32(len(g.all))
		g.all = append(g.all, p)
		return nil, true
	}
	before := g.all[i]
	if !p.precedes(before) {
		return nil, false
	}
	g.all[i] = p
	return &before, true
}

// Primary returns the primary page of a group; the zero Page if nothing was
// added to the group.
func (g *Groups) Primary(key Key) Page {
	if i, ok := g.index[key]; ok {
		return g.all[i]
	}
	return Page{}
}

// Primaries yields the primary page of each group, in no order.
func (g *Groups) Primaries() iter.Seq2[Key, Page] {
	return func(yield func(Key, Page) bool) {
		for key, i := range g.index {
			if !yield(key, g.all[i]) {
				return
			}
		}
	}
}
