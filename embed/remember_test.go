package embed_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/lru"
)

// counting counts calls, and fails with err.
type counting struct {
	embed.Constant
	name  string
	calls *int
	err   error
}

func (c counting) Model() string { return c.name }

func (c counting) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	if *c.calls++; c.err != nil {
		return nil, c.err
	}
	return c.Constant.Embed(ctx, texts, kind)
}

// TestRemember checks which calls ask the embedder again.
func TestRemember(t *testing.T) {
	t.Parallel()
	calls, down := 0, errors.New("down")
	c := lru.New[embed.Vector](1 << 20)
	a, b := embed.Remember(counting{name: "a/8", calls: &calls}, c), embed.Remember(counting{name: "b/8", calls: &calls}, c)
	failing := embed.Remember(counting{name: "c/8", calls: &calls, err: down}, c)
	for _, tt := range []struct {
		name  string
		e     embed.Embedder
		texts []string
		kind  embed.Kind
		asks  bool
		err   error
	}{
		{"first", a, []string{"why?"}, embed.Query, true, nil},
		{"again", a, []string{"why?"}, embed.Query, false, nil},
		{"other question", a, []string{"how?"}, embed.Query, true, nil},
		{"other model", b, []string{"why?"}, embed.Query, true, nil},
		{"document", a, []string{"why?"}, embed.Document, true, nil},
		{"several", a, []string{"why?", "how?"}, embed.Query, true, nil},
		{"failure", failing, []string{"why?"}, embed.Query, true, down},
		{"failure again", failing, []string{"why?"}, embed.Query, true, down},
	} {
		before := calls
		got, err := tt.e.Embed(t.Context(), tt.texts, tt.kind)
		if !errors.Is(err, tt.err) || (calls > before) != tt.asks {
			t.Errorf("%s: the embedder was asked %d times; %v", tt.name, calls-before, err)
		}
		if want, _ := (embed.Constant{}).Embed(t.Context(), tt.texts, tt.kind); err == nil && !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: another vector", tt.name)
		}
	}
}
