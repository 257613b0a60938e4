package llm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

// What a server refuses is done in another way, once, and remembered.
func TestNegotiate(t *testing.T) {
	form := &llm.Schema{Name: "form", JSON: json.RawMessage(testSchema)}
	tools := []llm.Tool{{Name: "look", Description: "looks", Parameters: json.RawMessage(testSchema)}}
	for _, tt := range []struct {
		name    string
		c       llm.Config
		r       llm.Request
		param   string
		code    string
		without string // name that the second request has not
		with    string // part of the second request
	}{
		{"old limit", llm.Config{Profile: "compatible"}, llm.Request{}, "max_tokens", "unsupported_parameter", "max_tokens", `"max_completion_tokens":4096`},
		{"new limit", llm.Config{Profile: "o1-mini"}, llm.Request{}, "max_completion_tokens", "unsupported_parameter", "max_completion_tokens", `"max_tokens":25000`},
		{"temperature", llm.Config{Profile: "gpt-4o", Options: llm.Options{Temperature: at(0.2)}}, llm.Request{}, "temperature", "unsupported_value", "temperature", "max_tokens"},
		{"top_p", llm.Config{Profile: "gpt-4o", Options: llm.Options{TopP: at(0.2)}}, llm.Request{}, "top_p", "unsupported_parameter", "top_p", "max_tokens"},
		{"presence", llm.Config{Profile: "gpt-4o", Options: llm.Options{PresencePenalty: at(0.2)}}, llm.Request{}, "presence_penalty", "unsupported_parameter", "presence_penalty", "max_tokens"},
		{"frequency", llm.Config{Profile: "gpt-4o", Options: llm.Options{FrequencyPenalty: at(0.2)}}, llm.Request{}, "frequency_penalty", "unsupported_parameter", "frequency_penalty", "max_tokens"},
		{"effort", llm.Config{Profile: "compatible", Options: llm.Options{Effort: "low"}}, llm.Request{}, "reasoning_effort", "unsupported_parameter", "reasoning_effort", "max_tokens"},
		{"developer", llm.Config{Profile: "o1"}, llm.Request{Instructions: "be kind"}, "messages[0].role", "unsupported_value", "", `"content":"be kind","role":"system"`},
		{"system", llm.Config{Profile: "gpt-4o"}, llm.Request{Instructions: "be kind"}, "messages[0].role", "unsupported_value", "", `"content":"be kind","role":"developer"`},
		{"stream", llm.Config{Profile: "o1"}, llm.Request{Delta: func(string) error { return nil }}, "stream", "unsupported_value", "stream", "max_completion_tokens"},
		{"stream_options", llm.Config{Profile: "compatible"}, llm.Request{Delta: func(string) error { return nil }}, "stream_options", "unsupported_parameter", "stream_options", `"stream":true`},
		{"format", llm.Config{Profile: "gpt-4o"}, llm.Request{Schema: form}, "response_format", "unsupported_parameter", "response_format", "valid against this JSON schema"},
		{"kind of format", llm.Config{Profile: "gpt-4o"}, llm.Request{Schema: form}, "response_format.type", "unsupported_value", "response_format", "valid against this JSON schema"},
		{"tools", llm.Config{Profile: "gpt-4o"}, llm.Request{Tools: tools}, "tools", "unsupported_parameter", "tools", "You may call one of these tools"},
		{"forced tool", llm.Config{Profile: "claude-3.5-sonnet"}, llm.Request{Schema: form}, "tool_choice", "unsupported_parameter", "tool_choice", "valid against this JSON schema"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := text("ok", "stop", 1, 0)
			if tt.r.Delta != nil && tt.param != "stream" {
				answer = streams(piece("ok"), stopped, "[DONE]")
			}
			s := serve(t, refuses(tt.param, tt.code), answer)
			var log bytes.Buffer
			tt.c.Model, tt.c.Log = "m", slog.New(slog.NewTextHandler(&log, nil))
			c := s.client(t, tt.c)
			tt.r.Messages = llm.User("hi")
			for range 2 {
				got, err := c.Complete(t.Context(), tt.r)
				if err != nil || got.Text != "ok" {
					t.Fatalf("Complete = %q, %v, want ok", got.Text, err)
				}
			}
			if n := s.count(); n != 3 {
				t.Errorf("%d requests, want 3: one refused, then one for each call", n)
			}
			if tt.without != "" && (s.sent(1)[tt.without] == nil || s.sent(2)[tt.without] != nil) {
				t.Errorf("%s: first %v, then %v, want it left out", tt.without, s.sent(1)[tt.without], s.sent(2)[tt.without])
			}
			if b := marshal(t, s.sent(2)); !strings.Contains(b, tt.with) {
				t.Errorf("the second request %s lacks %s", b, tt.with)
			}
			if diff := cmp.Diff(s.sent(2), s.sent(3)); diff != "" {
				t.Errorf("the refused parameter is sent again:\n%s", diff)
			}
			if n := strings.Count(log.String(), "omit a parameter"); n != 1 {
				t.Errorf("logged %d times, want once: %s", n, log.String())
			}
		})
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A server that refuses several things is asked once more for each.
func TestNegotiateSeveral(t *testing.T) {
	s := serve(t, refuses("messages[0].role", "unsupported_value"), refuses("messages[0].role", "unsupported_value"),
		refuses("max_tokens", "unsupported_parameter"), refuses("temperature", "unsupported_value"), text("ok", "stop", 1, 0))
	c := s.client(t, llm.Config{Model: "m", Profile: "gpt-4o", Options: llm.Options{Temperature: at(0.2)}})
	got, err := c.Complete(t.Context(), llm.Request{Instructions: "be kind", Messages: llm.User("hi")})
	if err != nil || got.Text != "ok" {
		t.Fatalf("Complete = %q, %v, want ok", got.Text, err)
	}
	want := `{"max_completion_tokens":4096,"messages":[{"content":"be kind\n\nhi","role":"user"}],"model":"m"}`
	if got := marshal(t, s.sent(5)); got != want {
		t.Errorf("the last request is %s, want %s", got, want)
	}
}

// Anything else is shown, and not repeated.
func TestNotNegotiated(t *testing.T) {
	for _, tt := range []struct {
		name, param, code string
		requests          int
	}{
		{"other code", "max_tokens", "invalid_value", 1},
		{"other parameter", "top_k", "unsupported_parameter", 1},
		{"not sent", "temperature", "unsupported_value", 1},
		{"another message", "messages[1].role", "unsupported_value", 1},
		{"a prefix", "max_tokens_", "unsupported_parameter", 1},
		{"nothing", "", "unsupported_parameter", 1},
		{"again and again", "max_tokens", "unsupported_parameter", 2},
		{"the role of a user", "messages[0].role", "unsupported_value", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, refuses(tt.param, tt.code))
			c := s.client(t, llm.Config{Model: "m", Profile: "gpt-4o"})
			_, err := c.Complete(t.Context(), llm.Request{Instructions: "be kind", Messages: llm.User("hi")})
			if !errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), tt.code) {
				t.Errorf("Complete = %v, want ErrConfig with %s", err, tt.code)
			}
			if n := s.count(); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
		})
	}
}

