package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// loaded returns an app whose settings come from a command line and variables.
func loaded(t *testing.T, vars map[string]string, args ...string) (*app, error) {
	t.Helper()
	a := &app{getenv: func(name string) string { return vars[name] }, out: io.Discard, err: io.Discard}
	root := newRoot(a)
	cmd, rest, err := root.Find(args)
	if err != nil {
		t.Fatal(err)
	}
	cmd.RunE = func(*cobra.Command, []string) error { return nil }
	if err := cmd.ParseFlags(rest); err != nil {
		return a, err
	}
	return a, a.load(cmd, a.getenv)
}

// nowhere is a network without any server.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network")
}

// modelRow matches a row of a table of models: name, variables, command.
var (
	modelRow = regexp.MustCompile("(?m)^\\| ([^|]+) \\| ([^|]*)\\| `(citewell ask [^`]+)` \\|$")
	variable = regexp.MustCompile("`([A-Z_]+)`")
)

// TestModelCommands checks that each row of the tables "which model, which
// settings" configures a model that its profile takes.
func TestModelCommands(t *testing.T) {
	for _, file := range []string{"../../README.md", "../../docs/models.md"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows := modelRow.FindAllStringSubmatch(string(b), -1)
		if len(rows) < 8 {
			t.Errorf("%s has %d rows of models: is the pattern still right?", file, len(rows))
		}
		for _, row := range rows {
			vars := map[string]string{}
			for _, v := range variable.FindAllStringSubmatch(row[2], -1) {
				vars[v[1]] = "key"
				if strings.HasSuffix(v[1], "_ENDPOINT") || strings.HasSuffix(v[1], "_URL") {
					vars[v[1]] = "https://example.openai.azure.com"
				}
			}
			args, ok := commandLine(row[3])
			if !ok {
				t.Fatalf("%s: %q is no command line", file, row[3])
			}
			a, err := loaded(t, vars, args...)
			if err != nil || !a.hasModel() {
				t.Errorf("%s: %s with %v: model %v, %v", file, row[3], vars, a.hasModel(), err)
				continue
			}
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			a.transport = nowhere{}
			m, err := a.newModel(t.Context())
			if err != nil {
				t.Errorf("%s: %s: %v", file, row[3], err)
			} else if p := m.Profile(); p.Name == "compatible" && !strings.Contains(row[1], "compatible") {
				t.Errorf("%s: %s runs under the profile compatible: %s", file, row[3], p.Why)
			}
			for name := range vars { // and that none of them is left over
				rest := map[string]string{}
				for k, v := range vars {
					if k != name {
						rest[k] = v
					}
				}
				if a, err := loaded(t, rest, args...); err == nil && a.hasModel() && name != "OPENAI_BASE_URL" && name != "AZURE_OPENAI_API_KEY" && name != "OPENAI_API_KEY" {
					t.Errorf("%s: %s does not need %s", file, row[3], name)
				}
			}
		}
	}
}

// TestProfilesAreDocumented checks that the guide's table has every profile.
func TestProfilesAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(b), "## Known models")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, name := range llm.ProfileNames() {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("docs/models.md does not describe the profile %s", name)
		}
	}
}

