// Package retrieve finds the chunks that answer a question.
//
// Call [Retriever.Retrieve]. The chunks live in a store behind small interfaces:
// [Searcher], which questions need, [Opener] with [Run], which ingestion needs, and
// [Manifest], which lists need. Milvus implements all of them; an exact in-memory
// oracle for tests does too, and one conformance suite holds them to the same
// behaviour.
package retrieve

import (
	"context"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/bm25"
)

// Errors of every store. Callers use errors.Is.
var (
	// ErrUnavailable means that the store can't be reached or does not answer in time.
	ErrUnavailable error = problem.StoreUnavailable
	// ErrNoIndex means that nothing has been ingested under this name yet.
	ErrNoIndex error = problem.NoIndex
	// ErrMismatch means that the index was made with other settings; see [MismatchError].
	ErrMismatch error = problem.IndexMismatch
	// ErrQuery means that the caller asked for something that can't be searched.
	ErrQuery error = problem.BadQuery
)

// A Chunk is a passage of a page, as it is stored and shown.
type Chunk struct {
	ID          string    // [ChunkID]: 32 lower-case hex digits
	URL         string    // address of the page, or path of the file, as cited
	Title       string    // of the page
	Section     string    // heading path, " > " between levels; may be empty
	Anchor      string    // fragment of the nearest heading, without '#'; may be empty
	Text        string    // exactly page[Start:End] in runes; at most MaxTextBytes bytes
	Ordinal     int       // position among the page's chunks, from 0
	Start, End  int       // rune offsets in the page's text
	Source      string    // name of the site, such as its host; see [Filter]
	Lang        string    // language tag of the page, such as "en"; may be empty
	Flags       string    // what the injection lint found in it, names with commas between; mostly empty
	ContentHash string    // of the page's text: hex SHA-256
	Modified    time.Time // the page's own date; zero if it gives none
	CrawledAt   time.Time // when the page was fetched
}

// MaxTextBytes is the longest text a chunk may have, in bytes of UTF-8: the
// limit of a VARCHAR in Milvus.
const MaxTextBytes = 65_535

// A Record is a chunk with what it is found by.
type Record struct {
	Chunk
	// Windows are the vectors of the embedded text, in order, at least one. A
	// chunk scores as its best window.
	Windows []embed.Vector
	// Terms is the BM25 vector of the embedded text; see [bm25.Analyser].
	// Stores on engines without sparse vectors leave it out.
	Terms bm25.Sparse
}

// A Page is a row of the manifest: what is known of one URL.
type Page struct {
	URL            string
	Title          string
	Source         string // the chunks' Source
	Status         int    // HTTP status; 0 for a file
	ETag           string
	LastModified   string // header, as sent
	ContentHash    string // of the page's text: hex SHA-256
	Chunks         int    // number stored
	TextRunes      int    // length of the page's text
	Canonical      string // address that the page calls its canonical one; may be empty
	DiscoveredFrom string // URL of the page or sitemap that named it; "" for a start
	Decision       string // one of the Decision constants
	Reason         string // why, for a person; "" if it is indexed
	CrawledAt      time.Time
}

// What became of a page: the values of Page.Decision. Of pages that are not
// indexed no chunk is stored.
const (
	DecisionIndexed   = "indexed"
	DecisionNoindex   = "noindex"      // the page or its server asks not to be indexed
	DecisionDuplicate = "duplicate"    // another page has the same text, or the page names it as its canonical address
	DecisionNoText    = "no text"      // nothing to read: a frameset, an empty page
	DecisionScript    = "needs script" // the page is empty without JavaScript
	DecisionType      = "wrong type"   // neither HTML nor text
	DecisionFailed    = "failed"       // could not be fetched or read, and never was
)

// A Filter narrows a search. Empty fields do not.
type Filter struct {
	Source    string `json:"source,omitempty"`     // exactly this source
	URLPrefix string `json:"url_prefix,omitempty"` // URLs that begin so
	Lang      string `json:"lang,omitempty"`       // exactly this language
}

// A Hit is a chunk that was found. Hits are ordered by Score, which in a dense
// search is Dense, in a sparse one Sparse, in a hybrid one Fused, and Rerank
// where a reranker had the last word.
type Hit struct {
	Chunk
	Score float64
	// Dense is the cosine of the question and the chunk's best window, whatever
	// metric the index uses. Of a chunk that only BM25 found it is the least
	// cosine of those that were found: the chunk's own is that at most.
	Dense float64
	// Sparse is the BM25 score, from 0. Of a chunk that is not among those that
	// BM25 found it is their least score, or 0 if they were all that have one.
	Sparse float64
	// Fused is what both make together with the words of title and text, within
	// about 0 to 1.25. 0 unless the search was a hybrid one.
	Fused                 float64
	Rerank                float64 // what a reranker gave it; 0 unless Result.Reranker names one
	DenseRank, SparseRank int     // place among the chunks that the side found, from 1; 0 if it did not
}

