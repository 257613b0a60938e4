package index

import (
	"context"

	"github.com/citewell/citewell/embed"
)

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

// A Manifest tells what an index holds of each page, outside of a run. Without
// an index the error is [ErrNoIndex].
type Manifest interface {
	// EachPage calls f for every row, in the order of [URLID], until f returns
	// an error, which EachPage returns. Rows of crawls are left out.
	EachPage(ctx context.Context, f func(Page) error) error
	// Page returns the row of a URL; false if there is none.
	Page(ctx context.Context, url string) (Page, bool, error)
	// ChunksOf returns the chunks of a page with their texts, by Ordinal.
	ChunksOf(ctx context.Context, url string) ([]Chunk, error)
}
