package milvus

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"github.com/citewell/citewell/retrieve"
)

// listLimit is the rows of one reply. Without a limit Milvus Lite cuts a reply
// at 16 383 rows silently (2.5.1, 2026-11).
const listLimit = 1000

// quote returns s as a string literal of Milvus's filter expressions. A literal
// with another escape than these two ends Milvus Lite itself (2.5.1, 2026-11).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// in returns the expression that field is one of the values.
func in(field string, values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return field + " in [" + strings.Join(quoted, ",") + "]"
}

// filterExpr returns the expression for a valid filter, "" if it is empty. A
// prefix is a range of strings, bounded by the last code point there is: in a
// pattern '%' and '_' would be wildcards, and server 2.3 has hardly any patterns.
func filterExpr(f retrieve.Filter) string {
	var terms []string
	if f.Source != "" {
		terms = append(terms, "source == "+quote(f.Source))
	}
	if f.Lang != "" {
		terms = append(terms, "lang == "+quote(f.Lang))
	}
	if f.URLPrefix != "" {
		terms = append(terms, "url >= "+quote(f.URLPrefix), "url <= "+quote(f.URLPrefix+"\U0010FFFF"))
	}
	return strings.Join(terms, " && ")
}

// A table reads the columns of a reply. The first thing that is not as expected
// is kept in err.
type table struct {
	rs  client.ResultSet
	err error
}

func (t *table) column(name string) entity.Column {
	c := t.rs.GetColumn(name)
	if c == nil && t.err == nil {
		t.err = fmt.Errorf("the reply lacks the column %s", name)
	}
	return c
}

func (t *table) len(name string) int {
	if c := t.rs.GetColumn(name); c != nil {
		return c.Len()
	}
	return 0 // an empty reply may have no columns
}

func (t *table) str(name string, i int) string {
	c := t.column(name)
	if c == nil {
		return ""
	}
	v, err := c.GetAsString(i)
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("column %s: %w", name, err)
	}
	return v
}

func (t *table) num(name string, i int) int64 {
	c := t.column(name)
	if c == nil {
		return 0
	}
	v, err := c.GetAsInt64(i)
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("column %s: %w", name, err)
	}
	return v
}

func (t *table) vec(name string, i int) []float32 {
	c, ok := t.column(name).(*entity.ColumnFloatVector)
	if ok && i < c.Len() {
		return c.Data()[i]
	}
	if t.err == nil {
		t.err = fmt.Errorf("column %s: no vector %d", name, i)
	}
	return nil
}

// count returns the rows of a collection that the expression holds for, all if
// it is empty.
func (s *Store) count(ctx context.Context, collection, expr string, level client.SearchQueryOptionFunc) (int, error) {
	rs, err := s.client.Query(ctx, collection, nil, expr, []string{"count(*)"}, level)
	if err != nil {
		return 0, err
	}
	t := table{rs: rs}
	n := t.num("count(*)", 0)
	return int(n), t.err
}

// list calls f for each row that the expression holds for, by key. limit is the
// rows of a reply.
func (s *Store) list(ctx context.Context, collection, expr string, fields []string, limit int, f func(*table, int)) error {
	fields = append([]string{"id"}, fields...)
	for last := ""; ; {
		where := "id > " + quote(last)
		if expr != "" {
			where += " && " + expr
		}
		rs, err := s.client.Query(ctx, collection, nil, where, fields, session, client.WithLimit(int64(limit)))
		if err != nil {
			return err
		}
		t := &table{rs: rs}
		n := t.len("id")
		for i := range n {
			f(t, i)
			last = max(last, t.str("id", i))
		}
		if t.err != nil {
			return t.err
		}
		if n < limit {
			return nil
		}
	}
}

// byKeys calls f for each row that has one of the keys.
func (s *Store) byKeys(ctx context.Context, collection string, keys, fields []string, level client.SearchQueryOptionFunc, f func(*table, int)) error {
	fields = append([]string{"id"}, fields...)
	for part := range slices.Chunk(keys, listLimit) {
		rs, err := s.client.Query(ctx, collection, nil, in("id", part), fields, level, client.WithLimit(int64(len(part))))
		if err != nil {
			return err
		}
		t := &table{rs: rs}
		for i := range t.len("id") {
			f(t, i)
		}
		if t.err != nil {
			return t.err
		}
	}
	return nil
}

// deleteKeys deletes the rows that have these keys.
func (s *Store) deleteKeys(ctx context.Context, collection string, keys []string) error {
	for part := range slices.Chunk(keys, listLimit) {
		if err := s.client.Delete(ctx, collection, "", in("id", part)); err != nil {
			return err
		}
	}
	return nil
}