// A Match is a chunk that one side of a search found.
type Match struct {
	ID      string
	Score   float64 // of the chunk's best window
	Sum     float64 // of the scores of all its windows that were seen
	Windows int     // that were seen, at least one
}

// A Probe is what is searched for.
type Probe struct {
	Vector embed.Vector // of unit length; nil means no dense search
	Terms  bm25.Sparse  // weights of the question's terms; empty means no sparse search
	Depth  int          // chunks to find on each side
	Filter Filter
}

// Found is what a search found on each side: best first, ties by ID.
type Found struct {
	Dense, Sparse []Match
	// The floors are what a chunk that is not in the list scores at most; of a
	// side that found all there is, the least there can be: -1 and 0.
	DenseFloor, SparseFloor float64
}

// A Searcher answers questions from an index. Without an index every error is
// [ErrNoIndex].
type Searcher interface {
	// Search finds the p.Depth best chunks on each side, or all if there are
	// fewer. An index without chunks gives none.
	Search(ctx context.Context, p Probe) (Found, error)
	// Chunks returns the chunks with these IDs, in any order. Those that are not
	// there are left out.
	Chunks(ctx context.Context, ids []string) ([]Stored, error)
	// Index tells what the index is.
	Index(ctx context.Context) (Index, error)
}

// Stored is a chunk as it is stored.
type Stored struct {
	Chunk
	Windows int // number of its vectors
}

// An Index is what is known of an index.
type Index struct {
	Fingerprint Fingerprint // what it was made with
	// Statistics are those that the last run published. Nil means that the
	// engine has no sparse vectors.
	Statistics *bm25.Statistics
	// Lacks says, for a person, what the engine has not and why; "" if nothing.
	Lacks string
}

// A Run is one ingestion: [Opener].Begin, then Stored, Vectors, Put and Remove in
// any order and from several goroutines, then Commit. A run that ends without
// Commit, however it ends, leaves an index that the next run mends.
type Run interface {
	Reader
	Writer
}

// A Reader tells a run what the index already holds.
type Reader interface {
	// Pages returns the rows of the manifest by URL: those of the URLs that have
	// one, or, if no URL is given, of all pages. What the run has put is among
	// them; when rebuilding, nothing else is.
	Pages(ctx context.Context, urls ...string) (map[string]Page, error)
	// Stored returns the chunks the index holds of each URL, without texts,
	// ordered by Ordinal. URLs it does not hold are absent.
	Stored(ctx context.Context, urls []string) (map[string][]Chunk, error)
	// Vectors returns the windows of those chunks among ids that the previous
	// generation holds, when rebuilding with the same embedder; else nothing.
	Vectors(ctx context.Context, ids []string) (map[string][]embed.Vector, error)
}

// A Writer changes an index. It orders its writes so that a search beside it
// never sees a window without its chunk.
type Writer interface {
	// Put does the changes: new chunks are inserted, moved ones rewritten, gone
	// ones deleted, and each page's manifest row written last, in that order.
	// Rows that no change names are not sent.
	Put(ctx context.Context, changes []Change) error
	// Remove deletes the pages, chunks first and manifest row last, and returns
	// how many of them there were.
	Remove(ctx context.Context, urls []string) (int, error)
	// Commit makes all that was put visible to every client and, when
	// rebuilding, puts the new generation in the place of the old.
	Commit(ctx context.Context) error
}

// An Opener begins runs.
type Opener interface {
	// Begin starts a run on the index, which is created if it is not there. If
	// it is there with another fingerprint, Begin fails with a
	// [*MismatchError], unless rebuild is set: then the run fills a new
	// generation, which Commit swaps in; searches see the old one until then.
	Begin(ctx context.Context, fp Fingerprint, rebuild bool) (Run, error)
}

// A Change is what [Writer].Put does to one page.
type Change struct {
	Page   Page
	Insert []Record // chunks the index does not hold
	Move   []Chunk  // chunks it holds with other columns than these
	Delete []string // IDs of chunks that are gone
}

// Empty reports whether there is nothing to do but write the manifest row.
func (c Change) Empty() bool { return len(c.Insert)+len(c.Move)+len(c.Delete) == 0 }
