package milvus

import (
	"context"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// rowBytes is what the numbers of a row and the marks around its fields take.
const rowBytes = 200

// batches cuts rows into parts of at most batchBytes, but one row at least.
func batches[T any](rows []T, size func(T) int) [][]T {
	var parts [][]T
	start, sum := 0, 0
	for i, r := range rows {
		n := size(r) + rowBytes
		if i > start && sum+n > batchBytes {
			parts = append(parts, rows[start:i])
			start, sum = i, 0
		}
		sum += n
	}
	if start < len(rows) {
		parts = append(parts, rows[start:])
	}
	return parts
}

// texts returns a string column.
func texts[T any](name string, rows []T, value func(T) string) entity.Column {
	v := make([]string, len(rows))
	for i, r := range rows {
		v[i] = value(r)
	}
	return entity.NewColumnVarChar(name, v)
}

// numbers returns an integer column.
func numbers[T any](name string, rows []T, value func(T) int64) entity.Column {
	v := make([]int64, len(rows))
	for i, r := range rows {
		v[i] = value(r)
	}
	return entity.NewColumnInt64(name, v)
}

// constantVectors returns the column vec of n rows.
func constantVectors(n int) entity.Column {
	v := make([][]float32, n)
	for i := range v {
		v[i] = []float32{1, 0}
	}
	return entity.NewColumnFloatVector("vec", 2, v)
}

// sparseVectors returns the column sparse.
func sparseVectors(rows []chunkRow) (entity.Column, error) {
	v := make([]entity.SparseEmbedding, len(rows))
	for i, r := range rows {
		terms := r.terms
		if len(terms.Dims) == 0 {
			terms = bm25.Sparse{Dims: []uint32{placeholderDim}, Weights: []float32{placeholderWeight}}
		}
		var err error
		if v[i], err = entity.NewSliceSparseEmbedding(terms.Dims, terms.Weights); err != nil {
			return nil, err
		}
	}
	return entity.NewColumnSparseVectors("sparse", v), nil
}

func (r *run) upsert(ctx context.Context, k kind, columns ...entity.Column) error {
	_, err := r.s.client.Upsert(ctx, r.collection(k), "", columns...)
	return err
}

func (r *run) upsertChunks(ctx context.Context, rows []chunkRow) error {
	for _, p := range batches(rows, func(c chunkRow) int {
		return len(c.URL) + len(c.Title) + len(c.Section) + len(c.Anchor) + len(c.Text) + len(c.Source) + 8*len(c.terms.Dims)
	}) {
		vec := constantVectors(len(p))
		if r.s.engine.sparse {
			var err error
			if vec, err = sparseVectors(p); err != nil {
				return err
			}
		}
		if err := r.upsert(ctx, chunksKind, vec,
			texts("id", p, func(c chunkRow) string { return c.ID }),
			texts("url_id", p, func(c chunkRow) string { return index.URLID(c.URL) }),
			texts("url", p, func(c chunkRow) string { return c.URL }),
			texts("title", p, func(c chunkRow) string { return c.Title }),
			texts("section", p, func(c chunkRow) string { return c.Section }),
			texts("anchor", p, func(c chunkRow) string { return c.Anchor }),
			texts("text", p, func(c chunkRow) string { return c.Text }),
			numbers("ordinal", p, func(c chunkRow) int64 { return int64(c.Ordinal) }),
			numbers("start", p, func(c chunkRow) int64 { return int64(c.Start) }),
			numbers("end", p, func(c chunkRow) int64 { return int64(c.End) }),
			texts("source", p, func(c chunkRow) string { return c.Source }),
			texts("lang", p, func(c chunkRow) string { return c.Lang }),
			texts("flags", p, func(c chunkRow) string { return c.Flags }),
			texts("content_hash", p, func(c chunkRow) string { return c.ContentHash }),
			numbers("modified", p, func(c chunkRow) int64 { return c.Modified.UnixMicro() }),
			numbers("crawled_at", p, func(c chunkRow) int64 { return c.CrawledAt.UnixMicro() }),
			numbers("windows", p, func(c chunkRow) int64 { return int64(c.windows) }),
		); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) upsertWindows(ctx context.Context, rows []windowRow) error {
	for _, p := range batches(rows, func(w windowRow) int {
		return 4*len(w.vec) + len(w.source) + len(w.lang) + len(w.url)
	}) {
		vecs := make([][]float32, len(p))
		for i, w := range p {
			vecs[i] = w.vec
		}
		if err := r.upsert(ctx, windowsKind,
			texts("id", p, func(w windowRow) string { return w.id }),
			texts("chunk_id", p, func(w windowRow) string { return w.chunkID }),
			numbers("n", p, func(w windowRow) int64 { return int64(w.n) }),
			texts("source", p, func(w windowRow) string { return w.source }),
			texts("lang", p, func(w windowRow) string { return w.lang }),
			texts("url", p, func(w windowRow) string { return w.url }),
			entity.NewColumnFloatVector("dense", r.fp.Dim, vecs),
		); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) upsertPages(ctx context.Context, rows []index.Page) error {
	for _, p := range batches(rows, func(p index.Page) int {
		return len(p.URL) + len(p.Title) + len(p.Source) + len(p.ETag) + len(p.LastModified) + len(p.Canonical) + len(p.DiscoveredFrom) + len(p.Reason)
	}) {
		if err := r.upsert(ctx, pagesKind, constantVectors(len(p)),
			texts("id", p, func(p index.Page) string { return index.URLID(p.URL) }),
			texts("url", p, func(p index.Page) string { return p.URL }),
			texts("title", p, func(p index.Page) string { return p.Title }),
			texts("source", p, func(p index.Page) string { return p.Source }),
			numbers("status", p, func(p index.Page) int64 { return int64(p.Status) }),
			texts("etag", p, func(p index.Page) string { return p.ETag }),
			texts("last_modified", p, func(p index.Page) string { return p.LastModified }),
			texts("content_hash", p, func(p index.Page) string { return p.ContentHash }),
			numbers("chunks", p, func(p index.Page) int64 { return int64(p.Chunks) }),
			numbers("text_runes", p, func(p index.Page) int64 { return int64(p.TextRunes) }),
			texts("canonical", p, func(p index.Page) string { return p.Canonical }),
			texts("discovered_from", p, func(p index.Page) string { return p.DiscoveredFrom }),
			texts("decision", p, func(p index.Page) string { return p.Decision }),
			texts("reason", p, func(p index.Page) string { return p.Reason }),
			numbers("crawled_at", p, func(p index.Page) int64 { return p.CrawledAt.UnixMicro() }),
		); err != nil {
			return err
		}
	}
	return nil
}
