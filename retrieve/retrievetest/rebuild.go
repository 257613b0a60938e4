package retrievetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// testMismatch tests that an index keeps its fingerprint, also after a refused run.
func testMismatch(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	fill(t, s, "L2", change("https://example.com/", 1))
	for _, tt := range []struct {
		name  string
		alter func(*index.Fingerprint)
		want  string
	}{
		{"model", func(fp *index.Fingerprint) { fp.Model = "other/24" }, "other/24"},
		{"dimension", func(fp *index.Fingerprint) { fp.Dim++ }, "dimension 24, not 25"},
		{"metric", func(fp *index.Fingerprint) { fp.Metric = "IP" }, "metric L2, not IP"},
		{"chunker", func(fp *index.Fingerprint) { fp.Chunker = "recursive 1000/200" }, "chunker recursive 2000/200, not recursive 1000/200"},
		{"index", func(fp *index.Fingerprint) { fp.Index = "IVF_FLAT" }, "index FLAT, not IVF_FLAT"},
		{"schema", func(fp *index.Fingerprint) { fp.Schema++ }, "schema version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fp := fingerprint("L2")
			tt.alter(&fp)
			_, err := s.Begin(t.Context(), fp, false)
			var mismatch *index.MismatchError
			if !errors.As(err, &mismatch) || !errors.Is(err, index.ErrMismatch) {
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

// testRebuild tests that a rebuild is invisible until it commits, and that it can read
// the vectors of the old generation.
func testRebuild(t *testing.T, open Open) {
	name := nameOf(t)
	s, other := open(t, name), open(t, name)
	old := change("https://example.com/old", 3)
	old.Insert[2] = record(old.Page.URL, 2, 3)
	fill(t, s, "L2", old)
	search(t, other, vectorOf("q"), 1, retrieve.Filter{})

	fp := fingerprint("IP")
	fp.Chunker = "recursive 1000/200"
	r := beginAs(t, s, fp, true)
	if pages, err := r.Pages(t.Context()); err != nil || len(pages) != 0 {
		t.Errorf("Pages() of a rebuild = %v, %v, want none", pages, err)
	}
	vectors, err := r.Vectors(t.Context(), []string{old.Insert[0].ID, old.Insert[2].ID, index.ChunkID("no", "such", 0), "not a key"})
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
	r2 := beginAs(t, s, fp, false)
	if vectors, err := r2.Vectors(t.Context(), []string{record("https://example.com/new", 0, 1).ID}); err != nil || len(vectors) != 0 {
		t.Errorf("Vectors() of a run that does not rebuild = %v, %v, want none", vectors, err)
	}
}

// testRebuildOther tests that a rebuild with another embedder reads no old vectors.
func testRebuildOther(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	old := change("https://example.com/", 1)
	fill(t, s, "L2", old)
	fp := fingerprint("L2")
	fp.Model = fmt.Sprintf("other/%d", dim)
	r := beginAs(t, s, fp, true)
	if vectors, err := r.Vectors(t.Context(), []string{old.Insert[0].ID}); err != nil || len(vectors) != 0 {
		t.Errorf("Vectors() of another embedder = %v, %v, want none", vectors, err)
	}
	commit(t, r)
	if hits := search(t, s, vectorOf("q"), 5, retrieve.Filter{}); len(hits) != 0 {
		t.Errorf("Search() after an empty rebuild = %d chunks, want none", len(hits))
	}
	if _, err := s.Begin(t.Context(), fingerprint("L2"), false); !errors.Is(err, index.ErrMismatch) {
		t.Errorf("Begin() with the old embedder = %v, want ErrMismatch", err)
	}
}

// testSetModel tests that a run can replace the embedder until it writes, and that a
// rebuild then reads the old vectors of that embedder alone.
func testSetModel(t *testing.T, open Open) {
	s := open(t, nameOf(t))
	set := func(r index.Run, model string, want bool) {
		t.Helper()
		if err := r.SetModel(model, dim); (err == nil) != want {
			t.Errorf("SetModel(%s) = %v, want success: %v", model, err, want)
		}
	}
	other, page := fmt.Sprintf("other/%d", dim), change("https://example.com/", 1)
	r := begin(t, s, "L2")
	set(r, other, true)
	put(t, r, page)
	set(r, fingerprint("L2").Model, false)
	commit(t, r)
	fp := fingerprint("L2")
	fp.Model = other
	if have, err := s.Fingerprint(t.Context()); err != nil || have != fp {
		t.Errorf("Fingerprint() = %+v, %v, want %+v", have, err, fp)
	}
	r = beginAs(t, s, fp, false)
	set(r, fingerprint("L2").Model, false)
	end(t, r)
	r = beginAs(t, s, fingerprint("L2"), true)
	for _, model := range []string{fingerprint("L2").Model, other} {
		set(r, model, true)
		vectors, err := r.Vectors(t.Context(), []string{page.Insert[0].ID})
		if err != nil || (len(vectors) == 1) != (model == other) {
			t.Errorf("Vectors() in a rebuild for %s of an index of %s = %d, %v", model, other, len(vectors), err)
		}
	}
	commit(t, r)
	if have, err := s.Fingerprint(t.Context()); err != nil || have != fp {
		t.Errorf("Fingerprint() after the rebuild = %+v, %v, want %+v", have, err, fp)
	}
}

// testOlderSchema tests that an index of the oldest readable form can be searched and
// listed, and that a run on it asks for a rebuild, which reads it.
func testOlderSchema(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	old := fingerprint("L2")
	old.Schema = index.ReadableSchema
	r := beginAs(t, s, old, false)
	put(t, r, change("https://example.com/", 2))
	commit(t, r)
	other := open(t, name)
	if hits := search(t, other, vectorOf("q"), 5, retrieve.Filter{Lang: "en"}); len(hits) != 2 {
		t.Errorf("Search() = %d chunks, want 2", len(hits))
	}
	if hits, err := Nearest(t.Context(), other, vectorOf("q"), 5, retrieve.Filter{Version: "2.0"}); err == nil && len(hits) > 0 {
		t.Errorf("Search() of a version = %d chunks, want none or an error", len(hits))
	}
	if p, ok, err := other.Page(t.Context(), "https://example.com/"); err != nil || !ok || p.Chunks != 2 {
		t.Errorf("Page() = %+v, %v, %v", p, ok, err)
	}
	if chunks, err := other.ChunksOf(t.Context(), "https://example.com/"); err != nil || len(chunks) != 2 {
		t.Errorf("ChunksOf() = %d chunks, %v, want 2", len(chunks), err)
	}
	if _, err := other.Begin(t.Context(), fingerprint("L2"), false); !errors.Is(err, index.ErrMismatch) {
		t.Errorf("Begin() = %v, want ErrMismatch", err)
	}
	r = beginAs(t, other, fingerprint("L2"), true)
	put(t, r, change("https://example.com/", 2))
	commit(t, r)
	if hits := search(t, s, vectorOf("q"), 5, retrieve.Filter{}); len(hits) != 2 {
		t.Errorf("Search() after the rebuild = %d chunks, want 2", len(hits))
	}
}

// testAbandoned tests that the next run repairs the index after runs that end without
// Commit.
func testAbandoned(t *testing.T, open Open) {
	name := nameOf(t)
	s := open(t, name)
	unused := begin(t, s, "L2")
	end(t, unused)
	if _, err := s.Fingerprint(t.Context()); !errors.Is(err, index.ErrNoIndex) {
		t.Errorf("Fingerprint() after a run that wrote nothing = %v, want ErrNoIndex", err)
	}
	fill(t, s, "L2", change("https://example.com/a", 1))
	rebuild := beginAs(t, open(t, name), fingerprint("COSINE"), true)
	put(t, rebuild, change("https://example.com/lost", 1))
	end(t, rebuild)
	if err := rebuild.Commit(t.Context()); err == nil {
		t.Error("Commit() of a run that has ended succeeded")
	}
	r := begin(t, open(t, name), "L2")
	put(t, r, change("https://example.com/b", 1))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Close(canceled); err != nil {
		t.Errorf("Close() with a canceled context = %v", err)
	}
	if err := r.Put(t.Context(), []index.Change{change("https://example.com/c", 1)}); err == nil {
		t.Error("Put() of a run that has ended succeeded")
	}

	r = begin(t, open(t, name), "L2")
	pages, err := r.Pages(t.Context())
	if err != nil || len(pages) != 2 {
		t.Errorf("Pages() = %v, %v, want a and b", pages, err)
	}
	commit(t, r)
	if n := len(search(t, open(t, name), vectorOf("q"), 5, retrieve.Filter{})); n != 2 {
		t.Errorf("Search() = %d chunks, want 2", n)
	}
}

// testBusy tests that one run at a time changes an index, whatever it does, and that
// others are told which.
func testBusy(t *testing.T, open Open) {
	name := nameOf(t)
	s, other := open(t, name), open(t, name)
	for _, rebuild := range []bool{false, true} {
		first := beginAs(t, s, fingerprint("L2"), rebuild)
		put(t, first, change(fmt.Sprintf("https://example.com/%v", rebuild), 1))
		for _, c := range []Store{s, other} {
			for _, again := range []bool{false, true} {
				_, err := c.Begin(t.Context(), fingerprint("L2"), again)
				var busy *index.BusyError
				if !errors.Is(err, index.ErrBusy) || !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() || busy.Holder.Host == "" {
					t.Errorf("Begin(rebuild: %v) beside a run (rebuild: %v) = %v, want a BusyError with the holder", again, rebuild, err)
				}
			}
		}
		commit(t, first)
		hits := search(t, other, vectorOf("q"), 5, retrieve.Filter{})
		if want := fmt.Sprintf("https://example.com/%v", rebuild); len(hits) != 1 || hits[0].URL != want {
			t.Errorf("Search() = %v, want the chunk of %s", hits, want)
		}
	}
	unrelated := begin(t, open(t, nameOf(t)), "L2") // of another index
	r := begin(t, other, "L2")
	end(t, r)
	end(t, unrelated)
}
