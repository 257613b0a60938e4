package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/citewell/citewell/embed/minilm"
)

// A bench is what the lines share: the program, the peers and the data. All of it is
// in one folder, and made when a line first asks for it.
type bench struct {
	root string // of the repository
	dir  string // the scratch folder
	bin  string // the program citewell

	ending []func() error // what the line that runs has to close, the last first
	model  *minilm.Model
	db     string // the index that is searched; "" until it is made
}

// setUp builds the program in the scratch folder.
func setUp(ctx context.Context) (*bench, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/citewell/citewell").Output()
	if err != nil {
		return nil, fmt.Errorf("run it in a clone of the repository: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	b := &bench{root: strings.TrimSpace(string(out)), dir: filepath.Join(cache, "citewell", "bench")}
	b.bin = filepath.Join(b.dir, "bin", "citewell")
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return nil, err
	}
	// As releases are built, so that its size is theirs.
	return b, b.build(ctx, b.bin, "./cmd/citewell")
}

func (b *bench) build(ctx context.Context, to string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-trimpath", "-tags=nomsgpack", "-ldflags=-s -w", "-o", to}, args...)...)
	cmd.Dir, cmd.Env = b.root, append(os.Environ(), "CGO_ENABLED=0")
	return output(cmd)
}

// output runs a command, and returns what it wrote as the error if it fails.
func output(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// later calls f when the line is over.
func (b *bench) later(f func() error) { b.ending = append(b.ending, f) }

func (b *bench) endLine() error {
	var errs []error
	for _, f := range slices.Backward(b.ending) {
		errs = append(errs, f())
	}
	b.ending = nil
	return errors.Join(errs...)
}

func (b *bench) close() error {
	err := b.endLine()
	if b.model != nil {
		err = errors.Join(err, b.model.Close())
	}
	return err
}

// embedder returns the local model.
func (b *bench) embedder(ctx context.Context) (*minilm.Model, error) {
	if b.model != nil {
		return b.model, nil
	}
	m, err := minilm.Open(ctx, minilm.Config{})
	b.model = m
	return m, err
}

// python returns the interpreter of the virtual environment, which is made once for
// each requirements.txt.
func (b *bench) python(ctx context.Context) (string, error) {
	requirements := filepath.Join(b.peers(), "requirements.txt")
	text, err := os.ReadFile(requirements)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	venv := filepath.Join(b.dir, "python-"+hex.EncodeToString(sum[:4]))
	python, done := filepath.Join(venv, "bin", "python"), filepath.Join(venv, "done")
	if _, err := os.Stat(done); err == nil {
		return python, nil
	}
	fmt.Fprintln(os.Stderr, "installing the peers in Python, once …")
	if err := output(exec.CommandContext(ctx, "python3", "-m", "venv", "--clear", venv)); err != nil {
		return "", err
	}
	if err := output(exec.CommandContext(ctx, python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "-r", requirements)); err != nil {
		return "", err
	}
	return python, os.WriteFile(done, nil, 0o644)
}

// peers is the folder of the peers' programs and of what they need.
func (b *bench) peers() string { return filepath.Join(b.root, "internal", "bench", "_peers") }

// folder returns a folder of the scratch folder that holds these files and no others.
func (b *bench) folder(name string, files site) (string, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	for path, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// temporary returns a new folder that is removed when the line is over.
func (b *bench) temporary() (string, error) {
	dir, err := os.MkdirTemp(b.dir, "run-")
	if err == nil {
		b.later(func() error { return os.RemoveAll(dir) })
	}
	return dir, err
}

// serveBlog serves the site until the line is over and returns its address and pages.
func (b *bench) serveBlog() (string, site, error) {
	s, err := blog()
	if err != nil {
		return "", nil, err
	}
	server := httptest.NewServer(http.Handler(s))
	b.later(func() error { server.Close(); return nil })
	return server.URL, s, nil
}
