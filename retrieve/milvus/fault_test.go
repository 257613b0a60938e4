//go:build linux

package milvus_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// slack is more than a busy machine needs for what ends within 6 s on a quiet one, and
// less than the time for a call or for the start of an engine.
const slack = 40 * time.Second

// TestHangs stops Milvus Lite: questions and commands are refused soon, and answered
// again as soon as it continues. Then it is killed: that takes a second at most.
func TestHangs(t *testing.T) {
	t.Parallel() // it waits for 9 s
	config, file := liteFile(t)
	config.DialTimeout, config.SearchTimeout = milvus.DefaultDialTimeout, milvus.DefaultSearchTimeout
	s := openAt(t, config)
	ingest(t, s, 0, func(done int) bool { return done == 3 })
	signalEngine(t, file, syscall.SIGSTOP)
	defer signalEngine(t, file, syscall.SIGCONT)
	if d, err := ask(t, s); !errors.Is(err, index.ErrUnavailable) || d > slack {
		t.Errorf("Search() = %v after %v, want ErrUnavailable", err, d)
	}
	begun := time.Now()
	if _, err := milvus.Open(t.Context(), config); !errors.Is(err, index.ErrUnavailable) || time.Since(begun) > slack {
		t.Errorf("Open() = %v after %v, want ErrUnavailable", err, time.Since(begun))
	}
	signalEngine(t, file, syscall.SIGCONT)
	if d, err := ask(t, s); err != nil || d > slack {
		t.Errorf("Search() when it goes on = %v after %v", err, d)
	}
	signalEngine(t, file, syscall.SIGKILL)
	if d, err := ask(t, s); err != nil || d > slack {
		t.Errorf("Search() when it was killed = %v after %v", err, d)
	}
}

// TestFileReplaced deletes the file of an index in use, then puts another index in its
// place.
func TestFileReplaced(t *testing.T) {
	t.Parallel()
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
	if d, err := ask(t, s); err != nil || d > slack {
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

// TestDiskFillsUp writes until the disk is full: what was reported done is there when
// there is space again, and the run can be repeated.
func TestDiskFillsUp(t *testing.T) {
	config, file := liteFile(t)
	dir := filepath.Dir(file)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk: %v: %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
	s := openAt(t, config)
	there := ingest(t, s, 0, func(done int) bool { return done == 2 })
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for err == nil {
		var n int
		n, err = f.Write(make([]byte, 4<<10))
		size += int64(n)
	}
	if err := errors.Join(f.Truncate(size-200<<10), f.Close()); err != nil { // so that small writes have space, for a while
		t.Fatal(err)
	}
	r, err := s.Begin(t.Context(), fingerprint(), false)
	if err != nil {
		t.Fatal(err)
	}
	var many []index.Change
	for p := range 300 {
		many = append(many, change(10_000+p))
	}
	if err := r.Put(t.Context(), many); !errors.Is(err, problem.StoreFull) {
		t.Errorf("Put() of more than the disk has space for = %v, want StoreFull", err)
	}
	for p := 100; err == nil; p++ {
		if err = r.Put(t.Context(), []index.Change{change(p)}); err == nil {
			there = append(there, p)
		}
		if p > 2000 {
			t.Fatal("the disk does not fill up")
		}
	}
	if !errors.Is(err, problem.StoreFull) || !strings.Contains(problem.Of(err).Message, "disk is full") {
		t.Errorf("Put() = %v, want StoreFull", err)
	}
	if _, err := ask(t, s); err != nil {
		t.Errorf("Search() while the disk is full = %v", err)
	}
	t.Logf("after %d pages: %v", len(there), err)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Errorf("Close() = %v", err)
	}
	signalEngine(t, file, syscall.SIGKILL) // what counts is in the file, not in memory
	there = append(there, ingest(t, s, 5000, func(done int) bool { return done == 2 })...)
	holds(t, s, there)
	if f, err := s.Fix(t.Context()); err != nil || !f.None() && len(f.Pages()) > len(many) {
		t.Errorf("Fix() after that = %+v, %v", f, err)
	}
}

// TestCopy copies the file of an index: the copy is an index of its own.
func TestCopy(t *testing.T) {
	t.Parallel()
	config, file := liteFile(t)
	s, err := milvus.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, s, 0, func(done int) bool { return done == 3 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, file)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := config
	other.URI = filepath.Join(filepath.Dir(file), "copy.db")
	if err := os.WriteFile(other.URI, b, 0o644); err != nil {
		t.Fatal(err)
	}
	s, o := openAt(t, config), openAt(t, other)
	holds(t, o, ingest(t, o, 10, func(done int) bool { return done == 2 }))
	for store, want := range map[*milvus.Store]int{s: 3, o: 5} {
		if st, err := store.Stats(t.Context()); err != nil || st.Pages != want {
			t.Errorf("Stats() = %+v, %v, want %d pages", st, err, want)
		}
	}
}
