package ingest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
)

// TestFolderPruning ingests a folder, changes it, and ingests it again.
func TestFolderPruning(t *testing.T) {
	t.Parallel()
	const base = "https://docs.test/docs/"
	api := "openapi: 3.0.0\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets: {get: {summary: Lists all pets, responses: {'200': {description: pets}}}}\n"
	remove := func(names ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, n := range names {
				if err := os.Remove(filepath.Join(dir, n)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, tt := range []struct {
		name   string
		config ingest.Config // of the second run
		change func(t *testing.T, dir string)
		gone   []string // paths below base
		kept   int
	}{
		{"a file is gone", ingest.Config{}, remove("p3.md", "p7.md"), []string{"p3.md", "p7.md"}, 0},
		{"one of equal text is gone", ingest.Config{}, remove("copy.md"), []string{"copy.md"}, 0},
		{"a description is gone", ingest.Config{}, remove("openapi.yaml"), []string{"openapi.yaml", "openapi.yaml#/paths/~1pets/get"}, 0},
		{"many are gone", ingest.Config{}, remove("p0.md", "p1.md", "p2.md", "p3.md", "p4.md"), nil, 5},
		{"many are gone, and that is right", ingest.Config{PruneAll: true}, remove("p0.md", "p1.md", "p2.md", "p3.md", "p4.md"), []string{"p0.md", "p1.md", "p2.md", "p3.md", "p4.md"}, 0},
		{"excluded", ingest.Config{Crawl: crawl.Options{Exclude: []string{"p4.md"}}}, remove(), []string{"p4.md"}, 0},
		{"not included", ingest.Config{Crawl: crawl.Options{Include: []string{"p1.md"}}}, remove(), nil, 0},
		{"too many", ingest.Config{Crawl: crawl.Options{MaxPages: 11}}, remove(), nil, 0},
		{"another base", ingest.Config{BaseURL: "https://docs.test/v2/"}, remove("p3.md"), nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := &watchedStore{}
			before := ""
			want := map[string]bool{}
			for i, config := range []ingest.Config{{}, tt.config} {
				// The folder is elsewhere each time, as a checkout is.
				dir := filepath.Join(t.TempDir(), "docs")
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				files := map[string]string{"copy.md": "# Page 9\n\nThe text of page 9.\n", "openapi.yaml": api}
				for n := range 10 {
					files[fmt.Sprintf("p%d.md", n)] = fmt.Sprintf("# Page %d\n\nThe text of page %d.\n", n, n)
				}
				for name, text := range files {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if config.BaseURL == "" {
					config.BaseURL = base
				}
				config.Opener, config.Embedder = store, newEmbedder()
				if i == 0 {
					mustIngest(t, newCrawler(t, config), dir)
					for _, row := range rows(t, &web{}, store) {
						u, _, _ := strings.Cut(row, " ")
						want[u] = true
					}
					before = strings.Join(rows(t, &web{}, store), "\n")
					continue
				}
				tt.change(t, dir)
				report := mustIngest(t, newCrawler(t, config), dir)
				warned := strings.Contains(strings.Join(report.Warnings, "\n"), "over the prune limit of 30 %")
				if report.Pruned != len(tt.gone) || report.Kept != tt.kept || warned != (tt.kept > 0) {
					t.Errorf("report = %+v, want %d pruned, %d kept", report, len(tt.gone), tt.kept)
				}
			}
			for _, path := range tt.gone {
				if !want[base+path] {
					t.Fatalf("%s was not in the index:\n%s", path, before)
				}
				delete(want, base+path)
			}
			got := map[string]bool{}
			for _, row := range rows(t, &web{}, store) {
				if u, _, _ := strings.Cut(row, " "); strings.HasPrefix(u, base) {
					got[u] = true
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages (-want +got):\n%s", diff)
			}
		})
	}
}
