package folder

import (
	"fmt"
	"io"
	"os"

	"github.com/citewell/citewell/ingest/media"
)

// defaultMaxBytes is the size of the largest file that is read without another
// limit.
const defaultMaxBytes = 20 << 20

// Read returns the content of a file of at most limit bytes; 0 means
// 20 MiB. Files that it includes are in their places.
func Read(f File, limit int64) ([]byte, error) {
	if limit == 0 {
		limit = defaultMaxBytes
	}
	body, err := readFile(f.Path, limit)
	if err != nil || f.Root == "" || f.Type == media.HTML || f.Type == media.Plain || f.Type == media.PDF || f.Type == OpenAPI {
		return body, err
	}
	switch f.Type {
	case media.RST:
		return includeRST(body, f), nil
	case media.ASCIIDoc:
		return includeASCIIDoc(body, f), nil
	}
	return include(body, f), nil
}

func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("folder: read file: %w", err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("folder: read file: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("folder: read %s: the file is larger than the limit of %d bytes: leave it out", name, limit)
	}
	return body, nil
}
