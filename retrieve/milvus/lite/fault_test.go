//go:build linux || darwin

package lite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// childEnv makes the test binary a process that opens the file it names and prints the
// error. lockEnv makes it one that locks the file until its input ends.
const childEnv, lockEnv = "CITEWELL_TEST_OPEN", "CITEWELL_TEST_LOCK"

func TestMain(m *testing.M) {
	if file := os.Getenv(lockEnv); file != "" {
		db, err := sql.Open("sqlite", file)
		if err == nil {
			db.SetMaxOpenConns(1)
			_, err = db.Exec("BEGIN EXCLUSIVE")
		}
		fmt.Println(err)
		io.Copy(io.Discard, os.Stdin)
		return
	}
	if file := os.Getenv(childEnv); file != "" {
		_, err := lite.Open(context.Background(), lite.Config{File: file, Dir: os.TempDir()})
		fmt.Print(err)
		return
	}
	os.Exit(m.Run())
}

// shortDir returns a folder whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lite")
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// open opens a file with the real engine until the test ends.
func open(t *testing.T, file string) *lite.Lite {
	t.Helper()
	l, err := lite.Open(t.Context(), lite.Config{File: file, Dir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatalf("Open() = %v", err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// refuses checks that a file can't be opened, before the time for the start of an engine
// is over, and what the error says.
func refuses(t *testing.T, c lite.Config, want ...string) {
	t.Helper()
	begun := time.Now()
	l, err := lite.Open(t.Context(), c)
	if err == nil {
		l.Close()
		t.Fatal("Open() succeeded")
	}
	if d := time.Since(begun); d > time.Minute {
		t.Errorf("Open() took %v", d)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("Open() = %v, want %q in it", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("Open() = %q, want one line", err)
	}
}

// database runs statements on a SQLite file.
func database(t *testing.T, file string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestForeignFile opens SQLite databases of other programs: they are refused and not
// changed.
func TestForeignFile(t *testing.T) {
	for _, tt := range []struct{ name, pragma, want string }{
		{"rollback journal", "PRAGMA journal_mode = DELETE", "tables: diary"},
		{"write-ahead log", "PRAGMA journal_mode = WAL", "another program"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(shortDir(t), "a.db")
			database(t, file, tt.pragma, "CREATE TABLE diary (day TEXT)", "INSERT INTO diary VALUES ('today')")
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			refuses(t, lite.Config{File: file, Dir: t.TempDir()}, "SQLite database of another program", tt.want, "another path")
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed, or can't be read: %v", err)
			}
		})
	}
}

// awaitEnd waits until the engine of a file has ended.
func awaitEnd(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".lock.start"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
}

// TestLockedAtStart starts on a file that another program has locked.
func TestLockedAtStart(t *testing.T) {
	file := filepath.Join(shortDir(t), "a.db")
	l := open(t, file)
	l.Close()
	awaitEnd(t, file)
	// Another process: the locks of this one end when it closes any file of theirs.
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), lockEnv+"="+file)
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 100)
	if n, err := out.Read(line); err != nil || string(line[:n]) != "<nil>\n" {
		t.Fatalf("lock: %s, %v", line[:n], err)
	}
	refuses(t, lite.Config{File: file, Dir: milvustest.LiteDir(t)}, "another program has the file locked")
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	open(t, file)
}

// TestDiskFull starts on a disk without space.
func TestDiskFull(t *testing.T) {
	dir := shortDir(t)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk: %v: %s", err, out)
	}
	defer exec.Command("umount", "-l", dir).Run()
	write(t, filepath.Join(dir, "other"), strings.Repeat("x", 50<<10), 0o600)
	file := filepath.Join(dir, "a.db")
	refuses(t, lite.Config{File: file, Dir: milvustest.LiteDir(t)}, "the disk is full", "free some space")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat() of a database that could not be made = %v, want that there is none", err)
	}
}

// TestLongPath opens files whose paths are too long, and one whose path is only too
// long for a socket.
func TestLongPath(t *testing.T) {
	dir := shortDir(t)
	deep := dir
	for range 3 {
		deep = filepath.Join(deep, strings.Repeat("d", 180))
	}
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	refuses(t, lite.Config{File: filepath.Join(deep, "a.db"), Dir: t.TempDir()}, "500 bytes", "shorter path")
	refuses(t, lite.Config{File: filepath.Join(dir, strings.Repeat("n", 246)+".db"), Dir: t.TempDir()}, "file name too long", "shorter path")
	l := open(t, filepath.Join(filepath.Dir(deep), "a.db"))
	conn, err := l.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if fi, err := os.Stat(filepath.Dir(conn.RemoteAddr().String())); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket has mode %v, %v, want 0700", fi.Mode(), err)
	}
}

// TestOddPath opens a file in a folder whose name gRPC would read as a URL.
func TestOddPath(t *testing.T) {
	dir := filepath.Join(shortDir(t), "a b%20ü?#")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, filepath.Join(dir, "a.db"))
}

// TestNoHome starts the engine without HOME.
func TestNoHome(t *testing.T) {
	dir := milvustest.LiteDir(t) // may be below HOME
	t.Setenv("HOME", "")
	os.Unsetenv("HOME")
	l, err := lite.Open(t.Context(), lite.Config{File: filepath.Join(shortDir(t), "a.db"), Dir: dir})
	if err != nil {
		t.Fatalf("Open() = %v", err)
	}
	l.Close()
}

