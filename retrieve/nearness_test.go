package retrieve

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
)

// A counting embedder embeds a text as its length at most, and fails at some text.
type counting struct {
	asked []string
	fails string
}

func (*counting) Model() string  { return "test/2" }
func (*counting) MaxTokens() int { return 10 }

func (c *counting) Embed(_ context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	var out []embed.Vector
	for _, t := range texts {
		if t == c.fails || kind != embed.Document {
			return out, errors.New("it fails")
		}
		c.asked = append(c.asked, t)
		out = append(out, embed.Vector{float32(len(t)) / 10, 0})
	}
	return out, nil
}

func TestNearness(t *testing.T) {
	e := &counting{}
	r := &Retriever{embedder: e, embedTimeout: time.Hour, log: slog.New(slog.DiscardHandler)}
	near := r.nearness(embed.Vector{1, 0}, 2)
	round := func(in []float64) (out []int) {
		for _, x := range in {
			out = append(out, int(x*10+0.5))
		}
		return out
	}
	for _, tt := range []struct {
		name         string
		texts, asked []string
		fails        string
		want         []int
	}{
		{"all", []string{"a", "ab"}, []string{"a", "ab"}, "", []int{2, 4}},
		{"those that are new", []string{"ab", "abc", "a"}, []string{"abc"}, "", []int{4, 6, 2}},
		{"the first ones", []string{"a", "abcd", "abcde", "ab"}, []string{"abcd"}, "abcde", []int{2, 8}},
		{"after a failure", []string{"abcd", "abcde"}, []string{"abcde"}, "", []int{8, 10}},
	} {
		e.asked, e.fails = nil, tt.fails
		got := round(near(t.Context(), tt.texts))
		if diff := cmp.Diff(tt.want, got); diff != "" || !slices.Equal(e.asked, tt.asked) {
			t.Errorf("%s: nearness differs (-want +got), or %q were embedded:\n%s", tt.name, e.asked, diff)
		}
	}
	if r.nearness(nil, 1) != nil || r.nearness(embed.Vector{1, 0}, 0) != nil || (&Result{}).Nearness(t.Context(), []string{"a"}) != nil {
		t.Error("there is nearness without a vector or a scale")
	}
}

// The vectors that are kept are bounded, and those that are used stay.
func TestTextCache(t *testing.T) {
	var c textCache
	for i := range 3 * maxTexts {
		c.put(string(rune(i+'a')), embed.Vector{float32(i)})
		if i%1000 == 0 && c.get("a") == nil {
			t.Fatalf("after %d texts, one that is in use was dropped", i)
		}
	}
	if n := len(c.young) + len(c.old); n > 2*maxTexts {
		t.Errorf("%d vectors are kept, want %d at most", n, 2*maxTexts)
	}
	if c.get("b") != nil {
		t.Error("one that was not used is kept")
	}
}
