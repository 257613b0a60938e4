package lite_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// withoutSocket makes a file look as if an engine served it whose socket is gone. It
// returns the file's locks: of those who use the engine, and of the engine itself.
func withoutSocket(t *testing.T, file string) (lock, started *os.File) {
	t.Helper()
	var fi unix.Stat_t
	name := filepath.Join(filepath.Dir(file), "."+filepath.Base(file))
	write(t, file, "", 0o600)
	lock, err1 := os.Create(name + ".lock")
	started, err2 := os.Create(name + ".lock.start")
	if err := errors.Join(err1, err2, unix.Stat(file, &fi)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close(); started.Close() })
	_, err := fmt.Fprintf(started, "%s.sock\n%d\nready\n", name, fi.Ino)
	if err := errors.Join(err, unix.Flock(int(started.Fd()), unix.LOCK_EX)); err != nil {
		t.Fatal(err)
	}
	return lock, started
}

// TestEnding opens a file whose engine has removed its socket because no process uses
// it, and has not ended yet. The engine here is patient: it gets the lock that it waits
// for only if the process that opens the file lets it go.
func TestEnding(t *testing.T) {
	t.Parallel()
	file := filepath.Join(shortDir(t), "a.db")
	lock, started := withoutSocket(t, file)
	other, err := os.OpenFile(lock.Name(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	// Another process waits, too, until the one of this test does.
	shared := unix.Flock_t{Type: unix.F_RDLCK, Start: 1}
	if err := unix.FcntlFlock(other.Fd(), unix.F_OFD_SETLK, &shared); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		for { // until it does
			probe := unix.Flock_t{Type: unix.F_WRLCK, Start: 1, Len: 1}
			if err := unix.FcntlFlock(other.Fd(), unix.F_OFD_GETLK, &probe); err != nil || probe.Type != unix.F_UNLCK {
				break
			}
		}
		err := other.Close()
		exclusive := unix.Flock_t{Type: unix.F_WRLCK}
		ended <- errors.Join(err, unix.FcntlFlock(lock.Fd(), unix.F_OFD_SETLKW, &exclusive), lock.Close(), started.Close())
	}()
	l, err := lite.Open(t.Context(), lite.Config{File: file, Dir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatalf("Open() = %v", err)
	}
	defer l.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	address(t, l)
}

// TestUnreachableForOne opens a file while another process uses its engine and this one
// can't reach it.
func TestUnreachableForOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(shortDir(t), "a.db")
	lock, _ := withoutSocket(t, file)
	shared := unix.Flock_t{Type: unix.F_RDLCK, Len: 1}
	if err := unix.FcntlFlock(lock.Fd(), unix.F_OFD_SETLK, &shared); err != nil {
		t.Fatal(err)
	}
	refuses(t, lite.Config{File: file, Dir: t.TempDir()}, "another process has the file open", "PrivateTmp")
}
