package emulate_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// A reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
	Error  struct{ Type, Param, Code, Message string }
	// Of a completion.
	Model   string
	Choices []struct {
		FinishReason string `json:"finish_reason"`
		Message      struct {
			Content   string
			Refusal   string
			Reasoning string `json:"reasoning_content"`
			ToolCalls []struct {
				ID       string
				Function struct{ Name, Arguments string }
			} `json:"tool_calls"`
		}
		ContentFilter map[string]any `json:"content_filter_results"`
	}
	PromptFilter []any `json:"prompt_filter_results"`
	Usage        *struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
		Details    struct {
			Reasoning int `json:"reasoning_tokens"`
		} `json:"completion_tokens_details"`
	}
}

// post sends a body with the key, and headers as "Name: value".
func post(t *testing.T, url, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+llmtest.Key)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Del(name)
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, body: string(b)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
	}
	return r
}

// chat is a request of one message, with further fields such as `"n":1`.
func chat(model, content string, more ...string) string {
	return fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%q}]`, model, content) + strings.Join(append([]string{""}, more...), ",") + "}"
}

const (
	gpt54     = " gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5.5 "
	gpt56     = " gpt-5.6 gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna gpt-6 gpt-6.1 "
	older     = " o1 o3-mini o3 o4-mini gpt-5 gpt-5-mini gpt-5-nano gpt-5.1 gpt-5.2 "
	reasoners = older + gpt54 + gpt56
	classics  = " gpt-4o gpt-4o-mini gpt-4.1 "
	hosted    = " deepseek-r1 compatible "
	deepseek  = " deepseek-reasoner "
	previews  = " o1-preview o1-mini "
	sees      = " o1 o3 o4-mini gpt-5 gpt-5-mini gpt-5-nano gpt-5.1 gpt-5.2 " + gpt54 + gpt56 + classics
)

// Each model takes what its provider documents, and refuses the rest by name.
func TestRules(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	const function = `{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}`
	const format = `"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}}`
	for _, tt := range []struct {
		name    string
		request func(model string) string
		taken   string // by these models
		param   string // named in the refusal of the others
		code    string
	}{
		{"nothing special", func(m string) string { return chat(m, "hi") }, previews + reasoners + classics + hosted + deepseek, "", ""},
		{"defaults", func(m string) string {
			return chat(m, "hi", `"temperature":1,"top_p":1,"n":1,"presence_penalty":0,"frequency_penalty":0,"stop":null`)
		}, previews + reasoners + classics + hosted + deepseek, "", ""},
		{"system", func(m string) string {
			return `{"model":"` + m + `","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}]}`
		}, " o3 o4-mini gpt-5 gpt-5-mini gpt-5-nano gpt-5.1 gpt-5.2 " + gpt54 + gpt56 + classics + hosted + deepseek, "messages[0].role", "unsupported_value"},
		{"developer", func(m string) string {
			return `{"model":"` + m + `","messages":[{"role":"developer","content":"be brief"},{"role":"user","content":"hi"}]}`
		}, reasoners + classics, "messages[0].role", "unsupported_value"},
		{"max_tokens", func(m string) string { return chat(m, "hi", `"max_tokens":4096`) }, classics + hosted + deepseek, "max_tokens", "unsupported_parameter"},
		{"max_completion_tokens", func(m string) string { return chat(m, "hi", `"max_completion_tokens":4096`) }, previews + reasoners + classics, "max_completion_tokens", "unsupported_parameter"},
		{"temperature", func(m string) string { return chat(m, "hi", `"temperature":0.2`) }, classics + hosted + deepseek, "temperature", "unsupported_value"},
		{"top_p", func(m string) string { return chat(m, "hi", `"top_p":0.5`) }, classics + hosted + deepseek, "top_p", "unsupported_value"},
		{"presence_penalty", func(m string) string { return chat(m, "hi", `"presence_penalty":1`) }, classics + hosted + deepseek, "presence_penalty", "unsupported_value"},
		{"frequency_penalty", func(m string) string { return chat(m, "hi", `"frequency_penalty":1`) }, classics + hosted + deepseek, "frequency_penalty", "unsupported_value"},
		{"n", func(m string) string { return chat(m, "hi", `"n":2`) }, classics + hosted + deepseek, "n", "unsupported_value"},
		{"effort", func(m string) string { return chat(m, "hi", `"reasoning_effort":"low"`) }, reasoners, "reasoning_effort", "unsupported_parameter"},
		{"tools", func(m string) string { return chat(m, "hi", `"tools":[`+function+`]`) }, reasoners + classics, "tools", "unsupported_parameter"},
		{"parallel tools", func(m string) string { return chat(m, "hi", `"parallel_tool_calls":false`) }, classics, "parallel_tool_calls", "unsupported_parameter"},
		{"schema", func(m string) string { return chat(m, "hi", format) }, reasoners + classics, "response_format", "unsupported_parameter"},
		{"logprobs", func(m string) string { return chat(m, "hi", `"logprobs":true`) }, classics + hosted, "logprobs", "unsupported_parameter"},
		{"top_logprobs", func(m string) string { return chat(m, "hi", `"top_logprobs":1`) }, classics + hosted, "top_logprobs", "unsupported_parameter"},
		{"logit_bias", func(m string) string { return chat(m, "hi", `"logit_bias":{"50256":-100}`) }, classics + hosted + deepseek, "logit_bias", "unsupported_parameter"},
		{"stop", func(m string) string { return chat(m, "hi", `"stop":"."`) }, classics + hosted + deepseek, "stop", "unsupported_parameter"},
		{"stream", func(m string) string { return chat(m, "hi", `"stream":true`) },
			" o3-mini o3 o4-mini gpt-5 gpt-5-mini gpt-5-nano gpt-5.1 gpt-5.2 " + gpt54 + gpt56 + classics + hosted + deepseek, "stream", "unsupported_value"},
		{"image", func(m string) string {
			return `{"model":"` + m + `","messages":[{"role":"user","content":[{"type":"text","text":"what is it?"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`
		}, sees, "messages[0].content", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, model := range emulate.Names() {
				if strings.HasPrefix(model, "claude") || tt.name == "tools" && strings.Contains(gpt56, " "+model+" ") {
					continue // see TestAnthropicRules and TestToolsOrReasoning
				}
				got := post(t, s.URL+"/chat/completions", tt.request(model))
				if strings.Contains(tt.taken, " "+model+" ") {
					if got.status != 200 {
						t.Errorf("%s: %d %s, want it taken", model, got.status, got.body)
					}
				} else if got.status != 400 || got.Error.Param != tt.param || got.Error.Code != tt.code || got.Error.Type != "invalid_request_error" {
					t.Errorf("%s: %d %s, want 400 with param %q, code %q", model, got.status, got.body, tt.param, tt.code)
				}
			}
		})
	}
}

