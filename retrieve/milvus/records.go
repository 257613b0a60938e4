package milvus

import (
	"context"
	"slices"

	"github.com/citewell/citewell/retrieve/index"
)

// Records returns the chunks of a page with their vectors, by Ordinal. Chunks of which a
// killed run has not written all windows are left out. Without an index the error is
// [index.ErrNoIndex].
func (s *Store) Records(ctx context.Context, url string) (records []index.Record, err error) {
	err = s.onManifest(ctx, "read records of", func(row *metaRow) error {
		records = nil
		var ids []string
		where := in("url_id", urlIDs([]string{url}))
		for c, err := range list(ctx, s, s.collection(row.Active, chunksKind), s.can.chunkColumns().in(row.Fingerprint), where, maxTextRows) {
			if err != nil {
				return err
			}
			records = append(records, index.Record{Chunk: c.Chunk, Terms: c.terms})
			ids = append(ids, c.ID)
		}
		vectors, err := s.vectors(ctx, row.Active, ids)
		if err != nil {
			return err
		}
		for i := range records {
			records[i].Windows = vectors[records[i].ID]
		}
		records = slices.DeleteFunc(records, func(r index.Record) bool { return len(r.Windows) == 0 })
		return nil
	})
	slices.SortFunc(records, func(a, b index.Record) int { return byOrdinal(a.Chunk, b.Chunk) })
	return records, err
}
