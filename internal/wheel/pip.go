package wheel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pips are the ways to call pip, in the order they are tried.
var pips = [][]string{
	{"python3", "-m", "pip"},
	{"python", "-m", "pip"},
	{"pip3"},
	{"pip"},
}

const (
	progressEvery = 200 * time.Millisecond
	pipGrace      = 5 * time.Second // from the end of pip until its output is closed by force
)

// findPip returns the first command line of pips that works.
func findPip(ctx context.Context, dir string) ([]string, error) {
	for _, argv := range pips {
		if _, err := exec.LookPath(argv[0]); err != nil {
			continue
		}
		err := command(ctx, dir, argv, "--version").Run()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			return argv, nil
		}
	}
	return nil, ErrNoPip
}

// command returns the command of pip. It runs in dir, where no module of the user can
// shadow pip. When ctx is canceled, it ends with all its child processes.
func command(ctx context.Context, dir string, pip []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, pip[0], append(pip[1:len(pip):len(pip)], args...)...)
	cmd.Dir = dir
	cmd.WaitDelay = pipGrace
	tmp := filepath.Join(dir, "tmp")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "TEMP="+tmp, "TMP="+tmp,
		"PIP_REQUIRE_VIRTUALENV=0", "PYTHONUNBUFFERED=1")
	killGroup(cmd)
	return cmd
}

// download downloads the wheel of s below dir with pip and returns its path.
func download(ctx context.Context, pip []string, s Spec, dir string, progress func(done, total int64)) (string, error) {
	dest := filepath.Join(dir, "wheel")
	args := []string{"download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python",
		"--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--dest", dest}
	if s.Platform != "" {
		args = append(args, "--platform", s.Platform)
	}
	cmd := command(ctx, dir, pip, append(args, s.String())...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := watch(cmd, dir, s.Bytes, progress); err != nil {
		return "", fmt.Errorf("%s: %s", strings.Join(pip, " "), lastLine(stderr.String(), err))
	}
	files, err := filepath.Glob(filepath.Join(dest, "*.whl"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("%s left %d wheels, want 1", strings.Join(pip, " "), len(files))
	}
	return files[0], nil
}

// watch runs cmd and reports the size of the largest file below dir to progress. Pip
// itself can report progress only since 24.1 (--progress-bar raw).
func watch(cmd *exec.Cmd, dir string, total int64, progress func(done, total int64)) error {
	if progress == nil {
		return cmd.Run()
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	last := int64(0)
	progress(0, total)
	for {
		select {
		case err := <-done:
			if n := largest(dir); err == nil && n > last {
				progress(n, total)
			}
			return err
		case <-tick.C:
			if n := largest(dir); n > last {
				last = n
				progress(n, total)
			}
		}
	}
}

// largest returns the size of the largest file below dir. Files may disappear while
// pip runs.
func largest(dir string) int64 {
	var size int64
	walk := func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if fi, err := d.Info(); err == nil {
			size = max(size, fi.Size())
		}
		return nil
	}
	if err := filepath.WalkDir(dir, walk); err != nil {
		return 0 // Unreachable: walk returns no error.
	}
	return size
}

// lastLine returns the last error in pip's output, else its last line, else err.
func lastLine(stderr string, err error) string {
	last := ""
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "ERROR:"), !strings.HasPrefix(last, "ERROR:"):
			last = line
		}
	}
	if last == "" || errors.Is(err, exec.ErrWaitDelay) {
		return err.Error()
	}
	return strings.TrimSpace(strings.TrimPrefix(last, "ERROR:"))
}
