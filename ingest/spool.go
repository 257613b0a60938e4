package ingest

import (
	"bytes"
	"encoding/gob"
	"errors"
	"os"

	"github.com/citewell/citewell/ingest/document"
)

// A spool keeps documents in a temporary file until it is known whether they are
// needed, so that memory does not grow with their number. The zero spool is
// empty. One goroutine uses it at a time.
type spool struct {
	file *os.File
	size int64
	at   map[string]span // by URL
}

// A span is a part of a file, in bytes.
type span struct{ start, bytes int64 }

// put keeps a document.
func (s *spool) put(d document.Document) error {
	if s.file == nil {
		f, err := os.CreateTemp("", "citewell-ingest-*")
		if err != nil {
			return err
		}
		s.file, s.at = f, map[string]span{}
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(d); err != nil {
		return err // Unreachable: a Document has exported fields of plain types.
	}
	if _, err := s.file.WriteAt(b.Bytes(), s.size); err != nil {
		return err
	}
	s.at[d.Page.URL] = span{s.size, int64(b.Len())}
	s.size += int64(b.Len())
	return nil
}

// get returns the document of a URL; false if it was not kept.
func (s *spool) get(url string) (d document.Document, ok bool, err error) {
	at, ok := s.at[url]
	if !ok {
		return d, false, nil
	}
	b := make([]byte, at.bytes)
	if _, err := s.file.ReadAt(b, at.start); err != nil {
		return d, false, err
	}
	err = gob.NewDecoder(bytes.NewReader(b)).Decode(&d)
	return d, err == nil, err
}

// drop forgets the document of a URL.
func (s *spool) drop(url string) { delete(s.at, url) }

// Close removes the file.
func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
