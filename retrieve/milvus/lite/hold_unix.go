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

// A holder is this process's shared lock on the lock file of one database.
//
// There is one per process and file, because POSIX locks belong to the process:
// closing any other descriptor of the file would drop them.
type holder struct {
	path string // of the lock file
	file *os.File
	refs int // guarded by holders.mu

	starting sync.Mutex // one goroutine at a time starts the engine
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

// lockShared acquires the shared lock. It waits for a Milvus Lite that is about to end
// and holds the exclusive one.
func lockShared(ctx context.Context, f *os.File) error {
	ctx, cancel := context.WithTimeoutCause(ctx, holdTimeout, errHeld)
	defer cancel()
	for {
		err := unix.FcntlFlock(f.Fd(), setLock, &unix.Flock_t{Type: unix.F_RDLCK})
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
