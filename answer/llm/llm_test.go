package llm_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

const prompt = "the secret prompt"

func client(t *testing.T, s *llmtest.Server, c llm.Config) *llm.Client {
	t.Helper()
	c.BaseURL = s.URL
	if c.APIKey == "" {
		c.APIKey = llmtest.Key
	}
	if c.Model == "" && c.Provider == "" {
		c.Model = "o1-mini"
	}
	cl, err := llm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

func TestComplete(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{Reasoning: 448, Answer: func(p string) string { return "You asked: " + p }})
	got, err := client(t, s, llm.Config{}).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
	if err != nil {
		t.Fatal(err)
	}
	want := llm.Response{
		Text: "You asked: " + prompt, Model: "o1-mini-2024-09-12", FinishReason: "stop",
		Usage: llm.Usage{PromptTokens: 3, CompletionTokens: 453, ReasoningTokens: 448, Calls: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Complete differs (-want +got):\n%s", diff)
	}
}

// The body holds what the model's profile says and nothing else.
func TestBody(t *testing.T) {
	const message = `{"messages":[{"content":"hi","role":"user"}],"model":%q,`
	for _, tt := range []struct {
		model string
		max   int
		limit string
	}{
		{"o1-preview", 0, `"max_completion_tokens":25000}`},
		{"o1-mini", 0, `"max_completion_tokens":25000}`},
		{"o1-mini-2024-09-12", 0, `"max_completion_tokens":25000}`},
		{"openai/o1-mini", 0, `"max_completion_tokens":25000}`},
		{"o1", 0, `"max_completion_tokens":25000}`},
		{"o1-2024-12-17", 0, `"max_completion_tokens":25000}`},
		{"OpenAI/O1", 500, `"max_completion_tokens":500}`},
		{"o3-mini", 1_000_000, `"max_completion_tokens":100000}`},
		{"gpt-4o", 0, `"max_tokens":4096}`},
		{"gpt-4o-2024-08-06", 99_999, `"max_tokens":16384}`},
		{"gpt-4o-mini", 0, `"max_tokens":4096}`},
		{"deepseek/deepseek-r1:free", 0, `"max_tokens":8192}`},
		{"deepseek-reasoner", 0, `"max_tokens":8192}`},
		{"llama3.2:3b", 0, `"max_tokens":4096}`},
		{"o1x", 7, `"max_tokens":7}`},
	} {
		t.Run(tt.model, func(t *testing.T) {
			s := llmtest.Serve(t, llmtest.Script{Model: tt.model})
			c := client(t, s, llm.Config{Model: tt.model, MaxOutputTokens: tt.max})
			if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil {
				t.Fatal(err)
			}
			want := []string{fmt.Sprintf(message, tt.model) + tt.limit}
			if diff := cmp.Diff(want, s.Bodies()); diff != "" {
				t.Errorf("bodies differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoText(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script llmtest.Script
		says   string
	}{
		{"reasoning takes all", llmtest.Script{Reasoning: 70_000}, "--max-output"},
		{"filter", llmtest.Script{Finish: "content_filter"}, "content filter"},
		{"nothing", llmtest.Script{Answer: func(string) string { return " \n" }}, "no text"},
		{"thoughts alone", llmtest.Script{Answer: func(string) string { return "<think>well, [1] says" }}, "no text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := llmtest.Serve(t, tt.script)
			got, err := client(t, s, llm.Config{}).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
			if !errors.Is(err, llm.ErrNoText) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Complete = %v, want ErrNoText with %q", err, tt.says)
			}
			if got.Usage.PromptTokens != 3*got.Usage.Calls || got.Usage.Calls == 0 {
				t.Errorf("usage = %+v, want that of the paid calls", got.Usage)
			}
		})
	}
}

func TestPartOfText(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{Reasoning: 8, Answer: func(string) string { return "one two three four" }})
	got, err := client(t, s, llm.Config{MaxOutputTokens: 10}).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
	if err != nil || got.Text != "one two" || got.FinishReason != "length" {
		t.Errorf("Complete = %+v, %v, want the two words and length", got, err)
	}
}

func TestThoughtsAreNotShown(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{Answer: func(string) string { return "<think>\nlet me see\n</think>\n\nYes [1]." }})
	got, err := client(t, s, llm.Config{}).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
	if err != nil || got.Text != "Yes [1]." {
		t.Errorf("Complete = %q, %v, want the visible text", got.Text, err)
	}
}

func TestRefusal(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{Refusal: "I can't help with that."})
	got, err := client(t, s, llm.Config{}).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
	if err != nil || got.Refusal != "I can't help with that." || got.Text != "" {
		t.Errorf("Complete = %+v, %v, want the refusal", got, err)
	}
}

