//go:build unix

package crashtest

import (
	"bufio"
	"bytes"
	"fmt"
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
	cmd    *exec.Cmd
	lines  *bufio.Scanner
	stderr bytes.Buffer // whole once the process has ended
	shown  []string     // the lines so far
}

// start starts a process that ingests.
func start(t *testing.T, s *site, file, dir string, options ...string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(append(os.Environ(), fileEnv+"="+file, siteEnv+"="+s.url, liteEnv+"="+dir), options...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, lines: bufio.NewScanner(out)}
	cmd.Stderr = &p.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return p
}

// startUntil starts a process that ingests, and waits for a line that it prints.
func startUntil(t *testing.T, s *site, file, dir, line string, options ...string) *process {
	t.Helper()
	p := start(t, s, file, dir, options...)
	for p.next() {
		if p.lastLine() == line {
			return p
		}
	}
	t.Fatalf("the process ended (%v) before it printed %q: %s", p.cmd.Wait(), line, p.output())
	return nil
}

// next reads the next line of the process. It reports whether there was one.
func (p *process) next() bool {
	if !p.lines.Scan() {
		return false
	}
	p.shown = append(p.shown, p.lines.Text())
	return true
}

// lastLine returns the line that was read last.
func (p *process) lastLine() string {
	if len(p.shown) == 0 {
		return ""
	}
	return p.shown[len(p.shown)-1]
}

// output returns what the process, which has ended, wrote.
func (p *process) output() string {
	return fmt.Sprintf("its lines: %q, its errors: %s", p.shown, &p.stderr)
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
	for p.next() {
	}
	p.cmd.Wait()
	return p.lastLine()
}

// TestOneWriter starts runs beside one that is stopped or killed half way: they are
// told who has the index, or wait. What is left is what one run leaves.
func TestOneWriter(t *testing.T) {
	t.Parallel()
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
		t.Parallel()
		file := filepath.Join(t.TempDir(), "index.db")
		first := startUntil(t, s, file, dir, "was put")
		first.signal(t, syscall.SIGSTOP)
		holder := fmt.Sprintf("process %d on ", first.cmd.Process.Pid)
		for _, options := range [][]string{{waitEnv + "=0s"}, {waitEnv + "=500ms"}, {waitEnv + "=0s", rebuildEnv + "=1"}} {
			if last := start(t, s, file, dir, options...).last(); !strings.Contains(last, holder) || !strings.Contains(last, "is changing index") {
				t.Errorf("a run with %v ends with %q, want that it names the holder", options, last)
			}
		}
		waiting := startUntil(t, s, file, dir, "waiting")
		first.signal(t, syscall.SIGKILL)
		if last := waiting.last(); last != "done" {
			t.Errorf("the run that waited ends with %q: %s", last, waiting.output())
		}
		check(t, file)
	})
	t.Run("continued", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "index.db")
		first := startUntil(t, s, file, dir, "was put")
		first.signal(t, syscall.SIGSTOP)
		waiting := startUntil(t, s, file, dir, "waiting")
		first.signal(t, syscall.SIGCONT)
		for _, p := range []*process{first, waiting} {
			if last := p.last(); last != "done" {
				t.Errorf("a run ends with %q: %s", last, p.output())
			}
		}
		check(t, file)
	})
	t.Run("at once", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "index.db")
		var g sync.WaitGroup
		for i := range 3 {
			p := start(t, s, file, dir, fmt.Sprintf("%s=%s", rebuildEnv, strings.Repeat("1", i/2)))
			g.Go(func() {
				if last := p.last(); last != "done" {
					t.Errorf("run %d ends with %q: %s", i, last, p.output())
				}
			})
		}
		g.Wait()
		check(t, file)
	})
	t.Run("killed rebuilds", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "index.db")
		copyFile(t, base, file)
		for range 2 {
			p := startUntil(t, s, file, dir, "was put", rebuildEnv+"=1")
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
	store, err := milvus.Open(t.Context(), milvus.Config{URI: file, Name: "crash", LiteDir: dir, DialTimeout: patience, SearchTimeout: patience})
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
