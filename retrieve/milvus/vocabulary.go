package milvus

import (
	"context"
	"fmt"

	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
)

// The words of an index are packed in rows of the collection terms, too, by
// [vocabulary.Vocabulary.Pack]. Row n of the words beside the statistics of version v
// has the version vocabularyVersion(v), which programs that know no vocabulary skip,
// and the key URLID("vocabulary vocabularyVersion(v) n").

// vocabularyVersion returns the version of the words beside statistics of a version: a
// number below markVersion.
func vocabularyVersion(version int64) int64 { return markVersion - 1 - version }

// vocabulary returns the words beside statistics of a version. It returns nil if parts
// of them are missing: an older program published the statistics, or a newer version is
// replacing them.
func (s *Store) vocabulary(ctx context.Context, generation string, version int64) (*vocabulary.Vocabulary, error) {
	v := vocabularyVersion(version)
	sets := map[int64]*packed{}
	if err := s.readPacked(ctx, generation, fmt.Sprintf("version == %d", v), sets); err != nil {
		return nil, err
	}
	p := sets[v]
	if p == nil || len(p.data) != p.parts {
		return nil, nil
	}
	parts, err := p.decode()
	if err != nil {
		return nil, fmt.Errorf("read vocabulary: %w", err)
	}
	return vocabulary.Unpack(parts)
}
