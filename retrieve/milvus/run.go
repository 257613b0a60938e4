package milvus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
)

// A run is one ingestion into one generation.
//
// Several processes may run at once. Of two runs that write one page at the
// same time with different texts, chunks of both may be left until the page
// changes again. A run that begins drops what a rebuild has built that did not
// commit, since it can't tell a slow rebuild from a killed one: the rebuild then
// fails with an error that says so.
type run struct {
	s          *Store
	fp         retrieve.Fingerprint
	generation string
	previous   string // generation to take vectors from; "" if there is none
	rebuild    bool

	mu      sync.Mutex
	partial map[string][]string // by URL, chunks seen without all of their windows
}

var _ retrieve.Run = (*run)(nil)

// Begin implements [retrieve.Opener].
func (s *Store) Begin(ctx context.Context, fp retrieve.Fingerprint, rebuild bool) (retrieve.Run, error) {
	r, err := s.begin(ctx, fp, rebuild)
	if err != nil {
		return nil, fmt.Errorf("milvus: begin %s: %w", s.config.Name, err)
	}
	return r, nil
}

func (s *Store) begin(ctx context.Context, fp retrieve.Fingerprint, rebuild bool) (*run, error) {
	if err := s.engine.checkFingerprint(fp); err != nil {
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
		return nil, &retrieve.MismatchError{Name: s.config.Name, Have: row.Fingerprint, Asked: fp}
	}
	if err := s.sweep(ctx, row); err != nil {
		return nil, err
	}
	r := &run{s: s, fp: fp, generation: row.Active, partial: map[string][]string{}}
	if row.Active == "" || rebuild {
		r.rebuild = row.Active != ""
		if r.rebuild && row.Fingerprint.Model == fp.Model && row.Fingerprint.Dim == fp.Dim {
			r.previous = row.Active
		}
		if r.generation, err = s.build(ctx, row, fp); err != nil {
			return nil, err
		}
	}
	// Rows of a run that was killed are seen from here on.
	return r, r.barrier(ctx)
}

// sweep drops what runs before have left behind.
func (s *Store) sweep(ctx context.Context, row *metaRow) error {
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

// build makes a new generation. If the index has none yet, it is put in force at
// once.
func (s *Store) build(ctx context.Context, row *metaRow, fp retrieve.Fingerprint) (string, error) {
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

// barrier reads each collection once with the strongest consistency. After that
// every client sees all rows with Bounded reads.
func (r *run) barrier(ctx context.Context) error {
	if err := r.s.loadGeneration(ctx, r.generation); err != nil {
		return r.explain(err)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, k := range kinds {
		g.Go(func() error {
			_, err := r.s.count(ctx, r.collection(k), strong)
			return err
		})
	}
	return r.explain(g.Wait())
}

func (r *run) collection(k kind) string { return r.s.collection(r.generation, k) }

var errReplaced = errors.New("another run has dropped or replaced this generation meanwhile: ingest again")

// explain says why a collection of the run is gone.
func (r *run) explain(err error) error {
	if isGone(err) {
		return errReplaced
	}
	return err
}

// wrap adds what an exported method was doing.
func (r *run) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("milvus: %s %s: %w", doing, r.s.config.Name, r.explain(err))
}

// Commit implements [retrieve.Writer].
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
		return nil
	}
	if row == nil || row.Building != r.generation {
		return errReplaced
	}
	old := row.Active
	next := *row
	next.Active, next.Building, next.Fingerprint = r.generation, old, r.fp
	next.IndexVersion++
	if err := r.s.writeMeta(ctx, &next); err != nil {
		return err
	}
	// Searches that still use the old generation find it gone and ask anew.
	if err := r.s.dropGenerations(ctx, old); err != nil {
		return err
	}
	next.Building = ""
	r.rebuild, r.previous = false, ""
	return r.s.writeMeta(ctx, &next)
}

// Pages implements [retrieve.Reader].
func (r *run) Pages(ctx context.Context) (map[string]retrieve.Page, error) {
	pages := map[string]retrieve.Page{}
	err := r.s.list(ctx, r.collection(pagesKind), "", pageFields, listLimit, func(t *table, i int) {
		p := t.page(i)
		pages[p.URL] = p
	})
	if err != nil {
		return nil, r.wrap("list pages of", err)
	}
	return pages, nil
}

var pageFields = []string{"url", "source", "status", "etag", "last_modified", "content_hash", "chunks",
	"discovered_from", "decision", "crawled_at"}

