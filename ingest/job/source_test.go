package job_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/job"
)

func env(name string) string {
	return map[string]string{"DOCS_TOKEN": "hunter2", "BAD": "a\nb"}[name]
}

func load(t *testing.T, text string) ([]job.Source, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "citewell.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return job.LoadSources(file, env)
}

func TestLoadSources(t *testing.T) {
	got, err := load(t, `
# What is ingested every night.
sources:
  - name: manual
    start: https://docs.example.com/
    source: docs
    include: ["/guide/**"]
    exclude: ["**/old/**"]
    selector: main article
    max_pages: 5000
    max_depth: 3
    rate: 5
    headers: {Authorization: "Bearer ${DOCS_TOKEN}", X-Plain: "$5"}
    canonical_base: https://docs.example.com/
    ignore_robots: true
    allow_private: true
  - name: blog
    start: http://127.0.0.1:8000/blog
`)
	want := []job.Source{
		{Name: "manual", Start: "https://docs.example.com/", Options: crawl.Options{
			Source: "docs", Include: []string{"/guide/**"}, Exclude: []string{"**/old/**"}, Selector: "main article",
			MaxPages: 5000, MaxDepth: new(3), Rate: 5, Headers: map[string]string{"Authorization": "Bearer hunter2", "X-Plain": "$5"},
			CanonicalBase: "https://docs.example.com/", IgnoreRobots: true, AllowPrivate: true}},
		{Name: "blog", Start: "http://127.0.0.1:8000/blog"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("LoadSources: %v (-want +got):\n%s", err, diff)
	}
	for _, empty := range []string{"", "# nothing\n", "sources:\n", "sources: []\n"} {
		if got, err := load(t, empty); len(got) != 0 || err != nil {
			t.Errorf("LoadSources(%q) = %+v, %v", empty, got, err)
		}
	}
	if _, err := job.LoadSources(filepath.Join(t.TempDir(), "none.yaml"), env); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("LoadSources of no file = %v, want fs.ErrNotExist", err)
	}
}

func TestLoadSourcesRefuses(t *testing.T) {
	const one = "sources:\n  - name: a\n    start: https://e.example/\n"
	for _, tt := range []struct{ name, text, want string }{
		{"unknown setting", one + "    selektor: main\n", `line 4: a source has no setting "selektor": it has name`},
		{"unknown top", one + "recrawl: 24h\n", `line 4: there is no setting "recrawl": the file holds sources and page`},
		{"twice the same", one + "    start: https://f.example/\n", "line 4"},
		{"wrong type", one + "    max_pages: many\n", "line 4"},
		{"not YAML", one + "   - x: [\n", "line "},
		{"no list", "sources: https://e.example/\n", "line 1"},
		{"two documents", one + "---\n" + one, "more than one document"},
		{"no name", "sources:\n\n  - start: https://e.example/\n", "line 3: its name"},
		{"bad name", "sources:\n  - name: a b\n    start: https://e.example/\n", "line 2: its name"},
		{"no start", "sources:\n  - name: a\n", "line 2: start is missing"},
		{"file", "sources:\n  - name: a\n    start: ./docs\n", "line 2: start is not an http"},
		{"password", "sources:\n  - name: a\n    start: https://ada:hunter2@e.example/\n", "line 2: start holds a user name"},
		{"same name", one + "  - name: a\n    start: https://f.example/\n", "line 4: there is a source named a above"},
		{"negative", one + "    max_pages: -1\n", "line 2: max_pages -1 is negative"},
		{"depth", one + "    max_depth: -2\n", "line 2: max_depth"},
		{"rate", one + "    rate: .nan\n", "line 2: rate"},
		{"base", one + "    canonical_base: docs\n", "line 2: canonical_base"},
		{"header name", one + "    headers: {\"a b\": x}\n", `line 2: headers hold "a b"`},
		{"header value", one + "    headers: {a: \"x\\ny\"}\n", `line 2: headers hold "a"`},
		{"no variable", one + "    headers: {a: \"${NONE}\"}\n", "line 2: the header a needs the environment variable NONE"},
		{"bad variable", one + "    headers: {a: \"${BAD}\"}\n", "line 2: the header a has a value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "citewell.yaml: ") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("LoadSources = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	d := openState(t, filepath.Join(t.TempDir(), "x.db"))
	for name, c := range map[string]job.Config{
		"no state":   {Index: "docs", New: new(site).new},
		"no index":   {State: d, New: new(site).new},
		"no factory": {State: d, Index: "docs"},
		"negative":   {State: d, Index: "docs", New: new(site).new, MaxWaiting: -1},
		"bad source": {State: d, Index: "docs", New: new(site).new, Sources: []job.Source{{Name: "a"}}},
	} {
		if r, err := job.New(c); err == nil || r != nil {
			t.Errorf("New, %s = %v, %v, want an error", name, r, err)
		}
	}
}
