package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/embed/provider/providertest"
)

// Requests are as few as the limits on texts and on tokens of all allow.
func TestBatches(t *testing.T) {
	for _, tt := range []struct {
		provider, name string
		sizes          []int // of the texts, in bytes
		want           []int // texts in each request
	}{
		{"openai", "none", nil, nil},
		{"openai", "many", slices.Repeat([]int{3}, 2100), []int{2048, 52}},
		{"openai", "large", slices.Repeat([]int{100_000}, 7), []int{3, 3, 1}},
		{"openai", "just too large", []int{150_000, 150_001, 149_999}, []int{1, 2}},
		{"azure", "large", slices.Repeat([]int{100_000}, 4), []int{3, 1}},
		{"nvidia", "many", slices.Repeat([]int{3}, 120), []int{50, 50, 20}},
		{"cohere", "many", slices.Repeat([]int{3}, 200), []int{96, 96, 8}},
		{"ollama", "many", slices.Repeat([]int{3}, 40), []int{16, 16, 8}},
		{"tei", "many", slices.Repeat([]int{3}, 70), []int{32, 32, 6}},
	} {
		t.Run(tt.provider+" "+tt.name, func(t *testing.T) {
			s := providertest.NewServer(t, tt.provider)
			s.Count = func(string) int { return 1 }
			s.Info = map[string]any{"max_client_batch_size": 64}
			e, err := provider.New(t.Context(), s.Config())
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for i, n := range tt.sizes {
				text := fmt.Sprint(i)
				texts = append(texts, text+strings.Repeat("x", max(0, n-len(text))))
			}
			if got, err := e.Embed(t.Context(), texts, embed.Document); err != nil || len(got) != len(texts) {
				t.Fatalf("Embed = %d vectors, %v", len(got), err)
			}
			var sent []int
			for _, r := range s.Requests() {
				if len(r.Texts) > 0 {
					sent = append(sent, len(r.Texts))
				}
			}
			if d := cmp.Diff(tt.want, sent); d != "" {
				t.Errorf("texts in each request:\n%s", d)
			}
		})
	}
}

// A text that is too long costs few requests more: its batch is halved until it
// is alone, then it is.
func TestTooLongAmongMany(t *testing.T) {
	s := providertest.NewServer(t, "cohere")
	e, err := provider.New(t.Context(), s.Config())
	if err != nil {
		t.Fatal(err)
	}
	texts := slices.Repeat([]string{"short"}, 96)
	texts[70] = strings.Repeat("long ", 300) // 600 tokens by the server's count
	got, err := e.Embed(t.Context(), texts, embed.Document)
	if err != nil || len(got) != 96 {
		t.Fatalf("Embed = %d vectors, %v", len(got), err)
	}
	if n := len(s.Requests()); n > 2*8+1 {
		t.Errorf("%d requests", n)
	}
	for i, v := range got {
		if i != 70 && cmp.Diff(v, got[0]) != "" {
			t.Fatalf("vector %d is not that of its text", i)
		}
	}
}

// A request whose sum is too large is halved as well.
func TestTooManyTokens(t *testing.T) {
	s := providertest.NewServer(t, "openai")
	s.Fail = func(n int, w http.ResponseWriter) bool {
		if n == 1 {
			s.Refuse(w, 400, "max_tokens_per_request", "Requested 400000 tokens, max 300000 tokens per request")
		}
		return n == 1
	}
	e, err := provider.New(t.Context(), s.Config())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Embed(t.Context(), []string{"one", "two"}, embed.Document); err != nil || len(got) != 2 || len(s.Requests()) != 3 {
		t.Errorf("Embed = %d vectors after %d requests, %v", len(got), len(s.Requests()), err)
	}
}

// The guide's table says what the program does.
func TestGuide(t *testing.T) {
	b, err := os.ReadFile("../../docs/embedders.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range provider.All() {
		s := providertest.NewServer(t, p.Name)
		e, err := provider.New(t.Context(), s.Config())
		if err != nil {
			t.Fatal(err)
		}
		name, dim := p.Model, e.Model()[strings.LastIndexByte(e.Model(), '/')+1:]
		found := false
		for line := range strings.Lines(string(b)) {
			cells := strings.Split(line, "|")
			if len(cells) != 7 || strings.TrimSpace(cells[1]) != "`"+p.Name+"`" {
				continue
			}
			found = true
			if !strings.Contains(cells[2], name) || strings.TrimSpace(cells[3]) != dim || strings.TrimSpace(cells[4]) != fmt.Sprint(e.MaxTokens()) ||
				(p.URL != "" || p.Entra) && !strings.Contains(cells[5], p.KeyVar) || p.URL == "" && !strings.Contains(cells[5], p.URLVar) {
				t.Errorf("docs/embedders.md says of %s, %s dimensions, %d tokens: %s", name, dim, e.MaxTokens(), line)
			}
		}
		if !found {
			t.Errorf("docs/embedders.md has no row for %s", p.Name)
		}
	}
}
