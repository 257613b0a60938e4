package index_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/index"
)

// An input is an embedder that takes so many tokens.
type input int

func (n input) Model() string  { return "input/1" }
func (n input) MaxTokens() int { return int(n) }
func (n input) Embed(context.Context, []string, embed.Kind) ([]embed.Vector, error) {
	panic("retrieve: input only has windows")
}
func (n input) Windows(heading, text string) []string { return []string{heading + "|" + text} }

func TestWindows(t *testing.T) {
	prose := strings.TrimSpace(strings.Repeat("a sentence of some words. ", 40)) // 1039 characters
	code := "def open(path):\n" + strings.Repeat("    step(path)\n", 60)
	for _, tt := range []struct {
		name          string
		embedder      input
		heading, text string
		want          int      // windows
		headings      []string // of the first two
	}{
		{"short text", 256, "Head", "Some words.", 1, []string{"Head"}},
		{"no text", 256, "Head", "", 1, []string{"Head"}},
		{"long text", 256, "Head", prose, 3, []string{"Head", "Head"}},
		{"long input", math.MaxInt32, "Head", prose, 1, []string{"Head"}},
		{"text begins with its heading", 256, "a sentence", prose, 3, []string{"a sentence", "a sentence"}},
		{"code", 256, "", code, 3, []string{"", "def open(path):"}},
		{"code with heading", 256, "Head", code, 3, []string{"Head", "Head"}},
		{"prose without heading", 256, "", prose, 3, []string{"", ""}},
		{"long first line", 256, "", strings.Repeat("word ", 30) + ":\n" + prose, 4, []string{"", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ws := index.Windows(tt.embedder, tt.heading, tt.text)
			if len(ws) != tt.want {
				t.Errorf("%d windows, want %d", len(ws), tt.want)
			}
			var headings []string
			for _, w := range ws[:min(2, len(ws))] {
				h, _, _ := strings.Cut(w, "|")
				headings = append(headings, h)
			}
			if diff := cmp.Diff(tt.headings, headings); diff != "" {
				t.Errorf("headings (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzWindows holds the windows of a text to covering its words in order.
func FuzzWindows(f *testing.F) {
	f.Add("Head", strings.Repeat("some words that make a line\n", 20))
	f.Add("", "func f() {\n"+strings.Repeat("\tdo(x)\n", 70)+"}")
	f.Fuzz(func(t *testing.T, heading, text string) {
		if !utf8.ValidString(text) || strings.Contains(heading+text, "|") {
			t.Skip()
		}
		words := func(s string) []string {
			return strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
		}
		seen := map[string]bool{}
		for _, w := range index.Windows(input(256), heading, text) {
			_, body, _ := strings.Cut(w, "|")
			if !strings.Contains(text, body) {
				t.Fatalf("window %q is not of the text", body)
			}
			for _, word := range words(body) {
				seen[word] = true
			}
		}
		all := words(text)
		if slices.ContainsFunc(all, func(s string) bool { return utf8.RuneCountInString(s) >= 100 }) {
			t.Skip() // such a word may be cut
		}
		for _, word := range all {
			if !seen[word] {
				t.Fatalf("%q is in no window", word)
			}
		}
	})
}
