package retrievetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// testRoundTrip holds a store to giving back what was put, to every client.
func testRoundTrip(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	full := record("https://example.com/a?b=c#d", 7, 2)
	full.Title, full.Text = "Ti\"t'le\\ \n%_ 文", "line\nline\ttab \U0001F600 'quoted' \"quoted\" \\ %_"
	bare := retrieve.Record{
		Chunk:   retrieve.Chunk{ID: retrieve.ChunkID("u", "", 0), URL: full.URL},
		Windows: []embed.Vector{vectorOf("bare")},
	}
	p := page(full.URL, 2)
	p.ETag = `W/"it's"`
	fill(t, s, "COSINE", retrieve.Change{Page: p, Insert: []retrieve.Record{full, bare}})

	for client, other := range map[string]Store{"the same": s, "another": open(t, name)} {
		hits := search(t, other, full.Windows[1], 1, retrieve.Filter{})
		if diff := gocmp.Diff([]retrieve.Chunk{full.Chunk}, chunksOf(hits)); diff != "" {
			t.Errorf("%s client: Search() (-want +got):\n%s", client, diff)
		}
		hits = search(t, other, bare.Windows[0], 1, retrieve.Filter{})
		if diff := gocmp.Diff([]retrieve.Chunk{bare.Chunk}, chunksOf(hits)); diff != "" {
			t.Errorf("%s client: Search() for the bare one (-want +got):\n%s", client, diff)
		}
		r := begin(t, other, "COSINE")
		pages, err := r.Pages(t.Context())
		if diff := gocmp.Diff(map[string]retrieve.Page{p.URL: p}, pages); err != nil || diff != "" {
			t.Errorf("%s client: Pages() = %v (-want +got):\n%s", client, err, diff)
		}
		stored, err := r.Stored(t.Context(), []string{"https://example.com/other", full.URL})
		withoutText := full.Chunk
		withoutText.Text = ""
		want := map[string][]retrieve.Chunk{full.URL: {bare.Chunk, withoutText}}
		if diff := gocmp.Diff(want, stored); err != nil || diff != "" {
			t.Errorf("%s client: Stored() = %v (-want +got):\n%s", client, err, diff)
		}
	}
}

func chunksOf(hits []retrieve.Hit) []retrieve.Chunk {
	var chunks []retrieve.Chunk
	for _, h := range hits {
		chunks = append(chunks, h.Chunk)
	}
	return chunks
}

// texts returns what a search finds, by ordinal.
func texts(t *testing.T, s Store) map[int]string {
	t.Helper()
	m := map[int]string{}
	for _, h := range search(t, s, vectorOf("any"), 100, retrieve.Filter{}) {
		m[h.Ordinal] = h.Text
	}
	return m
}

// testChange holds insertions, moves and deletions of one page to their meaning.
func testChange(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	url := "https://example.com/page"
	first := change(url, 4)
	fill(t, s, "L2", first)

	moved := first.Insert[1].Chunk // its text is kept, with or without being given
	moved.Ordinal, moved.Start, moved.Source, moved.Lang, moved.Text = 11, 999, "moved.example", "fr", ""
	same := first.Insert[2].Chunk
	same.Ordinal = 12
	next := retrieve.Change{
		Page:   page(url, 4),
		Insert: []retrieve.Record{record(url, 20, 2)},
		Move:   []retrieve.Chunk{moved, same},
		Delete: []string{first.Insert[3].ID, retrieve.ChunkID("never", "seen", 0)},
	}
	next.Page.ETag = `"new"`
	r := begin(t, s, "L2")
	put(t, r, next)
	commit(t, r)

	want := map[int]string{0: first.Insert[0].Text, 11: first.Insert[1].Text, 12: first.Insert[2].Text, 20: next.Insert[0].Text}
	if diff := gocmp.Diff(want, texts(t, s)); diff != "" {
		t.Errorf("after the change (-want +got):\n%s", diff)
	}
	hits := search(t, s, first.Insert[1].Windows[0], 1, retrieve.Filter{Source: "moved.example", Lang: "fr"})
	moved.Text = first.Insert[1].Text
	if diff := gocmp.Diff([]retrieve.Chunk{moved}, chunksOf(hits)); diff != "" {
		t.Errorf("the moved chunk, by its new filter (-want +got):\n%s", diff)
	}
	if hits := search(t, s, vectorOf("any"), 100, retrieve.Filter{Lang: "en"}); len(hits) != 3 {
		t.Errorf("%d chunks by the old language, want 3", len(hits))
	}
	pages, err := begin(t, s, "L2").Pages(t.Context())
	if err != nil || pages[url].ETag != `"new"` {
		t.Errorf("Pages() = %v, %v, want the new row", pages, err)
	}

	r = begin(t, s, "L2")
	err = r.Put(t.Context(), []retrieve.Change{{Page: page(url, 1), Move: []retrieve.Chunk{record(url, 33, 1).Chunk}}})
	if err == nil {
		t.Error("Put() moved a chunk that is not stored")
	}
}

