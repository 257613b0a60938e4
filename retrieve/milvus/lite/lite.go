// Package lite runs Milvus Lite: Milvus as one program that serves one file.
//
// Call [Open]. It returns a connection to the Milvus Lite that serves the file, and
// starts one if none does. Two of them on one file would lose each other's rows, so
// all processes that use a file share one Milvus Lite:
//
//   - A process that uses the file holds a shared fcntl(2) lock on .FILE.lock. Milvus
//     Lite waits for the exclusive lock on it and ends when it gets it: when the last
//     such process has ended, in whatever way.
//   - Milvus Lite itself holds an exclusive flock(2) on .FILE.lock.start. It inherits
//     the descriptor from the process that starts it. A process that gets this lock
//     knows that no other Milvus Lite serves the file, not even one that is still
//     starting or whose starter was killed.
//   - The content of .FILE.lock.start is the address: the path of a Unix socket in a
//     folder that only its owner may enter.
//
// Milvus Lite runs in a process group of its own, so that Ctrl-C in the process that
// started it does not end it for the others.
package lite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
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
	addr   string // path of the socket
	closed bool
}

// Open returns a handle on the Milvus Lite that serves the file, and starts one if
// there is none. The caller must Close it.
func Open(ctx context.Context, c Config) (*Lite, error) {
	file, err := resolve(c.File)
	if err != nil {
		return nil, fmt.Errorf("lite: open %s: %w", c.File, err)
	}
	if err := validateFile(file); err != nil {
		return nil, fmt.Errorf("lite: open %s: %w", c.File, err)
	}
	h, err := holdFile(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("lite: open %s: %w", c.File, err)
	}
	l := &Lite{config: c, file: file, hold: h}
	if err := l.Ensure(ctx); err != nil {
		h.release()
		return nil, err
	}
	return l, nil
}

// Dial connects to the engine. It does not start one.
func (l *Lite) Dial(ctx context.Context) (net.Conn, error) {
	l.mu.Lock()
	addr := l.addr
	l.mu.Unlock()
	return (&net.Dialer{}).DialContext(ctx, "unix", addr)
}

// Ensure makes sure that an engine serves the file: it returns at once if one
// answers, else it waits for the one that is starting or starts one.
func (l *Lite) Ensure(ctx context.Context) error {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed {
		return fmt.Errorf("lite: open %s: %w", l.config.File, net.ErrClosed)
	}
	addr, err := l.hold.ensure(ctx, l.config, l.file)
	if err != nil {
		return fmt.Errorf("lite: start Milvus Lite on %s: %w", l.config.File, err)
	}
	l.mu.Lock()
	l.addr = addr
	l.mu.Unlock()
	return nil
}

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

// resolve returns the canonical absolute path of a file, which names its locks. The file
// may be missing, its folder must exist.
func resolve(file string) (string, error) {
	if file == "" {
		return "", errors.New("no file given")
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the folder %s does not exist: create it or give another path", filepath.Dir(abs))
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.Base(abs)), nil
}

// sqliteMagic begins every database that is not empty.
const sqliteMagic = "SQLite format 3\x00"

// validateFile returns an error if Milvus Lite can't use the file; the engine itself
// would end without a message.
func validateFile(file string) error {
	fi, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !fi.Mode().IsRegular() {
		return errors.New("it is not a file: give another path")
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: make it writable or give another path", err)
	}
	defer f.Close()
	head := make([]byte, len(sqliteMagic))
	if n, err := f.ReadAt(head, 0); n > 0 && (err != nil || string(head) != sqliteMagic) {
		return errCorrupt
	}
	return nil
}

var errCorrupt = errors.New("it is not a Milvus Lite database or is damaged: " +
	"restore it from a backup, or move it away and ingest again")
