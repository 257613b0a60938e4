package retrievetest

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// testRoundTrip tests that every client reads what was put.
func testRoundTrip(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	full := record("https://example.com/a?b=c#d", 7, 2)
	full.Title, full.Text = "Ti\"t'le\\ \n%_ 文", "line\nline\ttab \U0001F600 'quoted' \"quoted\" \\ %_"
	bare := index.Record{
		Chunk:   index.Chunk{ID: index.ChunkID("u", "", 0), URL: full.URL},
		Windows: []embed.Vector{vectorOf("bare")},
	}
	p := page(full.URL, 2)
	p.ETag = `W/"it's"`
	fill(t, s, "COSINE", index.Change{Page: p, Insert: []index.Record{full, bare}})

	for client, other := range map[string]Store{"the same": s, "another": open(t, name)} {
		hits := search(t, other, full.Windows[1], 1, retrieve.Filter{})
		if diff := gocmp.Diff([]index.Chunk{full.Chunk}, chunksOf(hits)); diff != "" {
			t.Errorf("%s client: Search() (-want +got):\n%s", client, diff)
		}
		hits = search(t, other, bare.Windows[0], 1, retrieve.Filter{})
		if diff := gocmp.Diff([]index.Chunk{bare.Chunk}, chunksOf(hits)); diff != "" {
			t.Errorf("%s client: Search() for the bare one (-want +got):\n%s", client, diff)
		}
		r := begin(t, other, "COSINE")
		pages, err := r.Pages(t.Context())
		if diff := gocmp.Diff(map[string]index.Page{p.URL: p}, pages); err != nil || diff != "" {
			t.Errorf("%s client: Pages() = %v (-want +got):\n%s", client, err, diff)
		}
		stored, err := r.Stored(t.Context(), []string{"https://example.com/other", full.URL})
		withoutText := full.Chunk
		withoutText.Text = ""
		want := map[string][]index.Chunk{full.URL: {bare.Chunk, withoutText}}
		if diff := gocmp.Diff(want, stored); err != nil || diff != "" {
			t.Errorf("%s client: Stored() = %v (-want +got):\n%s", client, err, diff)
		}
		end(t, r)
	}
}

func chunksOf(hits []retrieve.Hit) []index.Chunk {
	var chunks []index.Chunk
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

// testChange tests insertions, moves and deletions of one page.
func testChange(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	url := "https://example.com/page"
	first := change(url, 4)
	fill(t, s, "L2", first)

	moved := first.Insert[1].Chunk // its text is kept, with or without being given
	moved.Ordinal, moved.Start, moved.Source, moved.Lang, moved.Text = 11, 999, "moved.example", "fr", ""
	same := first.Insert[2].Chunk
	same.Ordinal = 12
	next := index.Change{
		Page:   page(url, 4),
		Insert: []index.Record{record(url, 20, 2)},
		Move:   []index.Chunk{moved, same},
		Delete: []string{first.Insert[3].ID, index.ChunkID("never", "seen", 0)},
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
	if diff := gocmp.Diff([]index.Chunk{moved}, chunksOf(hits)); diff != "" {
		t.Errorf("the moved chunk, by its new filter (-want +got):\n%s", diff)
	}
	if hits := search(t, s, vectorOf("any"), 100, retrieve.Filter{Lang: "en"}); len(hits) != 3 {
		t.Errorf("%d chunks by the old language, want 3", len(hits))
	}
	r = begin(t, s, "L2")
	pages, err := r.Pages(t.Context())
	if err != nil || pages[url].ETag != `"new"` {
		t.Errorf("Pages() = %v, %v, want the new row", pages, err)
	}

	err = r.Put(t.Context(), []index.Change{{Page: page(url, 1), Move: []index.Chunk{record(url, 33, 1).Chunk}}})
	if err == nil {
		t.Error("Put() moved a chunk that is not stored")
	}
}

// testRepeated tests that a chunk that is put twice is stored once.
func testRepeated(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	c := change("https://example.com/", 2)
	c.Insert = append(c.Insert, c.Insert...)
	r := begin(t, s, "L2")
	put(t, r, c, c)
	put(t, r, c)
	put(t, r, index.Change{Page: c.Page}) // nothing but the manifest row
	commit(t, r)
	if n := len(search(t, s, vectorOf("q"), 10, retrieve.Filter{})); n != 2 {
		t.Errorf("Search() = %d chunks, want 2", n)
	}
	r = begin(t, s, "L2")
	put(t, r, index.Change{Page: c.Page, Delete: []string{c.Insert[0].ID, c.Insert[0].ID}})
	commit(t, r)
	if n := len(search(t, s, vectorOf("q"), 10, retrieve.Filter{})); n != 1 {
		t.Errorf("Search() after a deletion = %d chunks, want 1", n)
	}
}

// testLarge puts more than one message may hold, and texts of the greatest length.
func testLarge(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	url := "https://example.com/large"
	c := index.Change{Page: page(url, 200)}
	for n := range 200 {
		rec := record(url, n, 1)
		rec.Text = strings.Repeat("é", index.MaxTextBytes/2) + "x"
		c.Insert = append(c.Insert, rec)
	}
	fill(t, s, "L2", c)
	hits := search(t, s, vectorOf("q"), 200, retrieve.Filter{})
	if len(hits) != 200 {
		t.Fatalf("Search() = %d chunks, want 200", len(hits))
	}
	for _, h := range hits {
		if len(h.Text) != index.MaxTextBytes {
			t.Fatalf("a text came back with %d bytes, want %d", len(h.Text), index.MaxTextBytes)
		}
	}
}

// testRefused tests that a Put with anything invalid stores nothing.
func testRefused(t *testing.T, open Open) {
	url := "https://example.com/bad"
	s := open(t, nameOf(t))
	fill(t, s, "L2")
	r := begin(t, s, "L2")
	for _, tt := range []struct {
		name  string
		spoil func(*index.Change)
	}{
		{"text too long", func(c *index.Change) { c.Insert[1].Text = strings.Repeat("é", index.MaxTextBytes/2+1) }},
		{"text not UTF-8", func(c *index.Change) { c.Insert[1].Text = "a\xff" }},
		{"title not UTF-8", func(c *index.Change) { c.Insert[1].Title = "\xc3" }},
		{"page not UTF-8", func(c *index.Change) { c.Page.ETag = "\xc3" }},
		{"no URL", func(c *index.Change) { c.Page.URL = "" }},
		{"chunk of another page", func(c *index.Change) { c.Insert[1].URL = "https://example.com/other" }},
		{"key that is SQL", func(c *index.Change) { c.Insert[1].ID = `x') or ('1'='1` }},
		{"key to delete that is SQL", func(c *index.Change) { c.Delete = []string{`x') or ('1'='1`} }},
		{"key in capitals", func(c *index.Change) { c.Insert[1].ID = strings.ToUpper(c.Insert[1].ID) }},
		{"no window", func(c *index.Change) { c.Insert[1].Windows = nil }},
		{"short vector", func(c *index.Change) { c.Insert[1].Windows[0] = vectorOf("x")[1:] }},
		{"zero vector", func(c *index.Change) { c.Insert[1].Windows[0] = make(embed.Vector, dim) }},
		{"unordered terms", func(c *index.Change) {
			c.Insert[1].Terms = bm25.Sparse{Dims: []uint32{2, 1}, Weights: []float32{1, 1}}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := change(url, 2)
			tt.spoil(&c)
			if err := r.Put(t.Context(), []index.Change{change("https://example.com/good", 1), c}); err == nil {
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
