package embed

import (
	"context"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// narrow is an embedder that has no tokenizer and takes so many tokens.
type narrow int

func (n narrow) Model() string  { return "narrow/1" }
func (n narrow) MaxTokens() int { return int(n) }
func (n narrow) Embed(context.Context, []string, Kind) ([]Vector, error) {
	panic("embed: narrow only has windows")
}

func TestWindows(t *testing.T) {
	for _, tt := range []struct {
		name          string
		tokens        int
		heading, text string
		want          []string
	}{
		{"fits", 32, "", " as it is \n", []string{" as it is \n"}},
		{"fits with heading", 32, "Head", "0123456789", []string{"Head\n\n0123456789"}},
		{"empty", 32, "", "", []string{""}},
		{"cut", 32, "", "one two three four five", []string{"one two three", "four five"}},
		{"repeats", 32 + 16, "", "one two three four five six seven a b c", []string{"one two three four five six", "six seven a b c"}},
		{"heading cut", 32, "a heading", "one two", []string{"a he\n\none two"}},
		{"one long word", 32, "", strings.Repeat("é", 12), []string{strings.Repeat("é", 8), strings.Repeat("é", 4)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, Windows(narrow(tt.tokens), tt.heading, tt.text)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWindowsOfWindower(t *testing.T) {
	text := strings.Repeat("long ", 10_000)
	if got := Windows(Constant{}, "Head", text); len(got) != 1 || got[0] != "Head\n\n"+text {
		t.Errorf("Windows did not ask the embedder: %d windows", len(got))
	}
}

// Every window fits, is cut between runes, and together they leave nothing but
// white space out.
func FuzzWindows(f *testing.F) {
	f.Add(32, "", "one two three four five")
	f.Add(40, "A heading of some length", strings.Repeat("x", 100)+" y "+strings.Repeat("東京 ", 50))
	f.Add(33, "\n", "\xff\xfe a\u00a0b \t\n c")
	f.Fuzz(func(t *testing.T, tokens int, heading, text string) {
		tokens = 32 + tokens&0xff
		ws := Windows(narrow(tokens), heading, text)
		if len(ws) == 0 {
			t.Fatal("no window")
		}
		for _, w := range ws {
			if len(w) > tokens-reservedTokens {
				t.Fatalf("window %q has %d bytes, input %d", w, len(w), tokens)
			}
			if utf8.ValidString(heading) && utf8.ValidString(text) && !utf8.ValidString(w) {
				t.Fatalf("window %q is cut within a rune", w)
			}
		}
		at := 0 // so much of text is covered
		for _, part := range split(text, tokens, CountBytes) {
			space := len(text[at:]) - len(strings.TrimLeftFunc(text[at:], unicode.IsSpace))
			start := at + space
			for start >= 0 && !strings.HasPrefix(text[start:], part) {
				start--
			}
			if start < 0 {
				t.Fatalf("part %q leaves a gap after %d of %q", part, at, text)
			}
			at = max(at, start+len(part))
		}
		if strings.TrimSpace(text[at:]) != "" {
			t.Fatalf("%q is in no part", text[at:])
		}
	})
}
