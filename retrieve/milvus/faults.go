package milvus

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// Faults are rows of an index that do not fit each other. Runs of earlier versions that
// wrote at the same time, and other programs, can leave them.
type Faults struct {
	Windows    map[string]string // by key, the page of each window without its chunk
	Chunks     map[string]string // by key, the page of each chunk without all of its windows
	Duplicates int               // rows beyond the first one of their key
	// Unfinished counts the generations that killed runs left. Only [Store.Fix] tells
	// them from one that is being filled.
	Unfinished int
}

// None reports whether there are no faults.
func (f Faults) None() bool { return len(f.Windows)+len(f.Chunks)+f.Duplicates+f.Unfinished == 0 }

// Pages returns the pages of Windows and Chunks, sorted.
func (f Faults) Pages() []string {
	urls := slices.AppendSeq(slices.Collect(maps.Values(f.Windows)), maps.Values(f.Chunks))
	slices.Sort(urls)
	return slices.Compact(urls)
}

// settleTime is how long rows may not fit each other while another process writes
// them.
const settleTime = 2 * time.Second

// Faults reads the keys of the whole index and returns its faults: those that it finds
// twice, so that pages that another process is writing are none. Without an index the
// error is [index.ErrNoIndex].
func (s *Store) Faults(ctx context.Context) (Faults, error) {
	var f Faults
	err := s.onActive(ctx, func(row *metaRow) (err error) {
		if f, err = s.faults(ctx, row.Active); err != nil || f.None() {
			return err
		}
		if err := pause(ctx, settleTime); err != nil {
			return err
		}
		again, err := s.faults(ctx, row.Active)
		maps.DeleteFunc(f.Windows, func(id, _ string) bool { _, ok := again.Windows[id]; return !ok })
		maps.DeleteFunc(f.Chunks, func(id, _ string) bool { _, ok := again.Chunks[id]; return !ok })
		f.Duplicates = min(f.Duplicates, again.Duplicates)
		return err
	})
	if err != nil {
		return Faults{}, fmt.Errorf("milvus: check the rows of %s: %w", s.config.Name, err)
	}
	return f, nil
}

// faults returns the faults of a generation.
func (s *Store) faults(ctx context.Context, generation string) (Faults, error) {
	f := Faults{Windows: map[string]string{}, Chunks: map[string]string{}}
	windows := map[string]bool{} // without a chunk so far
	for w, err := range list(ctx, s, s.collection(generation, windowsKind), windowColumns.only("id"), "", listLimit) {
		if err != nil {
			return f, err
		}
		windows[w.id] = true
	}
	distinct := map[kind]int{windowsKind: len(windows)}
	for c, err := range list(ctx, s, s.collection(generation, chunksKind), chunkColumns.only("id", "url", "windows"), "", listLimit) {
		if err != nil {
			return f, err
		}
		distinct[chunksKind]++
		for n := range c.windows {
			id := index.WindowID(c.ID, n)
			if !windows[id] {
				f.Chunks[c.ID] = c.URL
			}
			delete(windows, id)
		}
	}
	for w, err := range byKeys(ctx, s, s.collection(generation, windowsKind), windowColumns.only("id", "url"), slices.Sorted(maps.Keys(windows)), session) {
		if err != nil {
			return f, err
		}
		f.Windows[w.id] = w.url
	}
	for _, err := range list(ctx, s, s.collection(generation, pagesKind), pageColumns.only("id"), "", listLimit) {
		if err != nil {
			return f, err
		}
		distinct[pagesKind]++
	}
	var err error
	f.Duplicates, err = s.duplicates(ctx, generation, distinct)
	return f, err
}

// duplicates returns how many rows of a generation have the key of another one. A reply
// has one row of each key, and distinct is how many these were; a count has all rows.
func (s *Store) duplicates(ctx context.Context, generation string, distinct map[kind]int) (int, error) {
	sum := 0
	for k, n := range distinct {
		all, err := s.count(ctx, s.collection(generation, k), "", strong)
		if err != nil {
			return 0, err
		}
		sum += max(0, all-n)
	}
	return sum, nil
}

// Fix deletes windows without their chunk, chunks without all of their windows, all
// but the latest row of each key, and generations that killed runs left. The next ingestion reads the pages of the first two
// again. It returns what it has fixed. Without an index the error is [index.ErrNoIndex].
func (s *Store) Fix(ctx context.Context) (Faults, error) {
	f, err := s.fix(ctx)
	if err != nil {
		return f, fmt.Errorf("milvus: fix %s: %w", s.config.Name, err)
	}
	return f, nil
}

func (s *Store) fix(ctx context.Context) (Faults, error) {
	row, err := s.active(ctx, 0)
	if err != nil {
		return Faults{}, err
	}
	f, err := s.Faults(ctx) // before the run, which changes some of them
	if err != nil {
		return f, err
	}
	r, err := s.begin(ctx, row.Fingerprint, false)
	if err != nil {
		return Faults{}, err
	}
	f.Unfinished = r.unfinished
	if len(f.Windows)+len(f.Chunks) > 0 {
		err = r.deleteUnfit(ctx, f)
	}
	if err == nil && !f.None() {
		err = r.commit(ctx)
	}
	return f, closing(err, r.Close(ctx))
}

// deleteUnfit deletes the windows and chunks of f, and makes the next ingestion read
// their pages.
func (r *run) deleteUnfit(ctx context.Context, f Faults) error {
	if err := r.markChanged(ctx); err != nil {
		return err
	}
	if err := r.s.deleteKeys(ctx, r.collection(windowsKind), slices.Sorted(maps.Keys(f.Windows))); err != nil {
		return err
	}
	if err := r.deleteChunks(ctx, slices.Sorted(maps.Keys(f.Chunks))); err != nil {
		return err
	}
	return r.forget(ctx, f.Pages())
}

// forget makes the next ingestion read pages again, also if they have not changed.
func (r *run) forget(ctx context.Context, urls []string) error {
	if len(urls) == 0 {
		return nil
	}
	var rows []pageRow
	for p, err := range byKeys(ctx, r.s, r.collection(pagesKind), pageColumns.in(r.fp), urlIDs(urls), session) {
		if err != nil {
			return err
		}
		p.ETag, p.LastModified, p.ContentHash, p.ReaderHash = "", "", "", ""
		rows = append(rows, p)
	}
	return upsert(ctx, r.s, r.collection(pagesKind), pageColumns.in(r.fp), rows)
}
