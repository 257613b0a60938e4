package llm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
)

// refusesWhile answers with a status and a body as long as a request holds a field for
// which when reports true, and else with "ok".
func refusesWhile(when func(body map[string]any) bool, status int, body string) answerer {
	return func(w http.ResponseWriter, r *http.Request, sent map[string]any) {
		if !when(sent) {
			if sent["stream"] == true {
				streams(piece("ok"), stopped, "[DONE]")(w, r, sent)
				return
			}
			if strings.HasSuffix(r.URL.Path, "/messages") {
				says(`{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}`)(w, r, sent)
				return
			}
			text("ok", "stop", 1, 0)(w, r, sent)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// has reports whether a request has the field.
func has(field string) func(map[string]any) bool {
	return func(sent map[string]any) bool { return sent[field] != nil }
}

// above reports whether the number in a field is above n.
func above(field string, n float64) func(map[string]any) bool {
	return func(sent map[string]any) bool { v, _ := sent[field].(float64); return v > n }
}

// TestRefusalsInWords sends requests to services whose refusals have no code, or none
// that OpenAI uses. The second request is one that the service accepts, and so are all
// later ones, at once.
func TestRefusalsInWords(t *testing.T) {
	tools := []llm.Tool{{Name: "look", Description: "looks", Parameters: json.RawMessage(testSchema)}}
	form := &llm.Schema{Name: "form", JSON: json.RawMessage(testSchema)}
	effort := func(e string) llm.Config { return llm.Config{Profile: "compatible", Options: llm.Options{Effort: e}} }
	for _, tt := range []struct {
		name   string
		c      llm.Config
		r      llm.Request
		when   func(map[string]any) bool
		status int
		body   string
		with   string // part of the last request
	}{
		{"param without code", llm.Config{Profile: "gpt-4o", Options: llm.Options{Temperature: at(0.2)}}, llm.Request{}, has("temperature"), 400,
			`{"error":{"message":"temperature does not go with this model","param":"temperature","code":null}}`, `"max_tokens"`},
		{"the other limit", llm.Config{Profile: "compatible"}, llm.Request{}, has("max_tokens"), 400,
			`{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":null,"code":null}}`, `"max_completion_tokens":4096`},
		{"an unknown argument", llm.Config{Profile: "compatible"}, llm.Request{Delta: func(string) error { return nil }}, has("stream_options"), 400,
			`{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error"}}`, `"stream":true`},
		{"FastAPI", effort("low"), llm.Request{}, has("reasoning_effort"), 422,
			`{"detail":[{"loc":["body","reasoning_effort"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]}`, `"max_tokens"`},
		{"vLLM", effort("low"), llm.Request{}, has("reasoning_effort"), 400,
			`{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'reasoning_effort'), 'msg': 'Extra inputs are not permitted'}]","type":"BadRequestError","param":null,"code":400}`, `"max_tokens"`},
		{"Ollama does not think", effort("low"), llm.Request{}, has("reasoning_effort"), 400, `{"error":{"message":"\"llama3\" does not support thinking","type":"api_error","param":null,"code":null}}`, `"max_tokens"`},
		{"Ollama has no tools", llm.Config{Profile: "gpt-4o"}, llm.Request{Tools: tools}, has("tools"), 400,
			`{"error":{"message":"registry.ollama.ai/library/gemma:2b does not support tools","type":"api_error","param":null,"code":null}}`, "You may call one of these tools"},
		{"OpenRouter has no tools", llm.Config{Profile: "gpt-4o"}, llm.Request{Tools: tools}, has("tools"), 404,
			`{"error":{"message":"No endpoints found that support tool use.","code":404}}`, "You may call one of these tools"},
		{"vLLM has no tools", llm.Config{Profile: "gpt-4o"}, llm.Request{Tools: tools}, has("tools"), 400,
			`{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","code":400}`, "You may call one of these tools"},
		{"llama.cpp has no tools", llm.Config{Profile: "gpt-4o"}, llm.Request{Tools: tools}, has("tools"), 500,
			`{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}`, "You may call one of these tools"},
		{"no formats", llm.Config{Profile: "gpt-4o"}, llm.Request{Schema: form}, has("response_format"), 400,
			`{"error":"This model does not support response_format of type json_schema"}`, "valid against this JSON schema"},
		{"no system messages", llm.Config{Profile: "gpt-4o"}, llm.Request{Instructions: "be kind"}, func(sent map[string]any) bool { return len(sent["messages"].([]any)) > 1 }, 400,
			`{"object":"error","message":"System role not supported","type":"BadRequestError","code":400}`, `be kind\n\nhi`},
		{"no streams", llm.Config{Profile: "o1"}, llm.Request{Delta: func(string) error { return nil }}, has("stream"), 400,
			`{"error":{"message":"Your organization must be verified to stream this model.","type":"invalid_request_error","param":"stream","code":null}}`, `"max_completion_tokens"`},
		{"nearest of the listed efforts", effort("minimal"), llm.Request{}, func(sent map[string]any) bool { return sent["reasoning_effort"] == "minimal" }, 400,
			`{"error":{"message":"Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'none', 'low', 'medium', 'high', and 'xhigh'.","param":"reasoning_effort","code":"unsupported_value"}}`, `"reasoning_effort":"low"`},
		{"nearest below", effort("xhigh"), llm.Request{}, func(sent map[string]any) bool { return sent["reasoning_effort"] == "xhigh" }, 400,
			`{"error":{"message":"Invalid value: 'xhigh'. Supported values are: 'low', 'medium', and 'high'.","param":"reasoning_effort","code":"invalid_value"}}`, `"reasoning_effort":"high"`},
		{"efforts of pydantic", effort("max"), llm.Request{}, func(sent map[string]any) bool { return sent["reasoning_effort"] == "max" }, 422,
			`{"detail":[{"loc":["body","reasoning_effort"],"msg":"Input should be 'low', 'medium' or 'high'","type":"literal_error"}]}`, `"reasoning_effort":"high"`},
		{"one effort only", effort("low"), llm.Request{}, func(sent map[string]any) bool { return sent["reasoning_effort"] == "low" }, 400,
			`{"error":{"message":"reasoning_effort must be one of: high","code":null}}`, `"reasoning_effort":"high"`},
		{"vLLM's context", llm.Config{Profile: "compatible"}, llm.Request{}, above("max_tokens", 3692), 400,
			`{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 4500 tokens (404 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.","type":"BadRequestError","param":null,"code":400}`, `"max_tokens":`},
		{"vLLM's context, of today", llm.Config{Profile: "compatible"}, llm.Request{}, above("max_tokens", 3692), 400,
			`{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 4096 tokens and your request has 404 input tokens (4096 > 4096 - 404).","type":"BadRequestError","param":"max_tokens","code":400}}`, `"max_tokens":`},
		{"Anthropic's context", llm.Config{Provider: "anthropic", Profile: "claude-sonnet-4.5", MaxOutputTokens: 20_000}, llm.Request{}, above("max_tokens", 10_000), 400,
			"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again\"}}", `"max_tokens":10000`},
		{"Anthropic's largest output", llm.Config{Provider: "anthropic", Profile: "claude-sonnet-4.5", MaxOutputTokens: 20_000}, llm.Request{}, above("max_tokens", 8192), 400,
			`{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 20000 > 8192, which is the maximum allowed number of output tokens for m"}}`, `"max_tokens":8192`},
		{"OpenAI's largest output", llm.Config{Profile: "compatible", MaxOutputTokens: 50_000}, llm.Request{}, above("max_tokens", 16_384), 400,
			`{"error":{"message":"max_tokens is too large: 50000. This model supports at most 16384 completion tokens, whereas you provided 50000.","param":"max_tokens","code":null}}`, `"max_tokens":16384`},
		{"DeepSeek's range", llm.Config{Profile: "compatible", MaxOutputTokens: 50_000}, llm.Request{}, above("max_tokens", 8192), 400,
			`{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]","param":null,"code":"invalid_request_error"}}`, `"max_tokens":8192`},
		{"Groq's maximum", llm.Config{Profile: "compatible", MaxOutputTokens: 50_000}, llm.Request{}, above("max_tokens", 32_768), 400,
			"{\"error\":{\"message\":\"`max_tokens` must be less than or equal to `32768`, the maximum value for `max_tokens` is less than the `context_window` for this model\"}}", `"max_tokens":32768`},
		{"Vertex's range", llm.Config{Profile: "compatible", MaxOutputTokens: 50_000}, llm.Request{}, above("max_tokens", 8192), 400,
			`[{"error":{"code":400,"message":"Unable to submit request because it has a maxOutputTokens value of 50000 but the supported range is from 1 (inclusive) to 8193 (exclusive).","status":"INVALID_ARGUMENT"}}]`, `"max_tokens":8192`},
		{"OpenRouter's credit", llm.Config{Profile: "compatible", MaxOutputTokens: 50_000}, llm.Request{}, above("max_tokens", 5333), 402,
			`{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 50000 tokens, but can only afford 5,333.","code":402}}`, `"max_tokens":5333`},
		{"tokens per minute", llm.Config{Profile: "o1", MaxOutputTokens: 100_000}, llm.Request{}, above("max_completion_tokens", 28_000), 429,
			`{"error":{"message":"Request too large for o1 in organization org-x on tokens per min (TPM): Limit 30000, Requested 102000. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`, `"max_completion_tokens":28000`},
		{"too large without a number", llm.Config{Profile: "compatible"}, llm.Request{}, above("max_tokens", 2000), 400,
			`{"error":"max_tokens is too large"}`, `"max_tokens":1024`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, refusesWhile(tt.when, tt.status, tt.body))
			tt.c.Model = "m"
			c := s.client(t, tt.c)
			tt.r.Messages = llm.User("hi")
			for range 2 {
				got, err := c.Complete(t.Context(), tt.r)
				if err != nil || got.Text != "ok" {
					t.Fatalf("Complete = %q, %v, want ok", got.Text, err)
				}
			}
			if b := marshal(t, s.sent(s.count())); !strings.Contains(b, tt.with) {
				t.Errorf("the last request %s lacks %s", b, tt.with)
			}
		})
	}
}

// TestPromptTooLong reports ErrTooLong, so that less is sent, if the service leaves the
// prompt no room.
func TestPromptTooLong(t *testing.T) {
	for name, b := range map[string]string{
		"vLLM":       `{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 8500 tokens (4404 in the messages, 4096 in the completion).","code":400}`,
		"vLLM today": `{"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 512 output tokens and your prompt contains at least 4000 input tokens, for a total of at least 4512 tokens. Please reduce the length of the input prompt.","code":400}}`,
		"Anthropic":  `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}`,
		"llama.cpp":  `{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}`,
		"OpenAI":     `{"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","code":"context_length_exceeded"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, fails400(b))
			c := s.client(t, llm.Config{Model: "m"})
			if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); !errors.Is(err, llm.ErrTooLong) {
				t.Errorf("Complete = %v, want ErrTooLong", err)
			}
		})
	}
}