// Chat completions refuse tools together with reasoning since gpt-5.4. Models that
// reason by default refuse tools without an effort, too.
func TestToolsOrReasoning(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	const tools = `"tools":[{"type":"function","function":{"name":"f"}}]`
	for _, tt := range []struct {
		models, effort string
		refused        bool
	}{
		{older, `,"reasoning_effort":"low"`, false},
		{older, "", false},
		{gpt54, `,"reasoning_effort":"low"`, true},
		{gpt54, "", false},
		{gpt54, `,"reasoning_effort":"none"`, false},
		{gpt56, `,"reasoning_effort":"low"`, true},
		{gpt56, "", true},
		{gpt56, `,"reasoning_effort":"none"`, false},
	} {
		for model := range strings.FieldsSeq(tt.models) {
			got := post(t, s.URL+"/chat/completions", chat(model, "hi", tools+tt.effort))
			if refused := got.status == 400 && got.Error.Param == "reasoning_effort" && got.Error.Code == "" && strings.Contains(got.Error.Message, model+" in /v1/chat/completions"); refused != tt.refused || !refused && got.status != 200 {
				t.Errorf("%s%s: %d %s, want it refused: %v", model, tt.effort, got.status, got.body, tt.refused)
			}
		}
	}
}

// The longest output and the context are those of the model.
func TestLimits(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{Count: func(text string) int { return len(text) }, Answer: func(string) string { return "ok" }})
	for _, tt := range []struct {
		model, limit    string
		output, context int
	}{
		{"o1-preview", "max_completion_tokens", 32_768, 128_000},
		{"o1-mini", "max_completion_tokens", 65_536, 128_000},
		{"o1", "max_completion_tokens", 100_000, 200_000},
		{"o3-mini", "max_completion_tokens", 100_000, 200_000},
		{"gpt-4o", "max_tokens", 16_384, 128_000},
		{"gpt-4o-mini", "max_completion_tokens", 16_384, 128_000},
		{"deepseek-reasoner", "max_tokens", 8_192, 64_000},
		{"deepseek-r1", "max_tokens", 8_192, 64_000},
	} {
		t.Run(tt.model, func(t *testing.T) {
			for _, c := range []struct {
				name          string
				prompt, limit int
				code          string
			}{
				{"all of the output", 10, tt.output, ""},
				{"more than the output", 10, tt.output + 1, "invalid_value"},
				{"all of the context", tt.context - 100, 100, ""},
				{"more than the context", tt.context - 99, 100, "context_length_exceeded"},
			} {
				got := post(t, s.URL+"/chat/completions", chat(tt.model, strings.Repeat("a", c.prompt), fmt.Sprintf("%q:%d", tt.limit, c.limit)))
				if got.Error.Code != c.code {
					t.Errorf("%s: %d %.200s, want code %q", c.name, got.status, got.body, c.code)
				}
			}
		})
	}
	if got := post(t, s.URL+"/chat/completions", chat("gpt-5", strings.Repeat("a", 272_001))); got.Error.Code != "context_length_exceeded" {
		t.Errorf("gpt-5 with 272 001 tokens: %d, want context_length_exceeded", got.status)
	}
}

