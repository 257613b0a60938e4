package milvus

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/citewell/citewell/retrieve/index"
)

// Drop removes the index. Without one the error is [index.ErrNoIndex].
func (s *Store) Drop(ctx context.Context) error {
	err := s.withLease(ctx, func(l *lease, row *metaRow) error {
		had := row.Active
		if had != "" {
			// The row is changed first, so that no index lacks a part.
			row.Active, row.Building = "", joinGenerations(row.Building, row.Active)
			if err := l.writeMeta(ctx, row); err != nil {
				return err
			}
		}
		if _, err := s.dropOrphans(ctx, l, row); err != nil {
			return err
		}
		if row.id != "" {
			if err := l.clearMeta(ctx, row); err != nil {
				return err
			}
		}
		if had == "" {
			return index.ErrNoIndex
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("milvus: drop %s: %w", s.config.Name, err)
	}
	return nil
}

// withLease calls f with the lease of the index and its meta row, which is empty if
// there is none.
func (s *Store) withLease(ctx context.Context, f func(*lease, *metaRow) error) error {
	// The lease of an index that does not exist would create the meta collection.
	if row, err := s.readMeta(ctx, strong); err != nil || row == nil {
		return orNoIndex(err)
	}
	l, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	row, err := s.readMeta(ctx, strong)
	if row == nil {
		row = &metaRow{IndexVersion: 1}
	}
	if err == nil {
		err = f(l, row)
	}
	return closing(err, l.release(ctx))
}

func orNoIndex(err error) error {
	if err == nil {
		return index.ErrNoIndex
	}
	return err
}

// closing returns the first of two errors.
func closing(err, closeErr error) error {
	if err != nil {
		return err
	}
	return closeErr
}

// dropOrphans drops the generations of the index that are not active, and returns how
// many there were: those that the meta row lists as unfinished, and those of which
// only collections are left.
func (s *Store) dropOrphans(ctx context.Context, l *lease, row *metaRow) (int, error) {
	orphans := splitGenerations(row.Building)
	names, err := s.engine.collections(ctx)
	if err != nil && !isRefusal(err) { // A server may forbid its users to list collections.
		return 0, err
	}
	own := regexp.MustCompile("^" + regexp.QuoteMeta(s.config.Name) + "_(g[0-9a-f]{8})_[a-z]+$")
	for _, name := range names {
		if m := own.FindStringSubmatch(name); m != nil && m[1] != row.Active {
			orphans = append(orphans, m[1])
		}
	}
	slices.Sort(orphans)
	orphans = slices.Compact(orphans)
	if len(orphans) == 0 {
		return 0, nil
	}
	if err := s.dropGenerations(ctx, joinGenerations(orphans...)); err != nil {
		return 0, err
	}
	if row.Building == "" {
		return len(orphans), nil
	}
	row.Building = ""
	return len(orphans), l.writeMeta(ctx, row)
}