// What a gateway passes on from behind is understood too.
func TestNegotiateThroughGateway(t *testing.T) {
	inner := marshal(t, map[string]any{"error": map[string]any{"param": "max_tokens", "code": "unsupported_parameter"}})
	outer := marshal(t, map[string]any{"error": map[string]any{"message": "Provider returned error", "code": 400, "metadata": map[string]any{"raw": inner}}})
	s := serve(t, fails400(outer), text("ok", "stop", 1, 0))
	got, err := s.client(t, llm.Config{Model: "m"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
	if err != nil || got.Text != "ok" || s.sent(2)["max_completion_tokens"] == nil {
		t.Errorf("Complete = %q, %v after %v", got.Text, err, s.sent(2))
	}
}

// Without tools of its own the model calls them in text.
func TestToolsAsText(t *testing.T) {
	tools := []llm.Tool{{Name: "look", Description: "looks", Parameters: json.RawMessage(testSchema)}}
	s := serve(t, refuses("tools", "unsupported_parameter"), text("```json\n{\"tool\": \"look\", \"arguments\": {\"x\": \"y\"}}\n```", "stop", 1, 0), text("found it", "stop", 1, 0))
	c := s.client(t, llm.Config{Model: "m", Profile: "gpt-4o"})
	var seen collector
	r := llm.Request{Messages: llm.User("hi"), Tools: tools, Delta: seen.delta}
	got, err := c.Complete(t.Context(), r)
	want := []llm.Call{{ID: "call_look", Name: "look", Arguments: json.RawMessage(`{"x": "y"}`)}}
	if diff := cmp.Diff(want, got.Calls); err != nil || diff != "" || got.Text != "" || got.FinishReason != "tool_calls" || len(seen.pieces) != 0 {
		t.Fatalf("Complete = %+v, %v, shown %q:\n%s", got, err, seen.pieces, diff)
	}
	r.Messages = append(r.Messages, llm.Message{Role: llm.RoleAssistant, Calls: got.Calls}, llm.Message{Role: llm.RoleTool, CallID: "call_look", Text: "it is blue"})
	got, err = c.Complete(t.Context(), r)
	if err != nil || got.Text != "found it" || seen.joined() != "found it" {
		t.Errorf("Complete = %q, %v, shown %q", got.Text, err, seen.joined())
	}
	sent := marshal(t, s.sent(3)["messages"])
	for _, part := range []string{`{\"tool\":\"look\",\"arguments\":{\"x\":\"y\"}}`, `it is blue`, `"role":"assistant"`} {
		if !strings.Contains(sent, part) {
			t.Errorf("the messages %s lack %s", sent, part)
		}
	}
	if strings.Contains(sent, "tool_calls") || strings.Contains(sent, `"role":"tool"`) {
		t.Errorf("the messages %s hold the protocol of tools", sent)
	}
}

// Structured outputs come as JSON, whatever they came in.
func TestSchema(t *testing.T) {
	form := &llm.Schema{Name: "form", JSON: json.RawMessage(testSchema)}
	const want = `{"x":"y"}`
	called := says(`{"model":"real","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"form","arguments":"{\"x\":\"y\"}"}}]}}]}`)
	for _, tt := range []struct {
		name, profile string
		answers       []answerer
	}{
		{"format", "gpt-4o", []answerer{text(want, "stop", 1, 0)}},
		{"forced tool", "claude-3.5-sonnet", []answerer{called}},
		{"text", "o1", []answerer{refuses("response_format", "unsupported_parameter"), text("```json\n"+want+"\n```", "stop", 1, 0)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.answers...)
			var seen collector
			r := llm.Request{Messages: llm.User("hi"), Schema: form}
			if tt.name != "format" {
				r.Delta = seen.delta
			}
			if tt.name == "text" { // the server refuses both
				s = serve(t, refuses("stream", "unsupported_value"), tt.answers[0], tt.answers[1])
			}
			got, err := s.client(t, llm.Config{Model: "m", Profile: tt.profile}).Complete(t.Context(), r)
			if err != nil || got.Text != want || got.FinishReason != "stop" || len(got.Calls) != 0 {
				t.Errorf("Complete = %+v, %v, want the JSON", got, err)
			}
			if r.Delta != nil && seen.joined() != want {
				t.Errorf("shown %q, want %q", seen.joined(), want)
			}
		})
	}
}
