package answer_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// TestWrongSettings asks a service that refuses the settings. Each way of asking gives
// an extractive answer with a warning that names the fix and not the host; the
// failure is logged once. If a model is required, it is an error.
func TestWrongSettings(t *testing.T) {
	for _, tt := range []struct {
		name, code string
		status     int
		fix        string
	}{
		{"wrong key", "invalid_api_key", http.StatusUnauthorized, "OPENAI_API_KEY"},
		{"no quota", "insufficient_quota", http.StatusTooManyRequests, "billing"},
		{"no credit", "", http.StatusPaymentRequired, "billing"},
		{"another region", "unsupported_country_region_territory", http.StatusForbidden, "--model"},
		{"no such model", "model_not_found", http.StatusNotFound, "--model"},
		{"refused in its own words", "", http.StatusBadRequest, "--model-profile"},
		{"a web site", "html", http.StatusOK, "OPENAI_BASE_URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := llmtest.Serve(t, llmtest.Script{Model: "o1", Fail: func(w http.ResponseWriter, _ int) bool {
				if tt.code == "html" {
					w.Header().Set("Content-Type", "text/html")
					_, _ = w.Write([]byte("<!doctype html><title>Welcome</title>"))
					return true
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = fmt.Fprintf(w, `{"error":{"message":"No.","type":"invalid_request_error","param":null,"code":%q}}`, tt.code)
				return true
			}})
			m, err := llm.New(llm.Config{Model: "o1", APIKey: llmtest.Key, BaseURL: s.URL})
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			a, err := answer.New(answer.Config{Retriever: hits, Model: m, Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			for _, mode := range []answer.Mode{"", answer.Agentic} {
				var pieces strings.Builder
				q := answer.Question{Text: "Which model is the default?", Mode: mode}
				for _, on := range []func(answer.Event) error{nil, func(e answer.Event) error { pieces.WriteString(e.Delta); return nil }} {
					got, err := a.Stream(t.Context(), q, on)
					if err != nil {
						t.Fatal(err)
					}
					if got.Mode != answer.Extractive || !got.Grounded || !strings.Contains(got.Warning, tt.fix) || strings.Contains(got.Warning, "127.0.0.1") {
						t.Errorf("mode %q: %s answer with the warning %q, want an extractive one that says %q", mode, got.Mode, got.Warning, tt.fix)
					}
					if on != nil && pieces.String() != got.Answer {
						t.Errorf("mode %q: streams %q, want %q", mode, pieces.String(), got.Answer)
					}
				}
			}
			if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), tt.fix) {
				t.Errorf("%d lines are logged, want one with the fix:\n%s", n, log.String())
			}
			strict, err := answer.New(answer.Config{Retriever: hits, Model: m, RequireModel: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, mode := range []answer.Mode{"", answer.Agentic} {
				if _, err := strict.Answer(t.Context(), answer.Question{Text: "Which model is the default?", Mode: mode}); !errors.Is(err, answer.ErrModel) || !strings.Contains(err.Error(), tt.fix) {
					t.Errorf("with a required model: %v, want ErrModel with the fix", err)
				}
			}
		})
	}
}

// TestRequiredModelFails requires a model whose service is down.
func TestRequiredModelFails(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{Fail: func(w http.ResponseWriter, _ int) bool { w.WriteHeader(http.StatusServiceUnavailable); return true }})
	m, err := llm.New(llm.Config{Model: "o1-mini", APIKey: llmtest.Key, BaseURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	a, err := answer.New(answer.Config{Retriever: hits, Model: m, RequireModel: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Answer(t.Context(), answer.Question{Text: "Which model is the default?"}); !errors.Is(err, answer.ErrUnavailable) {
		t.Errorf("Answer = %v, want ErrUnavailable", err)
	}
}