// testRepeated holds chunks that are put twice to being there once.
func testRepeated(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	c := change("https://example.com/", 2)
	c.Insert = append(c.Insert, c.Insert...)
	r := begin(t, s, "L2")
	put(t, r, c, c)
	put(t, r, c)
	put(t, r, retrieve.Change{Page: c.Page}) // nothing but the manifest row
	commit(t, r)
	if n := len(search(t, s, vectorOf("q"), 10, retrieve.Filter{})); n != 2 {
		t.Errorf("Search() = %d chunks, want 2", n)
	}
	put(t, r, retrieve.Change{Page: c.Page, Delete: []string{c.Insert[0].ID, c.Insert[0].ID}})
	commit(t, r)
	if n := len(search(t, s, vectorOf("q"), 10, retrieve.Filter{})); n != 1 {
		t.Errorf("Search() after a deletion = %d chunks, want 1", n)
	}
}

// testLarge puts more than one message may hold, and texts of the greatest length.
func testLarge(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	url := "https://example.com/large"
	c := retrieve.Change{Page: page(url, 200)}
	for n := range 200 {
		rec := record(url, n, 1)
		rec.Text = strings.Repeat("é", retrieve.MaxTextBytes/2) + "x"
		c.Insert = append(c.Insert, rec)
	}
	fill(t, s, "L2", c)
	hits := search(t, s, vectorOf("q"), 200, retrieve.Filter{})
	if len(hits) != 200 {
		t.Fatalf("Search() = %d chunks, want 200", len(hits))
	}
	for _, h := range hits {
		if len(h.Text) != retrieve.MaxTextBytes {
			t.Fatalf("a text came back with %d bytes, want %d", len(h.Text), retrieve.MaxTextBytes)
		}
	}
}

// testRefused holds a Put that holds anything wrong to storing nothing.
func testRefused(t *testing.T, open Open) {
	url := "https://example.com/bad"
	s := open(t, nameOf(t))
	r := begin(t, s, "L2")
	for _, tt := range []struct {
		name  string
		spoil func(*retrieve.Change)
	}{
		{"text too long", func(c *retrieve.Change) { c.Insert[1].Text = strings.Repeat("é", retrieve.MaxTextBytes/2+1) }},
		{"text not UTF-8", func(c *retrieve.Change) { c.Insert[1].Text = "a\xff" }},
		{"title not UTF-8", func(c *retrieve.Change) { c.Insert[1].Title = "\xc3" }},
		{"page not UTF-8", func(c *retrieve.Change) { c.Page.ETag = "\xc3" }},
		{"no URL", func(c *retrieve.Change) { c.Page.URL = "" }},
		{"chunk of another page", func(c *retrieve.Change) { c.Insert[1].URL = "https://example.com/other" }},
		{"key that is SQL", func(c *retrieve.Change) { c.Insert[1].ID = `x') or ('1'='1` }},
		{"key to delete that is SQL", func(c *retrieve.Change) { c.Delete = []string{`x') or ('1'='1`} }},
		{"key in capitals", func(c *retrieve.Change) { c.Insert[1].ID = strings.ToUpper(c.Insert[1].ID) }},
		{"no window", func(c *retrieve.Change) { c.Insert[1].Windows = nil }},
		{"short vector", func(c *retrieve.Change) { c.Insert[1].Windows[0] = vectorOf("x")[1:] }},
		{"zero vector", func(c *retrieve.Change) { c.Insert[1].Windows[0] = make(embed.Vector, dim) }},
		{"unordered terms", func(c *retrieve.Change) {
			c.Insert[1].Terms = bm25.Sparse{Dims: []uint32{2, 1}, Weights: []float32{1, 1}}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := change(url, 2)
			tt.spoil(&c)
			if err := r.Put(t.Context(), []retrieve.Change{change("https://example.com/good", 1), c}); err == nil {
				t.Error("Put() succeeded")
			}
			if pages, err := r.Pages(t.Context()); err != nil || len(pages) != 0 {
				t.Errorf("Pages() after that = %v, %v, want none", pages, err)
			}
			if hits := search(t, s, vectorOf("q"), 10, retrieve.Filter{}); len(hits) != 0 {
				t.Errorf("Search() after that = %d chunks, want none", len(hits))
			}
		})
	}
}

