package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/e5"
	"github.com/citewell/citewell/embed/local"
	"github.com/citewell/citewell/embed/modelfile/modelfiletest"
)

// Pages about the same in several languages, and one whose language is unknown.
const (
	english = "The server reads the file when it starts, and checks that the key is valid. You can change the port in it."
	german  = "Der Dienst liest die Datei beim Start und prüft, ob der Schlüssel noch gültig ist. Den Port kann man darin ändern."
	chinese = "服务器启动时读取该文件，并检查密钥是否有效。您可以在其中更改端口。"
	code    = "```go\nfor i := range 10 { fmt.Println(i) }\n```"
)

const (
	minilmName = "all-MiniLM-L6-v2/384"
	e5Name     = "multilingual-e5-small/384"
)

// pages returns n copies of text, and others.
func pages(n int, text string, others ...string) []string {
	return append(slices.Repeat([]string{text}, n), others...)
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		name  string
		texts []string
		want  local.Choice
	}{
		{"nothing", nil, local.Choice{Name: minilmName}},
		{"unknown", pages(3, code), local.Choice{Name: minilmName}},
		{"English", pages(20, english), local.Choice{Name: minilmName, Pages: 20}},
		{"English and code", pages(3, code, english), local.Choice{Name: minilmName, Pages: 1}},
		{"German", pages(4, german, code), local.Choice{Name: e5Name, Pages: 4, Foreign: 4, Language: "de"}},
		{"Chinese", pages(1, chinese), local.Choice{Name: e5Name, Pages: 1, Foreign: 1, Language: "zh"}},
		{"a third", pages(2, english, german), local.Choice{Name: e5Name, Pages: 3, Foreign: 1, Language: "de"}},
		{"less than a third", pages(5, english, german, chinese), local.Choice{Name: minilmName, Pages: 7, Foreign: 2, Language: "de"}},
		{"most", pages(2, chinese, german), local.Choice{Name: e5Name, Pages: 3, Foreign: 3, Language: "zh"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, local.New(local.Config{}).Choose(tt.texts)); d != "" {
				t.Errorf("Choose (-want +got):\n%s", d)
			}
		})
	}
}

// With a folder of the user, a model that is not there is not chosen.
func TestChooseInFolder(t *testing.T) {
	dir := t.TempDir()
	m := local.New(local.Config{Dir: dir})
	want := local.Choice{Name: minilmName, Pages: 1, Foreign: 1, Language: "de", Missing: "e5-small-q4.bin"}
	if d := cmp.Diff(want, m.Choose(pages(1, german))); d != "" {
		t.Errorf("Choose without the file (-want +got):\n%s", d)
	}
	if err := os.WriteFile(filepath.Join(dir, want.Missing), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want.Name, want.Missing = e5Name, ""
	if d := cmp.Diff(want, m.Choose(pages(1, german))); d != "" {
		t.Errorf("Choose with the file (-want +got):\n%s", d)
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]string{"all-MiniLM-L6-v2": minilmName, "multilingual": e5Name, "multilingual-e5-small": e5Name, "": "", "bge": "", e5Name: ""} {
		if got, ok := local.Find(name); got != want || ok != (want != "") {
			t.Errorf("Find(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	m := local.New(local.Config{Dir: t.TempDir()})
	for name, want := range map[string]string{"text-embedding-3-small/1536": "no local model", minilmName: "model.safetensors", e5Name: "e5-small-q4.bin"} {
		if e, err := m.Open(t.Context(), name); err == nil || e != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%s) = %v, %v, want %q in the error", name, e, err, want)
		}
		if m.Has(name) != strings.HasSuffix(name, "/384") {
			t.Errorf("Has(%s) = %v", name, m.Has(name))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := local.New(local.Config{CacheDir: t.TempDir()}).Open(ctx, e5Name); !errors.Is(err, context.Canceled) {
		t.Errorf("Open, canceled = %v", err)
	}
	if err := m.Close(); err != nil {
		t.Errorf("Close of none = %v", err)
	}
}

// The multilingual model finds the page in another language than the question, and is
// opened once.
func TestAcrossLanguages(t *testing.T) {
	modelfiletest.Folder(t, e5.Source)
	m := local.New(local.Config{Deferred: true})
	e, err := m.Open(t.Context(), e5Name)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.Open(t.Context(), e5Name); err != nil || again != e {
		t.Errorf("Open again = %v, %v, want the same", again, err)
	}
	texts := []string{english, "Bread rises slowly in a cold kitchen.", "Der Zug hält am alten Bahnhof."}
	docs, err := e.Embed(t.Context(), texts, embed.Document)
	if err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{"Wie ändere ich den Anschluss des Servers?": english, "如何烤面包？": texts[1], "Где останавливается поезд?": texts[2]} {
		q, err := e.Embed(t.Context(), []string{question}, embed.Query)
		if err != nil {
			t.Fatal(err)
		}
		best := slices.MaxFunc([]int{0, 1, 2}, func(i, j int) int {
			return int(1e6 * (embed.Cosine(q[0], docs[i]) - embed.Cosine(q[0], docs[j])))
		})
		if texts[best] != want {
			t.Errorf("nearest to %q is %q, want %q", question, texts[best], want)
		}
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
