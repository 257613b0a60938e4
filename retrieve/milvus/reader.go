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
	pages := map[string]index.Page{}
	add := func(t *table, i int) {
		p := t.page(i)
		pages[p.URL] = p
	}
	var err error
	if len(urls) == 0 {
		err = r.s.list(ctx, r.collection(pagesKind), notCrawl, pageFields, listLimit, add)
	} else {
		err = r.s.byKeys(ctx, r.collection(pagesKind), urlIDs(urls), pageFields, session, add)
	}
	if err != nil {
		return nil, r.wrap("list pages of", err)
	}
	return pages, nil
}

var pageFields = []string{"url", "title", "source", "status", "etag", "last_modified", "content_hash", "chunks",
	"text_runes", "canonical", "discovered_from", "decision", "reason", "crawled_at"}

func (t *table) page(i int) index.Page {
	return index.Page{
		URL: t.str("url", i), Title: t.str("title", i), Source: t.str("source", i), Status: int(t.num("status", i)), ETag: t.str("etag", i),
		LastModified: t.str("last_modified", i), ContentHash: t.str("content_hash", i), Chunks: int(t.num("chunks", i)),
		TextRunes: int(t.num("text_runes", i)), Canonical: t.str("canonical", i), DiscoveredFrom: t.str("discovered_from", i),
		Decision: t.str("decision", i), Reason: t.str("reason", i), CrawledAt: t.time("crawled_at", i),
	}
}

// urlIDs returns the keys of pages.
func urlIDs(urls []string) []string {
	ids := make([]string, len(urls))
	for i, u := range urls {
		ids[i] = index.URLID(u)
	}
	return ids
}

// Stored implements [index.Reader]. A chunk that lacks a window, because its
// writer was killed, counts as not held, so that it is inserted again; if it is
// not, the next Put of the page deletes it.
func (r *run) Stored(ctx context.Context, urls []string) (map[string][]index.Chunk, error) {
	stored, err := r.stored(ctx, r.known(urls))
	if err != nil {
		return nil, r.wrap("read chunks of", err)
	}
	return stored, nil
}

var urlSeed = maphash.MakeSeed()

// urlSum returns a number for a URL; that two have the same costs a question.
func urlSum(u string) uint64 { return maphash.String(urlSeed, u) }

// known returns those of the pages that the index may hold.
func (r *run) known(urls []string) []string {
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
	lacking := map[string]int{}
	for _, c := range rows {
		lacking[c.ID] = c.windows
		for n := range c.windows {
			windows[index.WindowID(c.ID, n)] = c.ID
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
	stored := map[string][]index.Chunk{}
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
		slices.SortFunc(chunks, byOrdinal)
	}
	return stored, nil
}

func byOrdinal(a, b index.Chunk) int {
	return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.ID, b.ID))
}

// A storedChunk is a row of the chunks collection, without its text.
type storedChunk struct {
	index.Chunk
	windows int
}

// chunksOf returns the chunks of pages, whole or not.
func (r *run) chunksOf(ctx context.Context, urls []string) ([]storedChunk, error) {
	const part = 100 // pages of one query
	var rows []storedChunk
	for some := range slices.Chunk(urls, part) {
		err := r.s.list(ctx, r.collection(chunksKind), in("url_id", urlIDs(some)), chunkFields, listLimit, func(t *table, i int) {
			rows = append(rows, storedChunk{t.chunk(i), int(t.num("windows", i))})
		})
		if err != nil {
			return nil, err
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
			keys = append(keys, index.WindowID(id, i))
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
