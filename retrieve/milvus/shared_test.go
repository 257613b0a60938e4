//go:build linux

package milvus_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// A process is a second one that ingests into the same file.
type process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	acked []int // pages
}

// startChild starts a process that ingests pages, and waits until it has begun.
func startChild(t *testing.T, file string, first, pages int) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+file, "CITEWELL_TEST_LITE="+milvustest.LiteDir(t),
		fmt.Sprintf("CITEWELL_TEST_FIRST=%d", first), fmt.Sprintf("CITEWELL_TEST_PAGES=%d", pages))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	p := &process{cmd: cmd, lines: bufio.NewScanner(out)}
	if word := p.next(); word != "ready" {
		t.Fatalf("the child says %q, want ready", word)
	}
	return p
}

// next returns the next word of the child, "" if it has ended.
func (p *process) next() string {
	if !p.lines.Scan() {
		return ""
	}
	if n, err := strconv.Atoi(p.lines.Text()); err == nil {
		p.acked = append(p.acked, n)
	}
	return p.lines.Text()
}

// rest reads to the end of the child and returns its last word.
func (p *process) rest() string {
	last := ""
	for w := p.next(); w != ""; w = p.next() {
		last = w
	}
	return last
}

// holds reports pages that are not in the index, whole.
func holds(t *testing.T, s *milvus.Store, pages []int) {
	t.Helper()
	r, err := s.Begin(t.Context(), fingerprint(), false)
	if err != nil {
		t.Fatalf("Begin() = %v", err)
	}
	defer r.Close(t.Context())
	rows, err := r.Pages(t.Context())
	if err != nil {
		t.Fatalf("Pages() = %v", err)
	}
	var urls []string
	for _, p := range pages {
		urls = append(urls, urlOf(p))
	}
	stored, err := r.Stored(t.Context(), urls)
	if err != nil {
		t.Fatalf("Stored() = %v", err)
	}
	for _, p := range pages {
		if _, ok := rows[urlOf(p)]; !ok || len(stored[urlOf(p)]) != chunksPerPage {
			t.Errorf("page %d: manifest row %v, %d chunks, want %d", p, ok, len(stored[urlOf(p)]), chunksPerPage)
		}
		text := fmt.Sprintf("chunk 1 of page %d", p)
		hits, err := retrievetest.Nearest(t.Context(), s, vectorOf(text, dim), 1, retrieve.Filter{})
		if err != nil || len(hits) != 1 || hits[0].Text != text {
			t.Errorf("Search() for page %d = %v, %v", p, hits, err)
		}
	}
}

// ingest puts pages until until says so, and returns those acknowledged.
func ingest(t *testing.T, s *milvus.Store, first int, until func(done int) bool) []int {
	t.Helper()
	r, err := s.Begin(t.Context(), fingerprint(), false)
	if err != nil {
		t.Fatalf("Begin() = %v", err)
	}
	var acked []int
	for p := first; !until(len(acked)); p++ {
		if err := r.Put(t.Context(), []index.Change{change(p)}); err != nil {
			t.Fatalf("Put(%d) = %v", p, err)
		}
		acked = append(acked, p)
	}
	if err := r.Commit(t.Context()); err != nil {
		t.Fatalf("Commit() = %v", err)
	}
	return acked
}

// engines returns the processes of Milvus Lite that serve file.
func engines(t *testing.T, file string) []int {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if args := bytes.Split(b, []byte{0}); err == nil && len(args) > 1 && string(args[1]) == file &&
			strings.HasSuffix(string(args[0]), "/milvus") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(p))) // digits
			pids = append(pids, pid)
		}
	}
	return pids
}

func liteFile(t *testing.T) (milvus.Config, string) {
	file := filepath.Join(t.TempDir(), "shared.db")
	return milvus.Config{URI: file, Name: "shared", LiteDir: milvustest.LiteDir(t)}, file
}

