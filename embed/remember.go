package embed

import (
	"context"

	"github.com/citewell/citewell/internal/lru"
)

// Remember returns an embedder that keeps the vectors of questions in a cache, which
// embedders of several models may share. Only calls with one question use it: those with
// more are measurements.
func Remember(e Embedder, c *lru.Cache[Vector]) Embedder { return remembering{e, c} }

type remembering struct {
	Embedder
	cache *lru.Cache[Vector]
}

// Embed implements [Embedder].
func (r remembering) Embed(ctx context.Context, texts []string, kind Kind) ([]Vector, error) {
	if kind != Query || len(texts) != 1 {
		return r.Embedder.Embed(ctx, texts, kind)
	}
	key := r.Model() + "\n" + texts[0]
	if v, ok := r.cache.Get(key); ok {
		return []Vector{v}, nil
	}
	vecs, err := r.Embedder.Embed(ctx, texts, kind)
	if err == nil && len(vecs) == 1 {
		r.cache.Put(key, vecs[0], int64(4*len(vecs[0])))
	}
	return vecs, err
}
