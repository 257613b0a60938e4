package embed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOpenAIEmbed(t *testing.T) {
	for _, tt := range []struct {
		name       string
		model      string
		dimensions int
		want       string
		maxTokens  int
		sent       any // the parameter dimensions
		format     any
		calls      int64 // before Embed
	}{
		{"default", "", 0, "text-embedding-3-small/1536", 8192, nil, "base64", 0},
		{"large", "text-embedding-3-large", 0, "text-embedding-3-large/3072", 8192, nil, "base64", 0},
		{"shortened", "text-embedding-3-large", 256, "text-embedding-3-large/256", 8192, 256.0, "base64", 0},
		{"said anyway", "text-embedding-3-small", 1536, "text-embedding-3-small/1536", 8192, nil, "base64", 0},
		{"ada", "text-embedding-ada-002", 1536, "text-embedding-ada-002/1536", 8192, nil, "base64", 0},
		{"unknown", "other", 0, "other/7", 512, nil, nil, 1},
		{"unknown, dimension given", "other", 7, "other/7", 512, nil, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			cfg := s.config()
			cfg.Model, cfg.Dimensions = tt.model, tt.dimensions
			o, err := NewOpenAI(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if o.Model() != tt.want || o.MaxTokens() != tt.maxTokens || s.calls.Load() != tt.calls {
				t.Errorf("Model, MaxTokens, calls = %q, %d, %d, want %q, %d, %d", o.Model(), o.MaxTokens(), s.calls.Load(), tt.want, tt.maxTokens, tt.calls)
			}
			texts := []string{"one", "", "three"}
			got, err := o.Embed(t.Context(), texts, Query)
			if err != nil || len(got) != len(texts) {
				t.Fatalf("Embed = %d vectors, %v", len(got), err)
			}
			for i, sent := range []string{"one", " ", "three"} {
				if !near(got[i], direction(sent, o.dim)) {
					t.Errorf("vector %d is not that of %q at unit length", i, sent)
				}
			}
			if texts[1] != "" {
				t.Error("Embed changed its argument")
			}
			if d := cmp.Diff([]any{tt.sent, tt.format}, []any{s.last["dimensions"], s.last["encoding_format"]}); d != "" {
				t.Errorf("dimensions and encoding_format:\n%s", d)
			}
		})
	}
}

func TestOpenAIBatches(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sizes []int // of the texts, in bytes
		want  []int // texts in each request
	}{
		{"none", nil, nil},
		{"many", slices.Repeat([]int{3}, 5000), []int{2048, 2048, 904}},
		{"large", slices.Repeat([]int{100_000}, 7), []int{3, 3, 1}},
		{"just too large", []int{150_000, 150_001, 149_999}, []int{1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			s.dims["other"] = 2
			cfg := s.config()
			cfg.Model, cfg.Dimensions = "other", 2
			o, err := NewOpenAI(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for i, n := range tt.sizes {
				text := fmt.Sprint(i)
				texts = append(texts, text+strings.Repeat("x", max(0, n-len(text))))
			}
			got, err := o.Embed(t.Context(), texts, Document)
			if err != nil || len(got) != len(texts) {
				t.Fatalf("Embed = %d vectors, %v", len(got), err)
			}
			for i := range got {
				if !near(got[i], direction(texts[i], 2)) {
					t.Fatalf("vector %d is not that of its text", i)
				}
			}
			if d := cmp.Diff(tt.want, s.inputs); d != "" {
				t.Errorf("texts in each request:\n%s", d)
			}
		})
	}
}

// The third request fails: the vectors of the first two come with the error.
func TestOpenAIPrefix(t *testing.T) {
	s := newService(t)
	s.fail = func(n int64, w http.ResponseWriter) bool {
		if n == 3 {
			refuse(w, 400, "", "no more")
		}
		return n == 3
	}
	o, err := NewOpenAI(t.Context(), s.config())
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range 6 {
		texts = append(texts, fmt.Sprint(i)+strings.Repeat("x", 140_000))
	}
	got, err := o.Embed(t.Context(), texts, Document)
	if err == nil || len(got) != 4 || !near(got[3], direction(texts[3], 1536)) {
		t.Errorf("Embed = %d vectors, %v, want 4 and an error", len(got), err)
	}
}

