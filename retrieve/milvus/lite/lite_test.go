//go:build linux || darwin

package lite_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// TestShare opens a file twice, once by another name: there is one engine.
func TestShare(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.db")
	a, err := lite.Open(t.Context(), lite.Config{File: file, Dir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := os.Symlink(file, filepath.Join(dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	b, err := lite.Open(t.Context(), lite.Config{File: filepath.Join(dir, "link.db"), Dir: t.TempDir()}) // no engine needed
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("second Close() = %v", err)
	}
	conn, err := a.Dial(t.Context())
	if err != nil {
		t.Fatalf("Dial() after the other share was given back = %v", err)
	}
	defer conn.Close()
	socket := filepath.Join(dir, ".a.db.sock")
	if got := conn.RemoteAddr().String(); got != socket {
		t.Errorf("the socket is %s, want %s, beside the file", got, socket)
	}
	if fi, err := os.Stat(socket); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("the socket has mode %v, %v, want 0700", fi.Mode(), err)
	}
	if err := b.Ensure(t.Context()); err == nil {
		t.Error("Ensure() after Close() succeeded")
	}
}

// write makes a file for a test.
func write(t *testing.T, name, content string, perm fs.FileMode) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), perm); err != nil {
		t.Fatal(err)
	}
	return name
}

// engine makes a folder with a program in the engine's place.
func engine(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "milvus"), "#!/bin/sh\n"+script+"\n", 0o755)
	return dir
}

// refused are what can't be opened, and what the error must say.
var refused = []struct {
	name   string
	config func(t *testing.T, dir string) lite.Config
	want   []string
}{
	{"no file", func(*testing.T, string) lite.Config { return lite.Config{} }, []string{"no file given"}},
	{"no folder", func(_ *testing.T, dir string) lite.Config {
		return lite.Config{File: filepath.Join(dir, "no", "a.db")}
	}, []string{"does not exist", "create it"}},
	{"a folder", func(_ *testing.T, dir string) lite.Config { return lite.Config{File: dir} }, []string{"not a file"}},
	{"another kind of file", func(t *testing.T, dir string) lite.Config {
		return lite.Config{File: write(t, filepath.Join(dir, "a.db"), "Dear diary, today I was a text", 0o600)}
	}, []string{"not a Milvus Lite database", "a.db", "ingest again"}},
	{"cut off", func(t *testing.T, dir string) lite.Config {
		return lite.Config{File: write(t, filepath.Join(dir, "a.db"), "SQLite", 0o600)}
	}, []string{"damaged", "a.db"}},
	{"damaged", func(t *testing.T, dir string) lite.Config {
		return lite.Config{Dir: milvustest.LiteDir(t),
			File: write(t, filepath.Join(dir, "a.db"), "SQLite format 3\x00"+strings.Repeat("garbage", 5000), 0o600)}
	}, []string{"damaged", "a.db", "255"}},
	{"wrong engine folder", func(t *testing.T, dir string) lite.Config {
		return lite.Config{File: filepath.Join(dir, "a.db"), Dir: t.TempDir()}
	}, []string{"CITEWELL_MILVUS_LITE", "milvus_lite/lib"}},
	{"engine that ends", func(t *testing.T, dir string) lite.Config {
		return lite.Config{File: filepath.Join(dir, "a.db"), Dir: engine(t, "echo its last words >&2; exit 3")}
	}, []string{"its last words", "exit status 3"}},
	{"engine for another system", func(t *testing.T, dir string) lite.Config {
		other := t.TempDir()
		write(t, filepath.Join(other, "milvus"), "#!/no/such/loader\n", 0o755)
		return lite.Config{File: filepath.Join(dir, "a.db"), Dir: other}
	}, []string{"docker compose up", "https://"}},
	{"no pip", func(t *testing.T, dir string) lite.Config {
		t.Setenv("PATH", t.TempDir())
		return lite.Config{File: filepath.Join(dir, "a.db"), CacheDir: t.TempDir()}
	}, []string{"pip", "CITEWELL_MILVUS_LITE", "docker compose up", "https://"}},
	{"open folder of sockets", func(t *testing.T, dir string) lite.Config {
		t.Setenv("XDG_RUNTIME_DIR", dir)
		open := filepath.Join(dir, "citewell-"+strconv.Itoa(os.Getuid()))
		long := filepath.Join(dir, strings.Repeat("long", 30))
		if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o755), os.Mkdir(long, 0o700)); err != nil {
			t.Fatal(err)
		}
		return lite.Config{File: filepath.Join(long, "a.db"), Dir: engine(t, "exit 0")}
	}, []string{"0700"}},
}

// TestRefused opens files that Milvus Lite can't use: the error says what is wrong and how to fix it.
func TestRefused(t *testing.T) {
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "lite") // short enough for a socket
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			l, err := lite.Open(t.Context(), tt.config(t, dir))
			if err == nil {
				l.Close()
				t.Fatal("Open() succeeded")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Open() = %v, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("Open() = %q, want one line", err)
			}
		})
	}
}

// TestCanceled gives up on an engine that does not come up, and ends it.
func TestCanceled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := lite.Open(ctx, lite.Config{
		File: filepath.Join(dir, "a.db"), Dir: engine(t, "exec cat <>'"+fifo(t, dir)+"'"),
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Open() = %v, want DeadlineExceeded", err)
	}
	// Whoever opens next finds no lock held: with an engine that ends, its end is
	// told at once.
	_, err = lite.Open(t.Context(), lite.Config{File: filepath.Join(dir, "a.db"), Dir: engine(t, "exit 4")})
	if err == nil || !strings.Contains(err.Error(), "exit status 4") {
		t.Errorf("Open() after that = %v, want the new engine's end", err)
	}
}

// fifo makes a pipe that a reader waits on for ever.
func fifo(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "fifo")
	if err := exec.Command("mkfifo", name).Run(); err != nil {
		t.Skipf("no mkfifo: %v", err)
	}
	return name
}

// TestHeld opens a file that another program has locked, as pymilvus does.
func TestHeld(t *testing.T) {
	t.Parallel() // it waits for 5 s
	file := filepath.Join(t.TempDir(), "a.db")
	cmd := exec.Command("python3", "-c", `import fcntl, sys
f = open(sys.argv[1], "w")
fcntl.lockf(f, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()`, filepath.Join(filepath.Dir(file), ".a.db.lock"))
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Skipf("no python3 to hold a lock with: %v", err)
	}
	defer cmd.Wait()
	defer in.Close()
	if _, err := out.Read(make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	_, err := lite.Open(t.Context(), lite.Config{File: file, Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("Open() = %v, want that another program has it", err)
	}
}

// TestDanglingLink checks what users are told of a symbolic link that leads nowhere.
func TestDanglingLink(t *testing.T) {
	dir := t.TempDir()
	for _, to := range []string{"missing.db", "link.db"} {
		link := filepath.Join(dir, "link.db")
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
		refuses(t, lite.Config{File: link, Dir: t.TempDir()}, "symbolic link to "+to, "give the path")
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
}
