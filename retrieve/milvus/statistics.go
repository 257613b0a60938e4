package milvus

import (
	"context"
	"fmt"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// Index implements [retrieve.Searcher].
func (s *Store) Index(ctx context.Context) (retrieve.Index, error) {
	row, err := s.active(ctx, 0)
	if err != nil {
		return retrieve.Index{}, fmt.Errorf("milvus: open %s: %w", s.config.Name, err)
	}
	ix := retrieve.Index{Fingerprint: row.Fingerprint}
	if !s.engine.sparse {
		ix.Lacks = s.engine.String() + " has no sparse vectors (Milvus has them since 2.4)"
		return ix, nil
	}
	ix.Statistics = (&bm25.Counter{}).Statistics()
	return ix, nil
}