func TestOpenAIErrors(t *testing.T) {
	always := func(status int, code, message string) func(int64, http.ResponseWriter) bool {
		return func(_ int64, w http.ResponseWriter) bool { refuse(w, status, code, message); return true }
	}
	for _, tt := range []struct {
		name  string
		fail  func(int64, http.ResponseWriter) bool
		spoil func([]map[string]any) []map[string]any
		edit  func(*OpenAIConfig)
		want  string
		calls int64
	}{
		{"wrong key", nil, nil, func(c *OpenAIConfig) { c.APIKey = "sk-wrong-key" }, "refused the API key: set OPENAI_API_KEY", 1},
		{"no key", nil, nil, func(c *OpenAIConfig) { c.APIKey = "" }, "wants an API key: set OPENAI_API_KEY", 1},
		{"forbidden", always(403, "", ""), nil, nil, "does not let this API key use the model", 1},
		{"model", nil, nil, func(c *OpenAIConfig) { c.Model, c.Dimensions = "nobody's", 3 }, "check the model's name and OPENAI_BASE_URL", 1},
		{"path", nil, nil, func(c *OpenAIConfig) { c.BaseURL = strings.TrimSuffix(c.BaseURL, "/v1") }, "most end in /v1", 1},
		{"rate", always(429, "rate_limit_exceeded", ""), nil, nil, "limits the rate, also after 2 retries", 3},
		{"quota", always(429, "insufficient_quota", ""), nil, nil, "quota is used up", 3},
		{"down", always(503, "", ""), nil, nil, "is out of order, also after 2 retries", 3},
		{"refused", always(400, "", "This model's maximum\ncontext length is 8192 tokens; the key is "+testKey), nil, nil, "refused the request (This model's maximum context length is 8192 tokens; the key is REDACTED)", 1},
		{"long message", always(400, "", strings.Repeat("é", 1000)), nil, nil, strings.Repeat("é", 200) + "…)", 1},
		{"not the service", func(_ int64, w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "text/html")
			_, err := fmt.Fprint(w, "<html>It works!</html>")
			return err == nil
		}, nil, nil, "check OPENAI_BASE_URL", 1},
		{"too few", nil, func(d []map[string]any) []map[string]any { return d[1:] }, nil, "answered 2 texts with 1 vectors", 1},
		{"twice the same", nil, func(d []map[string]any) []map[string]any { d[0]["index"] = 0; return d }, nil, "a vector for number 0, which is none or has one", 1},
		{"out of range", nil, func(d []map[string]any) []map[string]any { d[0]["index"] = 2; return d }, nil, "a vector for number 2", 1},
		{"other dimension", nil, func(d []map[string]any) []map[string]any { d[0]["embedding"] = []int{1, 2}; return d }, nil, "answered with 2 dimensions, want 1536", 1},
		{"zeros", nil, func(d []map[string]any) []map[string]any {
			d[0]["embedding"] = make([]float32, 1536)
			return d
		}, nil, "vector without direction", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			s.fail, s.spoil = tt.fail, tt.spoil
			cfg := s.config()
			if tt.edit != nil {
				tt.edit(&cfg)
			}
			o, err := NewOpenAI(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			got, err := o.Embed(t.Context(), []string{"one", "two"}, Document)
			checkError(t, err, tt.want)
			if len(got) != 0 || s.calls.Load() != tt.calls {
				t.Errorf("Embed = %d vectors after %d calls, want none after %d", len(got), s.calls.Load(), tt.calls)
			}
		})
	}
}

// checkError fails the test unless err is one line with want in it, without a
// key.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want %q in it", err, want)
		return
	}
	if strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "sk-") || !strings.HasPrefix(err.Error(), "embed: ") {
		t.Errorf("error = %q, want one line without a key", err)
	}
}

func TestOpenAIUnreachable(t *testing.T) {
	s := newService(t)
	cfg := s.config()
	s.Close()
	o, err := NewOpenAI(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Embed(t.Context(), []string{"one"}, Document)
	checkError(t, err, "cannot reach "+strings.TrimPrefix(s.URL, "http://"))
	cfg.Model = "other"
	_, err = NewOpenAI(t.Context(), cfg)
	checkError(t, err, "ask for the dimension of other")
}

func TestOpenAICanceled(t *testing.T) {
	s := newService(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.fail = func(_ int64, w http.ResponseWriter) bool { cancel(); refuse(w, 503, "", ""); return true }
	o, err := NewOpenAI(t.Context(), s.config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Embed(ctx, []string{"one"}, Document); !errors.Is(err, context.Canceled) {
		t.Errorf("Embed = %v, want context.Canceled", err)
	}
}

// What cannot be right is refused before anything is sent.
func TestNewOpenAI(t *testing.T) {
	s := newService(t)
	for _, tt := range []struct {
		name string
		edit func(*OpenAIConfig)
		want string
	}{
		{"no key for OpenAI", func(c *OpenAIConfig) { c.APIKey, c.BaseURL = "", "" }, "set OPENAI_API_KEY"},
		{"base URL", func(c *OpenAIConfig) { c.BaseURL = "localhost:8080" }, "check OPENAI_BASE_URL"},
		{"base URL with spaces", func(c *OpenAIConfig) { c.BaseURL = "http://a b/" }, "check OPENAI_BASE_URL"},
		{"negative", func(c *OpenAIConfig) { c.Dimensions = -1 }, "dimension -1 is negative"},
		{"too many", func(c *OpenAIConfig) { c.Dimensions = 1537 }, "dimension 1537 is more than the model's 1536"},
		{"ada", func(c *OpenAIConfig) { c.Model, c.Dimensions = "text-embedding-ada-002", 256 }, "cannot shorten vectors"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := s.config()
			tt.edit(&cfg)
			_, err := NewOpenAI(t.Context(), cfg)
			checkError(t, err, tt.want)
		})
	}
	if n := s.calls.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestOpenAILog(t *testing.T) {
	s := newService(t)
	var b bytes.Buffer
	cfg := s.config()
	cfg.Log = slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o, err := NewOpenAI(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Embed(t.Context(), []string{"a secret text"}, Document); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "texts=1") || strings.Contains(got, "secret") || strings.Contains(got, testKey) {
		t.Errorf("log = %q", got)
	}
}
