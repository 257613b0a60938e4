package housetest

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const maxMakeTargets = 12

// TestContributingTable checks the table "Where things go" of CONTRIBUTING.md: each
// path in it exists, and each name stands in the file it is said to be in.
func TestContributingTable(t *testing.T) {
	_, table, ok := strings.Cut(read(t, "CONTRIBUTING.md"), "| What you add | Where | Then |\n|---|---|---|\n")
	if !ok {
		t.Fatal(`CONTRIBUTING.md has no table "What you add | Where | Then"`)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	declared := map[string][]string{}
	for _, f := range goFiles(t) {
		declared[f.path] = topLevel(f.ast)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(row, "|")
		if len(cells) != 5 {
			t.Errorf("CONTRIBUTING.md: the row has not three cells: %s", row)
			continue
		}
		where := quoted.FindAllStringSubmatch(cells[2], -1)
		if len(where) == 0 {
			t.Errorf("CONTRIBUTING.md: the row names no file: %s", row)
			continue
		}
		file := where[len(where)-1][1]
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			t.Errorf("CONTRIBUTING.md names %s, which does not exist: write where %s goes now", file, strings.TrimSpace(cells[1]))
			continue
		}
		for _, m := range where[:len(where)-1] {
			if !slices.Contains(declared[file], m[1]) {
				t.Errorf("CONTRIBUTING.md: %s does not declare %s: write where %s goes now", file, m[1], strings.TrimSpace(cells[1]))
			}
		}
	}
}

// topLevel returns the names that a file declares at package level.
func topLevel(f *ast.File) []string {
	var names []string
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						names = append(names, id.Name)
					}
				}
			}
		}
	}
	return names
}

func TestMakefileTargets(t *testing.T) {
	text := read(t, "Makefile")
	targets := regexp.MustCompile(`(?m)^([a-z]+):`).FindAllString(text, -1)
	described := regexp.MustCompile(`(?m)^[a-z]+: ## \S`).FindAllString(text, -1)
	if n := len(targets); n == 0 || n > maxMakeTargets {
		t.Errorf("the Makefile has %d targets, want 1 to %d", n, maxMakeTargets)
	}
	if len(described) != len(targets) {
		t.Errorf(`%d of the Makefile's %d targets have a description ("## …")`, len(described), len(targets))
	}
}

// TestMakefileGolden checks that "make golden" knows each package that has golden
// files, which is one with the flag -update.
func TestMakefileGolden(t *testing.T) {
	var want []string
	for _, f := range goFiles(t) {
		if f.test && f.dir != "internal/housetest" && strings.Contains(read(t, f.path), `flag.Bool("update"`) {
			want = append(want, "./"+f.dir)
		}
	}
	slices.Sort(want)
	line := regexp.MustCompile(`(?m)^golden = (.+)$`).FindStringSubmatch(read(t, "Makefile"))
	if line == nil {
		t.Fatal("the Makefile does not set golden")
	}
	if diff := cmp.Diff(want, strings.Fields(line[1])); diff != "" {
		t.Errorf("packages with golden files (-code +Makefile):\n%s", diff)
	}
}

// TestSharedTestdata checks that the tests of two packages or more read each file
// of the top-level testdata. What one package alone reads belongs there. The
// questions about sites are for the command eval questions.
func TestSharedTestdata(t *testing.T) {
	tests := map[string]string{} // text of the tests of each package
	for _, f := range goFiles(t) {
		if f.test || forTests(f.dir) {
			tests[f.dir] += read(t, f.path)
		}
	}
	for _, file := range tracked(t) {
		if !within(file, "testdata") || within(file, "testdata/questions") {
			continue
		}
		var readers []string
		for dir, text := range tests {
			if dir != "internal/housetest" && strings.Contains(text, path.Dir(file)) && strings.Contains(text, path.Base(file)) {
				readers = append(readers, dir)
			}
		}
		if len(readers) < 2 {
			t.Errorf("%s is read by the tests of %q: move it to the testdata of the one package that reads it, or remove it", file, readers)
		}
	}
}

// notIdiomatic matches the old form of what Go's documentation writes as "reports
// whether".
var notIdiomatic = regexp.MustCompile(`\bsays?\s+whether\b`)

func TestReportsWhether(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, group := range f.ast.Comments {
			if m := notIdiomatic.FindString(group.Text()); m != "" {
				t.Errorf(`%s: a comment has %q: write "reports whether"`, f.fset.Position(group.Pos()), m)
			}
		}
	}
}