// TestOtherUser opens the file of one user as another one.
func TestOtherUser(t *testing.T) {
	binary := copyOfTest(t)
	dir := filepath.Dir(binary)
	for _, tt := range []struct {
		name  string
		files map[string]fs.FileMode
	}{
		{"database", map[string]fs.FileMode{"a.db": 0o600}},
		{"lock", map[string]fs.FileMode{".b.db.lock": 0o600}},
		{"record", map[string]fs.FileMode{".c.db.lock": 0o666, ".c.db.lock.start": 0o600}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := ""
			for name, perm := range tt.files {
				write(t, filepath.Join(dir, name), "", perm)
				if err := os.Chmod(filepath.Join(dir, name), perm); err != nil {
					t.Fatal(err)
				}
				file = filepath.Join(dir, strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(name, "."), ".start"), ".lock"))
			}
			out := openAs(t, binary, file)
			for _, want := range []string{"permission denied", "belongs to user root", "Milvus server"} {
				if !strings.Contains(out, want) {
					t.Errorf("Open() as another user = %s, want %q in it", out, want)
				}
			}
		})
	}
}

// copyOfTest copies this program to a folder that all users can enter, and returns its
// path.
func copyOfTest(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	dir := shortDir(t)
	b, err := os.ReadFile(os.Args[0])
	if err := errors.Join(err, os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(dir, "test"), string(b), 0o755)
}

// openAs opens a file as a user without rights, and returns the error.
func openAs(t *testing.T, binary, file string) string {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Env = []string{childEnv + "=" + file, "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// TestReadOnly opens in a folder where nothing can be written.
func TestReadOnly(t *testing.T) {
	dir := shortDir(t)
	file := filepath.Join(dir, "a.db")
	if os.Getuid() == 0 { // root writes everywhere
		binary := copyOfTest(t)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if out := openAs(t, binary, file); !strings.Contains(out, "permission denied: make it writable, and its folder") {
			t.Errorf("Open() = %s, want permission denied and the fix", out)
		}
		return
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := lite.Open(t.Context(), lite.Config{File: file}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open() = %v, want %v", err, fs.ErrPermission)
	}
}

// TestUnreachable opens a file while the socket of its engine is out of reach.
func TestUnreachable(t *testing.T) {
	t.Parallel() // it waits for 2 s
	file := filepath.Join(shortDir(t), "a.db")
	l := open(t, file)
	conn, err := l.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	socket := conn.RemoteAddr().String()
	if err := os.Rename(socket, socket+".away"); err != nil {
		t.Fatal(err)
	}
	refuses(t, lite.Config{File: file, Dir: t.TempDir()}, "another process has the file open", socket, "PrivateTmp", "no such file")
	if err := os.Rename(socket+".away", socket); err != nil {
		t.Fatal(err)
	}
	open(t, file)
}

// TestReplaced deletes and replaces the file while an engine serves it.
func TestReplaced(t *testing.T) {
	dir := shortDir(t)
	file, away := filepath.Join(dir, "a.db"), filepath.Join(dir, "away.db")
	l := open(t, file)
	old := address(t, l)
	if err := errors.Join(l.Check(t.Context()), os.Rename(file, away)); err != nil {
		t.Fatal(err)
	}
	if err := l.Check(t.Context()); !errors.Is(err, lite.ErrDeleted) {
		t.Errorf("Check() of a file that is gone = %v, want ErrDeleted", err)
	}
	if err := l.Ensure(t.Context()); !errors.Is(err, lite.ErrDeleted) {
		t.Errorf("Ensure() of a file that is gone = %v, want ErrDeleted", err)
	}
	if err := errors.Join(os.Rename(away, file), l.Check(t.Context())); err != nil {
		t.Errorf("Check() with the file back = %v", err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, away, string(b), 0o600)
	if err := errors.Join(os.Rename(away, file), l.Check(t.Context())); err != nil {
		t.Fatalf("Check() of a new file = %v", err)
	}
	if _, err := old.Read(make([]byte, 1<<10)); err == nil {
		_, err = old.Read(make([]byte, 1<<10)) // after the greeting of HTTP/2
		if err == nil {
			t.Error("the engine of the old file still runs")
		}
	}
	address(t, l)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	open(t, file) // creates a new one, as the user wants it
	if err := l.Check(t.Context()); err != nil {
		t.Errorf("Check() after another one has created a new file = %v", err)
	}
	address(t, l)
}

// address connects to an engine.
func address(t *testing.T, l *lite.Lite) net.Conn {
	t.Helper()
	conn, err := l.Dial(t.Context())
	if err != nil {
		t.Fatalf("Dial() = %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestPrivate checks that other users can't read a database, new or old.
func TestPrivate(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := shortDir(t)
	old := write(t, filepath.Join(dir, "old.db"), "", 0o644)
	for _, file := range []string{old, filepath.Join(dir, "new.db")} {
		open(t, file)
		if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 || fi.Size() == 0 {
			t.Errorf("%s = %v, %v, want mode 0600", file, fi.Mode(), err)
		}
	}
	if got := syscall.Umask(0); got != 0 {
		t.Errorf("the umask is %s after that, want 0", strconv.FormatInt(int64(got), 8))
	}
}

// TestTrimLog empties a log that has grown large.
func TestTrimLog(t *testing.T) {
	dir := shortDir(t)
	l := open(t, filepath.Join(dir, "a.db"))
	log := filepath.Join(dir, ".a.db.sock.log")
	for _, tt := range []struct{ size, want int64 }{{1000, 1000}, {2 << 20, 0}} {
		if err := os.Truncate(log, tt.size); err != nil {
			t.Fatal(err)
		}
		l.TrimLog()
		if fi, err := os.Stat(log); err != nil || fi.Size() != tt.want {
			t.Errorf("after TrimLog() a log of %d bytes has %d, %v, want %d", tt.size, fi.Size(), err, tt.want)
		}
	}
}
