package llm_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

// listing serves a list of models, and has no model for anything else. It counts the
// requests for the list.
func listing(t *testing.T, models ...map[string]any) (url string, lists *atomic.Int64) {
	lists = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet {
			lists.Add(1)
			_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": models})
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":{"message":"The model does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}`))
	}))
	t.Cleanup(s.Close)
	return s.URL, lists
}

func named(names ...string) (out []map[string]any) {
	for _, name := range names {
		out = append(out, map[string]any{"id": name, "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": nil})
	}
	return out
}

// TestDefaultModel lists models in many ways: the default is always one that the key
// can use.
func TestDefaultModel(t *testing.T) {
	retired := func(name, date string) map[string]any {
		return map[string]any{"id": name, "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": date}
	}
	for _, tt := range []struct {
		name   string
		models []map[string]any
		want   string
	}{
		{"today", named("gpt-4o", "whisper-1", "gpt-5.6-terra", "text-embedding-3-small", "gpt-6.1-terra"), "gpt-6.1-terra"},
		{"an old project", named("o3-mini", "gpt-4o-mini", "o1-mini"), "o3-mini"},
		{"years from now", named("gpt-image-9", "gpt-8.2-sol", "tts-4"), "gpt-8.2-sol"},
		{"the first is retired", append(named("gpt-5.6-luna"), retired("gpt-6.1-terra", "2026-01-01")), "gpt-5.6-luna"},
		{"to be retired", append(named("gpt-5.6-luna"), retired("gpt-6.1-terra", "2999-01-01")), "gpt-6.1-terra"},
		{"a server of one model", named("my-org/my-tuned-model"), "my-org/my-tuned-model"},
		{"nothing of use", named("whisper-1"), "gpt-6.1-terra"},
		{"nothing", nil, "gpt-6.1-terra"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, _ := listing(t, tt.models...)
			got, err := llm.DefaultModel(t.Context(), llm.Config{APIKey: "k", BaseURL: url})
			if err != nil || got != tt.want {
				t.Errorf("DefaultModel = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	s := serve(t, says("{}")) // has no list
	if got, err := llm.DefaultModel(t.Context(), llm.Config{APIKey: "k", BaseURL: s.URL}); err == nil || got != "gpt-6.1-terra" {
		t.Errorf("DefaultModel without a list = %q, %v, want the first preferred one and an error", got, err)
	}
}

// TestNoSuchModel asks for models that the service does not have. The error names up to
// three that the key can use, and the list is read once.
func TestNoSuchModel(t *testing.T) {
	url, lists := listing(t, named("gpt-4o", "whisper-1", "gpt-6-luna", "gpt-4.1", "gpt-6.1-terra", "bad\nname")...)
	for model, says := range map[string][]string{
		"gpt-9":   {"no model gpt-9", "such as gpt-6.1-terra, gpt-6-luna, gpt-4.1"},
		"o1-mini": {"no model o1-mini", "retired it on 2025-10-27", "such as gpt-6.1-terra"},
	} {
		c, err := llm.New(llm.Config{APIKey: "k", BaseURL: url, Model: model})
		if err != nil {
			t.Fatal(err)
		}
		before := lists.Load()
		for range 3 {
			_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
			if !errors.Is(err, llm.ErrConfig) {
				t.Fatalf("%s: %v, want ErrConfig", model, err)
			}
			for _, part := range says {
				if advice := llm.Advice(err); !strings.Contains(advice, part) || strings.Contains(advice, "127.0.0.1") {
					t.Errorf("%s: %q, want it to say %q", model, advice, part)
				}
			}
		}
		if n := lists.Load() - before; n != 1 {
			t.Errorf("%s: the list is read %d times, want once", model, n)
		}
	}
	c, err := llm.New(llm.Config{Provider: "anthropic", APIKey: "k", BaseURL: url, Model: "claude-9"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err == nil || !strings.Contains(err.Error(), "such as gpt-6.1-terra") {
		t.Errorf("anthropic: %v, want the names of the list", err)
	}
}

// TestModels reads the dates of a list.
func TestModels(t *testing.T) {
	url, _ := listing(t, map[string]any{"id": "a", "shutdown_date": "2026-12-11"}, map[string]any{"id": "b", "shutdown_date": nil}, map[string]any{"id": "c"})
	c, err := llm.New(llm.Config{APIKey: "k", BaseURL: url, Model: "a"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Models(t.Context())
	if diff := cmp.Diff([]llm.Listed{{ID: "a", Shutdown: "2026-12-11"}, {ID: "b"}, {ID: "c"}}, got); err != nil || diff != "" {
		t.Errorf("Models (-want +got), %v:\n%s", err, diff)
	}
}

// TestState follows a client through failure and success.
func TestState(t *testing.T) {
	s := serve(t, fails(401), fails(401), text("ok", "stop", 1, 0))
	c := s.client(t, llm.Config{Model: "m"})
	if got := c.State(); got.Name() != "unasked" {
		t.Errorf("State = %+v before the first question", got)
	}
	for i, want := range []llm.State{{Asked: 1, Failed: 1, Misconfigured: 1}, {Asked: 2, Failed: 2, Misconfigured: 2}, {Asked: 3, Failed: 2, Misconfigured: 2}} {
		_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
		got := c.State()
		if name := map[bool]string{true: "failed", false: "ok"}[err != nil]; got.Name() != name || time.Since(got.At) > time.Minute || (got.Err != nil) != (err != nil) {
			t.Errorf("%d: State = %+v after %v", i, got, err)
		}
		if got.Err != nil && !strings.Contains(llm.Advice(got.Err), "OPENAI_API_KEY") {
			t.Errorf("%d: the advice is %q", i, llm.Advice(got.Err))
		}
		got.At, got.Err = want.At, nil
		if got != want {
			t.Errorf("%d: State = %+v, want %+v", i, got, want)
		}
	}
}
