package milvus_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

func TestOpenRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, uri, index, want string }{
		{"no URI", "", "docs", "FILE.db"},
		{"no scheme", "localhost:19530", "docs", "http://host:19530"},
		{"other scheme", "tcp://localhost:19530", "docs", "http://host:19530"},
		{"no host", "http://", "docs", "http://host:19530"},
		{"password in the URI", "http://root:secret@localhost:19530", "docs", "token"},
		{"no name", "a.db", "", "name"},
		{"name with a dash", "a.db", "my-docs", `"my-docs"`},
		{"name that begins with a digit", "a.db", "1docs", `"1docs"`},
		{"long name", "a.db", strings.Repeat("a", 62), "60"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := milvus.Open(t.Context(), milvus.Config{URI: tt.uri, Name: tt.index, LiteDir: t.TempDir()})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("Open() = %v, want %q in it", err, tt.want)
			}
		})
	}
}

// TestUnavailable dials where no Milvus is: a closed port fails at once, a silent
// one in time.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // never accepts
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, tt := range []struct {
		name    string
		addr    net.Addr
		timeout time.Duration
		within  time.Duration
	}{
		{"closed", closed.Addr(), time.Minute, 50 * time.Second},
		{"silent", silent.Addr(), 200 * time.Millisecond, 50 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begun := time.Now()
			uri := "http://" + tt.addr.String()
			_, err := milvus.Open(t.Context(), milvus.Config{URI: uri, Name: "docs", DialTimeout: tt.timeout})
			if !errors.Is(err, index.ErrUnavailable) {
				t.Fatalf("Open() = %v, want ErrUnavailable", err)
			}
			for _, want := range []string{uri, "docker compose up -d", "--milvus FILE.db"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Open() = %v, want %q in it", err, want)
				}
			}
			for _, word := range []string{"transport:", "desc =", "rpc error"} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("Open() = %v, which holds words of gRPC: %q", err, word)
				}
			}
			if d := time.Since(begun); d > tt.within {
				t.Errorf("Open() took %v, want %v at most", d, tt.within)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = milvus.Open(ctx, milvus.Config{URI: "http://" + silent.Addr().String(), Name: "docs"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Open() with a canceled context = %v, want Canceled", err)
	}
}

// TestNotOffered asks for what an engine does not have: nothing is created.
func TestNotOffered(t *testing.T) {
	t.Parallel()
	s := openAt(t, milvus.Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)})
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping() = %v", err)
	}
	for _, tt := range []struct {
		name  string
		alter func(*index.Fingerprint)
		want  string
	}{
		{"index", func(fp *index.Fingerprint) { fp.Index = "HNSW" }, "AUTOINDEX, FLAT, IVF_FLAT"},
		{"unknown index", func(fp *index.Fingerprint) { fp.Index = "flat" }, `"flat"`},
		{"metric", func(fp *index.Fingerprint) { fp.Metric = "HAMMING" }, "L2, IP or COSINE"},
		{"no dimension", func(fp *index.Fingerprint) { fp.Dim = 0 }, "0 dimensions"},
		{"many dimensions", func(fp *index.Fingerprint) { fp.Dim = 40_000 }, "32768"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fp := fingerprint()
			tt.alter(&fp)
			if _, err := s.Begin(t.Context(), fp, false); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Begin() = %v, want %q in it", err, tt.want)
			}
			if _, err := s.Fingerprint(t.Context()); !errors.Is(err, index.ErrNoIndex) {
				t.Errorf("Fingerprint() after that = %v, want ErrNoIndex", err)
			}
		})
	}
}

// TestIndexes builds each other index that Milvus Lite has.
func TestIndexes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"AUTOINDEX", "IVF_FLAT"} {
		t.Run(name, func(t *testing.T) {
			s := openAt(t, milvus.Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)})
			fp := fingerprint()
			fp.Index = name
			fillPages(t, s, fp, 20)
			text := "chunk 1 of page 7"
			hits, err := retrievetest.Nearest(t.Context(), s, vectorOf(text, dim), 1, retrieve.Filter{})
			if err != nil || len(hits) != 1 || hits[0].Text != text {
				t.Errorf("Search() = %v, %v, want %q", hits, err, text)
			}
		})
	}
}

func fillPages(t testing.TB, s *milvus.Store, fp index.Fingerprint, pages int) {
	t.Helper()
	r, err := s.Begin(t.Context(), fp, false)
	if err != nil {
		t.Fatal(err)
	}
	var changes []index.Change
	for p := range pages {
		changes = append(changes, change(p))
	}
	if err := errors.Join(r.Put(t.Context(), changes), r.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// TestDrop drops an index under the eyes of another client.
func TestDrop(t *testing.T) {
	t.Parallel()
	config := milvus.Config{URI: filepath.Join(t.TempDir(), "a.db"), Name: "docs", LiteDir: milvustest.LiteDir(t)}
	s, other := openAt(t, config), openAt(t, config)
	if err := s.Drop(t.Context()); !errors.Is(err, index.ErrNoIndex) {
		t.Errorf("Drop() of nothing = %v, want ErrNoIndex", err)
	}
	fillPages(t, s, fingerprint(), 4)
	want := milvus.Stats{Pages: 4, Chunks: 12, Windows: 12}
	if st, err := other.Stats(t.Context()); err != nil || st != want {
		t.Errorf("Stats() = %+v, %v, want %+v", st, err, want)
	}
	if _, err := retrievetest.Nearest(t.Context(), other, vectorOf("x", dim), 1, retrieve.Filter{}); err != nil {
		t.Errorf("Search() = %v", err)
	}
	if err := s.Drop(t.Context()); err != nil {
		t.Fatalf("Drop() = %v", err)
	}
	for _, c := range []*milvus.Store{s, other} {
		if _, err := retrievetest.Nearest(t.Context(), c, vectorOf("x", dim), 1, retrieve.Filter{}); !errors.Is(err, index.ErrNoIndex) {
			t.Errorf("Search() after Drop() = %v, want ErrNoIndex", err)
		}
		if _, err := c.Stats(t.Context()); !errors.Is(err, index.ErrNoIndex) {
			t.Errorf("Stats() after Drop() = %v, want ErrNoIndex", err)
		}
	}
	fillPages(t, other, fingerprint(), 1)
	if st, err := s.Stats(t.Context()); err != nil || st.Pages != 1 {
		t.Errorf("Stats() of the new index = %+v, %v, want 1 page", st, err)
	}
}
