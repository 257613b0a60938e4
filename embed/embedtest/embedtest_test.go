package embedtest

import (
	"context"
	"errors"
	"testing"

	"github.com/citewell/citewell/embed"
)

func dot(a, b embed.Vector) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestWords(t *testing.T) {
	var w Words
	v, err := w.Embed(t.Context(), []string{
		"How is the key rotated?",
		"The key is rotated by a worker.",
		"Bread rises in warm kitchens",
		"ROTATED the how-key is",
		"…",
	}, embed.Document)
	if err != nil || len(v) != 5 {
		t.Fatalf("Embed = %d vectors, %v", len(v), err)
	}
	if near, far := dot(v[0], v[1]), dot(v[0], v[2]); near < 0.5 || far > 0.3 {
		t.Errorf("texts with common words: %.2f, without: %.2f", near, far)
	}
	for i, want := range map[int]int{0: 3, 4: 4} { // order and case do not matter
		if got := dot(v[i], v[want]); got < 0.9999 || got > 1.0001 {
			t.Errorf("vectors %d and %d: %v, want 1", i, want, got)
		}
	}
	if w.Model() != "words/384" || (Words{Dim: 8, Name: "other"}).Model() != "other/8" {
		t.Errorf("Model() = %q", w.Model())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Embed(ctx, []string{"a"}, embed.Query); !errors.Is(err, context.Canceled) {
		t.Errorf("Embed canceled = %v", err)
	}
}

func TestFailing(t *testing.T) {
	want := errors.New("embedder down")
	f := Failing{Embedder: Words{}, After: 2, Err: want}
	if v, err := f.Embed(t.Context(), []string{"a", "b"}, embed.Document); err != nil || len(v) != 2 {
		t.Errorf("Embed of 2 = %d vectors, %v", len(v), err)
	}
	if v, err := f.Embed(t.Context(), []string{"a", "b", "c"}, embed.Document); !errors.Is(err, want) || len(v) != 2 {
		t.Errorf("Embed of 3 = %d vectors, %v, want 2 and the error", len(v), err)
	}
}
