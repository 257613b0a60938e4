package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write the tables of docs/cli.md")

// environment documents the variables that are no flag's.
var environment = [][2]string{
	{"OPENAI_API_KEY", "`--provider` openai or vllm, and `--embedder openai`: key of the service"},
	{"OPENAI_BASE_URL", "`--provider` openai or vllm, and `--embedder openai`: address of an OpenAI-compatible service, such as `http://localhost:8000/v1`"},
	{"AZURE_OPENAI_ENDPOINT", "`--provider azure` and `--embedder azure`: address of the resource, such as `https://example.openai.azure.com`"},
	{"AZURE_OPENAI_API_KEY", "`--provider azure` and `--embedder azure`: its key; without one, the Entra ID you are signed in with"},
	{"ANTHROPIC_API_KEY", "`--provider anthropic`: key of the service"},
	{"ANTHROPIC_BASE_URL", "`--provider anthropic`: address of a gateway, instead of Anthropic's API"},
	{"AIMLAPI_API_KEY", "`--provider aimlapi`: key of the service"},
	{"DEEPSEEK_API_KEY", "`--provider deepseek`: key of the service"},
	{"OPENROUTER_API_KEY", "`--provider openrouter`: key of the service"},
	{"NVIDIA_API_KEY", "`--embedder nvidia`: key of the service"},
	{"NVIDIA_BASE_URL", "`--embedder nvidia`: address of your own NIM, such as `http://localhost:8000/v1`"},
	{"COHERE_API_KEY", "`--embedder cohere` and `--rerank cohere`: key of the service"},
	{"OLLAMA_HOST", "`--provider ollama` and `--embedder ollama`: where Ollama listens (default `127.0.0.1:11434`), read as Ollama reads it: without a scheme the port is 11434, `http://host` means port 80"},
	{"TEI_BASE_URL", "`--embedder tei`: address of a Text Embeddings Inference server, such as `http://127.0.0.1:8081`"},
	{"TEI_API_KEY", "`--embedder tei`: its key, if it requires one"},
	{"COHERE_BASE_URL", "`--rerank cohere`: address of a gateway, instead of Cohere's API"},
	{"JINA_API_KEY", "`--rerank jina`: key of the service"},
	{"JINA_BASE_URL", "`--rerank jina`: address of a gateway, instead of Jina's API"},
	{"VOYAGE_API_KEY", "`--rerank voyage`: key of the service"},
	{"VOYAGE_BASE_URL", "`--rerank voyage`: address of a gateway, instead of Voyage's API"},
	{"TEI_RERANK_URL", "`--rerank tei`: address of a Text Embeddings Inference server with a reranking model, such as `http://127.0.0.1:8082`"},
	{"TEI_RERANK_API_KEY", "`--rerank tei`: its key, if it requires one"},
	{"CITEWELL_TOKEN", "key of `citewell serve` that gives all rights, instead of that in `--token-file`"},
	{"MILVUS_TOKEN", "token or `user:password` of a Milvus server or Zilliz Cloud"},
	{"CITEWELL_MODEL_DIR", "folder with `model.safetensors` and `vocab.txt` of all-MiniLM-L6-v2, or `e5-small-q4.bin` of multilingual-e5-small, instead of downloading them"},
	{"CITEWELL_MILVUS_LITE", "folder with the Milvus Lite 2.5.1 program, instead of downloading it"},
	{"…_FILE", "file with the value of a variable that ends in `_KEY` or `_TOKEN`, or of `CITEWELL_STATE`: `OPENAI_API_KEY_FILE=/run/secrets/openai`"},
	{"XDG_CACHE_HOME", "cache folder; downloads and the demo's index are in its folder `citewell`"},
}

// TestCLITables holds the tables of docs/cli.md to the program.
func TestCLITables(t *testing.T) {
	const file, begin, end = "../../docs/cli.md", "<!-- tables: begin -->\n", "<!-- tables: end -->\n"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	have, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %q … %q", file, begin, end)
	}
	want := cliTables()
	if *update {
		if err := os.WriteFile(file, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s differs from the program (-program +file); go test ./cmd/citewell -run TestCLITables -update writes it:\n%s", file, diff)
	}
}

