//go:build unix

package crashtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/milvus"
)

// A process ingests the site of a test.
type process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	out   io.Reader
}

// start starts a process that ingests, and waits for a line that it prints; "" means
// no waiting.
func start(t *testing.T, s *site, file, dir, line string, options ...string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(append(os.Environ(), fileEnv+"="+file, siteEnv+"="+s.url, liteEnv+"="+dir), options...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	p := &process{cmd: cmd, lines: bufio.NewScanner(out), out: out}
	for line != "" && p.lines.Text() != line {
		if !p.lines.Scan() {
			t.Fatalf("the process ended before it printed %q", line)
		}
	}
	return p
}

// signal sends a signal to the process.
func (p *process) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Error(err)
	}
}

// last waits for the end of the process and returns its last line.
func (p *process) last() string {
	last := ""
	for p.lines.Scan() {
		last = p.lines.Text()
	}
	p.cmd.Wait()
	return last
}

// TestOneWriter starts runs beside one that is stopped or killed half way: they are
// told who has the index, or wait. What is left is what one run leaves.
func TestOneWriter(t *testing.T) {
	dir := milvustest.LiteDir(t)
	s := newSite(t)
	base := filepath.Join(t.TempDir(), "base.db")
	run(t, s, base, dir, -1, 0, false)
	want := read(t, base, dir)
	check := func(t *testing.T, file string) {
		t.Helper()
		if diff := cmp.Diff(want, read(t, file, dir)); diff != "" {
			t.Errorf("index (-undisturbed +this):\n%s", diff)
		}
	}

	t.Run("stopped, then killed", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "index.db")
		first := start(t, s, file, dir, "was put")
		first.signal(t, syscall.SIGSTOP)
		holder := fmt.Sprintf("process %d on ", first.cmd.Process.Pid)
		for _, options := range [][]string{{waitEnv + "=0s"}, {waitEnv + "=500ms"}, {waitEnv + "=0s", rebuildEnv + "=1"}} {
			if last := start(t, s, file, dir, "", options...).last(); !strings.Contains(last, holder) || !strings.Contains(last, "is changing index") {
				t.Errorf("a run with %v ends with %q, want that it names the holder", options, last)
			}
		}
		waiting := start(t, s, file, dir, "waiting")
		first.signal(t, syscall.SIGKILL)
		if last := waiting.last(); last != "done" {
			t.Errorf("the run that waited ends with %q", last)
		}
		check(t, file)
	})
	t.Run("continued", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "index.db")
		first := start(t, s, file, dir, "was put")
		first.signal(t, syscall.SIGSTOP)
		waiting := start(t, s, file, dir, "waiting")
		first.signal(t, syscall.SIGCONT)
		for _, p := range []*process{first, waiting} {
			if last := p.last(); last != "done" {
				t.Errorf("a run ends with %q", last)
			}
		}
		check(t, file)
	})
	t.Run("at once", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "index.db")
		var g sync.WaitGroup
		for i := range 3 {
			p := start(t, s, file, dir, "", fmt.Sprintf("%s=%s", rebuildEnv, strings.Repeat("1", i/2)))
			g.Go(func() {
				if last := p.last(); last != "done" {
					t.Errorf("run %d ends with %q", i, last)
				}
			})
		}
		g.Wait()
		check(t, file)
	})
	t.Run("killed rebuilds", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "index.db")
		copyFile(t, base, file)
		for range 2 {
			p := start(t, s, file, dir, "was put", rebuildEnv+"=1")
			p.signal(t, syscall.SIGKILL)
			p.last()
			check(t, file)
		}
		if done := fix(t, file, dir); done.Unfinished != 1 { // the first one was dropped by the second rebuild
			t.Errorf("Fix() = %+v, want one generation", done)
		}
		if done := fix(t, file, dir); !done.None() {
			t.Errorf("Fix() again = %+v", done)
		}
		check(t, file)
	})
}

func fix(t *testing.T, file, dir string) milvus.Faults {
	t.Helper()
	store, err := milvus.Open(t.Context(), milvus.Config{URI: file, Name: "crash", LiteDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	done, err := store.Fix(t.Context())
	if err != nil {
		t.Errorf("Fix() = %v", err)
	}
	return done
}
