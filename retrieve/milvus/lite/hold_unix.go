//go:build linux || darwin

package lite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// lockSuffix ends the name of the lock file, which is .FILE.lock. pymilvus uses the
// same name.
const lockSuffix = ".lock"

// A holder is this process's shared lock on the lock file of one database. Milvus Lite
// waits for the exclusive lock on the whole of it. A process holds the first byte from
// when it has reached an engine, the others from the beginning: so others can see
// whether an engine that they can't reach is in use or ends.
//
// There is one per process and file, because POSIX locks belong to the process:
// closing any other descriptor of the file would drop them.
type holder struct {
	path string // of the lock file
	file *os.File
	refs int // guarded by holders.mu

	starting sync.Mutex // one goroutine at a time starts the engine
	uses     bool       // this process has reached an engine; guarded by starting
}

var holders = struct {
	mu     sync.Mutex
	byPath map[string]*holder
}{byPath: map[string]*holder{}}

// holdFile acquires this process's lock on a database, or one more reference to it.
func holdFile(ctx context.Context, file string) (*holder, error) {
	path := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+lockSuffix)
	holders.mu.Lock()
	defer holders.mu.Unlock()
	if h := holders.byPath[path]; h != nil {
		h.refs++
		return h, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, explainOpen(path, err)
	}
	if err := lockShared(ctx, f); err != nil {
		f.Close()
		return nil, err
	}
	h := &holder{path: path, file: f, refs: 1}
	holders.byPath[path] = h
	return h, nil
}

// release releases one reference; with the last one, the lock is released.
func (h *holder) release() error {
	holders.mu.Lock()
	defer holders.mu.Unlock()
	h.refs--
	if h.refs > 0 {
		return nil
	}
	delete(holders.byPath, h.path)
	return h.file.Close()
}

// Parts of the lock file.
var (
	usePart  = unix.Flock_t{Type: unix.F_RDLCK, Start: 0, Len: 1} // of those who have reached an engine
	waitPart = unix.Flock_t{Type: unix.F_RDLCK, Start: 1}         // of all, to the end
)

// lockShared acquires the shared lock. It waits for a Milvus Lite that is about to end
// and holds the exclusive one.
func lockShared(ctx context.Context, f *os.File) error {
	ctx, cancel := context.WithTimeoutCause(ctx, holdTimeout, errHeld)
	defer cancel()
	for {
		err := setLock(f, waitPart)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// use lets other processes know that this one has reached an engine. The caller holds
// h.starting.
func (h *holder) use() error {
	if h.uses {
		return nil
	}
	if err := setLock(h.file, usePart); err != nil {
		return fmt.Errorf("lock %s: %w", h.path, err)
	}
	h.uses = true
	return nil
}

// isUsed reports whether a process has reached an engine and has not closed the file
// since. The caller holds h.starting.
func (h *holder) isUsed() (bool, error) {
	if h.uses {
		return true, nil
	}
	lock := usePart
	lock.Type = unix.F_WRLCK // conflicts with the lock of any other process
	if err := unix.FcntlFlock(h.file.Fd(), getLockCommand, &lock); err != nil {
		return false, fmt.Errorf("look at the lock %s: %w", h.path, err)
	}
	return lock.Type != unix.F_UNLCK, nil
}

// yield releases the lock for a moment: an engine that no process uses can end then.
func (h *holder) yield(ctx context.Context) error {
	unlock := waitPart
	unlock.Type = unix.F_UNLCK
	if err := setLock(h.file, unlock); err != nil {
		return fmt.Errorf("unlock %s: %w", h.path, err)
	}
	err := pause(ctx)
	// Without the lock this process could not use what it starts.
	return errors.Join(err, lockShared(context.WithoutCancel(ctx), h.file))
}

func setLock(f *os.File, lock unix.Flock_t) error {
	return unix.FcntlFlock(f.Fd(), setLockCommand, &lock)
}

var errHeld = errors.New("another program, such as pymilvus, has it open: close that program")

// pause waits for pollInterval, or returns why ctx is done.
func pause(ctx context.Context) error {
	t := time.NewTimer(pollInterval)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
