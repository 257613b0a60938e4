package milvus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/retrieve/index"
)

// A run is one ingestion into one generation. It has the lease of the index.
type run struct {
	s          *Store
	lease      *lease
	fp         index.Fingerprint
	meta       *metaRow // of the index when the run began
	generation string   // "" until it is opened, if this run creates it
	previous   string   // generation to take vectors from; "" if there is none
	rebuild    bool

	// fresh means that this run creates the generation: it holds only pages in
	// written, so Stored need not ask for others.
	fresh bool

	unfinished int // generations of killed runs that this run has dropped

	openMu sync.Mutex // guards generation while fresh

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
	l, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	r := &run{s: s, lease: l, fp: fp, mark: randomHex(maxKeyBytes / 2), written: map[uint64]struct{}{}, partial: map[string][]string{}}
	if err := r.begin(ctx, rebuild); err != nil {
		return nil, closing(err, l.release(ctx))
	}
	return r, nil
}

// begin repairs what earlier runs have left, and decides which generation the run
// fills.
func (r *run) begin(ctx context.Context, rebuild bool) error {
	s := r.s
	row, err := s.readMeta(ctx, strong)
	if err != nil {
		return err
	}
	if row == nil {
		row = &metaRow{IndexVersion: 1}
	}
	if row.Active != "" && !rebuild && row.Fingerprint != r.fp {
		return &index.MismatchError{Name: s.config.Name, Have: row.Fingerprint, Asked: r.fp}
	}
	if r.unfinished, err = s.dropOrphans(ctx, r.lease, row); err != nil {
		return err
	}
	r.meta, r.fresh = row, row.Active == "" || rebuild
	if r.fresh {
		r.rebuild = row.Active != ""
		r.setPrevious()
		return nil
	}
	r.generation = row.Active
	// From the barrier on, rows of a killed run are visible.
	counts, err := s.barrier(ctx, r.generation)
	if err != nil {
		return r.replaced(err)
	}
	if _, err := s.deleteDuplicates(ctx, r.generation, r.fp, counts); err != nil {
		return r.replaced(err)
	}
	r.oldMarks, err = s.changeMarks(ctx, r.generation)
	return r.replaced(err)
}

// setPrevious sets the generation to take vectors from.
func (r *run) setPrevious() {
	r.previous = ""
	if old := r.meta.Fingerprint; r.rebuild && old.Model == r.fp.Model && old.Dim == r.fp.Dim && old.Schema == r.fp.Schema {
		r.previous = r.meta.Active
	}
}

// errModelIsSet means that the fingerprint of the index is stored.
var errModelIsSet = errors.New("the index exists with its embedder")

// SetModel implements [index.Run].
func (r *run) SetModel(model string, dim int) error {
	r.openMu.Lock()
	defer r.openMu.Unlock()
	if r.generation != "" {
		return r.wrap("set the embedder of", errModelIsSet)
	}
	r.fp.Model, r.fp.Dim = model, dim
	r.setPrevious()
	return nil
}

// prepareWrite checks that the run may write, and creates its generation if it does
// not exist.
func (r *run) prepareWrite(ctx context.Context) error {
	if err := r.lease.validate(ctx); err != nil {
		return err
	}
	r.openMu.Lock()
	defer r.openMu.Unlock()
	if r.generation != "" {
		return nil
	}
	generation, err := r.build(ctx)
	if err != nil {
		return err
	}
	r.generation = generation
	_, err = r.s.barrier(ctx, generation)
	return r.replaced(err)
}

// isOpen reports whether the generation of the run exists.
func (r *run) isOpen() bool {
	r.openMu.Lock()
	defer r.openMu.Unlock()
	return r.generation != ""
}

// build creates a new generation. If the index has none yet, it becomes the active
// one at once.
func (r *run) build(ctx context.Context) (string, error) {
	next := *r.meta
	next.Building = newGeneration()
	if r.meta.Active == "" {
		next.Fingerprint = r.fp
	}
	if err := r.lease.writeMeta(ctx, &next); err != nil {
		return "", err
	}
	generation := next.Building
	if err := r.s.createGeneration(ctx, generation, r.fp); err != nil {
		return "", err
	}
	if r.meta.Active != "" {
		return generation, nil
	}
	next.Active, next.Building = generation, ""
	return generation, r.lease.writeMeta(ctx, &next)
}

// barrier reads each collection once with the strongest consistency, and returns the
// numbers of their rows. After that, the Bounded reads of every client see all rows.
func (s *Store) barrier(ctx context.Context, generation string) (map[kind]int, error) {
	if err := s.loadGeneration(ctx, generation); err != nil {
		return nil, err
	}
	counts := make([]int, len(kinds))
	g, ctx := errgroup.WithContext(ctx)
	for i, k := range kinds {
		g.Go(func() (err error) {
			counts[i], err = s.count(ctx, s.collection(generation, k), "", strong)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	byKind := map[kind]int{}
	for i, k := range kinds {
		byKind[k] = counts[i]
	}
	return byKind, nil
}

func (r *run) collection(k kind) string { return r.s.collection(r.generation, k) }

var errReplaced = errors.New("the index was dropped or replaced meanwhile: ingest again")

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
func (r *run) Commit(ctx context.Context) error {
	err := r.commit(ctx)
	if err == nil {
		err = r.lease.release(ctx)
	}
	return r.wrap("commit", err)
}

func (r *run) commit(ctx context.Context) error {
	if err := r.prepareWrite(ctx); err != nil {
		return err
	}
	if _, err := r.s.barrier(ctx, r.generation); err != nil {
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
	// If another run has taken the lease meanwhile, writeMeta fails, and the old
	// generation stays.
	if err := r.lease.writeMeta(ctx, &next); err != nil {
		return err
	}
	// Searches that still use the old generation find it gone and read meta again.
	if err := r.s.dropGenerations(ctx, old); err != nil {
		return err
	}
	next.Building = ""
	r.rebuild = false
	return r.lease.writeMeta(ctx, &next)
}

// Close implements [index.Run].
func (r *run) Close(ctx context.Context) error {
	ending, cancel := r.s.ending(ctx)
	defer cancel()
	var err error
	if r.rebuild && r.isOpen() && r.lease.validate(ending) == nil {
		var row *metaRow
		if row, err = r.s.readMeta(ending, strong); err == nil && row != nil {
			_, err = r.s.dropOrphans(ending, r.lease, row)
		}
	}
	return r.wrap("end the run on", errors.Join(err, r.lease.release(ctx)))
}