// TestEnvironment checks that the documented variables are those that are read.
func TestEnvironment(t *testing.T) {
	want := map[string]bool{}
	for _, e := range environment {
		want[e[0]] = true
	}
	delete(want, "XDG_CACHE_HOME") // read by os.UserCacheDir
	delete(want, "…_FILE")
	read := map[string]bool{}
	a := &app{out: io.Discard, err: io.Discard, getenv: func(name string) string {
		if secret, ok := strings.CutSuffix(name, "_FILE"); !ok || !isSecretVar(secret) { // the rule is documented once
			read[name] = true
		}
		return ""
	}}
	for _, c := range leaves(newRoot(a)) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			for _, name := range envNames(f.Name) {
				want[name] = true
			}
		})
		if err := a.load(c, a.getenv); err != nil {
			t.Errorf("defaults of %s: %v", c.Name(), err)
		}
	}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("variables documented (-) and read (+):\n%s", diff)
	}
}

// cliTables describes commands, flags and variables in Markdown.
func cliTables() string {
	var b strings.Builder
	root := newRoot(&app{getenv: func(string) string { return "" }, out: io.Discard, err: io.Discard})
	commands := leaves(root)
	slices.SortFunc(commands, func(x, y *cobra.Command) int { return strings.Compare(x.CommandPath(), y.CommandPath()) })
	flags, users := map[string]*pflag.Flag{}, map[string][]string{}
	b.WriteString("\n## Commands\n\n| command | what it does |\n|---|---|\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "| `%s%s` | %s |\n", c.CommandPath(), strings.ReplaceAll(strings.TrimPrefix(c.Use, c.Name()), "|", `\|`), c.Short)
		c.Flags().VisitAll(func(f *pflag.Flag) {
			key := f.Name + " " + f.Usage // a flag may mean another thing elsewhere
			flags[key] = f
			users[key] = append(users[key], strings.TrimPrefix(c.CommandPath(), "citewell "))
		})
	}
	b.WriteString("\n## Flags\n\nA flag that is not given is read from its variable.\n\n| flag | default | variable | commands | meaning |\n|---|---|---|---|---|\n")
	for _, key := range slices.Sorted(maps.Keys(flags)) {
		f, dashes := flags[key], "--"
		name := f.Name
		if len(name) == 1 {
			dashes = "-"
		}
		fmt.Fprintf(&b, "| `%s%s` | %s | `%s` | %s | %s |\n", dashes, name, code(f.DefValue), strings.Join(envNames(name), "`, `"), strings.Join(users[key], ", "), f.Usage)
	}
	b.WriteString("\n## Other variables\n\n| variable | meaning |\n|---|---|\n")
	for _, e := range environment {
		fmt.Fprintf(&b, "| `%s` | %s |\n", e[0], e[1])
	}
	b.WriteString("\n")
	return b.String()
}

// leaves returns the commands that do something.
func leaves(c *cobra.Command) []*cobra.Command {
	if !c.HasSubCommands() {
		return []*cobra.Command{c}
	}
	var out []*cobra.Command
	for _, s := range c.Commands() {
		out = append(out, leaves(s)...)
	}
	return out
}

func code(value string) string {
	if value == "" || value == "[]" {
		return ""
	}
	return "`" + value + "`"
}

var (
	fence = regexp.MustCompile("(?s)```sh\n(.*?)```")
	word  = regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)
)

// TestDocumentedCommands checks that every command line of README.md and the
// guide is one the program takes.
func TestDocumentedCommands(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range append(files, "../../README.md") {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllStringSubmatch(string(b), -1) {
			for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
				if args, ok := commandLine(line); ok {
					checked++
					checkCommand(t, filepath.Base(file), args)
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d command lines found: is the pattern still right?", checked)
	}
}

// commandLine returns the arguments of a line that runs citewell.
func commandLine(line string) ([]string, bool) {
	line, _, _ = strings.Cut(line, " #")
	line, _, _ = strings.Cut(line, " > ") // what becomes of the output
	words := word.FindAllString(line, -1)
	for len(words) > 0 && strings.Contains(words[0], "=") { // VAR=value in front
		words = words[1:]
	}
	switch {
	case len(words) >= 3 && words[0] == "go" && words[1] == "run" && words[2] == "./cmd/citewell":
		words = words[3:]
	case len(words) >= 1 && words[0] == "citewell":
		words = words[1:]
	default:
		return nil, false
	}
	for i, w := range words {
		words[i] = strings.Trim(w, `"'`)
	}
	return words, true
}

func checkCommand(t *testing.T, file string, args []string) {
	t.Helper()
	root := newRoot(&app{getenv: func(string) string { return "" }, out: io.Discard, err: io.Discard})
	cmd, rest, err := root.Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("%s: citewell %s: %v", file, strings.Join(args, " "), err)
	}
}