func TestErrors(t *testing.T) {
	always := func(status int, kind, param, code string) func(http.ResponseWriter, int) bool {
		return func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Retry-After-Ms", "1")
			llmtest.Fail(w, status, kind, param, code, "about "+prompt+" and "+llmtest.Key)
			return true
		}
	}
	html := func(w http.ResponseWriter, _ int) bool {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>welcome</html>")
		return true
	}
	for _, tt := range []struct {
		name     string
		script   llmtest.Script
		config   llm.Config
		is       error // nil: one that may pass
		says     string
		requests int
	}{
		{"wrong key", llmtest.Script{}, llm.Config{APIKey: "sk-wrong-key"}, llm.ErrConfig, "OPENAI_API_KEY", 1},
		{"wrong model", llmtest.Script{}, llm.Config{Model: "o9"}, llm.ErrConfig, "--model", 1},
		{"wrong path", llmtest.Script{Fail: always(404, "invalid_request_error", "", "unknown_url")}, llm.Config{}, llm.ErrConfig, "OPENAI_BASE_URL", 1},
		{"no access", llmtest.Script{Fail: always(403, "invalid_request_error", "", "")}, llm.Config{}, llm.ErrConfig, "OPENAI_API_KEY", 1},
		{"bad parameter", llmtest.Script{Fail: always(400, "invalid_request_error", "max_tokens", "unsupported_parameter")}, llm.Config{}, llm.ErrConfig, "parameter max_tokens", 1},
		{"prose for a code", llmtest.Script{Fail: always(400, "invalid_request_error", prompt, prompt)}, llm.Config{}, llm.ErrConfig, "(400)", 1},
		{"too long", llmtest.Script{Fail: always(400, "invalid_request_error", "messages", "context_length_exceeded")}, llm.Config{}, llm.ErrTooLong, "too long", 1},
		{"limited", llmtest.Script{Fail: always(429, "requests", "", "rate_limit_exceeded")}, llm.Config{}, nil, "429", 3},
		{"no quota", llmtest.Script{Fail: always(429, "insufficient_quota", "", "insufficient_quota")}, llm.Config{}, llm.ErrConfig, "billing", 1},
		{"broken", llmtest.Script{Fail: always(500, "server_error", "", "")}, llm.Config{}, nil, "500", 3},
		{"a web site", llmtest.Script{Fail: html}, llm.Config{}, llm.ErrConfig, "OPENAI_BASE_URL", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := llmtest.Serve(t, tt.script)
			_, err := client(t, s, tt.config).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
			if err == nil {
				t.Fatal("Complete succeeds")
			}
			if tt.is != nil && !errors.Is(err, tt.is) || tt.is == nil && errors.Is(err, llm.ErrConfig) {
				t.Errorf("Complete = %v, want %v", err, tt.is)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Complete = %v, want it to name %s", err, tt.says)
			}
			for _, secret := range []string{prompt, "sk-", "\n"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("error %q holds %q", err, secret)
				}
			}
			if got := len(s.Bodies()); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
		})
	}
}

func TestRetry(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{Fail: func(w http.ResponseWriter, n int) bool {
		if n == 1 {
			w.Header().Set("Retry-After", "0")
			w.Header().Set("Retry-After-Ms", "1")
			llmtest.Fail(w, 429, "requests", "", "rate_limit_exceeded", "slow down")
		}
		return n == 1
	}})
	got, err := client(t, s, llm.Config{}).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
	if err != nil || got.Text != "ok" || len(s.Bodies()) != 2 {
		t.Errorf("Complete = %q, %v after %d requests, want ok after 2", got.Text, err, len(s.Bodies()))
	}
}

func TestTimeout(t *testing.T) {
	released := make(chan struct{})
	s := llmtest.Serve(t, llmtest.Script{Fail: func(http.ResponseWriter, int) bool { <-released; return true }})
	t.Cleanup(func() { close(released) }) // before the server waits for its handlers
	_, err := client(t, s, llm.Config{Timeout: time.Millisecond}).Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "within 1ms") {
		t.Errorf("Complete = %v, want a deadline that is named", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(t, s, llm.Config{}).Complete(ctx, llm.Request{Messages: llm.User(prompt)}); !errors.Is(err, context.Canceled) {
		t.Errorf("Complete = %v, want context.Canceled", err)
	}
}

func TestUnreachable(t *testing.T) {
	c, err := llm.New(llm.Config{BaseURL: "http://127.0.0.1:1/v1", APIKey: llmtest.Key})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Complete(t.Context(), llm.Request{Messages: llm.User(prompt)})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || !strings.Contains(err.Error(), "OPENAI_BASE_URL") || strings.Contains(err.Error(), "chat/completions") {
		t.Errorf("Complete = %v, want the host and the fix", err)
	}
}

// A prompt that leaves no room is refused before anything is sent.
func TestTooLong(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{})
	_, err := client(t, s, llm.Config{}).Complete(t.Context(), llm.Request{Messages: llm.User(strings.Repeat("vector ", 120_000))})
	if !errors.Is(err, llm.ErrTooLong) {
		t.Errorf("Complete = %v, want ErrTooLong", err)
	}
	if n := len(s.Bodies()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestNew(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    llm.Config
		says string
	}{
		{"no key", llm.Config{}, "OPENAI_API_KEY"},
		{"no scheme", llm.Config{BaseURL: "localhost:11434/v1"}, "OPENAI_BASE_URL"},
		{"not a URL", llm.Config{BaseURL: "http://[::1"}, "OPENAI_BASE_URL"},
		{"query", llm.Config{BaseURL: "http://h/v1?key=sk-1"}, "OPENAI_BASE_URL"},
		{"negative", llm.Config{APIKey: "k", MaxOutputTokens: -1}, "--max-output"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := llm.New(tt.c)
			if !errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "sk-1") {
				t.Errorf("New = %v, want ErrConfig naming %s", err, tt.says)
			}
		})
	}
	if _, err := llm.New(llm.Config{BaseURL: "http://localhost:11434/v1"}); err != nil {
		t.Errorf("New without a key elsewhere = %v", err)
	}
}
