package milvus

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A dataType is the type of a column's values.
type dataType int

const (
	keyType    dataType = iota // a string of maxKeyBytes
	textType                   // a string of index.MaxTextBytes
	numberType                 // an int64
	vectorType                 // of float32
	sparseType                 // of float32, by dimension
)

// A field is a column in the schema of a collection.
type field struct {
	name  string
	typ   dataType
	dim   int         // of vectors; 0 in a table means the fingerprint's
	index vectorIndex // of vectors
}

// A vectorIndex is the index of a column of vectors.
type vectorIndex struct {
	name   string
	params map[string]string
}

// values are the values of one column. data is a []string, []int64, [][]float32 or
// []bm25.Sparse.
type values struct {
	name string
	data any
}

// A reply is the result of a query or a search.
type reply struct {
	rows    int
	columns []values  // may be empty if there are no rows
	scores  []float32 // of a search, one for each row
}

// keys returns the keys of the rows.
func (r reply) keys() []string {
	for _, c := range r.columns {
		if c.name == "id" {
			keys, _ := c.data.([]string)
			return keys
		}
	}
	return nil
}

// A column is one row of the table that describes a collection with rows of type T:
// the column's name and type, and how its values are written and read.
type column[T any] struct {
	field
	write func(rows []T) any                                 // returns data of [values]
	read  func(data any, n int) (set func(*T, int), ok bool) // nil if the column is never read
	bytes func(row *T) int                                   // size of a value that may be long; nil if it is short
	since int                                                // first [index.SchemaVersion] that has it; 0 if all have
}

// newColumn returns a column with values of type V. If set is nil, it is never read.
func newColumn[T, V any](name string, typ dataType, get func(*T) V, set func(*T, V)) column[T] {
	c := column[T]{field: field{name: name, typ: typ}}
	c.write = func(rows []T) any {
		data := make([]V, len(rows))
		for i := range rows {
			data[i] = get(&rows[i])
		}
		return data
	}
	if set != nil {
		c.read = func(data any, n int) (func(*T, int), bool) {
			vs, ok := data.([]V)
			if !ok || len(vs) != n {
				return nil, false
			}
			return func(row *T, i int) { set(row, vs[i]) }, true
		}
	}
	return c
}

// key returns a column that holds keys.
func key[T any](name string, at func(*T) *string) column[T] {
	c := text(name, at)
	c.typ, c.bytes = keyType, nil
	return c
}

// derivedKey returns a column of keys that are used in expressions and never read.
func derivedKey[T any](name string, get func(*T) string) column[T] {
	return newColumn(name, keyType, get, nil)
}

// text returns a column that holds strings.
func text[T any](name string, at func(*T) *string) column[T] {
	c := newColumn(name, textType, func(r *T) string { return *at(r) }, func(r *T, v string) { *at(r) = v })
	c.bytes = func(r *T) int { return len(*at(r)) }
	return c
}

// number returns a column that holds integers.
func number[T any, N int | int64](name string, at func(*T) *N) column[T] {
	return newColumn(name, numberType, func(r *T) int64 { return int64(*at(r)) }, func(r *T, v int64) { *at(r) = N(v) })
}

// timestamp returns a column that holds times, as microseconds since 1970.
func timestamp[T any](name string, at func(*T) *time.Time) column[T] {
	return newColumn(name, numberType, func(r *T) int64 { return at(r).UnixMicro() },
		func(r *T, v int64) { *at(r) = time.UnixMicro(v).UTC() })
}

// vector returns a column that holds vectors of the fingerprint's dimension.
func vector[T any](name string, at func(*T) *[]float32) column[T] {
	c := newColumn(name, vectorType, func(r *T) []float32 { return *at(r) }, func(r *T, v []float32) { *at(r) = v })
	c.bytes = func(r *T) int { return 4 * len(*at(r)) }
	return c
}

// placeholder stands for the terms of a text that has none.
const (
	placeholderDim    = 4_294_967_294
	placeholderWeight = 1e-6
)

// sparseVector returns a column that holds the terms of texts.
func sparseVector[T any](name string, at func(*T) *bm25.Sparse) column[T] {
	c := newColumn(name, sparseType, func(r *T) bm25.Sparse {
		if len(at(r).Dims) == 0 {
			return bm25.Sparse{Dims: []uint32{placeholderDim}, Weights: []float32{placeholderWeight}}
		}
		return *at(r)
	}, func(r *T, v bm25.Sparse) {
		if len(v.Dims) == 1 && v.Dims[0] == placeholderDim && v.Weights[0] == placeholderWeight {
			v = bm25.Sparse{}
		}
		*at(r) = v
	})
	c.bytes = func(r *T) int { return 8 * len(at(r).Dims) }
	return c
}

