package llm_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

// All that the providers' bodies say arrives.
func TestSampleBodies(t *testing.T) {
	for _, tt := range []struct {
		file                        string
		want                        llm.Response
		contentFilter, promptFilter string
	}{
		{"azure.json", llm.Response{Text: "The index is flat [1].", Model: "o1-2024-12-17", FinishReason: "stop",
			Usage: llm.Usage{PromptTokens: 20, CompletionTokens: 1843, ReasoningTokens: 448, Calls: 1}}, `"protected_material_code"`, `"jailbreak"`},
		{"aimlapi.json", llm.Response{Text: "Agents reflect on what they did [1].", Model: "o1-2024-12-17", FinishReason: "stop",
			Usage: llm.Usage{PromptTokens: 31, CachedTokens: 16, CompletionTokens: 2646, Calls: 1}}, "", ""},
	} {
		t.Run(tt.file, func(t *testing.T) {
			body, err := os.ReadFile("testdata/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := serve(t, says(string(body))).client(t, llm.Config{Model: "o1"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []struct{ got, want string }{{string(got.ContentFilter), tt.contentFilter}, {string(got.PromptFilter), tt.promptFilter}} {
				if (f.got == "") != (f.want == "") || !strings.Contains(f.got, f.want) {
					t.Errorf("filter results = %s, want %s", f.got, f.want)
				}
			}
			got.ContentFilter, got.PromptFilter = nil, nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Complete differs (-want +got):\n%s", diff)
			}
		})
	}
}

// All tokens gone into reasoning: once more with a larger limit, or less effort.
func TestLength(t *testing.T) {
	empty := text("", "length", 500, 500)
	for _, tt := range []struct {
		name     string
		c        llm.Config
		answers  []answerer
		text     string
		requests int
		usage    llm.Usage
		with     string // part of the last request
	}{
		{"larger limit", llm.Config{Model: "o1-mini", MaxOutputTokens: 500}, []answerer{empty, text("ok", "stop", 700, 600)}, "ok", 2,
			llm.Usage{PromptTokens: 20, CompletionTokens: 1200, ReasoningTokens: 1100, Calls: 2}, `"max_completion_tokens":25000`},
		{"more than the default", llm.Config{Model: "o1-mini"}, []answerer{empty, text("ok", "stop", 700, 600)}, "ok", 2,
			llm.Usage{PromptTokens: 20, CompletionTokens: 1200, ReasoningTokens: 1100, Calls: 2}, `"max_completion_tokens":65536`},
		{"four times", llm.Config{Model: "gpt-4o"}, []answerer{empty, text("ok", "stop", 700, 0)}, "ok", 2,
			llm.Usage{PromptTokens: 20, CompletionTokens: 1200, ReasoningTokens: 500, Calls: 2}, `"max_tokens":16384`},
		{"unknown", llm.Config{Model: "mystery"}, []answerer{empty, text("ok", "stop", 700, 0)}, "ok", 2,
			llm.Usage{PromptTokens: 20, CompletionTokens: 1200, ReasoningTokens: 500, Calls: 2}, `"max_tokens":16384`},
		{"lower effort", llm.Config{Model: "o1", MaxOutputTokens: 100_000}, []answerer{empty, text("ok", "stop", 7, 6)}, "ok", 2,
			llm.Usage{PromptTokens: 20, CompletionTokens: 507, ReasoningTokens: 506, Calls: 2}, `"reasoning_effort":"low"`},
		{"from high", llm.Config{Model: "o1", MaxOutputTokens: 100_000, Options: llm.Options{Effort: "high"}}, []answerer{empty, text("ok", "stop", 7, 6)}, "ok", 2,
			llm.Usage{PromptTokens: 20, CompletionTokens: 507, ReasoningTokens: 506, Calls: 2}, `"reasoning_effort":"medium"`},
		{"lowest", llm.Config{Model: "o1", MaxOutputTokens: 100_000, Options: llm.Options{Effort: "low"}}, []answerer{empty}, "", 1,
			llm.Usage{PromptTokens: 10, CompletionTokens: 500, ReasoningTokens: 500, Calls: 1}, `"reasoning_effort":"low"`},
		{"nothing to change", llm.Config{Model: "o1-mini", MaxOutputTokens: 65_536}, []answerer{empty}, "", 1,
			llm.Usage{PromptTokens: 10, CompletionTokens: 500, ReasoningTokens: 500, Calls: 1}, `"max_completion_tokens":65536`},
		{"in vain", llm.Config{Model: "o1", MaxOutputTokens: 100_000}, []answerer{empty}, "", 2,
			llm.Usage{PromptTokens: 20, CompletionTokens: 1000, ReasoningTokens: 1000, Calls: 2}, `"reasoning_effort":"low"`},
		{"second fails", llm.Config{Model: "o1", MaxOutputTokens: 100_000}, []answerer{empty, fails(500)}, "", 2,
			llm.Usage{PromptTokens: 10, CompletionTokens: 500, ReasoningTokens: 500, Calls: 1}, `"reasoning_effort":"low"`},
		{"part of text", llm.Config{Model: "o1"}, []answerer{text("half an", "length", 500, 400)}, "half an", 1,
			llm.Usage{PromptTokens: 10, CompletionTokens: 500, ReasoningTokens: 400, Calls: 1}, ``},
		{"only thoughts", llm.Config{Model: "deepseek-r1"}, []answerer{text("<think>hm", "length", 500, 0)}, "", 1,
			llm.Usage{PromptTokens: 10, CompletionTokens: 500, Calls: 1}, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answers...)
			got, err := s.client(t, tt.c).Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
			if tt.text == "" && !errors.Is(err, llm.ErrNoText) || tt.text != "" && err != nil || got.Text != tt.text {
				t.Errorf("Complete = %q, %v, want %q", got.Text, err, tt.text)
			}
			if diff := cmp.Diff(tt.usage, got.Usage); diff != "" {
				t.Errorf("usage differs (-want +got):\n%s", diff)
			}
			if n := s.count(); n != tt.requests {
				t.Fatalf("%d requests, want %d", n, tt.requests)
			}
			if b := marshal(t, s.sent(tt.requests)); !strings.Contains(b, tt.with) {
				t.Errorf("the last request %s lacks %s", b, tt.with)
			}
		})
	}
}

