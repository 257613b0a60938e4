package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/job"
	"github.com/citewell/citewell/internal/state"
)

// crawlByFlags returns the crawl that the flags of ingest describe.
func crawlByFlags(args ...string) (crawl.Options, error) {
	a := &app{getenv: func(string) string { return "" }, out: io.Discard, err: io.Discard}
	cmd, rest, err := newRoot(a).Find(append([]string{"ingest"}, args...))
	if err != nil {
		return crawl.Options{}, err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return crawl.Options{}, err
	}
	if err := a.load(cmd, a.getenv); err != nil {
		return crawl.Options{}, err
	}
	c, err := a.ingestConfig()
	return c.Crawl, err
}

// crawlOfJob returns the crawl that a runner with the sources starts for the body
// of a request.
func crawlOfJob(t *testing.T, body string, sources ...job.Source) (got crawl.Options, err error) {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "state.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := job.New(job.Config{State: db, Index: "docs", Sources: sources, New: func(c job.Crawl) (job.Ingester, error) {
		got = c.Options
		return nil, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ingestions{r}.Start(t.Context(), func(into any) error { return json.Unmarshal([]byte(body), into) })
	return got, err
}

// TestMaxDepth checks that a depth means the same on the command line, in a
// request and in the configuration file.
func TestMaxDepth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, depth string // "" leaves it out
		want        *int
		startOnly   bool
		err         string
	}{
		{"absent", "", nil, false, ""},
		{"start alone", "0", new(0), true, ""},
		{"limit", "3", new(3), false, ""},
		{"negative", "-1", nil, false, "-1 is negative: 0 takes the start alone; for no limit, leave it out"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			flags, field, line := []string{"https://e.example/"}, "", ""
			if tt.depth != "" {
				flags = append(flags, "--max-depth", tt.depth)
				field = `,"max_depth":` + tt.depth
				line = "    max_depth: " + tt.depth + "\n"
			}
			check := func(way string, got crawl.Options, err error) {
				t.Helper()
				if tt.err != "" {
					if err == nil || !strings.Contains(err.Error(), tt.err) {
						t.Errorf("%s: %v, want an error with %q", way, err, tt.err)
					}
					return
				}
				if diff := cmp.Diff(tt.want, got.MaxDepth); err != nil || diff != "" || got.StartOnly() != tt.startOnly {
					t.Errorf("%s: %v, StartOnly = %t (-want +got):\n%s", way, err, got.StartOnly(), diff)
				}
			}
			got, err := crawlByFlags(flags...)
			check("flags", got, err)

			got, err = crawlOfJob(t, `{"targets":["https://e.example/"]`+field+`}`)
			check("request", got, err)

			file := filepath.Join(t.TempDir(), "citewell.yaml")
			if err := os.WriteFile(file, []byte("sources:\n  - name: a\n    start: https://e.example/\n"+line), 0o600); err != nil {
				t.Fatal(err)
			}
			sources, err := job.LoadSources(file, os.Getenv)
			if err == nil {
				got, err = crawlOfJob(t, `{"configured":"a"}`, sources...)
			}
			check("configuration file", got, err)
		})
	}
}
