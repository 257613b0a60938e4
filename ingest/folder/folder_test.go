package folder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/folder"
)

// writeFolder writes empty files and returns the folder.
func writeFolder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFiles(t *testing.T) {
	dir := writeFolder(t, "index.html", "a b/index.html", "a b/page.HTM", "guide.md", "notes.txt", "app.js",
		".hidden.html", ".git/x.html", "sub/index.html/deep.markdown")
	for _, tt := range []struct {
		name, target, base string
		want               []string
	}{
		{"folder with base", dir, "https://docs.example.com/v1/?q#f", []string{
			"https://docs.example.com/v1/a%20b/",
			"https://docs.example.com/v1/a%20b/page.HTM",
			"https://docs.example.com/v1/guide.md",
			"https://docs.example.com/v1/",
			"https://docs.example.com/v1/notes.txt",
			"https://docs.example.com/v1/sub/index.html/deep.markdown",
		}},
		{"folder", dir, "", []string{
			dir + "/a b/index.html", dir + "/a b/page.HTM", dir + "/guide.md", dir + "/index.html",
			dir + "/notes.txt", dir + "/sub/index.html/deep.markdown",
		}},
		{"file with base", dir + "/guide.md", "https://docs.example.com", []string{"https://docs.example.com/guide.md"}},
		{"file of any name", dir + "/app.js", "", []string{dir + "/app.js"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, err := folder.Files(tt.target, tt.base)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range files {
				got = append(got, f.URL)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Files(%q, %q) (-want +got):\n%s", tt.target, tt.base, diff)
			}
		})
	}
}

func TestFilesRefuses(t *testing.T) {
	dir := writeFolder(t, "app.js", "large.html")
	for _, tt := range []struct{ name, target, base, want string }{
		{"missing", dir + "/nowhere", "", "no such file or folder"},
		{"nothing to read", dir + "/sub", "", "no such file"},
		{"base", dir, "docs.example.com", "not an http or https address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := folder.Files(tt.target, tt.base); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Files(%q, %q) = %v, want %q", tt.target, tt.base, err, tt.want)
			}
		})
	}
	if _, err := folder.Files(writeFolder(t, "app.js"), ""); err == nil || !strings.Contains(err.Error(), "holds no .html") {
		t.Errorf("Files of a folder of scripts = %v, want an error", err)
	}
}

func TestRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(name, []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := folder.Read(name, 5); err != nil || string(got) != "12345" {
		t.Errorf("ReadFile(limit 5) = %q, %v", got, err)
	}
	if _, err := folder.Read(name, 4); err == nil || !strings.Contains(err.Error(), "larger than the limit of 4 bytes") {
		t.Errorf("ReadFile(limit 4) = %v, want an error", err)
	}
	if _, err := folder.Read(name+"x", 0); err == nil {
		t.Error("ReadFile of no file succeeds")
	}
}