func testRemove(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	r := begin(t, s, "L2")
	put(t, r, change("https://example.com/a", 3), change("https://example.com/b", 4), change("https://example.com/none", 0))
	n, err := r.Remove(t.Context(), []string{"https://example.com/a", "https://example.com/c", "https://example.com/none"})
	if err != nil || n != 2 {
		t.Errorf("Remove() = %d, %v, want 2", n, err)
	}
	commit(t, r)
	for _, h := range search(t, s, vectorOf("q"), 10, retrieve.Filter{}) {
		if h.URL != "https://example.com/b" {
			t.Errorf("Search() found a chunk of %s", h.URL)
		}
	}
	pages, err := begin(t, s, "L2").Pages(t.Context())
	if err != nil || len(pages) != 1 || pages["https://example.com/b"].Chunks != 4 {
		t.Errorf("Pages() = %v, %v, want b alone", pages, err)
	}
}

// testMismatch holds an index to its settings, also after a refused run.
func testMismatch(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	fill(t, s, "L2", change("https://example.com/", 1))
	for _, tt := range []struct {
		name  string
		alter func(*retrieve.Fingerprint)
		want  string
	}{
		{"model", func(fp *retrieve.Fingerprint) { fp.Model = "other/24" }, "other/24"},
		{"dimension", func(fp *retrieve.Fingerprint) { fp.Dim++ }, "dimension 24, not 25"},
		{"metric", func(fp *retrieve.Fingerprint) { fp.Metric = "IP" }, "metric L2, not IP"},
		{"chunker", func(fp *retrieve.Fingerprint) { fp.Chunker = "recursive 1000/200" }, "chunker recursive 2000/200, not recursive 1000/200"},
		{"index", func(fp *retrieve.Fingerprint) { fp.Index = "IVF_FLAT" }, "index FLAT, not IVF_FLAT"},
		{"schema", func(fp *retrieve.Fingerprint) { fp.Schema++ }, "schema version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fp := fingerprint("L2")
			tt.alter(&fp)
			_, err := s.Begin(t.Context(), fp, false)
			var mismatch *retrieve.MismatchError
			if !errors.As(err, &mismatch) || !errors.Is(err, retrieve.ErrMismatch) {
				t.Fatalf("Begin() = %v, want a MismatchError", err)
			}
			if mismatch.Have != fingerprint("L2") || mismatch.Asked != fp || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Begin() = %v (%+v), want both sides and %q", err, mismatch, tt.want)
			}
			if n := len(search(t, s, vectorOf("q"), 5, retrieve.Filter{})); n != 1 {
				t.Errorf("Search() after that = %d chunks, want 1", n)
			}
		})
	}
}

