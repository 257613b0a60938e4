package milvus

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/index"
)

// Pages implements [index.Reader].
func (r *run) Pages(ctx context.Context, urls ...string) (map[string]index.Page, error) {
	if !r.isOpen() {
		return map[string]index.Page{}, ctx.Err()
	}
	rows := list(ctx, r.s, r.collection(pagesKind), pageColumns.in(r.fp), notCrawl, listLimit)
	if len(urls) > 0 {
		rows = byKeys(ctx, r.s, r.collection(pagesKind), pageColumns.in(r.fp), urlIDs(urls), session)
	}
	pages := map[string]index.Page{}
	for p, err := range rows {
		if err != nil {
			return nil, r.wrap("list pages of", err)
		}
		pages[p.URL] = p.Page
	}
	return pages, nil
}

// urlIDs returns the keys of pages.
func urlIDs(urls []string) []string {
	ids := make([]string, len(urls))
	for i, u := range urls {
		ids[i] = index.URLID(u)
	}
	return ids
}

// Stored implements [index.Reader]. A chunk that lacks a window, because its writer
// was killed, counts as not stored, so that it is inserted again. If it is not, the
// next Put of the page deletes it.
func (r *run) Stored(ctx context.Context, urls []string) (map[string][]index.Chunk, error) {
	if !r.isOpen() {
		return map[string][]index.Chunk{}, ctx.Err()
	}
	stored, err := r.stored(ctx, r.mayHold(urls))
	if err != nil {
		return nil, r.wrap("read chunks of", err)
	}
	return stored, nil
}

var urlSeed = maphash.MakeSeed()

// urlSum returns a hash of a URL. A collision only costs an unnecessary query.
func urlSum(u string) uint64 { return maphash.String(urlSeed, u) }

// mayHold returns the URLs that the index may hold.
func (r *run) mayHold(urls []string) []string {
	if !r.fresh {
		return urls
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, u := range urls {
		if _, ok := r.written[urlSum(u)]; ok {
			out = append(out, u)
		}
	}
	return out
}

func (r *run) stored(ctx context.Context, urls []string) (map[string][]index.Chunk, error) {
	rows, err := r.chunksOf(ctx, urls)
	if err != nil {
		return nil, err
	}
	windows := map[string]string{} // key of a window to that of its chunk
	missing := map[string]int{}
	for _, c := range rows {
		missing[c.ID] = c.windows
		for n := range c.windows {
			windows[index.WindowID(c.ID, n)] = c.ID
		}
	}
	keys := make([]string, 0, len(windows))
	for k := range windows {
		keys = append(keys, k)
	}
	for w, err := range byKeys(ctx, r.s, r.collection(windowsKind), windowColumns.only("id"), keys, session) {
		if err != nil {
			return nil, err
		}
		missing[windows[w.id]]--
	}
	stored := map[string][]index.Chunk{}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range urls {
		delete(r.partial, u)
	}
	for _, c := range rows {
		if missing[c.ID] > 0 {
			r.partial[c.URL] = append(r.partial[c.URL], c.ID)
			continue
		}
		stored[c.URL] = append(stored[c.URL], c.Chunk)
	}
	for _, chunks := range stored {
		slices.SortFunc(chunks, byOrdinal)
	}
	return stored, nil
}

func byOrdinal(a, b index.Chunk) int {
	return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.ID, b.ID))
}

// chunksOf returns the chunks of pages, complete or not, without texts.
func (r *run) chunksOf(ctx context.Context, urls []string) ([]chunkRow, error) {
	const part = 100 // pages of one query
	var rows []chunkRow
	for some := range slices.Chunk(urls, part) {
		for c, err := range list(ctx, r.s, r.collection(chunksKind), chunkNoTextColumns.in(r.fp), in("url_id", urlIDs(some)), listLimit) {
			if err != nil {
				return nil, err
			}
			rows = append(rows, c)
		}
	}
	return rows, nil
}

// Vectors implements [index.Reader].
func (r *run) Vectors(ctx context.Context, ids []string) (map[string][]embed.Vector, error) {
	if r.previous == "" {
		return map[string][]embed.Vector{}, nil
	}
	vectors, err := r.s.vectors(ctx, r.previous, slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return !index.IsKey(id)
	}))
	if err != nil {
		return nil, r.wrap("read vectors of", err)
	}
	return vectors, nil
}

// vectors returns the windows of the chunks that are complete in a generation.
func (s *Store) vectors(ctx context.Context, generation string, ids []string) (map[string][]embed.Vector, error) {
	counts := map[string]int{}
	for c, err := range byKeys(ctx, s, s.collection(generation, chunksKind), chunkColumns.only("id", "windows"), ids, session) {
		if err != nil {
			return nil, err
		}
		counts[c.ID] = c.windows
	}
	vectors := make(map[string][]embed.Vector, len(counts))
	var keys []string
	for id, n := range counts {
		vectors[id] = make([]embed.Vector, n)
		for i := range n {
			keys = append(keys, index.WindowID(id, i))
		}
	}
	for w, err := range byKeys(ctx, s, s.collection(generation, windowsKind), windowColumns.only("chunk_id", "n", "dense"), keys, session) {
		if err != nil {
			return nil, err
		}
		if v := vectors[w.chunkID]; w.n < len(v) {
			v[w.n] = slices.Clone(w.vec)
		}
	}
	for id, v := range vectors {
		if slices.ContainsFunc(v, func(w embed.Vector) bool { return len(w) == 0 }) {
			delete(vectors, id)
		}
	}
	return vectors, nil
}
