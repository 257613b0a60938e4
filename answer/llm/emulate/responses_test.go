package emulate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// respond is a request to the Responses API, with further fields.
func respond(model, input string, more ...string) string {
	return fmt.Sprintf(`{"model":%q,"store":false,"input":%s`, model, input) + strings.Join(append([]string{""}, more...), ",") + "}"
}

// What the Responses API refuses, it refuses with its own words, parameters and codes.
func TestResponsesRefusals(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	const (
		hi       = `"hi"`
		function = `{"type":"function","name":"f","strict":false,"parameters":{"type":"object"}}`
		open     = `{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}`
		result   = `{"type":"function_call_output","call_id":"c1","output":"x"}`
		user     = `{"role":"user","content":"hi"}`
		image    = `[{"role":"user","content":[{"type":"input_image","detail":"auto","image_url":"https://example.com/a.png"}]}]`
	)
	for _, tt := range []struct {
		name, body        string
		status            int
		param, code, says string
	}{
		{"fine", respond("gpt-5.6", hi), 200, "", "", ""},
		{"unknown model", respond("gpt-99", hi), 404, "", "model_not_found", "gpt-99"},
		{"model of chat completions", respond("o1-mini", hi), 400, "model", "", "Responses API"},
		{"hosted model", respond("deepseek-r1", hi), 404, "", "unknown_url", "/responses"},
		{"no input", `{"model":"o1"}`, 400, "input", "missing_required_parameter", ""},
		{"empty input", respond("o1", "[]"), 400, "input", "empty_array", ""},
		{"messages", `{"model":"o1","messages":[]}`, 400, "messages", "unsupported_parameter", "'input'"},
		{"max_tokens", respond("o1", hi, `"max_tokens":100`), 400, "max_tokens", "unsupported_parameter", "'max_output_tokens'"},
		{"response_format", respond("o1", hi, `"response_format":{}`), 400, "response_format", "unsupported_parameter", "'text.format'"},
		{"reasoning_effort", respond("o1", hi, `"reasoning_effort":"low"`), 400, "reasoning_effort", "unsupported_parameter", "'reasoning.effort'"},
		{"stop", respond("gpt-4o", hi, `"stop":["x"]`), 400, "stop", "unknown_parameter", ""},
		{"n", respond("gpt-4o", hi, `"n":1`), 400, "n", "unknown_parameter", ""},
		{"small limit", respond("o1", hi, `"max_output_tokens":15`), 400, "max_output_tokens", "integer_below_min_value", "16"},
		{"large limit", respond("o1", hi, `"max_output_tokens":100001`), 400, "max_output_tokens", "invalid_value", ""},
		{"temperature", respond("gpt-5.6", hi, `"temperature":0.2`), 400, "temperature", "", "not supported with this model"},
		{"temperature of another model", respond("gpt-4o", hi, `"temperature":0.2`), 200, "", "", ""},
		{"effort", respond("gpt-5.6", hi, `"reasoning":{"effort":"minimal"}`), 400, "reasoning.effort", "unsupported_value", "'none', 'low'"},
		{"effort of another model", respond("gpt-4o", hi, `"reasoning":{"effort":"low"}`), 400, "reasoning.effort", "unsupported_parameter", ""},
		{"encrypted reasoning", respond("gpt-4o", hi, `"include":["reasoning.encrypted_content"]`), 400, "include", "", "Encrypted content"},
		{"unknown inclusion", respond("o1", hi, `"include":["everything"]`), 400, "include[0]", "invalid_value", ""},
		{"nested tool", respond("o1", hi, `"tools":[{"type":"function","function":{"name":"f"}}]`), 400, "tools[0].name", "missing_required_parameter", ""},
		{"loose tool as strict", respond("o1", hi, `"tools":[{"type":"function","name":"f","strict":true,"parameters":{"type":"object","properties":{"x":{"type":"string"}}}}]`), 400, "tools[0].parameters", "invalid_function_parameters", ""},
		{"tools with reasoning", respond("gpt-6.1", hi, `"tools":[`+function+`]`, `"reasoning":{"effort":"high"}`), 200, "", "", ""},
		{"choice without tools", respond("o1", hi, `"tool_choice":"required"`), 400, "tool_choice", "", ""},
		{"format without a name", respond("o1", hi, `"text":{"format":{"type":"json_schema","schema":{"type":"object"}}}`), 400, "text.format.name", "missing_required_parameter", ""},
		{"part of chat completions", respond("o1", `[{"role":"user","content":[{"type":"text","text":"hi"}]}]`), 400, "input[0].content[0]", "invalid_value", "input_text"},
		{"part of a user in an answer", respond("o1", `[{"role":"assistant","content":[{"type":"input_text","text":"hi"}]},`+user+`]`), 400, "input[0].content[0]", "invalid_value", "output_text"},
		{"image", respond("o3-mini", image), 400, "input[0].content[0]", "", "image_url"},
		{"role of tools", respond("o1", `[{"role":"tool","content":"x"}]`), 400, "input[0].role", "invalid_value", ""},
		{"unknown item", respond("o1", `[{"type":"thought"}]`), 400, "input[0]", "invalid_value", "thought"},
		{"unknown field", respond("o1", `[{"role":"user","content":"hi","tool_calls":[]}]`), 400, "input[0].tool_calls", "unknown_parameter", ""},
		{"round", respond("o1", `[`+user+`,`+open+`,`+result+`]`, `"tools":[`+function+`]`), 200, "", "", ""},
		{"call without a result", respond("o1", `[`+user+`,`+open+`]`), 400, "input", "", "No tool output found for function call c1"},
		{"result without a call", respond("o1", `[`+user+`,`+result+`]`), 400, "input", "", "No tool call found"},
		{"item without its reasoning", respond("o1", `[`+user+`,`+strings.Replace(open, `"call_id"`, `"id":"fc_1","call_id"`, 1)+`,`+result+`]`), 400, "input", "", "without its required 'reasoning' item"},
		{"reasoning that is not stored", respond("o1", `[`+user+`,{"type":"reasoning","id":"rs_1","summary":[]},`+open+`,`+result+`]`), 404, "input", "", "not persisted"},
		{"forged reasoning", respond("o1", `[`+user+`,{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"eA=="},`+open+`,`+result+`]`), 400, "", "invalid_encrypted_content", ""},
		{"earlier response", respond("o1", hi, `"previous_response_id":"resp_1"`), 400, "previous_response_id", "previous_response_not_found", ""},
		{"stream of a model that has none", respond("o1", hi, `"stream":true`), 400, "stream", "unsupported_value", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := post(t, s.Root+"/responses", tt.body)
			if tt.status == 200 && got.status == 200 {
				return
			}
			if got.status != tt.status || got.Error.Param != tt.param || got.Error.Code != tt.code || !strings.Contains(got.Error.Message, tt.says) {
				t.Errorf("%d %s, want %d with param %q, code %q, saying %s", got.status, got.body, tt.status, tt.param, tt.code, tt.says)
			}
		})
	}
}

