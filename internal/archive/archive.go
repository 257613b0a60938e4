// Package archive writes and reads one file that holds several streams, each with a
// checksum.
//
// Call [Create] and [Writer.Commit], or [Open]. The file is a ZIP. Its last entry,
// archive.json, names the SHA-256 of each other entry, so that a file that was cut off
// or changed is refused as a whole. The file appears under its name when it is complete.
package archive

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	format = 1 // of archive.json and what it describes
	index  = "archive.json"
)

// ErrDamaged means that a file is not an archive, or not the one that was written.
var ErrDamaged = errors.New("it is not a file that citewell backup has written, or it is damaged")

// contents is what archive.json holds.
type contents struct {
	Format int               `json:"format"`
	Head   json.RawMessage   `json:"head"`
	SHA256 map[string]string `json:"sha256"` // hex, by the name of the entry
}

// A Writer writes an archive.
type Writer struct {
	path     string
	tmp      *os.File
	zip      *zip.Writer
	sums     map[string]hash.Hash
	finished bool
}

// Create begins an archive at a path where no file is. It is an error if there is one.
func Create(path string) (*Writer, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fmt.Errorf("%s exists: choose another name, or remove it", path)
		}
		return nil, fmt.Errorf("archive: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &Writer{path: path, tmp: tmp, zip: zip.NewWriter(tmp), sums: map[string]hash.Hash{}}, nil
}

// Entry begins an entry, and ends the one before.
func (w *Writer) Entry(name string) (io.Writer, error) {
	e, err := w.zip.Create(name)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	w.sums[name] = sha256.New()
	return io.MultiWriter(e, w.sums[name]), nil
}

// Commit completes the file. head is what [Reader.Head] returns, as JSON.
func (w *Writer) Commit(head any) error {
	if err := w.commit(head); err != nil {
		return fmt.Errorf("archive: write %s: %w", w.path, err)
	}
	return nil
}

func (w *Writer) commit(head any) error {
	raw, err := json.Marshal(head)
	if err != nil {
		return err
	}
	c := contents{Format: format, Head: raw, SHA256: map[string]string{}}
	for name, sum := range w.sums {
		c.SHA256[name] = hex.EncodeToString(sum.Sum(nil))
	}
	e, err := w.zip.Create(index)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(e).Encode(c); err != nil {
		return err
	}
	if err := errors.Join(w.zip.Close(), w.tmp.Sync(), w.tmp.Close()); err != nil {
		return err
	}
	// A link, unlike a rename, does not replace a file that was created meanwhile.
	if err := os.Link(w.tmp.Name(), w.path); errors.Is(err, fs.ErrExist) {
		return err
	} else if err != nil { // a file system without links
		if err := os.Rename(w.tmp.Name(), w.path); err != nil {
			return err
		}
	}
	w.finished = true
	return nil
}

// Close removes what is not complete. After Commit it leaves the file.
func (w *Writer) Close() error {
	if !w.finished {
		_ = w.tmp.Close() // nothing of it is kept
	}
	if err := os.Remove(w.tmp.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

// A Reader reads an archive.
type Reader struct {
	zip  *zip.ReadCloser
	head json.RawMessage
}

// Open opens an archive and compares all of its checksums. The error is [ErrDamaged] if
// one is wrong.
func Open(path string) (*Reader, error) {
	z, err := zip.OpenReader(path)
	if errors.Is(err, zip.ErrFormat) {
		err = ErrDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("archive: open %s: %w", path, err)
	}
	r := &Reader{zip: z}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("archive: open %s: %w", path, errors.Join(err, z.Close()))
	}
	return r, nil
}

// check compares the checksums.
func (r *Reader) check() error {
	f, err := r.Entry(index)
	if err != nil {
		return ErrDamaged
	}
	defer f.Close()
	var c contents
	if err := json.NewDecoder(f).Decode(&c); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if c.Format != format {
		return fmt.Errorf("its format is %d, and this Citewell reads %d: use the Citewell that wrote it, or a newer one", c.Format, format)
	}
	if len(c.SHA256) != len(r.zip.File)-1 {
		return ErrDamaged
	}
	for name, want := range c.SHA256 {
		if err := r.compare(name, want); err != nil {
			return err
		}
	}
	r.head = c.Head
	return nil
}

func (r *Reader) compare(name, want string) error {
	f, err := r.Entry(name)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != want {
		return fmt.Errorf("%w: the checksum of %s is another", ErrDamaged, name)
	}
	return nil
}

// Head decodes what was given to [Writer.Commit].
func (r *Reader) Head(head any) error {
	if err := json.Unmarshal(r.head, head); err != nil {
		return fmt.Errorf("archive: %w: %w", ErrDamaged, err)
	}
	return nil
}

// Entry opens an entry. The error is [fs.ErrNotExist] if there is none.
func (r *Reader) Entry(name string) (io.ReadCloser, error) {
	for _, f := range r.zip.File {
		if f.Name == name {
			return f.Open()
		}
	}
	return nil, fmt.Errorf("archive: %s: %w", name, fs.ErrNotExist)
}

// Close closes the file.
func (r *Reader) Close() error { return r.zip.Close() }
