package folder_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/folder"
)

// TestLinks checks that links to files of the project are read at their own address, and
// that others are not.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files []string // beside docs/index.md and the links
		want  []string
	}{
		{"without settings", nil, []string{"https://e.org/index.md", "https://e.org/inside.md"}},
		{"of a generator", []string{"project/mkdocs.yml"}, []string{"https://e.org/", "https://e.org/inside/", "https://e.org/rule/"}},
		{"of a working tree", []string{"project/.git/HEAD"}, []string{"https://e.org/index.md", "https://e.org/inside.md", "https://e.org/rule.md"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			docs := filepath.Join(dir, "project/docs")
			for _, name := range append(tt.files, "project/docs/index.md", "project/src/rule.md", "project/src/sub/x.md", "secret.md") {
				write(t, filepath.Join(dir, name), []byte("site_name: X\n"))
			}
			for name, to := range map[string]string{"inside.md": "index.md", "rule.md": "../src/rule.md", "out.md": "../../secret.md", "absolute.md": filepath.Join(dir, "secret.md"), "gone.md": "nowhere.md", "sub": "../src/sub", "chain.md": "out.md"} {
				if err := os.Symlink(to, filepath.Join(docs, name)); err != nil {
					t.Fatal(err)
				}
			}
			here, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			relative, err := filepath.Rel(here, docs)
			if err != nil {
				t.Fatal(err)
			}
			got, err := folder.List(relative, folder.Options{Base: "https://e.org/"})
			if err != nil {
				t.Fatal(err)
			}
			var have []string
			for _, f := range got.Files {
				have = append(have, f.URL)
				if b, err := folder.Read(f, 0); err != nil || len(b) == 0 {
					t.Errorf("Read(%s) = %q, %v", f.Path, b, err)
				}
			}
			if diff := cmp.Diff(tt.want, have); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}
