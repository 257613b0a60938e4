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
	// Search returns the p.Depth nearest chunks and the p.Depth best by BM25, or
	// all if there are fewer.
	Search(ctx context.Context, p Probe) (Found, error)
	// Chunks returns the chunks with these IDs that exist, in any order.
	Chunks(ctx context.Context, ids []string) ([]index.Stored, error)
	// Index describes the index.
	Index(ctx context.Context) (index.Info, error)
}

// A Probe is what is searched for.
type Probe struct {
	Vector embed.Vector // of unit length; nil means no dense search
	Terms  bm25.Sparse  // weights of the question's terms; empty means no sparse search
	Depth  int          // chunks to find by each of Vector and Terms
	Filter Filter
}

// Found holds what a search found by vectors and by BM25: best first, ties by ID.
type Found struct {
	Dense, Sparse []Match
	// The floors are the highest scores that a chunk missing from the list may
	// have. If the list holds all chunks, they are the lowest possible scores: -1
	// and 0.
	DenseFloor, SparseFloor float64
}

// A Match is a chunk in one list of [Found].
type Match struct {
	ID      string
	Score   float64 // of the chunk's best window
	Sum     float64 // of the scores of those of its windows that were found
	Windows int     // that were found, at least one
}

// maxDepth is the most chunks that a search may ask for: Milvus returns no more rows.
const maxDepth = 16_384

// Validate returns an [ErrQuery] unless every store can search for p.
func (p Probe) Validate() error {
	if p.Depth < 1 || p.Depth > maxDepth {
		return fmt.Errorf("%w: the depth is %d, not within 1–%d", ErrQuery, p.Depth, maxDepth)
	}
	if err := p.Terms.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	return p.Filter.Validate()
}
