package ingest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/folder"
)

func TestPublishedAddresses(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"index.md", "a.md", "b.md", "c/d.md"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("# "+name+"\n\nA text.\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, end string // of the pages of the site
		style     folder.Style
		want      string
	}{
		{"right", ".html", folder.StyleHTML, ""},
		{"other style", ".html", folder.StyleDirectory, "ingest with --url-style html"},
		{"other place", ".php", folder.StyleDirectory, "check --base-url and --url-style"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWeb(t)
			for _, p := range []string{"/a", "/b", "/c/d"} {
				w.set(p+tt.end, page("X", "A page."))
			}
			in := newCrawler(t, ingest.Config{Opener: &watchedStore{}, Embedder: newEmbedder(), BaseURL: w.url + "/", URLStyle: tt.style})
			for range 2 { // Only a new folder is compared.
				got := strings.Join(mustIngest(t, in, dir).Warnings, "\n")
				if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
					t.Errorf("warnings %q, want %q", got, tt.want)
				}
				tt.want = ""
			}
		})
	}
	for style, want := range map[folder.Style]int{"": 1, folder.StyleHTML: 0} {
		in := newCrawler(t, ingest.Config{Opener: &watchedStore{}, Embedder: newEmbedder(), BaseURL: "http://127.0.0.1:1/", URLStyle: style})
		report := mustIngest(t, in, dir)
		got := report.Warnings
		if len(got) != want || want > 0 && !strings.Contains(got[0], "/a/, ingest with --url-style directory, if at http://127.0.0.1:1/a.html, with --url-style html") {
			t.Errorf("warnings %q of a site that can't be reached, with style %q", got, style)
		}
		if report.Read[".md"] != 4 {
			t.Errorf("read %v, want 4 .md", report.Read)
		}
	}
}
