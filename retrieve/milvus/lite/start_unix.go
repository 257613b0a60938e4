//go:build linux || darwin

package lite

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// start starts an engine and returns it once it answers. The engine inherits the lock
// on started.
func (h *holder) start(ctx context.Context, dir, file string, started *os.File) (_ engine, err error) {
	addr, err := newSocket(h.path, file)
	if err != nil {
		return engine{}, err
	}
	created, err := createPrivate(file)
	if err != nil {
		return engine{}, err
	}
	defer func() {
		if err != nil && created {
			removeEmpty(file)
		}
	}()
	rec := record{addr: addr}
	if rec.inode, err = inodeOf(file); err != nil {
		return engine{}, err
	}
	log, err := os.OpenFile(addr+logSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return engine{}, explainOpen(addr+logSuffix, err)
	}
	defer log.Close()
	if err := publish(started, rec); err != nil {
		return engine{}, err
	}
	cmd := exec.Command(filepath.Join(dir, program), file, "unix:"+addr, "ERROR", h.path)
	cmd.Dir = filepath.Dir(addr)
	cmd.Env = environment(dir)
	cmd.Stdout, cmd.Stderr = log, log // a file: a pipe would break when this process ends
	cmd.ExtraFiles = []*os.File{started}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := launch(cmd); err != nil {
		return engine{}, explainStart(err)
	}
	if err := awaitAnswer(ctx, cmd, addr, file); err != nil {
		return engine{}, err
	}
	rec.ready = true
	return engine{addr, rec.inode}, publish(started, rec)
}

// awaitAnswer waits until the engine answers. If it does not, awaitAnswer ends it.
func awaitAnswer(ctx context.Context, cmd *exec.Cmd, addr, file string) error {
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	for !answers(ctx, addr) {
		select {
		case err := <-exited:
			return explainExit(err, file, addr+logSuffix)
		default:
		}
		if err := pause(ctx); err != nil {
			return errors.Join(err, cmd.Process.Kill())
		}
	}
	return nil
}

// createPrivate makes sure that the database exists and that only its owner can read
// it. It reports whether it has created the file.
func createPrivate(file string) (created bool, err error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return true, f.Close()
	}
	if !errors.Is(err, os.ErrExist) {
		return false, explainOpen(file, err)
	}
	fi, err := os.Stat(file)
	if err != nil {
		return false, err
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok && int(st.Uid) == os.Getuid() && fi.Mode().Perm()&0o077 != 0 {
		return false, os.Chmod(file, fi.Mode().Perm()&0o700)
	}
	return false, nil
}

// removeEmpty removes a database that an engine could not use.
func removeEmpty(file string) {
	if fi, err := os.Stat(file); err == nil && fi.Size() == 0 {
		os.Remove(file)
	}
}

// environment returns the environment of the engine. It has no keys of this process.
func environment(engine string) []string {
	env := []string{
		"LD_LIBRARY_PATH=" + engine, "DYLD_LIBRARY_PATH=" + engine,
		// Without these, it writes 2.9 kB a question to files in TMPDIR and never
		// removes them (2.5.1, 2026-11). Errors go to its log, see [Lite.TrimLog].
		"GLOG_logtostderr=1", "GLOG_minloglevel=2",
	}
	for _, name := range []string{"PATH", "TMPDIR", "LANG", "TZ", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	home := os.Getenv("HOME")
	if home == "" {
		home = os.TempDir() // without HOME, the engine aborts
	}
	return append(env, "HOME="+home)
}
