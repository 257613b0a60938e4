package emulate_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// A client can ask for what goes wrong.
func TestFaults(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{Count: words})
	for _, tt := range []struct {
		name, fault string
		status      int
		ok          func(reply) bool
	}{
		{"length", "length", 200, func(r reply) bool {
			return r.Choices[0].FinishReason == "length" && r.Choices[0].Message.Content == "" && r.Usage.Completion == 50 && r.Usage.Details.Reasoning == 50
		}},
		{"part of the text", "reasoning=46", 200, func(r reply) bool {
			return r.Choices[0].FinishReason == "length" && r.Choices[0].Message.Content == "Rotate a key every" && r.Usage.Completion == 50
		}},
		{"refusal", "refusal,reasoning=1", 200, func(r reply) bool {
			return strings.HasPrefix(r.Choices[0].Message.Refusal, "I'm sorry") && r.Choices[0].Message.Content == "" && r.Choices[0].FinishReason == "stop"
		}},
		{"filtered answer", "filter,reasoning=1", 200, func(r reply) bool {
			return r.Choices[0].FinishReason == "content_filter" && r.Choices[0].Message.Content == ""
		}},
		{"filtered prompt", "prompt-filter", 400, func(r reply) bool {
			return r.Error.Code == "content_filter" && r.Error.Param == "prompt" && strings.Contains(r.body, `"ResponsibleAIPolicyViolation"`)
		}},
		{"no usage", "no-usage", 200, func(r reply) bool { return r.Usage == nil }},
		{"rate", "429, retry-after=7", 429, func(r reply) bool {
			return r.Error.Code == "rate_limit_exceeded" && r.Error.Type == "requests" && r.header.Get("Retry-After") == "7"
		}},
		{"server", "500", 500, func(r reply) bool { return r.Error.Type == "server_error" && r.Error.Code == "" }},
		{"slow", "slow=1ms,reasoning=1", 200, func(r reply) bool { return r.Usage.Details.Reasoning == 1 }},
		{"unknown fault", "nonsense", 400, func(r reply) bool { return strings.Contains(r.Error.Message, "nonsense") }},
		{"no error", "200", 400, func(r reply) bool { return strings.Contains(r.Error.Message, "200") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := chat("o1-mini", grounded, `"max_completion_tokens":50`)
			if got := post(t, s.URL+"/chat/completions", body, "X-Emulate: "+tt.fault); got.status != tt.status || !tt.ok(got) {
				t.Errorf("%d %s", got.status, got.body)
			}
			query := strings.NewReplacer(" ", "", "=", "%3D", ",", "%2C").Replace(tt.fault)
			if got := post(t, s.URL+"/chat/completions?emulate="+query, body); got.status != tt.status || !tt.ok(got) {
				t.Errorf("by query: %d %s", got.status, got.body)
			}
		})
	}
}

func words(text string) int { return len(strings.Fields(text)) }

// The script says what goes wrong with which request.
func TestScript(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{Script: func(n int, body []byte) emulate.Fault {
		if n == 2 && strings.Contains(string(body), "o1-mini") {
			return emulate.Fault{Status: 503}
		}
		return emulate.Fault{}
	}})
	for i, want := range []int{200, 503, 200} {
		if got := post(t, s.URL+"/chat/completions", chat("o1-mini", "hi")); got.status != want {
			t.Errorf("request %d: %d, want %d", i+1, got.status, want)
		}
	}
}

// The headers come when the fault lets them, or never to a client that leaves.
func TestHold(t *testing.T) {
	held := make(chan struct{})
	s := llmtest.Emulate(t, emulate.Config{Script: func(int, []byte) emulate.Fault {
		return emulate.Fault{Hold: func(ctx context.Context) {
			close(held)
			<-ctx.Done()
		}}
	}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-held
		cancel()
	}()
	client := sdk(s)
	_, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: "o1", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hi")}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("New = %v, want context.Canceled", err)
	}
}

// A connection breaks in the middle of a response, streamed or not.
func TestCut(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	for _, tt := range []struct{ name, body, begins string }{
		{"whole", chat("o1-mini", grounded), `{"choices":[`},
		{"stream", chat("gpt-4o", grounded, `"stream":true`), "data: {"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/chat/completions?emulate=cut%3D3", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+llmtest.Key)
			resp, err := (&http.Client{}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(string(b), tt.begins) || strings.Contains(string(b), "[DONE]") {
				t.Errorf("read %q, %v, want a part and an unexpected end", b, err)
			}
		})
	}
}

// Reasoning in the text may be cut, or have no opening mark.
func TestThink(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{Count: words})
	cut := post(t, s.URL+"/chat/completions", chat("deepseek-r1", grounded, `"max_tokens":20`)).Choices[0]
	if text := cut.Message.Content; cut.FinishReason != "length" || !strings.HasPrefix(text, "<think>\n") || strings.Contains(text, "</think>") {
		t.Errorf("cut = %+v, want open thoughts", cut)
	}
	bare := post(t, s.URL+"/chat/completions", chat("deepseek-r1", grounded), "X-Emulate: unopened").Choices[0].Message.Content
	if strings.Contains(bare, "<think>") || !strings.HasSuffix(bare, "</think>\n\n"+groundedText) {
		t.Errorf("unopened = %q", bare)
	}
	kept := post(t, s.URL+"/chat/completions", chat("deepseek-reasoner", grounded, `"max_tokens":20`)).Choices[0]
	if kept.Message.Content != "" || kept.Message.Reasoning == "" || kept.FinishReason != "length" {
		t.Errorf("deepseek-reasoner = %+v, want thoughts alone", kept)
	}
}
