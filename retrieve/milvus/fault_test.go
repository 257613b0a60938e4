//go:build linux

package milvus_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// ask searches for the first page, and returns how long that took.
func ask(t *testing.T, s *milvus.Store) (time.Duration, error) {
	t.Helper()
	begun := time.Now()
	_, err := retrievetest.Nearest(t.Context(), s, vectorOf("chunk 1 of page 0", dim), 1, retrieve.Filter{})
	return time.Since(begun), err
}

// signalEngine sends a signal to the Milvus Lite of a file.
func signalEngine(t *testing.T, file string, sig syscall.Signal) {
	t.Helper()
	pids := engines(t, file)
	if len(pids) != 1 {
		t.Fatalf("%d processes of Milvus Lite serve the file, want 1", len(pids))
	}
	if err := syscall.Kill(pids[0], sig); err != nil {
		t.Fatal(err)
	}
}

// TestHangs stops Milvus Lite: questions and commands are refused soon, and answered
// again as soon as it continues. Then it is killed: that takes a second at most.
func TestHangs(t *testing.T) {
	t.Parallel() // it waits for 9 s
	config, file := liteFile(t)
	s := openAt(t, config)
	ingest(t, s, 0, func(done int) bool { return done == 3 })
	signalEngine(t, file, syscall.SIGSTOP)
	defer signalEngine(t, file, syscall.SIGCONT)
	if d, err := ask(t, s); !errors.Is(err, index.ErrUnavailable) || d > 4500*time.Millisecond {
		t.Errorf("Search() = %v after %v, want ErrUnavailable within 4.5 s", err, d)
	}
	begun := time.Now()
	if _, err := milvus.Open(t.Context(), config); !errors.Is(err, index.ErrUnavailable) || time.Since(begun) > 6*time.Second {
		t.Errorf("Open() = %v after %v, want ErrUnavailable within 6 s", err, time.Since(begun))
	}
	signalEngine(t, file, syscall.SIGCONT)
	if d, err := ask(t, s); err != nil || d > time.Second {
		t.Errorf("Search() when it goes on = %v after %v", err, d)
	}
	signalEngine(t, file, syscall.SIGKILL)
	if d, err := ask(t, s); err != nil || d > time.Second {
		t.Errorf("Search() when it was killed = %v after %v, want an answer within 1 s", err, d)
	}
}

// TestFileReplaced deletes the file of an index in use, then puts another index in its
// place.
func TestFileReplaced(t *testing.T) {
	config, file := liteFile(t)
	s := openAt(t, config)
	ingest(t, s, 0, func(done int) bool { return done == 3 })
	other := config
	other.URI = filepath.Join(filepath.Dir(file), "other.db")
	o := openAt(t, other)
	ingest(t, o, 0, func(done int) bool { return done == 7 })
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, other.URI)

	r, err := s.Begin(t.Context(), fingerprint(), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, s); !errors.Is(err, index.ErrUnavailable) || problem.Of(err).Message != "the file of the index was deleted or moved away while it was in use" {
		t.Errorf("Search() without the file = %v, want that it was deleted", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("Ping() without the file = %v, want ErrUnavailable", err)
	}
	if err := r.Put(t.Context(), []index.Change{change(9)}); err == nil {
		t.Error("Put() into a deleted file succeeded")
	}
	if err := os.Rename(other.URI, file); err != nil {
		t.Fatal(err)
	}
	if d, err := ask(t, s); err != nil || d > 2*time.Second {
		t.Errorf("Search() in the new file = %v after %v", err, d)
	}
	if st, err := s.Stats(t.Context()); err != nil || st.Pages != 7 {
		t.Errorf("Stats() of the new file = %+v, %v, want its 7 pages", st, err)
	}
	if err := r.Commit(t.Context()); err == nil {
		t.Error("Commit() of a run into the old file succeeded")
	}
	if n := len(engines(t, file)); n != 1 {
		t.Errorf("%d processes of Milvus Lite serve the file, want 1", n)
	}
}

// TestNoLogFiles asks often: Milvus Lite leaves no file but its own short log.
func TestNoLogFiles(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("XDG_RUNTIME_DIR", "")
	dir, err := os.MkdirTemp(tmp, "index")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "shared.db")
	s := openAt(t, milvus.Config{URI: file, Name: "shared", LiteDir: milvustest.LiteDir(t)})
	ingest(t, s, 0, func(done int) bool { return done == 3 })
	for range 50 {
		if _, err := ask(t, s); err != nil {
			t.Fatal(err)
		}
	}
	var bytes int64
	err = filepath.Walk(tmp, func(path string, fi os.FileInfo, err error) error {
		if err == nil && !fi.IsDir() && path != file && path != file+"-journal" {
			bytes += fi.Size()
		}
		return err
	})
	if err != nil || bytes > 1000 {
		t.Errorf("after 50 questions TMPDIR holds %d bytes besides the index, %v, want 1000 at most", bytes, err)
	}
}