// constantVector returns the column vec of collections without vectors: Milvus needs a
// vector in each collection.
func constantVector[T any]() column[T] {
	v := []float32{1, 0}
	c := newColumn("vec", vectorType, func(*T) []float32 { return v }, nil)
	c.dim = len(v)
	return c
}

// columns describe a collection with rows of type T, or some columns of it. In the
// whole table, the key comes first.
type columns[T any] []column[T]

// only returns the columns with these names. It panics if there is no such column.
func (cs columns[T]) only(names ...string) columns[T] {
	var out columns[T]
	for _, n := range names {
		i := slices.IndexFunc(cs, func(c column[T]) bool { return c.name == n })
		if i < 0 {
			panic("milvus: misuse: no column " + n)
		}
		out = append(out, cs[i])
	}
	return out
}

// without returns the columns except those with these names.
func (cs columns[T]) without(names ...string) columns[T] {
	return slices.DeleteFunc(slices.Clone(cs), func(c column[T]) bool { return slices.Contains(names, c.name) })
}

// fields returns the schema of the collection in an index with this fingerprint.
func (cs columns[T]) fields(fp index.Fingerprint) []field {
	cs = cs.in(fp)
	out := make([]field, len(cs))
	for i, c := range cs {
		out[i] = c.field
		switch {
		case c.typ == sparseType:
			out[i].index = vectorIndex{"SPARSE_INVERTED_INDEX", map[string]string{"metric_type": "IP"}}
		case c.typ == vectorType && c.dim == 0:
			out[i].dim = fp.Dim
			out[i].index = vectorIndex{fp.Index, map[string]string{"metric_type": fp.Metric}}
			maps.Copy(out[i].index.params, indexes[fp.Index].build)
		case c.typ == vectorType:
			out[i].index = vectorIndex{"FLAT", map[string]string{"metric_type": "L2"}}
		}
	}
	return out
}

// write returns the values of the rows.
func (cs columns[T]) write(rows []T) []values {
	out := make([]values, len(cs))
	for i, c := range cs {
		out[i] = values{c.name, c.write(rows)}
	}
	return out
}

// names returns the names of the columns that can be read.
func (cs columns[T]) names() []string {
	out := make([]string, 0, len(cs))
	for _, c := range cs {
		if c.read != nil {
			out = append(out, c.name)
		}
	}
	return out
}

// read returns a function that sets a row to the i-th of the reply.
func (cs columns[T]) read(r reply) (set func(row *T, i int), err error) {
	sets := make([]func(*T, int), 0, len(cs))
	for _, c := range cs {
		if c.read == nil || r.rows == 0 { // an empty reply may lack its columns
			continue
		}
		at := slices.IndexFunc(r.columns, func(v values) bool { return v.name == c.name })
		if at < 0 {
			return nil, fmt.Errorf("the reply lacks the column %s", c.name)
		}
		f, ok := c.read(r.columns[at].data, r.rows)
		if !ok {
			return nil, fmt.Errorf("column %s: %T, not one value for each of %d rows", c.name, r.columns[at].data, r.rows)
		}
		sets = append(sets, f)
	}
	return func(row *T, i int) {
		*row = *new(T)
		for _, f := range sets {
			f(row, i)
		}
	}, nil
}

// each returns the rows of a reply, or an error.
func (cs columns[T]) each(r reply) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var row T
		set, err := cs.read(r)
		if err != nil {
			yield(row, err)
			return
		}
		for i := range r.rows {
			set(&row, i)
			if !yield(row, nil) {
				return
			}
		}
	}
}

// rows returns the rows of a reply.
func (cs columns[T]) rows(r reply) ([]T, error) {
	set, err := cs.read(r)
	if err != nil {
		return nil, err
	}
	rows := make([]T, r.rows)
	for i := range rows {
		set(&rows[i], i)
	}
	return rows, nil
}

// size returns the size of a row's long values, in bytes.
func (cs columns[T]) size(row *T) int {
	n := 0
	for _, c := range cs {
		if c.bytes != nil {
			n += c.bytes(row)
		}
	}
	return n
}
