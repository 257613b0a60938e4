package main

import (
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite licences.txt")

// accepted are the licences whose terms a program under Apache-2.0 can keep: none
// asks for the source of what is linked with it. CC-BY-4.0 and OFL-1.1 are those of
// documentation and fonts in modules whose code has another.
var accepted = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "Unlicense"}

// TestLicences compares the modules of the program, on all systems that it is built
// for, and their licences with licences.txt.
func TestLicences(t *testing.T) {
	t.Chdir("../..")
	systems := []string{"linux", "darwin", "windows"}
	found := make([][]module, len(systems))
	var group sync.WaitGroup
	for i, system := range systems {
		group.Go(func() {
			var err error
			if found[i], err = modulesOf(program, "GOOS="+system, "CGO_ENABLED=0"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	licences := map[string]string{}
	for _, m := range slices.Concat(found...) {
		if _, ok := licences[m.Path]; ok {
			continue
		}
		ids, err := licencesOf(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) == 0 {
			t.Errorf("%s: no file in %s has a known licence", m.Path, m.Dir)
		}
		for _, id := range ids {
			if !slices.Contains(accepted, id) {
				t.Errorf("%s: the licence %s is not one of %q", m.Path, id, accepted)
			}
		}
		licences[m.Path] = strings.Join(ids, " ")
	}
	var lines []string
	for path, ids := range licences {
		lines = append(lines, path+" "+ids+"\n")
	}
	slices.Sort(lines)
	got := strings.Join(lines, "")
	const file = "internal/release/licences.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("modules and licences differ from %s, which go test ./internal/release -update rewrites (-file +found):\n%s", file, diff)
	}
}

func TestSBOM(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/LICENSE", text, 0o644); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := writeSBOM(&b, "v1.2.3", []module{{Path: "example.com/a", Main: true, Dir: dir}, {Path: "example.com/b", Version: "v0.1.0", Dir: dir}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"specVersion": "1.6"`, `"purl": "pkg:golang/example.com/a@v1.2.3"`, `"purl": "pkg:golang/example.com/b@v0.1.0"`, `"id": "Apache-2.0"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the bill of materials has no %s:\n%s", want, b.String())
		}
	}
}

func TestSumShares(t *testing.T) {
	const symbols = `
  4a0 100 T example.com/a.F
  4b0 50 R type:*example.com/a/sub.T
  4c0 7 T example.com/ab.(*T).M[example.com/a.X]
  4d0 1000 B example.com/a.zeros
  4e0 30 T runtime.mallocgc
  4f0 20 R go:func.*
  500 3 T net/http.Get
`
	got, err := sumShares(strings.NewReader(symbols), []string{"example.com/a", "example.com/ab"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"example.com/a": 150, "example.com/ab": 7, "Go: runtime and its tables": 50, "Go: standard library, and types without a name": 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sumShares() differs (-want +got):\n%s", diff)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"sbom"}, {"licences", "x"}, {"shares", "x"}, {"other"}} {
		if err := run(args, t.Output()); err == nil {
			t.Errorf("run(%q) has no error", args)
		}
	}
}
