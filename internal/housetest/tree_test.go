package housetest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.." // of the repository, from this package
	module = "github.com/citewell/citewell"
)

// A goFile is a parsed file of the module. Files for other systems are among
// them: an import that only macOS compiles counts as well.
type goFile struct {
	path  string // from the root, with slashes
	dir   string // of path; the package
	test  bool   // a _test.go file
	lines int
	ast   *ast.File
	fset  *token.FileSet
}

// imports returns the import paths of the file.
func (f goFile) imports() []string {
	var out []string
	for _, spec := range f.ast.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			// Unreachable: the parser accepted the literal.
			panic(err)
		}
		out = append(out, path)
	}
	return out
}

// goFiles returns every Go file that the go command would see.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	files, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d Go files; is %s the root of the repository?", len(files), root)
	}
	return files
}

// parsed parses the Go files once for all tests.
var parsed = sync.OnceValues(func() ([]goFile, error) {
	var files []goFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() {
			if path != root && (name == "testdata" || name == "vendor" || name[0] == '_' || name[0] == '.') {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" || d.Name()[0] == '_' || d.Name()[0] == '.' {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, path, src, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, goFile{
			path: rel, dir: rel[:max(strings.LastIndexByte(rel, '/'), 0)], test: strings.HasSuffix(rel, "_test.go"),
			lines: strings.Count(string(src), "\n"), ast: tree, fset: fset,
		})
		return nil
	})
	return files, err
})

// packages returns the folders that hold Go files, sorted.
func packages(files []goFile) []string {
	seen := map[string]bool{}
	for _, f := range files {
		seen[f.dir] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// read returns a text file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
