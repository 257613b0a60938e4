package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func all(c *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{c}
	for _, s := range c.Commands() {
		out = append(out, all(s)...)
	}
	return out
}

// TestExamples checks that the help of each command has an example that the program takes.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, c := range all(newRoot(&app{getenv: func(string) string { return "" }, out: io.Discard, err: io.Discard})) {
		args, ok := commandLine(c.Example)
		if !ok || !strings.HasPrefix(c.Example, indent+c.CommandPath()) {
			t.Errorf("the example of %s is %q", c.CommandPath(), c.Example)
			continue
		}
		checkCommand(t, c.CommandPath(), args)
	}
}

// noJSON are the commands whose output is no result: those that serve.
var noJSON = []string{"citewell mcp", "citewell serve"}

// TestJSON checks that all other commands have --json.
func TestJSON(t *testing.T) {
	t.Parallel()
	var without []string
	for _, c := range leaves(newRoot(&app{getenv: func(string) string { return "" }, out: io.Discard, err: io.Discard})) {
		if c.Flags().Lookup("json") == nil {
			without = append(without, c.CommandPath())
		}
	}
	slices.Sort(without)
	if diff := cmp.Diff(noJSON, without); diff != "" {
		t.Errorf("commands without --json (-allowed +are):\n%s", diff)
	}
}

// configured runs citewell config with a configuration file and variables.
func configured(t *testing.T, file string, env map[string]string, args ...string) (map[string]effective, string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "citewell.yaml")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	err := run(t.Context(), append([]string{"config", "--json", "--config", name}, args...), func(n string) string { return env[n] }, &out, &stderr)
	got := map[string]effective{}
	for line := range strings.Lines(out.String()) {
		var e effective
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		e.Origin = strings.ReplaceAll(e.Origin, name, "FILE")
		got[e.Name] = e
	}
	return got, out.String(), err
}

// TestConfig checks where settings come from, and that no secret is printed.
func TestConfig(t *testing.T) {
	t.Parallel()
	const file = `sources: [{name: docs, start: "https://docs.example.com/"}]
page: {title: Kettle}
settings:
  name: from-file
  milvus: http://user:hunter2@milvus:19530
  addr: 127.0.0.1:1
  min-evidence: 0.3
  allowed-origin: ["https://a.example", "https://b.example"]
  log-format: json
  embedder: tei
  TEI_BASE_URL: http://127.0.0.1:8081
  TEI_API_KEY: hunter2-file
`
	env := map[string]string{"MILVUS_URI": "http://other:19530", "CITEWELL_MIN_EVIDENCE": "0.4", "OPENAI_API_KEY": "hunter2-env", "CITEWELL_TOKEN": "hunter2-token-0123456789", "MILVUS_TOKEN": "hunter2"}
	if _, _, err := configured(t, file, env, "serve", "--k", "7"); err == nil { // serve has no -k
		t.Error("an unknown flag is taken")
	}
	got, printed, err := configured(t, file, env, "serve", "--min-evidence", "0.5", "--state", "postgres://u:hunter2@db/x")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []effective{
		{"--min-evidence", "0.5", originFlag},
		{"--milvus", "http://other:19530", "MILVUS_URI"},
		{"--name", "from-file", "FILE, line 4"},
		{"--allowed-origin", "https://a.example, https://b.example", "FILE, line 8"},
		{"--metric", "L2", originDefault},
		{"TEI_API_KEY", "REDACTED", "FILE, line 12"},
		{"TEI_BASE_URL", "http://127.0.0.1:8081", "FILE, line 11"},
		{"OPENAI_API_KEY", "REDACTED", "OPENAI_API_KEY"},
		{"CITEWELL_TOKEN", "REDACTED", "CITEWELL_TOKEN"},
	} {
		if got[want.Name] != want {
			t.Errorf("%s = %+v, want %+v", want.Name, got[want.Name], want)
		}
	}
	if strings.Contains(printed, "hunter2") {
		t.Errorf("a secret is printed:\n%s", printed)
	}
	if got, printed, err = configured(t, "", nil, "ingest", "--header", "Authorization: Bearer hunter2", "https://e.example/"); err != nil || strings.Contains(printed, "hunter2") || got["--header"].Value != "Authorization: REDACTED" {
		t.Errorf("%v, %+v", err, got["--header"])
	}
	if got, _, err = configured(t, "", nil, "version"); err != nil || got["--log-format"].Value != "text" {
		t.Errorf("%v, %+v", err, got)
	}
	for name, tt := range map[string]struct{ file, want string }{
		"unknown name": {"settings:\n  milvuss: x", `line 2: there is no flag or variable "milvuss"`},
		"not ours":     {"settings: {XDG_CACHE_HOME: /tmp}", "there is no flag or variable"},
		"no value":     {"settings: {name: {a: b}}", "must be a value or a list"},
		"a list":       {"settings: [name]", "settings must be names with values"},
		"wrong value":  {"settings:\n  size: many", "line 2: "},
	} {
		if _, _, err := configured(t, tt.file, nil); err == nil || !strings.Contains(err.Error(), tt.want) || exitCode(err) != exitUsage {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// TestFoundFile checks that a file that the user has not named says nothing of keys, and
// removes nothing.
func TestFoundFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for file, tt := range map[string]struct{ args, want string }{
		"settings: {OPENAI_BASE_URL: 'http://e.example'}": {"version", "names alone"},
		"settings: {name: docs}":                          {"rm", "rm needs the URLs"},
	} {
		if err := os.WriteFile(defaultConfigFile, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		err := run(t.Context(), []string{tt.args}, func(string) string { return "" }, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %s = %v, want %q", tt.args, file, err, tt.want)
		}
	}
}

// TestLogFormat checks the form and the level of log lines.
func TestLogFormat(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := &app{err: &out}
	a.logFormat, a.logLevel = "json", "error"
	a.log().Warn("not this")
	a.log().Error("broken", "url", "https://u:hunter2@h.example/")
	var line map[string]string
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["msg"] != "broken" || line["url"] != "https://REDACTED@h.example/" {
		t.Errorf("the log is %s: %v", &out, err)
	}
	if err := run(t.Context(), []string{"version", "--log-level", "loud"}, func(string) string { return "" }, io.Discard, io.Discard); exitCode(err) != exitUsage {
		t.Errorf("an unknown level = %v", err)
	}
}
