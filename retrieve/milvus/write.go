package milvus

import (
	"context"
	"fmt"
	"slices"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/index"
)

// windowsOf returns the rows of a chunk's windows.
func windowsOf(c index.Chunk, vecs []embed.Vector) []windowRow {
	rows := make([]windowRow, len(vecs))
	for n, v := range vecs {
		rows[n] = windowRow{index.WindowID(c.ID, n), c.ID, n, c.Source, c.Lang, c.URL, c.Version, c.AlsoIn, v}
	}
	return rows
}

// Put implements [index.Writer]. If a change is invalid, nothing is sent. Of records
// with the same key, the first is stored.
func (r *run) Put(ctx context.Context, changes []index.Change) error {
	return r.wrap("write to", r.put(ctx, changes))
}

func (r *run) put(ctx context.Context, changes []index.Change) error {
	for _, c := range changes {
		if err := c.Validate(r.fp.Dim); err != nil {
			return err
		}
	}
	if err := r.prepareWrite(ctx); err != nil {
		return err
	}
	if r.fresh {
		r.mu.Lock()
		for _, c := range changes {
			r.written[urlSum(c.Page.URL)] = struct{}{}
		}
		r.mu.Unlock()
	}
	if slices.ContainsFunc(changes, func(c index.Change) bool { return !c.Empty() }) {
		if err := r.markChanged(ctx); err != nil {
			return err
		}
	}
	chunks, windows, err := r.movedRows(ctx, changes)
	if err != nil {
		return err
	}
	for _, c := range changes {
		for _, rec := range c.Insert {
			chunks = append(chunks, chunkRow{rec.Chunk, len(rec.Windows), rec.Terms})
			windows = append(windows, windowsOf(rec.Chunk, rec.Windows)...)
		}
	}
	if err := upsert(ctx, r.s, r.collection(chunksKind), r.s.can.chunkColumns().in(r.fp), dropRepeated(chunks, func(c chunkRow) string { return c.ID })); err != nil {
		return err
	}
	if err := upsert(ctx, r.s, r.collection(windowsKind), windowColumns.in(r.fp), dropRepeated(windows, func(w windowRow) string { return w.id })); err != nil {
		return err
	}
	if err := r.deleteChunks(ctx, r.obsoleteIDs(changes)); err != nil {
		return err
	}
	pages := make([]pageRow, len(changes))
	for i, c := range changes {
		pages[len(changes)-1-i] = pageRow{index.URLID(c.Page.URL), c.Page} // the last one of a page counts
	}
	return upsert(ctx, r.s, r.collection(pagesKind), pageColumns.in(r.fp), dropRepeated(pages, func(p pageRow) string { return p.id }))
}

// dropRepeated drops rows with the key of an earlier row: Milvus would keep both.
func dropRepeated[T any](rows []T, key func(T) string) []T {
	seen := make(map[string]bool, len(rows))
	return slices.DeleteFunc(rows, func(r T) bool {
		k := key(r)
		dup := seen[k]
		seen[k] = true
		return dup
	})
}

// obsoleteIDs returns the keys to delete: those that the changes name, and those of
// incomplete chunks that a killed run left on their pages and no change inserts.
func (r *run) obsoleteIDs(changes []index.Change) []string {
	var ids []string
	inserted := map[string]bool{}
	for _, c := range changes {
		for _, rec := range c.Insert {
			inserted[rec.ID] = true
		}
		ids = append(ids, c.Delete...)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range changes {
		for _, id := range r.partial[c.Page.URL] {
			if !inserted[id] {
				ids = append(ids, id)
			}
		}
		delete(r.partial, c.Page.URL)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// movedRows returns the new rows of moved chunks; columns that an [index.Chunk] does
// not have are read back. It returns their windows only if a column changes that
// filters use.
func (r *run) movedRows(ctx context.Context, changes []index.Change) ([]chunkRow, []windowRow, error) {
	var ids []string
	for _, c := range changes {
		for _, m := range c.Move {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}
	stored, err := r.rows(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var rows []chunkRow
	var refilter []index.Chunk
	for _, c := range changes {
		for _, m := range c.Move {
			old, ok := stored[m.ID]
			if !ok {
				return nil, nil, fmt.Errorf("move chunk %d of %.200q: it is not stored", m.Ordinal, m.URL)
			}
			if m.Text == "" {
				m.Text = old.Text
			}
			rows = append(rows, chunkRow{m, old.windows, old.terms})
			if m.Source != old.Source || m.Lang != old.Lang || m.Version != old.Version || m.AlsoIn != old.AlsoIn {
				refilter = append(refilter, m)
			}
		}
	}
	windows, err := r.movedWindows(ctx, refilter)
	return rows, windows, err
}

// movedWindows returns the windows of chunks, with the chunks' columns.
func (r *run) movedWindows(ctx context.Context, chunks []index.Chunk) ([]windowRow, error) {
	ids := make([]string, len(chunks))
	for i, c := range chunks {
		ids[i] = c.ID
	}
	vecs, err := r.s.vectors(ctx, r.generation, ids)
	if err != nil {
		return nil, err
	}
	var rows []windowRow
	for _, c := range chunks {
		rows = append(rows, windowsOf(c, vecs[c.ID])...)
	}
	return rows, nil
}

// rows reads whole rows of the chunks collection.
func (r *run) rows(ctx context.Context, ids []string) (map[string]chunkRow, error) {
	rows := map[string]chunkRow{}
	for some := range slices.Chunk(ids, maxTextRows) {
		for row, err := range byKeys(ctx, r.s, r.collection(chunksKind), r.s.can.chunkColumns().in(r.fp), some, session) {
			if err != nil {
				return nil, err
			}
			rows[row.ID] = row
		}
	}
	return rows, nil
}

// deleteChunks deletes chunks, their windows first.
func (r *run) deleteChunks(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var windows []string
	for c, err := range byKeys(ctx, r.s, r.collection(chunksKind), chunkColumns.only("id", "windows"), ids, session) {
		if err != nil {
			return err
		}
		for n := range c.windows {
			windows = append(windows, index.WindowID(c.ID, n))
		}
	}
	if err := r.s.deleteKeys(ctx, r.collection(windowsKind), windows); err != nil {
		return err
	}
	return r.s.deleteKeys(ctx, r.collection(chunksKind), ids)
}

// Remove implements [index.Writer].
func (r *run) Remove(ctx context.Context, urls []string) (int, error) {
	n, err := r.remove(ctx, urls)
	return n, r.wrap("remove pages of", err)
}

func (r *run) remove(ctx context.Context, urls []string) (int, error) {
	if err := r.prepareWrite(ctx); err != nil {
		return 0, err
	}
	chunks, err := r.chunksOf(ctx, urls)
	if err != nil {
		return 0, err
	}
	existing := map[string]bool{} // by URLID
	ids := make([]string, len(chunks))
	for i, c := range chunks {
		ids[i] = c.ID
		existing[index.URLID(c.URL)] = true
	}
	if len(ids) > 0 {
		if err := r.markChanged(ctx); err != nil {
			return 0, err
		}
	}
	if err := r.deleteChunks(ctx, ids); err != nil {
		return 0, err
	}
	keys := urlIDs(urls)
	for p, err := range byKeys(ctx, r.s, r.collection(pagesKind), pageColumns.only("id"), keys, session) {
		if err != nil {
			return 0, err
		}
		existing[p.id] = true
	}
	return len(existing), r.s.deleteKeys(ctx, r.collection(pagesKind), keys)
}
