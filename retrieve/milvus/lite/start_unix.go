//go:build linux || darwin

package lite

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxSocketPath is the longest path of a socket, in bytes, on macOS; Linux has 107.
const maxSocketPath = 103

// ensure returns the address of the engine that serves file.
func (h *holder) ensure(ctx context.Context, c Config, file string) (string, error) {
	h.starting.Lock()
	defer h.starting.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("it did not start within %v; its log is in %s", startTimeout, socketDir()))
	defer cancel()
	for {
		addr, err := h.attempt(ctx, c, file)
		if addr != "" || err != nil {
			return addr, err
		}
		if err := pause(ctx); err != nil {
			return "", err
		}
	}
}

// attempt returns the address of a running engine, or starts one if none is
// there. It returns "" while another process's engine is starting or ending.
func (h *holder) attempt(ctx context.Context, c Config, file string) (string, error) {
	f, err := os.OpenFile(h.path+".start", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	old, err := io.ReadAll(f)
	if err != nil {
		return "", err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		return answering(ctx, string(old)), nil
	}
	if err != nil {
		return "", fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	engine, err := Find(ctx, c)
	if err != nil {
		return "", err
	}
	removeSocket(string(old))
	return h.start(ctx, engine, file, f)
}

// answering returns addr if a process listens there, else "".
func answering(ctx context.Context, addr string) string {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", addr)
	if err != nil {
		return ""
	}
	conn.Close()
	return addr
}

// start starts the engine and returns its address once it answers. The engine inherits
// the lock on started.
func (h *holder) start(ctx context.Context, engine, file string, started *os.File) (addr string, err error) {
	addr, err = newSocket(file)
	if err != nil {
		return "", err
	}
	log, err := os.OpenFile(addr+".log", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer log.Close()
	if err := publish(started, addr); err != nil {
		return "", err
	}
	cmd := exec.Command(filepath.Join(engine, binary), file, "unix:"+addr, "ERROR", h.path)
	cmd.Dir = filepath.Dir(addr)
	cmd.Env = environment(engine)
	cmd.Stdout, cmd.Stderr = log, log // a file: a pipe would break when this process ends
	cmd.ExtraFiles = []*os.File{started}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return "", explainStart(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	for answering(ctx, addr) == "" {
		select {
		case err := <-exited:
			return "", explainExit(err, log.Name())
		default:
		}
		if err := pause(ctx); err != nil {
			return "", errors.Join(err, cmd.Process.Kill())
		}
	}
	return addr, nil
}

// publish writes the address for other processes. It is called before the engine runs,
// so that an engine whose starter is killed is found.
func publish(f *os.File, addr string) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(addr), 0)
	return err
}

// environment returns the environment of the engine. It has no keys of this process.
func environment(engine string) []string {
	env := []string{"LD_LIBRARY_PATH=" + engine, "DYLD_LIBRARY_PATH=" + engine}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "TZ", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func explainStart(err error) error {
	if errors.Is(err, os.ErrNotExist) && runtime.GOOS == "linux" {
		return fmt.Errorf("%w: Milvus Lite needs glibc, which this system may lack%s", err, otherWays)
	}
	return fmt.Errorf("%w%s", err, otherWays)
}

// explainExit returns why the engine ended, with the end of its log.
func explainExit(err error, logName string) error {
	words := ""
	if b, rerr := os.ReadFile(logName); rerr == nil && len(bytes.TrimSpace(b)) > 0 {
		words = ": " + tail(string(bytes.TrimSpace(b)), 400)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 255 {
		// Seen for a damaged file (2.5.1, 2026-11).
		return fmt.Errorf("%w (exit code 255)%s", errCorrupt, words)
	}
	if err == nil {
		err = errors.New("exit code 0")
	}
	return fmt.Errorf("it ended at once: %w%s", err, words)
}

// tail returns the last n bytes of s or less, on one line.
func tail(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		s = "…" + strings.ToValidUTF8(s[len(s)-n:], "")
	}
	return s
}

// socketDir is the folder of the sockets, one per user.
func socketDir() string {
	name := "citewell-" + strconv.Itoa(os.Getuid())
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir()} {
		// 24 bytes are left for the name of a socket and its slash.
		if dir := filepath.Join(base, name); base != "" && len(dir)+24 <= maxSocketPath {
			if fi, err := os.Stat(base); err == nil && fi.IsDir() {
				return dir
			}
		}
	}
	return filepath.Join("/tmp", name)
}

// newSocket returns an unused path for a socket, in a folder that only the user may
// enter: whoever can connect can read and change everything.
func newSocket(file string) (string, error) {
	dir := socketDir()
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	fi, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !fi.IsDir() || fi.Mode().Perm() != 0o700 || !ok || int(st.Uid) != os.Getuid() {
		return "", fmt.Errorf("%s must be a folder that only you can enter (mode 0700): remove it", dir)
	}
	sum := sha256.Sum256([]byte(file))
	var unique [5]byte
	rand.Read(unique[:])
	return filepath.Join(dir, hex.EncodeToString(sum[:3])+"-"+hex.EncodeToString(unique[:])+".sock"), nil
}

// removeSocket removes the socket and the log of an engine that has ended.
func removeSocket(addr string) {
	if filepath.Dir(addr) == socketDir() && strings.HasSuffix(addr, ".sock") {
		os.Remove(addr)
		os.Remove(addr + ".log")
	}
}