// testRebuild holds a rebuild to being invisible until it commits, and to
// offering the vectors of the old generation.
func testRebuild(t *testing.T, open Open) {
	name := nameOf(t)
	s, other := open(t, name), open(t, name)
	old := change("https://example.com/old", 3)
	old.Insert[2] = record(old.Page.URL, 2, 3)
	fill(t, s, "L2", old)
	search(t, other, vectorOf("q"), 1, retrieve.Filter{})

	fp := fingerprint("IP")
	fp.Chunker = "recursive 1000/200"
	r, err := s.Begin(t.Context(), fp, true)
	if err != nil {
		t.Fatalf("Begin(rebuild) = %v", err)
	}
	if pages, err := r.Pages(t.Context()); err != nil || len(pages) != 0 {
		t.Errorf("Pages() of a rebuild = %v, %v, want none", pages, err)
	}
	vectors, err := r.Vectors(t.Context(), []string{old.Insert[0].ID, old.Insert[2].ID, retrieve.ChunkID("no", "such", 0), "not a key"})
	want := map[string][]embed.Vector{old.Insert[0].ID: old.Insert[0].Windows, old.Insert[2].ID: old.Insert[2].Windows}
	if diff := gocmp.Diff(want, vectors); err != nil || diff != "" {
		t.Errorf("Vectors() = %v (-want +got):\n%s", err, diff)
	}
	put(t, r, change("https://example.com/new", 2))
	for i, c := range []Store{s, other} {
		if got := texts(t, c); len(got) != 3 {
			t.Errorf("client %d sees %d chunks before the commit, want the 3 old ones", i, len(got))
		}
		if have, err := c.Fingerprint(t.Context()); err != nil || have != fingerprint("L2") {
			t.Errorf("client %d: Fingerprint() before the commit = %+v, %v", i, have, err)
		}
	}
	commit(t, r)
	for i, c := range []Store{s, other, open(t, name)} {
		for _, h := range search(t, c, vectorOf("q"), 10, retrieve.Filter{}) {
			if h.URL != "https://example.com/new" {
				t.Errorf("client %d sees a chunk of %s after the commit", i, h.URL)
			}
		}
		if have, err := c.Fingerprint(t.Context()); err != nil || have != fp {
			t.Errorf("client %d: Fingerprint() after the commit = %+v, %v", i, have, err)
		}
	}
	r2, err := s.Begin(t.Context(), fp, false)
	if err != nil {
		t.Fatalf("Begin() after the rebuild = %v", err)
	}
	if vectors, err := r2.Vectors(t.Context(), []string{record("https://example.com/new", 0, 1).ID}); err != nil || len(vectors) != 0 {
		t.Errorf("Vectors() of a run that is no rebuild = %v, %v, want none", vectors, err)
	}
}

// testRebuildOther holds a rebuild with another embedder to taking no vectors.
func testRebuildOther(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	old := change("https://example.com/", 1)
	fill(t, s, "L2", old)
	fp := fingerprint("L2")
	fp.Model = fmt.Sprintf("other/%d", dim)
	r, err := s.Begin(t.Context(), fp, true)
	if err != nil {
		t.Fatalf("Begin(rebuild) = %v", err)
	}
	if vectors, err := r.Vectors(t.Context(), []string{old.Insert[0].ID}); err != nil || len(vectors) != 0 {
		t.Errorf("Vectors() of another embedder = %v, %v, want none", vectors, err)
	}
	commit(t, r)
	if hits := search(t, s, vectorOf("q"), 5, retrieve.Filter{}); len(hits) != 0 {
		t.Errorf("Search() after an empty rebuild = %d chunks, want none", len(hits))
	}
	if _, err := s.Begin(t.Context(), fingerprint("L2"), false); !errors.Is(err, retrieve.ErrMismatch) {
		t.Errorf("Begin() with the old embedder = %v, want ErrMismatch", err)
	}
}

// testAbandoned holds runs that end without Commit to leaving an index that the
// next run mends.
func testAbandoned(t *testing.T, open Open) {
	name := nameOf(t)
	fill(t, open(t, name), "L2", change("https://example.com/a", 1))
	rebuild, err := open(t, name).Begin(t.Context(), fingerprint("COSINE"), true)
	if err != nil {
		t.Fatalf("Begin(rebuild) = %v", err)
	}
	put(t, rebuild, change("https://example.com/lost", 1))
	put(t, begin(t, open(t, name), "L2"), change("https://example.com/b", 1))

	r := begin(t, open(t, name), "L2")
	pages, err := r.Pages(t.Context())
	if err != nil || len(pages) != 2 {
		t.Errorf("Pages() = %v, %v, want a and b", pages, err)
	}
	commit(t, r)
	if n := len(search(t, open(t, name), vectorOf("q"), 5, retrieve.Filter{})); n != 2 {
		t.Errorf("Search() = %d chunks, want 2", n)
	}
}

