package housetest

import (
	"bytes"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Sizes that readers rely on.
const (
	maxFileLines    = 300
	maxFuncLines    = 60
	maxTrackedBytes = 1 << 20
)

func TestFileLength(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.lines > maxFileLines && !f.test && !forTests(f.dir) && !ast.IsGenerated(f.ast) {
			t.Errorf("%s has %d lines, more than %d", f.path, f.lines, maxFileLines)
		}
	}
}

func TestFunctionLength(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || forTests(f.dir) || ast.IsGenerated(f.ast) {
			continue
		}
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
			if lines > maxFuncLines {
				t.Errorf("%s: %s has %d lines, more than %d", f.path, fn.Name.Name, lines, maxFuncLines)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	comments := map[string]string{}
	names := map[string]string{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		names[f.dir] = f.ast.Name.Name
		if f.ast.Doc != nil {
			comments[f.dir] += f.ast.Doc.Text()
		}
	}
	for dir, name := range names {
		want := "Package " + name + " "
		if name == "main" {
			want = ""
		}
		if c := comments[dir]; c == "" || !strings.HasPrefix(c, want) {
			t.Errorf("%s has no package comment that begins with %q", dir, want)
		}
	}
}

// tracked returns the files that git knows, or skips the test outside of a clone.
func tracked(t *testing.T) []string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("not in a clone")
	}
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// foreign lists what no file may name: hosts of package registries, which users
// choose in their own settings, and folders of one machine.
var foreign = []string{
	"pypi" + ".org", "python" + "hosted", "proxy.golang" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org",
	"crates" + ".io", "repo1.maven" + ".org", "/wor" + "k/", "/roo" + "t/",
}

// large are the files that may be larger than maxTrackedBytes: PDFium, which no module
// offers to embed without 10 MB of Go that is not used, and a vocabulary, which one
// module offers with 5 MB that are not used.
var large = map[string]bool{"ingest/pdf/pdfium.wasm.gz": true, "answer/llm/o200k_base.tiktoken.gz": true}

func TestTrackedFiles(t *testing.T) {
	for _, path := range tracked(t) {
		b, err := os.ReadFile(filepath.Join(root, path))
		if os.IsNotExist(err) {
			continue // deleted, not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > maxTrackedBytes && !large[path] {
			t.Errorf("%s has %d bytes, more than %d", path, len(b), maxTrackedBytes)
		}
		for _, word := range foreign {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s contains %q: no file may name a package registry's host or a folder of one machine", path, word)
			}
		}
	}
}

// milvusImage matches the official image with its version.
var milvusImage = regexp.MustCompile(`milvusdb/milvus:v[\w.-]+`)

func TestMilvusImageIsTheSame(t *testing.T) {
	compose := milvusImage.FindString(read(t, "docker-compose.yml"))
	if compose == "" {
		t.Fatal("docker-compose.yml names no Milvus image with its version")
	}
	found := false
	for _, f := range goFiles(t) {
		for _, got := range milvusImage.FindAllString(read(t, f.path), -1) {
			found = found || f.dir == "internal/milvustest"
			if got != compose {
				t.Errorf("%s names %s, docker-compose.yml %s", f.path, got, compose)
			}
		}
	}
	if !found {
		t.Error("internal/milvustest does not name a Milvus image with its version")
	}
}

func TestStandInsAreTheDockerfilesBases(t *testing.T) {
	standin := read(t, ".ci/debian-standin")
	bases := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(read(t, "Dockerfile"), -1)
	if len(bases) == 0 {
		t.Fatal("the Dockerfile has no base")
	}
	for _, b := range bases {
		if !strings.Contains(standin, "="+b[1]+"\n") {
			t.Errorf("the Dockerfile builds on %s, which .ci/debian-standin does not build", b[1])
		}
	}
}

// directive matches what go install refuses in the go.mod of the program that it is
// to install.
var directive = regexp.MustCompile(`(?m)^(replace|exclude)\b.*`)

func TestInstallable(t *testing.T) {
	if found := directive.FindString(read(t, "go.mod")); found != "" {
		t.Errorf("go.mod has the line %q: go install of a version refuses such a module", found)
	}
}
