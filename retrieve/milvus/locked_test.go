//go:build linux

package milvus_test

import (
	"bufio"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"github.com/citewell/citewell/retrieve/index"
)

// TestLockedFile locks the database from outside: a write that Milvus Lite could
// not do is not reported as done.
func TestLockedFile(t *testing.T) {
	t.Parallel()
	config, file := liteFile(t)
	s := openAt(t, config)
	there := ingest(t, s, 0, func(done int) bool { return done == 2 })
	r, err := s.Begin(t.Context(), fingerprint(), false)
	if err != nil {
		t.Fatal(err)
	}

	config.Name = "other" // one run at a time changes an index
	first, err := openAt(t, config).Begin(t.Context(), fingerprint(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(t.Context())
	unlock := lockFile(t, file)
	if err := r.Put(t.Context(), []index.Change{change(7)}); err == nil {
		t.Error("Put() into a locked file succeeded")
	}
	if n, err := r.Remove(t.Context(), []string{urlOf(0)}); err == nil {
		t.Errorf("Remove() in a locked file = %d, nil", n)
	}
	if err := first.Put(t.Context(), []index.Change{change(7)}); err == nil {
		t.Error("Put() that creates an index in a locked file succeeded")
	}
	unlock()

	if err := r.Put(t.Context(), []index.Change{change(7)}); err != nil {
		t.Errorf("Put() after that = %v", err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Errorf("Close() = %v", err)
	}
	for _, pid := range engines(t, file) {
		syscall.Kill(pid, syscall.SIGKILL) // what counts is in the file, not in memory
	}
	holds(t, s, append(there, 7))
}

// lockFile takes the exclusive lock of the SQLite database file.
func lockFile(t *testing.T, file string) (unlock func()) {
	t.Helper()
	cmd := exec.Command("python3", "-c", `import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
c.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()`, file)
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil || err1 != nil || err2 != nil {
		t.Skipf("no python3 to lock the file with: %v %v %v", err, err1, err2)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("lock %s: %q, %v", file, line, err)
	}
	return sync.OnceFunc(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("unlock: %v", err)
		}
	})
}
