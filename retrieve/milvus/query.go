package milvus

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// listLimit is the most rows of one reply. Without a limit Milvus Lite silently cuts a
// reply at 16 383 rows (2.5.1, 2026-11).
const listLimit = 1000

// quote returns s as a string literal of Milvus's filter expressions. Any other escape
// than these two crashes Milvus Lite (2.5.1, 2026-11).
func quote(s string) string { return `"` + literal.Replace(s) + `"` }

var literal = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// in returns the expression that field is one of the values.
func in(field string, values []string) string {
	return field + " in [" + quoteAll(values) + "]"
}

// quoteAll returns the values as string literals with commas between.
func quoteAll(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return strings.Join(quoted, ",")
}

// filterExpr returns the expression for a valid filter, "" if it is empty. A prefix is
// a range of strings that ends with the highest code point: in a pattern, '%' and '_'
// would be wildcards, and server 2.3 supports few patterns. alsoIn are the values of
// the column also_in that hold the filter's version.
func filterExpr(f retrieve.Filter, alsoIn []string) string {
	var terms []string
	if f.Source != "" {
		terms = append(terms, "source == "+quote(f.Source))
	}
	if f.Lang != "" {
		// Regions are one language: a range of strings, as for prefixes.
		terms = append(terms, "(lang == "+quote(f.Lang)+" || lang >= "+quote(f.Lang+"-")+" && lang <= "+quote(f.Lang+"-\U0010FFFF")+")")
	}
	if f.Version != "" {
		is := "version == " + quote(f.Version)
		if len(alsoIn) > 0 {
			is = "(" + is + " || " + in("also_in", alsoIn) + ")"
		}
		terms = append(terms, is)
	}
	if f.URLPrefix != "" {
		terms = append(terms, "url >= "+quote(f.URLPrefix), "url <= "+quote(f.URLPrefix+"\U0010FFFF"))
	}
	return strings.Join(terms, " && ")
}

// count returns the number of rows of a collection that match the expression, or of
// all rows if it is empty.
func (s *Store) count(ctx context.Context, collection, expr string, level consistency) (int, error) {
	r, err := s.engine.query(ctx, collection, expr, countColumns.names(), level, 0)
	if err != nil {
		return 0, err
	}
	rows, err := countColumns.rows(r)
	if err == nil && len(rows) != 1 {
		err = fmt.Errorf("a count has %d rows, not 1", len(rows))
	}
	if err != nil {
		return 0, err
	}
	return rows[0], nil
}

// countColumns describe the reply to a count.
var countColumns = columns[int]{number("count(*)", func(n *int) *int { return n })}

// list returns the rows of a collection that match the expression, ordered by key.
// The columns must include the key. limit is the most rows of one reply. The sequence
// ends with the first error.
func list[T any](ctx context.Context, s *Store, collection string, cs columns[T], expr string, limit int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		names := cs.names()
		for last := ""; ; {
			where := "id > " + quote(last)
			if expr != "" {
				where += " && " + expr
			}
			r, err := s.engine.query(ctx, collection, where, names, session, limit)
			if err != nil {
				yield(none, err)
				return
			}
			for row, err := range cs.each(r) {
				if !yield(row, err) || err != nil {
					return
				}
			}
			if r.rows < limit {
				return
			}
			last = slices.Max(r.keys())
		}
	}
}

// byKeys returns the rows that have one of the keys. The sequence ends with the first
// error.
func byKeys[T any](ctx context.Context, s *Store, collection string, cs columns[T], keys []string, level consistency) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		names := cs.names()
		for part := range slices.Chunk(keys, listLimit) {
			r, err := s.engine.query(ctx, collection, in("id", part), names, level, len(part))
			if err != nil {
				yield(none, err)
				return
			}
			for row, err := range cs.each(r) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// batchBytes is the largest size of one write. More than 64 MB fails after 22 s on a
// server and takes 29 s on Milvus Lite (2026-11).
const batchBytes = 4 << 20

// rowBytes is the size of a row's numbers and of the encoding of its fields.
const rowBytes = 200

// batches cuts rows into parts of at most batchBytes, each of one row or more.
func batches[T any](rows []T, size func(*T) int) [][]T {
	var parts [][]T
	start, sum := 0, 0
	for i := range rows {
		n := size(&rows[i]) + rowBytes
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

// upsert writes rows in batches.
func upsert[T any](ctx context.Context, s *Store, collection string, cs columns[T], rows []T) error {
	for _, part := range batches(rows, cs.size) {
		if err := s.engine.upsert(ctx, collection, cs.write(part)); err != nil {
			return err
		}
	}
	return nil
}

// deleteKeys deletes the rows that have these keys.
func (s *Store) deleteKeys(ctx context.Context, collection string, keys []string) error {
	for part := range slices.Chunk(keys, listLimit) {
		if err := s.engine.delete(ctx, collection, in("id", part)); err != nil {
			return err
		}
	}
	return nil
}

// sparseOf converts sparse vectors of the SDK.
func sparseOf[V interface {
	Len() int
	Get(i int) (dim uint32, weight float32, ok bool)
}](vectors []V) []bm25.Sparse {
	out := make([]bm25.Sparse, len(vectors))
	for i, v := range vectors {
		out[i] = bm25.Sparse{Dims: make([]uint32, v.Len()), Weights: make([]float32, v.Len())}
		for j := range v.Len() {
			out[i].Dims[j], out[i].Weights[j], _ = v.Get(j)
		}
	}
	return out
}
