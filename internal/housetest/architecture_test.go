package housetest

import (
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// section returns the part of ARCHITECTURE.md below a second-level heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(read(t, "ARCHITECTURE.md"), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("ARCHITECTURE.md has no section %q", heading)
	}
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}

func TestArchitecturePackages(t *testing.T) {
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^(\S+) +— \S`).FindAllStringSubmatch(section(t, "Packages"), -1) {
		want = append(want, m[1])
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, packages(goFiles(t))); diff != "" {
		t.Errorf("packages (-ARCHITECTURE.md +code):\n%s", diff)
	}
}

func TestArchitectureArrows(t *testing.T) {
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^(\S+) → (.+)$`).FindAllStringSubmatch(section(t, "Arrows"), -1) {
		for to := range strings.SplitSeq(m[2], ", ") {
			want = append(want, m[1]+" → "+to)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, arrows(goFiles(t))); diff != "" {
		t.Errorf("arrows (-ARCHITECTURE.md +code):\n%s", diff)
	}
}

// arrows returns which owner imports which other, apart from tests.
func arrows(files []goFile) []string {
	seen := map[string]bool{}
	for _, f := range files {
		from, _, _ := ownerOf(f.dir)
		if f.test || forTests(f.dir) {
			continue
		}
		for _, imp := range f.imports() {
			pkg, ours := strings.CutPrefix(imp, module+"/")
			if to, _, _ := ownerOf(pkg); ours && to != from {
				seen[from+" → "+to] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func TestArchitectureLibraries(t *testing.T) {
	var want []string
	row := regexp.MustCompile(`(?m)^\| \x60([^\x60]+)\x60 \| [^|]+ \| [^|]+ \|$`)
	for _, m := range row.FindAllStringSubmatch(section(t, "Libraries"), -1) {
		want = append(want, m[1])
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, direct(t)); diff != "" {
		t.Errorf("libraries (-ARCHITECTURE.md +imported):\n%s", diff)
	}
}

// direct returns the modules of go.mod that some file imports.
func direct(t *testing.T) []string {
	t.Helper()
	var modules []string
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) v\S+`).FindAllStringSubmatch(read(t, "go.mod"), -1) {
		modules = append(modules, m[1])
	}
	seen := map[string]bool{}
	for _, f := range goFiles(t) {
		for _, imp := range f.imports() {
			best := ""
			for _, m := range modules {
				if within(imp, m) && len(m) > len(best) {
					best = m
				}
			}
			if best != "" {
				seen[best] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

const maxTerms = 25

func TestArchitectureGlossary(t *testing.T) {
	rows := regexp.MustCompile(`(?m)^\| [^|]+ \| [^|]+ \|$`).FindAllString(section(t, "Glossary"), -1)
	if n := len(rows) - 1; n < 1 || n > maxTerms { // without the heading
		t.Errorf("the glossary of ARCHITECTURE.md has %d terms, want 1 to %d", n, maxTerms)
	}
}

func TestArchitectureInvariants(t *testing.T) {
	text := section(t, "Invariants")
	rows := regexp.MustCompile(`(?m)^\| \d+ \|.*$`).FindAllString(text, -1)
	if len(rows) == 0 {
		t.Fatal("ARCHITECTURE.md lists no invariants")
	}
	name := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)\\w+)`")
	script := regexp.MustCompile("`([a-z0-9/]+)/testdata/script/(\\w+\\.txtar)`")
	funcs := testFuncs(goFiles(t))
	for _, row := range rows {
		tests, scripts := name.FindAllStringSubmatch(row, -1), script.FindAllString(row, -1)
		if len(tests)+len(scripts) == 0 {
			t.Errorf("the row names no test: %s", row)
		}
		for _, m := range tests {
			if !funcs[m[1]+"."+m[2]] {
				t.Errorf("ARCHITECTURE.md names the test %s.%s, which does not exist", m[1], m[2])
			}
		}
		for _, s := range scripts {
			if _, err := os.Stat(filepath.Join(root, strings.Trim(s, "`"))); err != nil {
				t.Errorf("ARCHITECTURE.md names %s, which does not exist", s)
			}
		}
	}
}

// TestSecurityTests checks that the tests that SECURITY.md names exist.
func TestSecurityTests(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	funcs, named := testFuncs(goFiles(t)), regexp.MustCompile("`([a-z0-9/]+\\.(?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(b), -1)
	if len(named) == 0 {
		t.Fatal("SECURITY.md names no test")
	}
	for _, m := range named {
		if !funcs[m[1]] {
			t.Errorf("SECURITY.md names the test %s, which does not exist", m[1])
		}
	}
}

// testFuncs returns the names of all tests, "package.TestName".
func testFuncs(files []goFile) map[string]bool {
	seen := map[string]bool{}
	for _, f := range files {
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && f.test && (strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Fuzz")) {
				seen[f.dir+"."+fn.Name.Name] = true
			}
		}
	}
	return seen
}
