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

// TestCLITables holds the tables of docs/cli.md to the program.
func TestCLITables(t *testing.T) {
	compareTable(t, "cli.md", "tables", cliTables())
}

// TestEnvironment checks that the documented variables are those that are read.
func TestEnvironment(t *testing.T) {
	want := map[string]bool{}
	for _, e := range environment {
		want[e[0]] = true
	}
	delete(want, "XDG_CACHE_HOME") // read by os.UserCacheDir
	delete(want, "…_FILE")
	delete(want, "OTEL_…") // read by package trace
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
		fmt.Fprintf(&b, "| `%s%s` | %s | `%s` | %s | %s |\n", dashes, name, code(f.DefValue), strings.Join(envNames(name), "`, `"), usersOf(users[key], len(commands)), f.Usage)
	}
	b.WriteString("\n## Other variables\n\n| variable | meaning |\n|---|---|\n")
	for _, e := range environment {
		fmt.Fprintf(&b, "| `%s` | %s |\n", e[0], e[1])
	}
	b.WriteString("\n")
	return b.String()
}

// usersOf lists commands, or says that all of them are meant.
func usersOf(names []string, all int) string {
	if len(names) == all {
		return "all"
	}
	return strings.Join(names, ", ")
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
