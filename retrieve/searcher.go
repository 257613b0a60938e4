package retrieve

import (
	"context"
	"fmt"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A Searcher answers questions from an index. Without an index every error is
// [index.ErrNoIndex].
type Searcher interface {
	// Search finds the p.Depth best chunks on each side, or all if there are
	// fewer. An index without chunks gives none.
	Search(ctx context.Context, p Probe) (Found, error)
	// Chunks returns the chunks with these IDs, in any order. Those that are not
	// there are left out.
	Chunks(ctx context.Context, ids []string) ([]index.Stored, error)
	// Index tells what the index is.
	Index(ctx context.Context) (index.Info, error)
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

// A Match is a chunk that one side of a search found.
type Match struct {
	ID      string
	Score   float64 // of the chunk's best window
	Sum     float64 // of the scores of all its windows that were seen
	Windows int     // that were seen, at least one
}

// maxDepth is the most chunks that a search may ask for: Milvus gives no more rows.
const maxDepth = 16_384

// Check returns an [ErrQuery] unless every store can search for p.
func (p Probe) Check() error {
	if p.Depth < 1 || p.Depth > maxDepth {
		return fmt.Errorf("%w: the depth is %d, not within 1–%d", ErrQuery, p.Depth, maxDepth)
	}
	if err := p.Terms.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	return p.Filter.Validate()
}
