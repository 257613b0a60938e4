// Package llmtest is a server that behaves as the provider of o1-mini documents
// it, for tests.
//
// Call [Serve]. A request that the real one refuses is refused with its error
// body, and reasoning takes its part of the budget.
package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Key is the API key that a [Server] takes.
const Key = "sk-test-0123456789"

// A Script says how a [Server] behaves; the zero Script answers "ok".
type Script struct {
	Model     string                     // the one model it has; empty means o1-mini
	Answer    func(prompt string) string // the visible text; nil says "ok"
	Reasoning int                        // tokens spent before the visible text
	Refusal   string                     // said instead of an answer
	Finish    string                     // finish reason that holds the text back, such as "content_filter"
	// Fail, if set, may answer the n-th request (from 1) itself and then returns true.
	Fail func(w http.ResponseWriter, n int) bool
}

// A Server is a provider.
type Server struct {
	URL string // base URL, for llm.Config

	mu     sync.Mutex
	bodies []string
	script Script
}

// Serve starts a provider that ends with the test.
func Serve(t testing.TB, s Script) *Server {
	if s.Model == "" {
		s.Model = "o1-mini"
	}
	srv := &Server{script: s}
	hs := httptest.NewServer(srv)
	t.Cleanup(hs.Close)
	srv.URL = hs.URL + "/v1"
	return srv
}

// Bodies returns the bodies of the requests so far.
func (s *Server) Bodies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

// ServeHTTP is the provider.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has left
	}
	s.mu.Lock()
	s.bodies = append(s.bodies, string(body))
	n := len(s.bodies)
	s.mu.Unlock()
	if s.script.Fail != nil && s.script.Fail(w, n) {
		return
	}
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions":
		Fail(w, 404, "invalid_request_error", "", "unknown_url", "Unknown request URL: "+r.Method+" "+r.URL.Path+".")
	case r.Header.Get("Authorization") != "Bearer "+Key:
		Fail(w, 401, "invalid_request_error", "", "invalid_api_key", "Incorrect API key provided: "+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")+".")
	default:
		s.complete(w, body)
	}
}

// complete answers a request that came through.
func (s *Server) complete(w http.ResponseWriter, body []byte) {
	var req map[string]any
	if err := json.Unmarshal(body, &req); err != nil {
		Fail(w, 400, "invalid_request_error", "", "", "We could not parse the JSON body of your request.")
		return
	}
	if req["model"] != s.script.Model {
		Fail(w, 404, "invalid_request_error", "", "model_not_found", fmt.Sprintf("The model `%v` does not exist or you do not have access to it.", req["model"]))
		return
	}
	if m := reasoning.FindStringSubmatch(s.script.Model); m != nil && refused(w, req, maxOutput[strings.ToLower(m[1])]) {
		return
	}
	prompt := ""
	if ms, ok := req["messages"].([]any); ok && len(ms) > 0 {
		if m, ok := ms[len(ms)-1].(map[string]any); ok {
			prompt, _ = m["content"].(string)
		}
	}
	s.reply(w, prompt, limitOf(req))
}

// reasoning matches the models that [refused] is about.
var reasoning = regexp.MustCompile(`(?i)^(?:.*/)?(o1-mini|o1-preview|o1|o3-mini)(-\d{4}-\d\d-\d\d)?$`)

// maxOutput is the most tokens that each of them writes.
var maxOutput = map[string]int{"o1-preview": 32_768, "o1-mini": 65_536, "o1": 100_000, "o3-mini": 100_000}

// refused answers what o1-mini does not take, and says whether it did; the
// later models take a part of it.
func refused(w http.ResponseWriter, req map[string]any, most int) bool {
	const kind = "invalid_request_error"
	if _, ok := req["max_tokens"]; ok {
		Fail(w, 400, kind, "max_tokens", "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
		return true
	}
	for name, fixed := range map[string]float64{"temperature": 1, "top_p": 1, "n": 1, "presence_penalty": 0, "frequency_penalty": 0} {
		if v, ok := req[name]; ok && v != fixed {
			Fail(w, 400, kind, name, "unsupported_value", fmt.Sprintf("Unsupported value: '%s' does not support %v with this model. Only the default (%v) value is supported.", name, v, fixed))
			return true
		}
	}
	for _, name := range []string{"tools", "functions", "tool_choice", "parallel_tool_calls", "response_format", "logprobs", "top_logprobs", "logit_bias", "stop", "stream", "reasoning_effort"} {
		if _, ok := req[name]; ok {
			Fail(w, 400, kind, name, "unsupported_parameter", "Unsupported parameter: '"+name+"' is not supported with this model.")
			return true
		}
	}
	messages, _ := req["messages"].([]any)
	if len(messages) == 0 {
		Fail(w, 400, kind, "messages", "missing_required_parameter", "Missing required parameter: 'messages'.")
		return true
	}
	for i, m := range messages {
		role, _ := m.(map[string]any)["role"].(string)
		if role != "user" && role != "assistant" {
			Fail(w, 400, kind, fmt.Sprintf("messages[%d].role", i), "unsupported_value", fmt.Sprintf("Unsupported value: 'messages[%d].role' does not support '%s' with this model.", i, role))
			return true
		}
	}
	if n := limitOf(req); n > most {
		Fail(w, 400, kind, "max_completion_tokens", "invalid_value", fmt.Sprintf("max_tokens is too large: %d. This model supports at most %d completion tokens.", n, most))
		return true
	}
	return false
}

// limitOf returns the limit of the output, or one that every model takes.
func limitOf(req map[string]any) int {
	for _, name := range []string{"max_completion_tokens", "max_tokens"} {
		if v, ok := req[name].(float64); ok {
			return int(v)
		}
	}
	return 32_768
}

// reply sends the completion; a word counts as a token.
func (s *Server) reply(w http.ResponseWriter, prompt string, limit int) {
	text, finish := "ok", "stop"
	if s.script.Answer != nil {
		text = s.script.Answer(prompt)
	}
	if s.script.Refusal != "" || s.script.Finish != "" {
		text = ""
	}
	if s.script.Finish != "" {
		finish = s.script.Finish
	}
	words := strings.Fields(text)
	thought := min(s.script.Reasoning, limit)
	if left := limit - thought; left < len(words) {
		text, words, finish = strings.Join(words[:left], " "), words[:left], "length"
	}
	message := map[string]any{"role": "assistant", "content": text, "refusal": nil}
	if s.script.Refusal != "" {
		message["refusal"], message["content"] = s.script.Refusal, nil
	}
	used, asked := thought+len(words), len(strings.Fields(prompt))
	write(w, 200, map[string]any{
		"id": "chatcmpl-test", "object": "chat.completion", "created": 1732233600, "model": s.script.Model + "-2024-09-12",
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": finish, "logprobs": nil}},
		"usage": map[string]any{
			"prompt_tokens": asked, "completion_tokens": used, "total_tokens": asked + used,
			"prompt_tokens_details":     map[string]any{"cached_tokens": 0},
			"completion_tokens_details": map[string]any{"reasoning_tokens": thought},
		},
	})
}

// Fail answers with the provider's form of an error; an empty param or code is null.
func Fail(w http.ResponseWriter, status int, kind, param, code, message string) {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	write(w, status, map[string]any{"error": map[string]any{"message": message, "type": kind, "param": null(param), "code": null(code)}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // a client that has left is no fault of the test
}
