package milvus

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// insert inserts rows beside those with the same keys, as two writers at once can.
func insert[T any](t *testing.T, s *Store, collection string, cs columns[T], rows ...T) {
	t.Helper()
	var sent []entity.Column
	for _, c := range cs.write(rows) {
		switch data := c.data.(type) {
		case []string:
			sent = append(sent, entity.NewColumnVarChar(c.name, data))
		case []int64:
			sent = append(sent, entity.NewColumnInt64(c.name, data))
		case [][]float32:
			sent = append(sent, entity.NewColumnFloatVector(c.name, len(data[0]), data))
		case []bm25.Sparse:
			vectors := make([]entity.SparseEmbedding, len(data))
			for i, v := range data {
				vectors[i], _ = entity.NewSliceSparseEmbedding(v.Dims, v.Weights)
			}
			sent = append(sent, entity.NewColumnSparseVectors(c.name, vectors))
		}
	}
	if _, err := s.engine.client.Insert(t.Context(), collection, "", sent...); err != nil {
		t.Fatal(err)
	}
}

// testFix leaves what killed and concurrent runs of earlier versions have left, and
// checks that each way to change the index repairs it.
func testFix(t *testing.T, config Config) {
	open := func(t *testing.T) *Store {
		s, err := Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	for _, tt := range []struct {
		name   string
		repair func(t *testing.T, s *Store) // returns what is left to repair
		left   bool                         // whether the index still exists
	}{
		{"Fix", func(t *testing.T, s *Store) {
			if done, err := s.Fix(t.Context()); err != nil || done.Unfinished != 2 || done.Duplicates != 4 {
				t.Errorf("Fix() = %+v, %v, want 2 generations and 4 duplicates", done, err)
			}
		}, true},
		{"a run", func(t *testing.T, s *Store) { commitRun(t, mustBegin(t, s, false)) }, true},
		{"Drop", func(t *testing.T, s *Store) {
			if err := s.Drop(t.Context()); err != nil {
				t.Errorf("Drop() = %v", err)
			}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			r := mustBegin(t, s, false)
			put(t, r, "https://example.com/a", "a")
			put(t, r, "https://example.com/b", "b")
			commitRun(t, r)

			a, b := pageOf("https://example.com/a", "a"), pageOf("https://example.com/b", "b")
			old := a.Insert[0].Chunk
			old.Ordinal, old.CrawledAt = 7, time.Now().Add(-time.Hour)
			insert(t, s, r.collection(chunksKind), s.can.chunkColumns(), chunkRow{old, 1, a.Insert[0].Terms})
			insert(t, s, r.collection(windowsKind), windowColumns, append(windowsOf(a.Insert[0].Chunk, a.Insert[0].Windows), windowsOf(b.Insert[0].Chunk, b.Insert[0].Windows)...)...)
			insert(t, s, r.collection(pagesKind), pageColumns, pageRow{index.URLID(a.Page.URL), a.Page})
			for _, g := range []string{"g0000000a", "g0000000b"} {
				if err := s.createGeneration(t.Context(), g, leaseFingerprint); err != nil {
					t.Fatal(err)
				}
			}
			foreign := config
			foreign.Name += "_g12345678" // an index whose collections begin alike
			other, err := Open(t.Context(), foreign)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { other.Drop(t.Context()); other.Close() })
			or := mustBegin(t, other, false)
			put(t, or, "https://example.com/c", "c")
			commitRun(t, or)

			tt.repair(t, s)
			for _, g := range []string{"g0000000a", "g0000000b"} {
				if has, err := s.engine.has(t.Context(), s.collection(g, windowsKind)); err != nil || has {
					t.Errorf("generation %s is there: %v, %v", g, has, err)
				}
			}
			if st, err := other.Stats(t.Context()); err != nil || st.Pages != 1 {
				t.Errorf("Stats() of the index with a longer name = %+v, %v, want 1 page", st, err)
			}
			st, err := s.Stats(t.Context())
			if !tt.left {
				if !errors.Is(err, index.ErrNoIndex) {
					t.Errorf("Stats() = %v, want ErrNoIndex", err)
				}
				return
			}
			if err != nil || st != (Stats{Pages: 2, Chunks: 2, Windows: 2}) {
				t.Errorf("Stats() = %+v, %v, want 2 of each", st, err)
			}
			chunks, err := s.ChunksOf(t.Context(), a.Page.URL)
			if err != nil || len(chunks) != 1 || chunks[0].Ordinal != 0 || chunks[0].Text != "a" {
				t.Errorf("ChunksOf() = %+v, %v, want the latest row", chunks, err)
			}
			if done, err := s.Fix(t.Context()); err != nil || !done.None() {
				t.Errorf("Fix() again = %+v, %v, want nothing to repair", done, err)
			}
			if err := s.Drop(t.Context()); err != nil {
				t.Errorf("Drop() = %v", err)
			}
		})
	}
}

func TestFixLite(t *testing.T) {
	t.Parallel()
	testFix(t, Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)})
}

func TestFixServer(t *testing.T) {
	t.Parallel()
	testFix(t, Config{URI: "http://" + milvustest.Addr(t), Name: "fix_" + randomHex(4)})
}

// TestManyDuplicates finds duplicates among more rows than one reply has.
func TestManyDuplicates(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const pages, doubled = 2500, 1200
	r := mustBegin(t, s, false)
	var changes []index.Change
	for i := range pages {
		changes = append(changes, pageOf("https://example.com/"+randomHex(4), string(rune('a'+i%26))))
	}
	if err := r.Put(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	commitRun(t, r)
	var again []pageRow
	for _, c := range changes[:doubled] {
		again = append(again, pageRow{index.URLID(c.Page.URL), c.Page})
	}
	insert(t, s, r.collection(pagesKind), pageColumns, again...)
	begun := time.Now()
	done, err := s.Fix(t.Context())
	if err != nil || done.Duplicates != doubled {
		t.Errorf("Fix() = %+v, %v, want %d duplicates", done, err, doubled)
	}
	t.Logf("repaired in %v", time.Since(begun))
	begun = time.Now()
	if done, err := s.Fix(t.Context()); err != nil || !done.None() {
		t.Errorf("Fix() again = %+v, %v", done, err)
	}
	t.Logf("looked through %d rows of each kind in %v", pages, time.Since(begun))
}
