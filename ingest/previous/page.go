package previous

import (
	"hash/maphash"
	"time"

	"github.com/citewell/citewell/ingest/dedupe"
	"github.com/citewell/citewell/retrieve/index"
)

// A row is what is kept in memory of a row of the manifest. It is small, since
// there is one for each page of the index.
type row struct {
	text     string // URL and ETag
	urlBytes int32  // of text
	from     textID
	modified textID
	decision textID
	reason   textID // only of what is not indexed
	version  textID
	alsoIn   textID
	chunks   int32
	hash     dedupe.Hash
	sum      uint64 // of the columns, see rowSum
	at       int64  // microseconds since 1970
	claim    dedupe.Claim
	isFile   bool
}

func (r *row) url() string { return r.text[:r.urlBytes] }

// A textID is the index of a text that many rows share.
type textID int32

// A Page is a row of the manifest as the run found it. The zero Page stands
// for a page that the index did not have.
type Page struct {
	ix *Index
	i  int32
}

func (p Page) row() *row { return p.ix.row(p.i) }

// Number returns the number of the row, from 0: each page has its own.
func (p Page) Number() int { return int(p.i) }

// URL returns what the page is cited by.
func (p Page) URL() string { return p.row().url() }

// DiscoveredFrom returns the page that named this one; "" if it was a start.
func (p Page) DiscoveredFrom() string { return p.ix.texts[p.row().from] }

// Decision returns what became of the page.
func (p Page) Decision() string { return p.ix.texts[p.row().decision] }

// Is reports whether the index had the page, with this decision.
func (p Page) Is(decision string) bool { return p.ix != nil && p.Decision() == decision }

// IsFile reports whether the page was read from a file.
func (p Page) IsFile() bool { return p.row().isFile }

// Reason returns why the page is not indexed.
func (p Page) Reason() string { return p.ix.texts[p.row().reason] }

// Version returns the version that the page is of; "" if it is of none.
func (p Page) Version() string { return p.ix.texts[p.row().version] }

// AlsoIn returns the other versions that have a page of the same text; see [index.Chunk].
func (p Page) AlsoIn() string { return p.ix.texts[p.row().alsoIn] }

// Chunks returns how many chunks are stored of the page.
func (p Page) Chunks() int { return int(p.row().chunks) }

// Hash returns the hash of the page's title and text.
func (p Page) Hash() dedupe.Hash { return p.row().hash }

// Claim returns what the page said of its canonical URL.
func (p Page) Claim() dedupe.Claim { return p.row().claim }

// Equals reports whether the row had the columns of r, but for the time of the
// visit.
func (p Page) Equals(r index.Page) bool { return p.row().sum == rowSum(r) }

// validators returns what the server is asked with, so that it need not send the
// page again.
func (p Page) validators() (etag, lastModified string) {
	r := p.row()
	return r.text[r.urlBytes:], p.ix.texts[r.modified]
}

var sumSeed = maphash.MakeSeed()

// rowSum returns a number that differs, but for a chance of 2⁻⁶⁴, when the
// columns of two rows differ. The time of the visit is left out.
func rowSum(p index.Page) uint64 {
	p.CrawledAt = time.Time{}
	return maphash.Comparable(sumSeed, p)
}