// Requests that no model takes are refused in the words of the service.
func TestRefusals(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	call := `{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	messages := func(ms ...string) string {
		return `{"model":"gpt-4o","messages":[` + strings.Join(ms, ",") + `]}`
	}
	user := `{"role":"user","content":"hi"}`
	for _, tt := range []struct {
		name, body, headers string
		status              int
		code, says          string
	}{
		{"no key", chat("o1", "hi"), "Authorization: ", 401, "", "You didn't provide an API key"},
		{"wrong key", chat("o1", "hi"), "Authorization: Bearer sk-0123456789", 401, "invalid_api_key", "sk-******6789"},
		{"no such model", chat("o9", "hi"), "", 404, "model_not_found", "`o9`"},
		{"no model", `{"messages":[]}`, "", 400, "", "model parameter"},
		{"unknown field", chat("o1", "hi", `"foo":1`), "", 400, "", "Unrecognized request argument supplied: foo"},
		{"unknown fields", chat("o1", "hi", `"foo":1,"bar":2`), "", 400, "", "bar, foo"},
		{"no JSON", `{"model"`, "", 400, "", "parse the JSON"},
		{"no messages", `{"model":"gpt-4o","messages":[]}`, "", 400, "empty_array", "messages"},
		{"reasoning sent back", messages(user, `{"role":"assistant","content":"hm","reasoning_content":"x"}`, user), "", 400, "unknown_parameter", "reasoning_content"},
		{"both limits", chat("gpt-4o", "hi", `"max_tokens":5,"max_completion_tokens":5`), "", 400, "invalid_parameter_combination", "same time"},
		{"no output", chat("o1", "hi", `"max_completion_tokens":0`), "", 400, "integer_below_min_value", "max_completion_tokens"},
		{"too hot", chat("gpt-4o", "hi", `"temperature":3`), "", 400, "decimal_above_max_value", "temperature"},
		{"unknown effort", chat("o1", "hi", `"reasoning_effort":"minimal"`), "", 400, "unsupported_value", "'low', 'medium', 'high'"},
		{"options without stream", chat("gpt-4o", "hi", `"stream_options":{"include_usage":true}`), "", 400, "", "stream_options"},
		{"choice without tools", chat("gpt-4o", "hi", `"tool_choice":"auto"`), "", 400, "", "tool_choice"},
		{"JSON not asked for", chat("gpt-4o", "hi", `"response_format":{"type":"json_object"}`), "", 400, "", "must contain the word 'json'"},
		{"loose schema", chat("gpt-4o", "hi", `"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","properties":{}}}}`), "", 400, "", "additionalProperties"},
		{"optional property", chat("gpt-4o", "hi", `"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}}}}}`), "", 400, "", "Missing 'a'"},
		{"result without call", messages(user, `{"role":"tool","tool_call_id":"c1","content":"x"}`), "", 400, "", "must be a response"},
		{"call without result", messages(user, call, user), "", 400, "", "c1"},
		{"call at the end", messages(user, call), "", 400, "", "c1"},
		{"image of another type", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/bmp;base64,AAAA"}}]}]}`, "", 400, "invalid_image_url", "png"},
		{"odd tool", chat("gpt-4o", "hi", `"tools":[{"type":"web"}]`), "", 400, "invalid_value", "'function'"},
		{"odd name of a tool", chat("gpt-4o", "hi", `"tools":[{"type":"function","function":{"name":"a b"}}]`), "", 400, "invalid_value", "pattern"},
		{"odd parameters", chat("gpt-4o", "hi", `"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"array"}}}]`), "", 400, "invalid_function_parameters", "'f'"},
		{"odd role", messages(`{"role":"robot","content":"hi"}`), "", 400, "invalid_value", "robot"},
		{"no content", messages(`{"role":"user","content":null}`), "", 400, "", "got null"},
		{"odd content", messages(`{"role":"user","content":5}`), "", 400, "invalid_type", "messages[0].content"},
		{"image of the assistant", messages(user, `{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}`), "", 400, "invalid_value", "image_url"},
		{"too cold", chat("gpt-4o", "hi", `"presence_penalty":-3`), "", 400, "decimal_below_min_value", "presence_penalty"},
		{"none at all", chat("gpt-4o", "hi", `"n":0`), "", 400, "integer_below_min_value", "'n'"},
		{"odd format", chat("gpt-4o", "hi", `"response_format":{"type":"yaml"}`), "", 400, "invalid_value", "json_schema"},
		{"loose inside", chat("gpt-4o", "hi", `"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"array","items":{"anyOf":[{"type":"object"}]}}}}}}`), "", 400, "", "'items', 'anyOf', '0'"},
		{"loose definition", chat("gpt-4o", "hi", `"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","additionalProperties":false,"properties":{},"$defs":{"d":{"type":"object"}}}}}`), "", 400, "", "'$defs', 'd'"},
		{"two of the user in a row", `{"model":"deepseek-reasoner","messages":[` + user + `,` + user + `]}`, "", 400, "invalid_request_error", "successive"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.headers != "" {
				headers = []string{tt.headers}
			}
			got := post(t, s.URL+"/chat/completions", tt.body, headers...)
			if got.status != tt.status || got.Error.Code != tt.code || !strings.Contains(got.Error.Message, tt.says) {
				t.Errorf("%d %s, want %d, code %q, saying %q", got.status, got.body, tt.status, tt.code, tt.says)
			}
		})
	}
}