// TestSearchBesideIngest asks while another process ingests into the same file.
func TestSearchBesideIngest(t *testing.T) {
	t.Parallel()
	config, file := liteFile(t)
	s := openAt(t, config)
	there := ingest(t, s, 0, func(done int) bool { return done == 3 })
	p := startChild(t, file, 100, 60)
	if n := len(engines(t, file)); n != 1 {
		t.Errorf("%d processes of Milvus Lite serve the file, want 1", n)
	}
	for p.next() != "" && len(p.acked) < 60 {
		hits, err := retrievetest.Nearest(t.Context(), s, vectorOf("chunk 1 of page 2", dim), 1, retrieve.Filter{})
		if err != nil || len(hits) != 1 || hits[0].URL != urlOf(2) {
			t.Fatalf("Search() beside the ingestion = %v, %v", hits, err)
		}
	}
	if last := p.rest(); last != "done" {
		t.Errorf("the child ended with %q, want done", last)
	}
	holds(t, s, append(there, p.acked...))
}

// TestStarterKilled kills the process that started Milvus Lite while another
// works with it.
func TestStarterKilled(t *testing.T) {
	t.Parallel()
	config, file := liteFile(t)
	p := startChild(t, file, 100, 10_000)
	shared := openAt(t, config)
	config.Name = "other" // one run at a time changes an index
	s := openAt(t, config)
	before := engines(t, file)
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		for p.next() != "" {
			if len(p.acked) == 20 {
				p.cmd.Process.Signal(syscall.SIGKILL)
			}
		}
	}()
	after := 0
	acked := ingest(t, s, 50_000, func(int) bool {
		select {
		case <-killed:
			after++
		default:
		}
		return after > 20
	})
	if len(p.acked) < 20 || len(p.acked) > 9_000 {
		t.Errorf("the child was to be killed at work, but acknowledged %d pages", len(p.acked))
	}
	if now := engines(t, file); len(before) != 1 || len(now) != 1 || before[0] != now[0] {
		t.Errorf("Milvus Lite was process %v, is %v; want the same one", before, now)
	}
	holds(t, s, acked)
	holds(t, shared, p.acked)
}

// TestEngineKilled kills Milvus Lite itself while two processes write, twice.
func TestEngineKilled(t *testing.T) {
	t.Parallel()
	config, file := liteFile(t)
	shared := openAt(t, config)
	config.Name = "other" // one run at a time changes an index
	s := openAt(t, config)
	p := startChild(t, file, 100, 150)
	var child sync.WaitGroup
	last := ""
	child.Go(func() { last = p.rest() })
	acked := ingest(t, s, 50_000, func(done int) bool {
		if done == 20 || done == 60 {
			for _, pid := range engines(t, file) {
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		return done == 100
	})
	child.Wait()
	if last != "done" || len(p.acked) != 150 {
		t.Errorf("the child ended with %q after %d pages, want done after 150", last, len(p.acked))
	}
	if n := len(engines(t, file)); n != 1 {
		t.Errorf("%d processes of Milvus Lite serve the file, want 1", n)
	}
	holds(t, s, acked)
	holds(t, shared, p.acked)
}

// TestLastLeaves closes all stores: Milvus Lite ends, and what was stored is
// there for the next.
func TestLastLeaves(t *testing.T) {
	t.Parallel()
	config, file := liteFile(t)
	s, err := milvus.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	acked := ingest(t, s, 0, func(done int) bool { return done == 5 })
	pids := engines(t, file)
	if err := s.Close(); err != nil || len(pids) != 1 {
		t.Fatalf("Close() = %v with engines %v", err, pids)
	}
	s, err = milvus.Open(t.Context(), config) // at once: the old one may be ending
	if err != nil {
		t.Fatal(err)
	}
	holds(t, s, acked)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, file)
	if now := engines(t, file); len(now) != 0 {
		t.Errorf("Milvus Lite still runs, as %v", now)
	}
	holds(t, openAt(t, config), acked)
}

// awaitEnd waits for the lock that Milvus Lite holds as long as it lives.
func awaitEnd(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".lock.start"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
}
