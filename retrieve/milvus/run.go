package milvus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/retrieve/index"
)

// A run is one ingestion into one generation.
//
// Several processes may run at once. If two runs write one page at the same time with
// different texts, chunks of both may stay until the page changes again. When a run
// begins, it drops the generation of any rebuild that has not committed, since it
// can't tell a slow rebuild from a killed one. The slow rebuild then fails with an
// error that says so.
type run struct {
	s          *Store
	fp         index.Fingerprint
	generation string
	previous   string // generation to take vectors from; "" if there is none
	rebuild    bool

	// fresh means that this run created the generation: it holds only pages in
	// written, so Stored need not ask for others.
	fresh bool

	oldMarks []string // marks of changes that existed when the run began
	mark     string   // key of this run's own mark

	markMu sync.Mutex
	marked bool // whether mark is written

	mu      sync.Mutex
	written map[uint64]struct{} // if fresh: hashes of the URLs that this run has begun to write
	partial map[string][]string // by URL: chunks found without all of their windows
}

var _ index.Run = (*run)(nil)

// Begin implements [index.Opener].
func (s *Store) Begin(ctx context.Context, fp index.Fingerprint, rebuild bool) (index.Run, error) {
	r, err := s.begin(ctx, fp, rebuild)
	if err != nil {
		return nil, fmt.Errorf("milvus: begin %s: %w", s.config.Name, err)
	}
	return r, nil
}

func (s *Store) begin(ctx context.Context, fp index.Fingerprint, rebuild bool) (*run, error) {
	if err := s.can.validateFingerprint(fp); err != nil {
		return nil, err
	}
	row, err := s.readMeta(ctx, strong)
	if err != nil {
		return nil, err
	}
	if row == nil {
		row = &metaRow{IndexVersion: 1}
	}
	if row.Active != "" && !rebuild && row.Fingerprint != fp {
		return nil, &index.MismatchError{Name: s.config.Name, Have: row.Fingerprint, Asked: fp}
	}
	if err := s.dropUnfinished(ctx, row); err != nil {
		return nil, err
	}
	r := &run{s: s, fp: fp, generation: row.Active, mark: randomHex(maxKeyBytes / 2), written: map[uint64]struct{}{}, partial: map[string][]string{}}
	if row.Active == "" || rebuild {
		r.rebuild, r.fresh = row.Active != "", true
		if old := row.Fingerprint; r.rebuild && old.Model == fp.Model && old.Dim == fp.Dim && old.Schema == fp.Schema {
			r.previous = row.Active
		}
		if r.generation, err = s.build(ctx, row, fp); err != nil {
			return nil, err
		}
	}
	// From here on, rows of a killed run are visible.
	if err := r.barrier(ctx); err != nil {
		return nil, err
	}
	r.oldMarks, err = s.changeMarks(ctx, r.generation)
	return r, r.replaced(err)
}

// dropUnfinished drops generations that earlier runs left unfinished.
func (s *Store) dropUnfinished(ctx context.Context, row *metaRow) error {
	if row.Building == "" {
		return nil
	}
	s.log.Warn("milvus drops an unfinished generation", "index", s.config.Name, "generation", row.Building)
	if err := s.dropGenerations(ctx, row.Building); err != nil {
		return err
	}
	row.Building = ""
	return s.writeMeta(ctx, row)
}

// build creates a new generation. If the index has none yet, it becomes the active
// one at once.
func (s *Store) build(ctx context.Context, row *metaRow, fp index.Fingerprint) (string, error) {
	next := *row
	next.Building = newGeneration()
	if row.Active == "" {
		next.Fingerprint = fp
	}
	if err := s.writeMeta(ctx, &next); err != nil {
		return "", err
	}
	generation := next.Building
	if err := s.createGeneration(ctx, generation, fp); err != nil {
		return "", err
	}
	if row.Active != "" {
		return generation, nil
	}
	next.Active, next.Building = generation, ""
	return generation, s.writeMeta(ctx, &next)
}

// barrier reads each collection once with the strongest consistency. After that, the
// Bounded reads of every client see all rows.
func (r *run) barrier(ctx context.Context) error {
	if err := r.s.loadGeneration(ctx, r.generation); err != nil {
		return r.replaced(err)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, k := range kinds {
		g.Go(func() error {
			_, err := r.s.count(ctx, r.collection(k), "", strong)
			return err
		})
	}
	return r.replaced(g.Wait())
}

func (r *run) collection(k kind) string { return r.s.collection(r.generation, k) }

var errReplaced = errors.New("another run has dropped or replaced this generation meanwhile: ingest again")

// replaced returns errReplaced if err means that a collection of the run is gone.
func (r *run) replaced(err error) error {
	if isGone(err) {
		return errReplaced
	}
	return err
}

// wrap adds to an error what an exported method was doing.
func (r *run) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("milvus: %s %s: %w", doing, r.s.config.Name, r.replaced(err))
}

// Commit implements [index.Writer].
func (r *run) Commit(ctx context.Context) error { return r.wrap("commit", r.commit(ctx)) }

func (r *run) commit(ctx context.Context) error {
	if err := r.barrier(ctx); err != nil {
		return err
	}
	row, err := r.s.readMeta(ctx, strong)
	if err != nil {
		return err
	}
	if !r.rebuild {
		if row == nil || row.Active != r.generation {
			return errReplaced
		}
		return r.refresh(ctx, row)
	}
	if row == nil || row.Building != r.generation {
		return errReplaced
	}
	old := row.Active
	next := *row
	next.Active, next.Building, next.Fingerprint = r.generation, old, r.fp
	next.IndexVersion++
	if err := r.publish(ctx, next.IndexVersion); err != nil {
		return err
	}
	if err := r.s.writeMeta(ctx, &next); err != nil {
		return err
	}
	// Searches that still use the old generation find it gone and read meta again.
	if err := r.s.dropGenerations(ctx, old); err != nil {
		return err
	}
	next.Building = ""
	r.rebuild, r.previous = false, ""
	return r.s.writeMeta(ctx, &next)
}