func (t *table) page(i int) retrieve.Page {
	return retrieve.Page{
		URL: t.str("url", i), Source: t.str("source", i), Status: int(t.num("status", i)), ETag: t.str("etag", i),
		LastModified: t.str("last_modified", i), ContentHash: t.str("content_hash", i), Chunks: int(t.num("chunks", i)),
		DiscoveredFrom: t.str("discovered_from", i), Decision: t.str("decision", i), CrawledAt: t.time("crawled_at", i),
	}
}

// Stored implements [retrieve.Reader]. A chunk that lacks a window, because its
// writer was killed, counts as not held, so that it is inserted again; if it is
// not, the next Put of the page deletes it.
func (r *run) Stored(ctx context.Context, urls []string) (map[string][]retrieve.Chunk, error) {
	stored, err := r.stored(ctx, urls)
	if err != nil {
		return nil, r.wrap("read chunks of", err)
	}
	return stored, nil
}

func (r *run) stored(ctx context.Context, urls []string) (map[string][]retrieve.Chunk, error) {
	rows, err := r.chunksOf(ctx, urls)
	if err != nil {
		return nil, err
	}
	windows := map[string]string{} // key of a window to that of its chunk
	lacking := map[string]int{}
	for _, c := range rows {
		lacking[c.ID] = c.windows
		for n := range c.windows {
			windows[retrieve.WindowID(c.ID, n)] = c.ID
		}
	}
	keys := make([]string, 0, len(windows))
	for k := range windows {
		keys = append(keys, k)
	}
	err = r.s.byKeys(ctx, r.collection(windowsKind), keys, nil, session, func(t *table, i int) {
		lacking[windows[t.str("id", i)]]--
	})
	if err != nil {
		return nil, err
	}
	stored := map[string][]retrieve.Chunk{}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range urls {
		delete(r.partial, u)
	}
	for _, c := range rows {
		if lacking[c.ID] > 0 {
			r.partial[c.URL] = append(r.partial[c.URL], c.ID)
			continue
		}
		stored[c.URL] = append(stored[c.URL], c.Chunk)
	}
	for _, chunks := range stored {
		slices.SortFunc(chunks, func(a, b retrieve.Chunk) int {
			return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.ID, b.ID))
		})
	}
	return stored, nil
}

// A storedChunk is a row of the chunks collection, without its text.
type storedChunk struct {
	retrieve.Chunk
	windows int
}

// chunksOf returns the chunks of pages, whole or not.
func (r *run) chunksOf(ctx context.Context, urls []string) ([]storedChunk, error) {
	const part = 100 // pages of one query
	var rows []storedChunk
	for some := range slices.Chunk(urls, part) {
		ids := make([]string, len(some))
		for i, u := range some {
			ids[i] = retrieve.URLID(u)
		}
		err := r.s.list(ctx, r.collection(chunksKind), in("url_id", ids), chunkFields, listLimit, func(t *table, i int) {
			rows = append(rows, storedChunk{t.chunk(i), int(t.num("windows", i))})
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// Vectors implements [retrieve.Reader].
func (r *run) Vectors(ctx context.Context, ids []string) (map[string][]embed.Vector, error) {
	if r.previous == "" {
		return map[string][]embed.Vector{}, nil
	}
	vectors, err := r.s.vectors(ctx, r.previous, slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return !retrieve.IsKey(id)
	}))
	if err != nil {
		return nil, r.wrap("read vectors of", err)
	}
	return vectors, nil
}

// vectors returns the windows of those chunks of a generation that are whole.
func (s *Store) vectors(ctx context.Context, generation string, ids []string) (map[string][]embed.Vector, error) {
	counts := map[string]int{}
	err := s.byKeys(ctx, s.collection(generation, chunksKind), ids, []string{"windows"}, session, func(t *table, i int) {
		counts[t.str("id", i)] = int(t.num("windows", i))
	})
	if err != nil {
		return nil, err
	}
	vectors := make(map[string][]embed.Vector, len(counts))
	var keys []string
	for id, n := range counts {
		vectors[id] = make([]embed.Vector, n)
		for i := range n {
			keys = append(keys, retrieve.WindowID(id, i))
		}
	}
	err = s.byKeys(ctx, s.collection(generation, windowsKind), keys, []string{"chunk_id", "n", "dense"}, session, func(t *table, i int) {
		v, n := vectors[t.str("chunk_id", i)], int(t.num("n", i))
		if n < len(v) {
			v[n] = slices.Clone(t.vec("dense", i))
		}
	})
	if err != nil {
		return nil, err
	}
	for id, v := range vectors {
		if slices.ContainsFunc(v, func(w embed.Vector) bool { return len(w) == 0 }) {
			delete(vectors, id)
		}
	}
	return vectors, nil
}
