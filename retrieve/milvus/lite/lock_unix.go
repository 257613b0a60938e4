//go:build linux || darwin

package lite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// TryLock acquires the lock of a name beside the file, for one process and one
// caller at a time. The lock is released by [Lock.Release] or when the process
// ends, in whatever way. note is shown to those who try meanwhile. If the lock is
// held, TryLock returns nil and the note of its holder, which may be empty.
func (l *Lite) TryLock(name, note string) (lock *Lock, heldBy string, err error) {
	path := filepath.Join(filepath.Dir(l.file), "."+filepath.Base(l.file)+"."+name+".writer")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("lite: lock %s: %w", path, err)
	}
	locked, heldBy, err := lockFile(f, note)
	if err == nil && locked {
		return &Lock{f}, "", nil
	}
	return nil, heldBy, errors.Join(err, f.Close())
}

func lockFile(f *os.File, note string) (locked bool, heldBy string, err error) {
	// It is a flock(2), unlike the lock that Milvus Lite waits for: closing another
	// descriptor of the file does not release it.
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		held, err := io.ReadAll(io.LimitReader(f, maxNoteBytes))
		return false, string(held), err
	}
	if err != nil {
		return false, "", fmt.Errorf("lite: lock %s: %w", f.Name(), err)
	}
	mine, err := f.Stat()
	if err != nil {
		return false, "", err
	}
	if now, err := os.Stat(f.Name()); err != nil || !os.SameFile(mine, now) {
		return false, "", nil // Somebody removed the file: the next attempt makes a new one.
	}
	if err := f.Truncate(0); err != nil {
		return false, "", err
	}
	_, err = f.WriteAt([]byte(note), 0)
	return err == nil, "", err
}