// testReplaced holds a rebuild that another run has dropped to an error, and the
// index to the run that came last.
func testReplaced(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	fill(t, s, "L2", change("https://example.com/a", 1))
	first, err := s.Begin(t.Context(), fingerprint("L2"), true)
	if err != nil {
		t.Fatalf("Begin(rebuild) = %v", err)
	}
	put(t, first, change("https://example.com/first", 1))
	second, err := open(t, name).Begin(t.Context(), fingerprint("L2"), true)
	if err != nil {
		t.Fatalf("second Begin(rebuild) = %v", err)
	}
	put(t, second, change("https://example.com/second", 1))
	if err := first.Put(t.Context(), []retrieve.Change{change("https://example.com/more", 1)}); err == nil {
		t.Error("Put() of the replaced run succeeded")
	}
	if err := first.Commit(t.Context()); err == nil {
		t.Error("Commit() of the replaced run succeeded")
	}
	commit(t, second)
	hits := search(t, s, vectorOf("q"), 5, retrieve.Filter{})
	if len(hits) != 1 || hits[0].URL != "https://example.com/second" {
		t.Errorf("Search() = %v, want the second rebuild's chunk", hits)
	}
}

// testConcurrent puts from several goroutines of two clients, some of them the
// same pages, while a third searches.
func testConcurrent(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	fill(t, s, "L2", change("https://example.com/there", 5))
	runs := []retrieve.Run{begin(t, open(t, name), "L2"), begin(t, open(t, name), "L2")}
	var writers, reader sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for p := range 10 {
				c := change(fmt.Sprintf("https://example.com/%d", p+10*(w/2)), 3) // two writers each
				if err := runs[w%2].Put(t.Context(), []retrieve.Change{c}); err != nil {
					t.Errorf("Put() = %v", err)
				}
			}
		})
	}
	done := make(chan struct{})
	reader.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			hits, err := s.Search(t.Context(), vectorOf("q"), 5, retrieve.Filter{URLPrefix: "https://example.com/there"})
			if err != nil || len(hits) != 5 {
				t.Errorf("Search() beside the writers = %d chunks, %v, want 5", len(hits), err)
				return
			}
		}
	})
	writers.Wait()
	close(done)
	reader.Wait()
	for _, r := range runs {
		commit(t, r)
	}
	if n := len(search(t, s, vectorOf("q"), 200, retrieve.Filter{})); n != 65 {
		t.Errorf("Search() = %d chunks, want 65", n)
	}
}

// testCanceled holds every method to the end of its context.
func testCanceled(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	fill(t, s, "L2", change("https://example.com/a", 1))
	r := begin(t, s, "L2")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, c := range []struct {
		ctx  context.Context
		want error
	}{{ctx, context.Canceled}, {expired, context.DeadlineExceeded}} {
		for name, call := range map[string]func() error{
			"Search":      func() error { _, err := s.Search(c.ctx, vectorOf("q"), 1, retrieve.Filter{}); return err },
			"Fingerprint": func() error { _, err := s.Fingerprint(c.ctx); return err },
			"Begin":       func() error { _, err := s.Begin(c.ctx, fingerprint("L2"), false); return err },
			"Pages":       func() error { _, err := r.Pages(c.ctx); return err },
			"Stored":      func() error { _, err := r.Stored(c.ctx, []string{"https://example.com/a"}); return err },
			"Put":         func() error { return r.Put(c.ctx, []retrieve.Change{change("https://example.com/b", 1)}) },
			"Remove":      func() error { _, err := r.Remove(c.ctx, []string{"https://example.com/a"}); return err },
			"Commit":      func() error { return r.Commit(c.ctx) },
		} {
			if err := call(); !errors.Is(err, c.want) {
				t.Errorf("%s() = %v, want %v", name, err, c.want)
			}
		}
	}
	if n := len(search(t, s, vectorOf("q"), 5, retrieve.Filter{})); n != 1 {
		t.Errorf("Search() after that = %d chunks, want 1", n)
	}
}
