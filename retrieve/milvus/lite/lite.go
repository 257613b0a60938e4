// Package lite runs Milvus Lite: Milvus as one program that serves one file.
//
// Call [Open]. It returns a connection to the Milvus Lite that serves the file, and
// starts one if none does. Two of them on one file would lose each other's rows, so
// all processes that use a file share one Milvus Lite:
//
//   - A process that uses the file holds a shared fcntl(2) lock on .FILE.lock: on its
//     first byte once it has reached Milvus Lite, on the others before that. Milvus
//     Lite waits for the exclusive lock on it and ends when it gets it: when the last
//     such process has ended, in whatever way.
//   - Milvus Lite itself holds an exclusive flock(2) on .FILE.lock.start. It inherits
//     the descriptor from the process that starts it. A process that gets this lock
//     knows that no other Milvus Lite serves the file, not even one that is still
//     starting or whose starter was killed.
//   - The first line of .FILE.lock.start is the address: the path of a Unix socket
//     that only its owner may use. It is beside the lock if its path is short enough,
//     else in a folder that only its owner may enter. The second line is the inode of
//     the file that Milvus Lite has open, the third "ready" once it has answered.
//   - If the file was deleted or replaced, its Milvus Lite is ended before another one
//     is started.
//
// Milvus Lite runs in a process group of its own, so that Ctrl-C in the process that
// started it does not end it for the others.
package lite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// Times of [Open] and [Lite.Ensure].
const (
	startTimeout = 2 * time.Minute       // 100 000 rows load in 5 s (2 cores, 2026-11)
	holdTimeout  = 5 * time.Second       // a Milvus Lite that ends takes 15 ms (2026-11)
	pollInterval = 10 * time.Millisecond // of locks and sockets, which give no notice
)

// A Config says which file to serve and with which engine.
type Config struct {
	File     string                  // the database; created if missing, but its folder must exist
	Dir      string                  // folder with the engine (lib of the wheel milvus-lite); "" means the cache, then pip
	CacheDir string                  // for a fetched engine; "" means citewell in the user's cache folder
	Progress func(done, total int64) // of fetching the engine, in bytes; may be nil
}

// A Lite is a handle on the Milvus Lite that serves one file. It is safe for concurrent
// use.
type Lite struct {
	config Config
	file   string  // absolute, without symbolic links
	hold   *holder // of this process; keeps the engine alive

	mu     sync.Mutex
	engine engine // in use
	closed bool
}

// Open returns a handle on the Milvus Lite that serves the file, and starts one if
// there is none. The caller must Close it.
func Open(ctx context.Context, c Config) (*Lite, error) {
	file, h, err := acquire(ctx, c.File)
	if err != nil {
		return nil, fmt.Errorf("lite: open %s: %w", c.File, err)
	}
	l := &Lite{config: c, file: file, hold: h}
	if err := l.ensure(ctx, true); err != nil {
		h.release()
		return nil, err
	}
	return l, nil
}

// Dial connects to the engine. It does not start one.
func (l *Lite) Dial(ctx context.Context) (net.Conn, error) {
	l.mu.Lock()
	addr := l.engine.addr
	l.mu.Unlock()
	return (&net.Dialer{}).DialContext(ctx, "unix", addr)
}

// Ensure makes sure that an engine serves the file: it returns at once if one
// answers, else it waits for the one that is starting or starts one. If the file no
// longer exists, the error is [ErrDeleted].
func (l *Lite) Ensure(ctx context.Context) error { return l.ensure(ctx, false) }

func (l *Lite) ensure(ctx context.Context, create bool) error {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed {
		return fmt.Errorf("lite: open %s: %w", l.config.File, net.ErrClosed)
	}
	e, err := l.hold.ensure(ctx, l.config, l.file, create)
	if err != nil {
		return fmt.Errorf("lite: start Milvus Lite on %s: %w", l.config.File, err)
	}
	l.mu.Lock()
	l.engine = e
	l.mu.Unlock()
	return nil
}

// ErrDeleted means that the file was deleted or moved away while it was in use.
var ErrDeleted = errors.New("the file was deleted or moved away while it was in use: put it back, or ingest again")

// Check returns an error if the engine serves another file than the one that is at
// the path now. If there is a new file, Check starts an engine for it first. It is
// cheap enough to be called before each use.
func (l *Lite) Check(ctx context.Context) error {
	l.mu.Lock()
	serves := l.engine.inode
	l.mu.Unlock()
	inode, err := inodeOf(l.file)
	switch {
	case err != nil || serves == "" || inode == serves:
		return nil // a path that can't be read for a moment proves nothing
	case inode == "":
		return fmt.Errorf("lite: use %s: %w", l.config.File, ErrDeleted)
	}
	return l.Ensure(ctx)
}

// maxLogBytes is the size at which the log of an engine is emptied.
const maxLogBytes = 1 << 20

// TrimLog empties the log of the engine if it has grown large. The engine logs the
// calls that it refuses, so TrimLog is to be called after these.
func (l *Lite) TrimLog() {
	l.mu.Lock()
	name := l.engine.addr + logSuffix
	l.mu.Unlock()
	if fi, err := os.Stat(name); err == nil && fi.Size() > maxLogBytes {
		_ = os.Truncate(name, 0) // it is emptied after the next refused call
	}
}

// InTransaction reports whether the file has the journal of a transaction that is
// under way, or that an engine which was killed left behind. The next engine rolls
// that one back, and with it the count of [Lite.Commits].
func (l *Lite) InTransaction() bool {
	fi, err := os.Stat(l.file + "-journal")
	return err == nil && fi.Size() > 0
}

// Commits returns SQLite's count of the transactions that have changed the file. ok is
// false if the file does not have it.
func (l *Lite) Commits() (n uint32, ok bool) {
	f, err := os.Open(l.file)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	var head [28]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || head[18] == walVersion {
		return 0, false
	}
	return binary.BigEndian.Uint32(head[24:]), true
}

// End ends the engine. The next one knows what is in the file and nothing else.
func (l *Lite) End(ctx context.Context) error {
	conn, err := l.Dial(ctx)
	if err != nil {
		return nil // it has ended
	}
	defer conn.Close()
	l.mu.Lock()
	addr := l.engine.addr
	l.mu.Unlock()
	if err := endEngine(conn, addr); err != nil {
		return fmt.Errorf("lite: end Milvus Lite of %s: %w", l.config.File, err)
	}
	return nil
}

// walVersion is the version of SQLite's file format that has a write-ahead log.
// Milvus Lite does not use it (2.5.1).
const walVersion = 2

// Close releases the handle. The engine ends when no process has one.
func (l *Lite) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	return l.hold.release()
}