// TestModelSettings checks which settings make a model, and what is said of those
// that are missing.
func TestModelSettings(t *testing.T) {
	for _, tt := range []struct {
		name  string
		vars  map[string]string
		args  []string
		model string // "" means none
		says  string // of the error; "" means none
	}{
		{"nothing", nil, nil, "", ""},
		{"key", map[string]string{"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, nil, "gpt-6.1-terra", ""},
		{"none", map[string]string{"OPENAI_API_KEY": "k"}, []string{"--model", "none"}, "", ""},
		{"another's key", map[string]string{"ANTHROPIC_API_KEY": "k"}, nil, "", ""},
		{"anthropic", map[string]string{"ANTHROPIC_API_KEY": "k"}, []string{"--provider", "anthropic"}, "claude-sonnet-5-5", ""},
		{"by variable", map[string]string{"DEEPSEEK_API_KEY": "k", "CITEWELL_PROVIDER": "deepseek"}, nil, "deepseek-v4-flash", ""},
		{"no key there", map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, []string{"--provider", "openai", "--model", "m"}, "m", ""},
		{"temperature 1", map[string]string{"OPENAI_API_KEY": "k"}, []string{"--model", "o1-mini", "--temperature", "1"}, "o1-mini", ""},
		{"unknown provider", nil, []string{"--provider", "nobody"}, "", "choose openai, azure"},
		{"no key", nil, []string{"--provider", "openrouter"}, "", "OPENROUTER_API_KEY"},
		{"no endpoint", map[string]string{"AZURE_OPENAI_API_KEY": "k"}, []string{"--provider", "azure", "--model", "m"}, "", "AZURE_OPENAI_ENDPOINT"},
		{"temperature", map[string]string{"OPENAI_API_KEY": "k"}, []string{"--temperature", "0.2"}, "", "gpt-6.1-terra: "},
		{"no number", map[string]string{"OPENAI_API_KEY": "k"}, []string{"--temperature", "warm"}, "", "not a number"},
		{"effort", map[string]string{"OPENAI_API_KEY": "k"}, []string{"--model", "o1-mini", "--effort", "low"}, "", "reasoning_effort"},
		{"profile", map[string]string{"OPENAI_API_KEY": "k"}, []string{"--model-profile", "n9"}, "", "--model-profile"},
		{"api-version", map[string]string{"AZURE_OPENAI_ENDPOINT": "https://n", "AZURE_OPENAI_API_KEY": "k"},
			[]string{"--provider", "azure", "--model", "o1", "--api-version", "2024-10-21"}, "", "2024-12-01-preview"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := loaded(t, tt.vars, slices.Concat([]string{"ask"}, tt.args, []string{"q"})...)
			if tt.says != "" {
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("load = %v, want it to say %s", err, tt.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if a.hasModel() {
				m, err := a.newModel(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got = m.Model()
			}
			if got != tt.model {
				t.Errorf("model = %q, want %q", got, tt.model)
			}
		})
	}
}

// TestCheckModel checks what doctor says of a model.
func TestCheckModel(t *testing.T) {
	t.Parallel()
	s := llmtest.Emulate(t, emulate.Config{Models: map[string]string{"prod": "o1-mini", "o1-mini": "o1-mini", "gpt-5.6": "gpt-5.6"}})
	for _, tt := range []struct {
		name, model string
		says        []string
	}{
		{"by the Responses API", "gpt-5.6", []string{"gpt-5.6 answers", "asked by the Responses API"}},
		{"known", "o1-mini", []string{"o1-mini answers, as o1-mini-2024-09-12", "under profile o1-mini", "by the model's name"}},
		{"hidden", "prod", []string{"profile compatible", "--model-profile o1-mini"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := loaded(t, map[string]string{"OPENAI_API_KEY": llmtest.Key, "OPENAI_BASE_URL": s.URL, "CITEWELL_API": "responses"}, "doctor", "--model", tt.model)
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.checkModel(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range tt.says {
				if !strings.Contains(got, part) {
					t.Errorf("checkModel = %q, want it to say %q", got, part)
				}
			}
		})
	}
}

// TestKeysStayHidden checks that no way of printing the settings shows a key.
func TestKeysStayHidden(t *testing.T) {
	t.Parallel()
	a, err := loaded(t, map[string]string{"ANTHROPIC_API_KEY": "sk-very-secret"}, "ask", "--provider", "anthropic", "q")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for name, v := range a.modelVars {
		b.WriteString(name + "=" + v.String() + " " + v.LogValue().String() + "\n")
	}
	if strings.Contains(b.String(), "sk-very-secret") || !strings.Contains(b.String(), "REDACTED") {
		t.Errorf("the settings print as %s", b.String())
	}
}
