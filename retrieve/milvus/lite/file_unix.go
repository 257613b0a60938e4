//go:build linux || darwin

package lite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/sqlitefile"
)

// acquire returns the canonical path of a database that Milvus Lite can use, and this
// process's lock on it.
func acquire(ctx context.Context, path string) (string, *holder, error) {
	file, err := resolve(path)
	if err != nil {
		return "", nil, err
	}
	if err := validateFile(ctx, file); err != nil {
		return "", nil, err
	}
	h, err := holdFile(ctx, file)
	return file, h, err
}

// resolve returns the canonical absolute path of a file, which names its locks. The file
// may be missing, its folder must exist.
func resolve(file string) (string, error) {
	if file == "" {
		return "", errors.New("no file given")
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	if to, err := os.Readlink(abs); err == nil {
		return "", fmt.Errorf("it is a symbolic link to %s, which can't be reached: give the path of the file itself", to)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the folder %s does not exist: create it or give another path", filepath.Dir(abs))
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.Base(abs)), nil
}

// maxPathBytes is the longest path that SQLite in Milvus Lite opens, less some bytes
// for the name of its journal.
const maxPathBytes = 500

// sqliteMagic begins every database that is not empty.
const sqliteMagic = "SQLite format 3\x00"

// validateFile returns an error if Milvus Lite can't use the file; the engine itself
// would end without a message, or add its tables to those of another program.
func validateFile(ctx context.Context, file string) error {
	if len(file) > maxPathBytes {
		return fmt.Errorf("the path is longer than %d bytes: give a shorter path", maxPathBytes)
	}
	fi, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return explainOpen(file, err)
	}
	if !fi.Mode().IsRegular() {
		return errors.New("it is not a file: give another path")
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return explainOpen(file, err)
	}
	defer f.Close()
	head := make([]byte, 20)
	n, err := f.ReadAt(head, 0)
	if n == 0 {
		return nil
	}
	if err != nil || !strings.HasPrefix(string(head), sqliteMagic) {
		return errCorrupt
	}
	return validateTables(ctx, file, head[18] == walVersion)
}

var errCorrupt = errors.New("it is not a Milvus Lite database or is damaged: " +
	"restore it from a backup, or move it away and ingest again")

// metaTable is the table that Milvus Lite creates first.
const metaTable = "collection_meta"

// validateTables returns an error if a SQLite file holds the tables of another program
// and none of Milvus Lite. It changes nothing, and leaves a file that it can't read to
// the engine.
func validateTables(ctx context.Context, file string, wal bool) error {
	// The engine may be writing; its first table stays.
	names, err := sqlitefile.Tables(ctx, file)
	if err != nil || slices.Contains(names, metaTable) || len(names) == 0 && !wal {
		return nil
	}
	return fmt.Errorf("it is the SQLite database of another program (tables: %s): give another path",
		tail(strings.Join(names[:min(len(names), 5)], ", "), 200))
}
