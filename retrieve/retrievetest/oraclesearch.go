package retrievetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// Search implements [retrieve.Searcher].
func (o *Oracle) Search(ctx context.Context, p retrieve.Probe) (retrieve.Found, error) {
	found, err := o.search(ctx, p)
	if err != nil {
		return retrieve.Found{}, fmt.Errorf("retrievetest: search: %w", err)
	}
	return found, nil
}

func (o *Oracle) search(ctx context.Context, p retrieve.Probe) (retrieve.Found, error) {
	if err := errors.Join(ctx.Err(), p.Validate()); err != nil {
		return retrieve.Found{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.active == nil {
		return retrieve.Found{}, index.ErrNoIndex
	}
	found := retrieve.Found{DenseFloor: -1}
	if p.Vector != nil {
		if err := embed.ValidateVector(p.Vector, o.active.fp.Dim); err != nil {
			return retrieve.Found{}, fmt.Errorf("%w: %w", retrieve.ErrQuery, err)
		}
		found.Dense, found.DenseFloor = o.dense(p)
	}
	if len(p.Terms.Dims) > 0 {
		found.Sparse, found.SparseFloor = o.sparse(p)
	}
	return found, nil
}

// dense ranks the chunks by their best windows.
func (o *Oracle) dense(p retrieve.Probe) ([]retrieve.Match, float64) {
	var ms []retrieve.Match
	for _, r := range o.active.chunks {
		if p.Filter.Match(r.Chunk) {
			best := -1.0
			for _, w := range r.Windows {
				best = max(best, embed.Cosine(p.Vector, w))
			}
			ms = append(ms, retrieve.Match{ID: r.ID, Score: best})
		}
	}
	ms, floor := cut(ms, p.Depth, -1)
	for i, m := range ms {
		for _, w := range o.active.chunks[m.ID].Windows {
			if score := embed.Cosine(p.Vector, w); score >= floor {
				ms[i].Sum += score
				ms[i].Windows++
			}
		}
	}
	return ms, floor
}

// sparse ranks the chunks that hold a term by the inner product.
func (o *Oracle) sparse(p retrieve.Probe) ([]retrieve.Match, float64) {
	weights := map[uint32]float64{}
	for i, d := range p.Terms.Dims {
		weights[d] = float64(p.Terms.Weights[i])
	}
	var ms []retrieve.Match
	for _, r := range o.active.chunks {
		score := 0.0
		for i, d := range r.Terms.Dims {
			score += weights[d] * float64(r.Terms.Weights[i])
		}
		if score > 0 && p.Filter.Match(r.Chunk) {
			ms = append(ms, retrieve.Match{ID: r.ID, Score: score, Sum: score, Windows: 1})
		}
	}
	return cut(ms, p.Depth, 0)
}

// cut sorts matches and returns the first n with the score of the last one as floor, or
// all of them with lowest as floor.
func cut(ms []retrieve.Match, n int, lowest float64) ([]retrieve.Match, float64) {
	slices.SortFunc(ms, func(a, b retrieve.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	if len(ms) <= n {
		return ms, lowest
	}
	return ms[:n], ms[n-1].Score
}

// Chunks implements [retrieve.Searcher].
func (o *Oracle) Chunks(ctx context.Context, ids []string) ([]index.Stored, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.active == nil {
		return nil, fmt.Errorf("retrievetest: read chunks: %w", index.ErrNoIndex)
	}
	var out []index.Stored
	for _, id := range ids {
		if r, ok := o.active.chunks[id]; ok {
			out = append(out, index.Stored{Chunk: r.Chunk, Windows: len(r.Windows)})
		}
	}
	return out, nil
}

// Index implements [retrieve.Searcher].
func (o *Oracle) Index(ctx context.Context) (index.Info, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return index.Info{}, err
	}
	if o.active == nil {
		return index.Info{}, fmt.Errorf("retrievetest: open: %w", index.ErrNoIndex)
	}
	return index.Info{Fingerprint: o.active.fp, Statistics: o.active.stats, Vocabulary: o.active.words}, nil
}

// Fingerprint returns the fingerprint of the index.
func (o *Oracle) Fingerprint(ctx context.Context) (index.Fingerprint, error) {
	ix, err := o.Index(ctx)
	return ix.Fingerprint, err
}

// recount counts the terms and the words of a generation.
func (g *generation) recount() {
	g.stats, g.words = recount(slices.Collect(maps.Values(g.chunks)))
}

// Nearest returns the k chunks nearest to vec, best first, with their cosines.
// It searches deeper if chunks are deleted meanwhile.
func Nearest(ctx context.Context, s retrieve.Searcher, vec embed.Vector, k int, f retrieve.Filter) ([]retrieve.Hit, error) {
	for depth := k; ; depth += depth/2 + 1 {
		found, err := s.Search(ctx, retrieve.Probe{Vector: vec, Depth: depth, Filter: f})
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(found.Dense))
		for i, m := range found.Dense {
			ids[i] = m.ID
		}
		chunks, err := s.Chunks(ctx, ids)
		if err != nil {
			return nil, err
		}
		byID := map[string]index.Chunk{}
		for _, c := range chunks {
			byID[c.ID] = c.Chunk
		}
		var hits []retrieve.Hit
		for i, m := range found.Dense {
			if c, ok := byID[m.ID]; ok && len(hits) < k {
				hits = append(hits, retrieve.Hit{Chunk: c, Score: m.Score, Dense: m.Score, DenseRank: i + 1})
			}
		}
		if len(hits) == k || len(found.Dense) < depth {
			return hits, nil
		}
	}
}

// AllChunks returns every chunk that a search of the store can find, in any order.
// The store is a [retrieve.Searcher], too; dim is that of its vectors.
func AllChunks(ctx context.Context, store index.Opener, dim int) ([]index.Chunk, error) {
	s, ok := store.(retrieve.Searcher)
	if !ok {
		return nil, fmt.Errorf("retrievetest: %T has no search", store)
	}
	vec := make(embed.Vector, dim)
	vec[0] = 1
	hits, err := Nearest(ctx, s, vec, 10_000, retrieve.Filter{})
	if err != nil {
		return nil, err
	}
	chunks := make([]index.Chunk, len(hits))
	for i, h := range hits {
		chunks[i] = h.Chunk
	}
	return chunks, nil
}
