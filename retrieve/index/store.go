package index

import (
	"context"

	"github.com/citewell/citewell/embed"
)

// A Run is one ingestion: [Opener].Begin, perhaps SetModel, then Stored, Vectors, Put and Remove in
// any order and from several goroutines, then Commit, then Close. If a run ends
// without Commit, even by a crash, the next run repairs the index.
//
// From Begin until Commit or Close, the run is the only one that changes the index.
// If it is held up for so long that another run takes its place, its methods fail.
type Run interface {
	Reader
	Writer
	// SetModel replaces the embedder in the fingerprint of the index that the run
	// creates or rebuilds: its name, "name/dim", and dimension. It fails after the
	// first write, and in a run that changes an existing index.
	SetModel(model string, dim int) error
	// Close ends the run, so that another one can begin. A rebuild that was not
	// committed leaves nothing. After Commit, and when called again, Close does
	// nothing. It does its work even if ctx is canceled.
	Close(ctx context.Context) error
}

// A Reader reads what the index already holds.
type Reader interface {
	// Pages returns the rows of the manifest by URL: of these URLs, as far as they
	// have one, or of all pages if no URL is given. It sees what the run has put;
	// in a rebuild, nothing else.
	Pages(ctx context.Context, urls ...string) (map[string]Page, error)
	// Stored returns the stored chunks of each URL, without texts, ordered by
	// Ordinal. URLs without chunks are absent.
	Stored(ctx context.Context, urls []string) (map[string][]Chunk, error)
	// Vectors returns the windows of these chunks from the previous generation, as
	// far as it holds them. It returns nothing unless the run rebuilds the index
	// with the same embedder.
	Vectors(ctx context.Context, ids []string) (map[string][]embed.Vector, error)
}

// A Writer changes an index. It orders its writes so that a search beside it
// never sees a window without its chunk.
type Writer interface {
	// Put applies the changes in this order: it inserts new chunks, rewrites moved
	// ones, deletes obsolete ones, and writes each page's manifest row. Rows that no
	// change names are not sent.
	Put(ctx context.Context, changes []Change) error
	// Remove deletes the pages, chunks first and manifest row last, and returns
	// how many of them existed.
	Remove(ctx context.Context, urls []string) (int, error)
	// Commit makes everything that was put visible to every client. In a rebuild,
	// the new generation then replaces the old one. If it succeeds, the run has ended.
	Commit(ctx context.Context) error
}

// An Opener begins runs.
type Opener interface {
	// Begin starts a run on the index. If the index does not exist, the first write or
	// Commit creates it. If another run is changing the index, Begin waits for its
	// end; if that takes too long, it fails with a [*BusyError].
	//
	// If it exists with another fingerprint, Begin fails with a [*MismatchError],
	// unless rebuild is set. With rebuild, the run fills a new generation, which
	// replaces the old one on Commit; searches see the old one until then.
	Begin(ctx context.Context, fp Fingerprint, rebuild bool) (Run, error)
}

// A Change is what [Writer].Put changes of one page.
type Change struct {
	Page   Page
	Insert []Record // chunks that the index does not hold
	Move   []Chunk  // chunks that it holds with other values in some columns
	Delete []string // IDs of chunks that are no longer on the page
}

// Empty reports whether only the manifest row changes.
func (c Change) Empty() bool { return len(c.Insert)+len(c.Move)+len(c.Delete) == 0 }

// A Manifest reads what an index holds of each page, outside of a run. Without an
// index the error is [ErrNoIndex].
type Manifest interface {
	// EachPage calls f for each page, in the order of [URLID], until f returns an
	// error, which EachPage returns. It skips the rows of crawls.
	EachPage(ctx context.Context, f func(Page) error) error
	// Page returns the row of a URL; false if there is none.
	Page(ctx context.Context, url string) (Page, bool, error)
	// ChunksOf returns the chunks of a page with their texts, by Ordinal.
	ChunksOf(ctx context.Context, url string) ([]Chunk, error)
}