func TestStream(t *testing.T) {
	for _, tt := range []struct {
		name      string
		model     string
		events    []string
		pieces    []string
		reasoning string
		finish    string
	}{
		{"pieces", "gpt-4o", []string{piece("One"), piece(" two."), stopped, used, "[DONE]"}, []string{"One", " two."}, "", "stop"},
		{"white space around", "gpt-4o", []string{piece("\n One"), piece(" \n"), piece("two. "), piece("\n"), stopped, "[DONE]"}, []string{"One", " \ntwo."}, "", "stop"},
		{"apart", "deepseek-reasoner", []string{
			`{"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"let me "}}]}`, `{"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"see"}}]}`,
			piece("One"), piece(" two."), stopped, "[DONE]"}, []string{"One", " two."}, "let me see", "stop"},
		{"reasoning", "mystery", []string{`{"choices":[{"index":0,"delta":{"content":"","reasoning":"hm"}}]}`, piece("One"), stopped, "[DONE]"}, []string{"One"}, "hm", "stop"},
		{"marks", "mystery", []string{piece("<thi"), piece("nk>let me"), piece(" see</th"), piece("ink>\n\nOne"), piece(" two."), stopped, "[DONE]"}, []string{"One", " two."}, "let me see", "stop"},
		{"cut mark", "mystery", []string{piece("<think>let me"), piece(" see</th"), "[DONE]"}, nil, "let me see</th", "stop"},
		{"no first mark", "deepseek-r1", []string{piece("let me"), piece(" see</think>One"), piece(" two."), stopped, "[DONE]"}, []string{"One", " two."}, "let me see", "stop"},
		{"no marks at all", "deepseek-r1", []string{piece("One"), piece(" two."), stopped, "[DONE]"}, []string{"One two."}, "", "stop"},
		{"cut", "gpt-4o", []string{piece("One"), piece(" tw")}, []string{"One", " tw"}, "", "cut"},
		{"no finish_reason", "gpt-4o", []string{piece("One"), "[DONE]"}, []string{"One"}, "", "stop"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen collector
			got, err := serve(t, streams(tt.events...)).client(t, llm.Config{Model: tt.model}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
			if (err == nil) != (tt.pieces != nil) {
				t.Fatalf("Complete = %v", err)
			}
			if diff := cmp.Diff(tt.pieces, seen.pieces); diff != "" {
				t.Errorf("pieces differ (-want +got):\n%s", diff)
			}
			if got.Text != seen.joined() || got.Reasoning != tt.reasoning || got.FinishReason != tt.finish {
				t.Errorf("Complete = %q, %q, %s, want %q, %q, %s", got.Text, got.Reasoning, got.FinishReason, seen.joined(), tt.reasoning, tt.finish)
			}
			if tt.name == "pieces" && got.Usage != (llm.Usage{PromptTokens: 7, CompletionTokens: 9, ReasoningTokens: 4, Calls: 1}) {
				t.Errorf("usage = %+v", got.Usage)
			}
		})
	}
}

