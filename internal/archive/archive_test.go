package archive_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/citewell/citewell/internal/archive"
)

func write(t *testing.T, path string, entries map[string]string) {
	t.Helper()
	w, err := archive.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range entries {
		e, err := w.Entry(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Commit("head"), w.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestArchive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.zip")
	entries := map[string]string{"one": "first\n", "two": ""}
	write(t, path, entries)
	r, err := archive.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var head string
	if err := r.Head(&head); err != nil || head != "head" {
		t.Errorf("Head() = %q, %v", head, err)
	}
	for name, want := range entries {
		e, err := r.Entry(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(e); err != nil || string(got) != want {
			t.Errorf("%s = %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := r.Entry("three"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Entry() of none = %v", err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v, want 0600", fi.Mode(), err)
	}
	if _, err := archive.Create(path); err == nil {
		t.Error("Create() where a file is = nil")
	}
}

// TestDamaged changes each byte of a file, and cuts it at each.
func TestDamaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.zip")
	text := "some text of an entry"
	write(t, path, map[string]string{"one": text})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.zip")
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 0x55
		for _, b := range [][]byte{whole[:i], changed} {
			if err := os.WriteFile(bad, b, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := archive.Open(bad)
			if err != nil {
				continue
			}
			e, err := r.Entry("one") // a byte that means nothing, such as of a date
			if err != nil {
				t.Fatalf("byte %d: Open() = nil, but there is no entry: %v", i, err)
			}
			if got, err := io.ReadAll(e); err != nil || string(got) != text {
				t.Errorf("byte %d: Open() = nil, but the entry is %q, %v", i, got, err)
			}
			r.Close()
		}
	}
}

// TestUnfinished checks that nothing is left of an archive that was not committed.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := archive.Create(filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Entry("one"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
}
