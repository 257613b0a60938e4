package milvus

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// deleteDuplicates makes each key of a generation's chunks, windows and pages the key of
// one row, and returns how many keys several rows had: two writers at once can leave
// such rows. Of the rows of a key, the latest stays. counts are the numbers of rows,
// from [Store.barrier].
func (s *Store) deleteDuplicates(ctx context.Context, generation string, fp index.Fingerprint, counts map[kind]int) (int, error) {
	chunks, err := dedupe(ctx, s, s.collection(generation, chunksKind), counts[chunksKind], s.can.chunkColumns().in(fp), func(c chunkRow) time.Time { return c.CrawledAt })
	if err != nil {
		return 0, err
	}
	windows, err := dedupe(ctx, s, s.collection(generation, windowsKind), counts[windowsKind], windowColumns.in(fp), nil)
	if err != nil {
		return 0, err
	}
	pages, err := dedupe(ctx, s, s.collection(generation, pagesKind), counts[pagesKind], pageColumns.in(fp), func(p pageRow) time.Time { return p.CrawledAt })
	if n := chunks + windows + pages; n > 0 {
		s.log.Warn("milvus deletes rows with equal keys", "index", s.config.Name, "chunks", chunks, "windows", windows, "pages", pages)
	}
	return chunks + windows + pages, err
}

// dedupe leaves one row of each key of a collection, and returns how many keys had
// several rows. at returns the time of a row's column crawled_at, of which the latest
// stays; nil if the rows of a key are all alike.
func dedupe[T any](ctx context.Context, s *Store, collection string, count int, cs columns[T], at func(T) time.Time) (int, error) {
	keys, err := s.repeatedKeys(ctx, collection, count)
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(keys, maxTextRows) {
		var one []T
		for _, key := range some {
			row, err := latestRow(ctx, s, collection, cs, key, at)
			if err != nil {
				return 0, err
			}
			one = append(one, row)
		}
		// An upsert deletes all rows of a key, then inserts one.
		if err := upsert(ctx, s, collection, cs, one); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// latestRow returns the latest row of a key. A reply has only one of several rows with
// the same key, so it asks for a later one until there is none.
func latestRow[T any](ctx context.Context, s *Store, collection string, cs columns[T], key string, at func(T) time.Time) (row T, err error) {
	for where := "id == " + quote(key); ; {
		r, err := s.engine.query(ctx, collection, where, cs.names(), session, 1)
		if err != nil {
			return row, err
		}
		rows, err := cs.rows(r)
		if err != nil || len(rows) == 0 {
			return row, err
		}
		if row = rows[0]; at == nil {
			return row, nil
		}
		where = fmt.Sprintf("id == %s && crawled_at > %d", quote(key), at(row).UnixMicro())
	}
}

// repeatedKeys returns the keys of a collection of total rows that several rows have.
func (s *Store) repeatedKeys(ctx context.Context, collection string, total int) ([]string, error) {
	distinct := 0
	var repeated []string
	err := s.eachKeys(ctx, collection, func(keys []string) error {
		distinct += len(keys)
		return nil
	})
	if err != nil || distinct == total {
		return nil, err
	}
	// A reply has one row of each key, but a count has all.
	err = s.eachKeys(ctx, collection, func(keys []string) error {
		some, err := s.countRepeated(ctx, collection, keys)
		repeated = append(repeated, some...)
		return err
	})
	return repeated, err
}

// eachKeys calls f with all keys of a collection, in parts, sorted and each once.
func (s *Store) eachKeys(ctx context.Context, collection string, f func([]string) error) error {
	for last := ""; ; {
		r, err := s.engine.query(ctx, collection, "id > "+quote(last), []string{"id"}, session, listLimit)
		if err != nil {
			return err
		}
		keys := r.keys()
		slices.Sort(keys)
		if keys = slices.Compact(keys); len(keys) == 0 {
			return nil
		}
		if err := f(keys); err != nil {
			return err
		}
		last = keys[len(keys)-1]
	}
}

// countRepeated returns those of sorted keys that several rows have: it counts the
// rows of ever shorter ranges.
func (s *Store) countRepeated(ctx context.Context, collection string, keys []string) ([]string, error) {
	expr := fmt.Sprintf("id >= %s && id <= %s", quote(keys[0]), quote(keys[len(keys)-1]))
	n, err := s.count(ctx, collection, expr, session)
	switch {
	case err != nil || n == len(keys):
		return nil, err
	case len(keys) == 1:
		return keys, nil
	}
	half := len(keys) / 2
	first, err := s.countRepeated(ctx, collection, keys[:half])
	if err != nil {
		return nil, err
	}
	second, err := s.countRepeated(ctx, collection, keys[half:])
	return append(first, second...), err
}