// A model that can't stream is asked without, and its text comes at once.
func TestNoStream(t *testing.T) {
	for _, tt := range []struct {
		name, model string
		answers     []answerer
		requests    int
	}{
		{"never", "o1-mini", []answerer{text("One two.", "stop", 1, 0)}, 1},
		{"refused", "o3", []answerer{refuses("stream", "unsupported_value"), text("One two.", "stop", 1, 0)}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answers...)
			var seen collector
			got, err := s.client(t, llm.Config{Model: tt.model}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
			if diff := cmp.Diff([]string{"One two."}, seen.pieces); err != nil || diff != "" || got.Text != "One two." {
				t.Errorf("Complete = %q, %v:\n%s", got.Text, err, diff)
			}
			if last := s.sent(tt.requests); last["stream"] != nil || last["stream_options"] != nil || s.count() != tt.requests {
				t.Errorf("the last of %d requests is %v", s.count(), last)
			}
		})
	}
}

func TestStreamErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer answerer
		is     error
		says   string
	}{
		{"error in the stream", streams(`{"error":{"message":"the secret prompt","type":"server_error","code":null,"param":null}}`, "[DONE]"), nil, "server_error"},
		{"cut at once", streams(`{"choices":[]}`), nil, "unexpected EOF"},
		{"no choices", says(`{"choices":[]}`), nil, "has no choices"},
		{"no JSON", streams("hello", "[DONE]"), llm.ErrConfig, "not a chat completion"},
		{"refused", fails(401), llm.ErrConfig, "OPENAI_API_KEY"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answer)
			_, err := s.client(t, llm.Config{Model: "gpt-4o"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: func(string) error { return nil }})
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "secret") || (tt.is != nil) != errors.Is(err, llm.ErrConfig) {
				t.Errorf("Complete = %v, want %v saying %s", err, tt.is, tt.says)
			}
		})
	}
}

// An error of Delta ends the call and comes back as it is; the upstream request
// ends as well.
func TestDeltaError(t *testing.T) {
	left := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("data: " + piece("One") + "\n\n"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(left)
	})
	enough := errors.New("enough")
	_, err := s.client(t, llm.Config{Model: "gpt-4o"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: func(string) error { return enough }})
	if !errors.Is(err, enough) || err.Error() != enough.Error() { // with nothing around it
		t.Errorf("Complete = %v, want %v", err, enough)
	}
	<-left
}

func TestCancel(t *testing.T) {
	left := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("data: " + piece("One") + "\n\n"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(left)
	})
	_, err := s.client(t, llm.Config{Model: "gpt-4o"}).Complete(ctx, llm.Request{Messages: llm.User("hi"), Delta: func(string) error { cancel(); return nil }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Complete = %v, want context.Canceled", err)
	}
	<-left
}

// The filter of a provider is no fault of the settings.
func TestPromptFilter(t *testing.T) {
	s := serve(t, fails400(`{"error":{"message":"filtered","type":null,"param":"prompt","code":"content_filter","status":400,
		"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"jailbreak":{"filtered":true,"detected":true}}}}}`))
	got, err := s.client(t, llm.Config{Model: "o1"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
	if !errors.Is(err, llm.ErrNoText) || errors.Is(err, llm.ErrConfig) || got.FinishReason != "content_filter" || !bytes.Contains(got.PromptFilter, []byte("jailbreak")) {
		t.Errorf("Complete = %+v, %v, want ErrNoText with what the filter says", got, err)
	}
}

// The stream's filter results keep what was filtered.
func TestStreamFilter(t *testing.T) {
	s := serve(t, streams(
		`{"choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"jailbreak":{"filtered":false}}}]}`,
		`{"choices":[{"index":0,"delta":{"content":"One"},"content_filter_results":{"hate":{"filtered":true,"severity":"high"}}}]}`,
		`{"choices":[{"index":0,"delta":{},"finish_reason":"content_filter","content_filter_results":{"violence":{"filtered":false}}}]}`, "[DONE]"))
	got, err := s.client(t, llm.Config{Model: "gpt-4o"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: func(string) error { return nil }})
	if err != nil || got.FinishReason != "content_filter" || !bytes.Contains(got.ContentFilter, []byte("hate")) || !bytes.Contains(got.PromptFilter, []byte("jailbreak")) {
		t.Errorf("Complete = %+v, %v", got, err)
	}
}
