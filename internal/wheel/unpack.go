package wheel

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// unpack writes the files of the wheel at or below s.Prefix and their manifest to the
// new folder dir. It verifies the archive's checksums. Executable files stay executable.
func unpack(ctx context.Context, file string, s Spec, dir string) (err error) {
	zr, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer zr.Close()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()

	m := manifest{SHA256: s.SHA256, Files: map[string]int64{}}
	prefix := ""
	if s.Prefix != "" {
		prefix = strings.Trim(s.Prefix, "/") + "/"
	}
	for _, f := range zr.File {
		name, ok := strings.CutPrefix(f.Name, prefix)
		if f.Name == s.Prefix {
			name, ok = path.Base(f.Name), true
		}
		if !ok || name == "" || f.FileInfo().IsDir() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.Files[name], err = unpackFile(root, f, name); err != nil {
			return err
		}
	}
	if len(m.Files) == 0 {
		return fmt.Errorf("no files below %q", prefix)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return root.WriteFile(manifestName, b, 0o644)
}

// unpackFile writes f as name below root and returns its size. No name can escape from
// root.
func unpackFile(root *os.Root, f *zip.File, name string) (int64, error) {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return 0, err
	}
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	perm := os.FileMode(0o644) | f.Mode()&0o111
	w, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, r)
	// The rename that follows must not reach the disk before the content.
	return n, errors.Join(err, w.Sync(), w.Close())
}