// The official client gets a cited answer by the Responses API, whole and in pieces.
func TestResponsesSDK(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	service := responses.NewResponseService(option.WithBaseURL(s.URL), option.WithAPIKey(llmtest.Key), option.WithMaxRetries(0))
	for model := range strings.FieldsSeq(older + gpt54 + gpt56 + classics) {
		t.Run(model, func(t *testing.T) {
			p := responses.ResponseNewParams{Model: model, Store: openai.Bool(false), MaxOutputTokens: openai.Int(16_000)}
			p.Input.OfString = openai.String(grounded)
			got, err := service.New(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			reasons := strings.Contains(older+gpt56, " "+model+" ")
			if u := got.Usage; got.OutputText() != groundedText || got.Status != "completed" || (u.OutputTokensDetails.ReasoningTokens > 0) != reasons || u.TotalTokens != u.InputTokens+u.OutputTokens {
				t.Errorf("response = %s", got.RawJSON())
			}
			if model == "o1" {
				return // which does not stream
			}
			stream := service.NewStreaming(t.Context(), p)
			pieces, text := 0, ""
			var final responses.Response
			for stream.Next() {
				switch e := stream.Current(); e.Type {
				case "response.output_text.delta":
					text += e.Delta
					pieces++
				case "response.completed":
					final = e.Response
				}
			}
			if stream.Err() != nil || text != groundedText || pieces < 10 || final.OutputText() != groundedText || final.Usage.OutputTokens != got.Usage.OutputTokens {
				t.Errorf("streamed %d pieces, %q, %v; at the end %s", pieces, text, stream.Err(), final.RawJSON())
			}
		})
	}
}

// What can go wrong with a response.
func TestResponsesFaults(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	for _, tt := range []struct{ fault, status, reason, part string }{
		{"length", "incomplete", "max_output_tokens", ""},
		{"filter", "incomplete", "content_filter", ""},
		{"refusal", "completed", "", "refusal"},
		{"failed", "failed", "", ""},
	} {
		got := post(t, s.URL+"/responses?emulate="+tt.fault, respond("gpt-5.6", `"hi"`))
		var body struct {
			Status  string
			Details struct{ Reason string } `json:"incomplete_details"`
			Error   struct{ Code string }
			Output  []struct {
				Type    string
				Content []struct{ Type string }
			}
		}
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatal(err)
		}
		part := ""
		for _, item := range body.Output {
			for _, p := range item.Content {
				part = p.Type
			}
		}
		if body.Status != tt.status || body.Details.Reason != tt.reason || part != tt.part || (body.Error.Code != "") != (tt.status == "failed") {
			t.Errorf("%s: %s, want the status %s, reason %q, part %q", tt.fault, got.body, tt.status, tt.reason, tt.part)
		}
	}
}
