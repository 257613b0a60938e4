package rerank_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve/rerank"
	"github.com/citewell/citewell/retrieve/rerank/reranktest"
)

const query = "rotate the key"

var texts = []string{"nothing of it", "rotate the key now", "the key", strings.Repeat("very long ", 40_000)}

func open(t *testing.T, c rerank.Config) *rerank.Client {
	t.Helper()
	r, err := rerank.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// each runs f with each provider.
func each(t *testing.T, f func(t *testing.T, provider string)) {
	for _, p := range rerank.Providers() {
		t.Run(p.Name, func(t *testing.T) { f(t, p.Name) })
	}
}

// many returns n texts, of which the last one alone answers.
func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("text ", i)
	}
	out[n-1] = query
	return out
}

func TestRerank(t *testing.T) {
	each(t, func(t *testing.T, provider string) {
		s := reranktest.NewServer(t, provider)
		r := open(t, s.Config())
		got, err := r.Rerank(t.Context(), query, texts)
		if diff := cmp.Diff([]float64{0, 1, 2.0 / 3, 0}, got); diff != "" || err != nil {
			t.Errorf("Rerank() = %v, differs (-want +got):\n%s", err, diff)
		}
		if name, _, _ := strings.Cut(r.Model(), "/"); name != provider {
			t.Errorf("Model() = %q", r.Model())
		}
		// More than one request takes.
		got, err = r.Rerank(t.Context(), query, many(70))
		if err != nil || len(got) != 70 || got[69] != 1 || slices.Max(got[:69]) != 0 {
			t.Errorf("Rerank() of 70 texts = %v, %v", got, err)
		}
		if got, err := r.Rerank(t.Context(), query, nil); err != nil || len(got) != 0 {
			t.Errorf("Rerank() of no text = %v, %v", got, err)
		}
	})
}

func TestRefused(t *testing.T) {
	each(t, func(t *testing.T, provider string) {
		s := reranktest.NewServer(t, provider)
		for name, tt := range map[string]struct {
			alter func(*rerank.Config)
			want  string
		}{
			"key":     {func(c *rerank.Config) { c.APIKey = "wrong" }, "the key is refused: check "},
			"address": {func(c *rerank.Config) { c.BaseURL += "/elsewhere" }, "no such path or model"},
		} {
			c := s.Config()
			tt.alter(&c)
			_, err := open(t, c).Rerank(t.Context(), query, texts)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), c.APIKey) || strings.Contains(err.Error(), s.URL) {
				t.Errorf("%s: %v, want %q", name, err, tt.want)
			}
		}
		if n := len(s.Requests()); n != 2 {
			t.Errorf("%d requests, want 2: what is refused is not sent again", n)
		}
	})
}

func TestSpoiledReplies(t *testing.T) {
	each(t, func(t *testing.T, provider string) {
		for name, spoil := range map[string]func(rs []map[string]any) any{
			"a text less":   func(rs []map[string]any) any { return rs[1:] },
			"a text twice":  func(rs []map[string]any) any { return append(rs[1:], rs[1]) },
			"another index": func(rs []map[string]any) any { rs[0]["index"] = 17; return rs },
			"no index":      func(rs []map[string]any) any { delete(rs[0], "index"); return rs },
			"no score": func(rs []map[string]any) any {
				delete(rs[0], "relevance_score")
				delete(rs[0], "score")
				return rs
			},
			"no list": func([]map[string]any) any { return "sorry" },
			"nothing": func([]map[string]any) any { return nil },
		} {
			s := reranktest.NewServer(t, provider)
			s.Spoil = spoil
			if got, err := open(t, s.Config()).Rerank(t.Context(), query, texts); err == nil || got != nil {
				t.Errorf("%s: %v, want an error", name, got)
			}
		}
	})
}

func TestRepeated(t *testing.T) {
	each(t, func(t *testing.T, provider string) {
		s := reranktest.NewServer(t, provider)
		s.Fail = func(n int, w http.ResponseWriter) bool {
			if n < 3 {
				w.WriteHeader([]int{429, 503}[n-1])
			}
			return n < 3
		}
		got, err := open(t, s.Config()).Rerank(t.Context(), query, texts)
		if err != nil || len(got) != len(texts) || len(s.Requests()) != 3 {
			t.Errorf("Rerank() = %v, %v after %d requests", got, err, len(s.Requests()))
		}
	})
}

// slow is a service that answers when it is too late.
type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := open(t, rerank.Config{Provider: "cohere", APIKey: "k", Client: &http.Client{Transport: slow{}}})
		start := time.Now()
		_, err := r.Rerank(t.Context(), query, texts)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 3*time.Second {
			t.Errorf("Rerank() = %v after %v, want it to give up after 3s", err, took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Rerank(ctx, query, texts); !errors.Is(err, context.Canceled) {
			t.Errorf("Rerank() = %v, want it canceled", err)
		}
	})
}

func TestUnreachable(t *testing.T) {
	s := reranktest.NewServer(t, "tei")
	c := s.Config()
	s.Close()
	if _, err := open(t, c).Rerank(t.Context(), query, texts); err == nil || err.Error() != "rerank: ask tei: it can't be reached" {
		t.Errorf("Rerank() = %v", err)
	}
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    rerank.Config
		want string // in the error
	}{
		{"no provider", rerank.Config{}, "choose cohere, jina, voyage, tei"},
		{"no key", rerank.Config{Provider: "voyage"}, "no key: set VOYAGE_API_KEY"},
		{"no address", rerank.Config{Provider: "tei"}, "set TEI_RERANK_URL"},
		{"no URL", rerank.Config{Provider: "tei", BaseURL: "localhost:8080"}, "check TEI_RERANK_URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r, err := rerank.New(tt.c); err == nil || !strings.Contains(err.Error(), tt.want) || r != nil {
				t.Errorf("New() = %v, %v, want an error with %q", r, err, tt.want)
			}
		})
	}
}

func TestScoresAreNumbers(t *testing.T) {
	s := reranktest.NewServer(t, "tei")
	s.Fail = func(_ int, w http.ResponseWriter) bool {
		_, err := w.Write([]byte(`[{"index":0,"score":1e999}]`))
		return err == nil
	}
	got, err := open(t, s.Config()).Rerank(t.Context(), query, texts[:1])
	if err == nil || slices.ContainsFunc(got, math.IsNaN) {
		t.Errorf("Rerank() = %v, %v, want an error", got, err)
	}
}
