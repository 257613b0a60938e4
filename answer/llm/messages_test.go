package llm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

func claude(t *testing.T, f *fake, model string) *llm.Client {
	return f.client(t, llm.Config{Provider: "anthropic", Model: model})
}

// message is a body of the Messages API.
func message(stop, content string) answerer {
	return says(fmt.Sprintf(`{"type":"message","role":"assistant","model":"claude-real","stop_reason":%q,"content":[%s],
		"usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":2,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}}`, stop, content))
}

func TestMessages(t *testing.T) {
	usage := llm.Usage{PromptTokens: 17, CachedTokens: 5, CompletionTokens: 7, ReasoningTokens: 3, Calls: 1}
	for _, tt := range []struct {
		name   string
		answer answerer
		want   llm.Response
		err    error
	}{
		{"text", message("end_turn", `{"type":"text","text":"One"},{"type":"text","text":" two."}`), llm.Response{Text: "One two.", FinishReason: "stop"}, nil},
		{"thinking", message("end_turn", `{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"One."}`), llm.Response{Text: "One.", Reasoning: "hm", FinishReason: "stop"}, nil},
		{"limit", message("max_tokens", `{"type":"text","text":"One"}`), llm.Response{Text: "One", FinishReason: "length"}, nil},
		{"refusal", message("refusal", `{"type":"text","text":"I won't."}`), llm.Response{Refusal: "I won't.", FinishReason: "refusal"}, nil},
		{"silent refusal", message("refusal", ``), llm.Response{Refusal: "The model declined to answer.", FinishReason: "refusal"}, nil},
		{"call", message("tool_use", `{"type":"text","text":"I look."},{"type":"tool_use","id":"c1","name":"look","input":{"x":"y"}}`),
			llm.Response{Text: "I look.", FinishReason: "tool_calls", Calls: []llm.Call{{ID: "c1", Name: "look", Arguments: json.RawMessage(`{"x":"y"}`)}}}, nil},
		{"nothing", message("end_turn", ``), llm.Response{FinishReason: "stop"}, llm.ErrNoText},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := claude(t, serve(t, tt.answer), "claude-3-5-sonnet-latest").Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
			if !errors.Is(err, tt.err) {
				t.Fatalf("Complete = %v, want %v", err, tt.err)
			}
			tt.want.Model, tt.want.Usage = "claude-real", usage
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Complete differs (-want +got):\n%s", diff)
			}
		})
	}
}

// messageStream answers with events of the Messages API.
func messageStream(events ...string) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, e := range events {
			fmt.Fprint(w, eventNames("data: "+e+"\n\n"))
		}
	}
}

func TestMessagesStream(t *testing.T) {
	const (
		start   = `{"type":"message_start","message":{"type":"message","role":"assistant","model":"claude-real","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}}`
		think   = `{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`
		hm      = `{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`
		thought = `{"type":"content_block_stop","index":0}`
		block   = `{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}`
		one     = `{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"One"}}`
		two     = `{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" two."}}`
		blocked = `{"type":"content_block_stop","index":1}`
		tool    = `{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"c1","name":"look","input":{}}}`
		x       = `{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"x\":"}}`
		y       = `{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"\"y\"}"}}`
		used    = `{"type":"content_block_stop","index":2}`
		end     = `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}`
		called  = `{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}`
		stop    = `{"type":"message_stop"}`
		failed  = `{"type":"error","error":{"type":"overloaded_error","message":"the secret prompt"}}`
	)
	for _, tt := range []struct {
		name   string
		events []string
		pieces []string
		finish string
		calls  string
		says   string // of the error; "" means none
	}{
		{"text", []string{start, think, hm, thought, block, one, two, blocked, end, stop}, []string{"One", " two."}, "stop", "", ""},
		{"call", []string{start, think, hm, thought, block, one, two, blocked, tool, x, y, used, called, stop}, []string{"One", " two."}, "tool_calls", `{"x":"y"}`, ""},
		{"cut", []string{start, think, hm, thought, block, one}, []string{"One"}, "cut", "", ""},
		{"fails on the way", []string{start, think, hm, thought, block, one, failed}, []string{"One"}, "cut", "", ""},
		{"fails at once", []string{failed}, nil, "", "", "failed"},
		{"empty", []string{`{"type":"ping"}`}, nil, "", "", "not a chat completion"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen collector
			got, err := claude(t, serve(t, messageStream(tt.events...)), "claude-3-5-sonnet-latest").
				Complete(t.Context(), llm.Request{Messages: llm.User("hi"), Delta: seen.delta})
			if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "secret")) {
				t.Fatalf("Complete = %v, want %q", err, tt.says)
			}
			if diff := cmp.Diff(tt.pieces, seen.pieces); diff != "" {
				t.Errorf("pieces differ (-want +got):\n%s", diff)
			}
			if got.Text != seen.joined() || got.FinishReason != tt.finish || tt.pieces != nil && got.Reasoning != "hm" {
				t.Errorf("Complete = %+v", got)
			}
			if tt.finish == "stop" && got.Usage != (llm.Usage{PromptTokens: 15, CachedTokens: 5, CompletionTokens: 9, Calls: 1}) {
				t.Errorf("usage = %+v", got.Usage)
			}
			if tt.calls != "" && (len(got.Calls) != 1 || string(got.Calls[0].Arguments) != tt.calls) {
				t.Errorf("calls = %+v, want %s", got.Calls, tt.calls)
			}
		})
	}
}
