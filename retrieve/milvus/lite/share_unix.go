//go:build linux || darwin

package lite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// unreachableAfter is how long the socket of an engine that processes use may be out of
// reach. One that no process uses ends: 15 ms after its socket is gone, but more than
// 2 s on a busy machine (2026-11).
const unreachableAfter = 2 * time.Second

// An engine is one process of Milvus Lite.
type engine struct {
	addr  string // of its socket
	inode string // of the database that it serves; "" if unknown
}

// ensure returns the engine that serves file. If the file does not exist, it is
// created if create is set; else the error is ErrDeleted.
func (h *holder) ensure(ctx context.Context, c Config, file string, create bool) (engine, error) {
	h.starting.Lock()
	defer h.starting.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("it did not start within %v", startTimeout))
	defer cancel()
	var lost time.Time // since when an engine that has answered is out of reach
	for {
		e, rec, err := h.attempt(ctx, c, file, create)
		if e.addr != "" && err == nil {
			return e, h.use()
		}
		wait := pause
		if gone := (*unreachableError)(nil); errors.As(err, &gone) {
			used, uerr := h.isUsed()
			switch {
			case uerr != nil:
				return engine{}, uerr
			case !used:
				wait, lost = h.yield, time.Time{}
			case lost.IsZero():
				lost = time.Now()
			case time.Since(lost) >= unreachableAfter:
				return engine{}, err
			}
		} else if err != nil {
			return engine{}, err
		}
		if err := wait(ctx); err != nil {
			if rec.addr != "" {
				err = fmt.Errorf("%w; its log is %s", err, rec.addr+logSuffix)
			}
			return engine{}, err
		}
	}
}

// attempt returns a running engine, or starts one if none is there. It returns no
// engine while another process's engine is starting or ending.
func (h *holder) attempt(ctx context.Context, c Config, file string, create bool) (engine, record, error) {
	f, err := os.OpenFile(h.path+".start", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return engine{}, record{}, explainOpen(h.path+".start", err)
	}
	defer f.Close()
	rec, err := readRecord(f)
	if err != nil {
		return engine{}, rec, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		e, err := join(ctx, rec, file, create)
		return e, rec, err
	}
	if err != nil {
		return engine{}, rec, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	inode, err := inodeOf(file)
	if err != nil {
		return engine{}, rec, err
	}
	if inode == "" && !create {
		return engine{}, rec, ErrDeleted
	}
	dir, err := Find(ctx, c)
	if err != nil {
		return engine{}, rec, err
	}
	removeSocket(h.path, rec.addr)
	e, err := h.start(ctx, dir, file, f)
	return e, rec, err
}

// join returns the engine that another process has started, or none if that does not
// answer yet. It ends an engine whose file was deleted or replaced: what that engine
// stores is lost to everybody.
func join(ctx context.Context, rec record, file string, create bool) (engine, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", rec.addr)
	if err != nil {
		if rec.ready {
			return engine{}, &unreachableError{rec.addr, err}
		}
		return engine{}, nil
	}
	defer conn.Close()
	inode, err := inodeOf(file)
	if err != nil || rec.inode == "" || inode == rec.inode {
		return engine{rec.addr, rec.inode}, err
	}
	if inode == "" && !create {
		return engine{}, ErrDeleted
	}
	return engine{}, endEngine(conn, rec.addr)
}

// An unreachableError means that an engine has the file, but its socket can't be
// reached.
type unreachableError struct {
	addr  string
	cause error
}

func (e *unreachableError) Error() string {
	cause := e.cause
	var errno syscall.Errno
	if errors.As(e.cause, &errno) {
		cause = errno
	}
	return fmt.Sprintf("another process has the file open, but the socket of its Milvus Lite can't be reached at %s (%v): "+
		"the socket was deleted, or that process has its own %s (a container, or PrivateTmp of systemd): "+
		"stop that process, or let both use a Milvus server", e.addr, cause, os.TempDir())
}

// endEngine ends the engine at the other end of conn. Its rows are on disk as soon as
// it has acknowledged them.
func endEngine(conn net.Conn, addr string) error {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		// Unreachable: Dial("unix") returns this type.
		return errors.ErrUnsupported
	}
	pid, err := listenerPID(c)
	if err != nil {
		return err
	}
	command := ""
	if pid > 0 {
		if command = commandOf(pid); command == "" {
			return nil // it is ending
		}
	}
	if !strings.Contains(command, "unix:"+addr) {
		return errors.New("the file was replaced, and the process that has the old one open can't be ended from here: stop that process")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("the file was replaced, and process %d has the old one open: %w: stop that process", pid, err)
	}
	return nil
}

// answers reports whether a process listens at addr.
func answers(ctx context.Context, addr string) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", addr)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// launching guards the umask, which belongs to the whole process.
var launching sync.Mutex

// launch starts a program. The files that it creates are for the user alone: the
// database, its journal and the socket. Files that this process creates at the same
// moment are, too.
func launch(cmd *exec.Cmd) error {
	launching.Lock()
	defer launching.Unlock()
	defer syscall.Umask(syscall.Umask(0o077))
	return cmd.Start()
}
