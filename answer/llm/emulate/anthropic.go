package emulate

import (
	"encoding/json"
	"fmt"
	"strings"
)

// messageFields are the parameters of Anthropic's messages API.
var messageFields = strings.Fields(`model messages max_tokens system stream temperature top_p top_k stop_sequences tools tool_choice metadata service_tier thinking container output_config`)

// messages answers a request of Anthropic's messages API.
func (x *exchange) messages(fields map[string]json.RawMessage) *apiError {
	for _, name := range sorted(fields) {
		if !hasWord(strings.Join(messageFields, " "), name) {
			return refuse("", "", "%s: Extra inputs are not permitted", name)
		}
	}
	for _, name := range []string{"model", "messages", "max_tokens"} {
		if fields[name] == nil {
			return refuse("", "", "%s: Field required", name)
		}
	}
	m, served, f := x.resolve(fields)
	if f != nil {
		return f
	}
	t := &turn{rules: m, served: served, choice: "auto", choices: 1}
	if f := t.readAnthropic(fields); f != nil {
		return f
	}
	if n := t.promptTokens(x.Count); n > t.context {
		return refuse("", "", "prompt is too long: %d tokens > %d maximum", n, t.context)
	} else if n+t.limit > t.context {
		return refuse("", "", "input length and `max_tokens` exceed context limit: %d + %d > %d, decrease input length or `max_tokens` and try again", n, t.limit, t.context)
	}
	if x.fault.FilterPrompt {
		return refuse("", "", "Output blocked by content filtering policy")
	}
	s := x.generate(t)
	if t.stream {
		x.streamMessage(t, s)
		return nil
	}
	x.sendBody(x.messageBody(t, s, contentBlocks(t, s), stopReason(s), s.outputTokens))
	return nil
}

// readAnthropic parses and validates the parameters.
func (t *turn) readAnthropic(fields map[string]json.RawMessage) *apiError {
	for _, v := range []struct {
		name string
		into any
	}{{"stream", &t.stream}, {"max_tokens", &t.limit}} {
		if data, ok := fields[v.name]; ok && json.Unmarshal(data, v.into) != nil {
			return refuse("", "", "%s: Input should be a valid value", v.name)
		}
	}
	if t.limit < 1 {
		return refuse("", "", "max_tokens: must be greater than or equal to 1")
	}
	if t.limit > t.output {
		return refuse("", "", "max_tokens: %d > %d, which is the maximum allowed number of output tokens for %s", t.limit, t.output, t.dated)
	}
	for _, name := range []string{"temperature", "top_p"} {
		var v float64
		if data, ok := fields[name]; ok && (json.Unmarshal(data, &v) != nil || v < 0 || v > 1) {
			return refuse("", "", "%s: range: 0..1", name)
		} else if ok && t.sampling == fixed {
			return refuse("", "", "%s: this model does not support sampling parameters", name)
		}
	}
	if f := t.readOutputConfig(fields["output_config"]); f != nil {
		return f
	}
	if data, ok := fields["system"]; ok {
		var m message
		if f := m.readBlocks("system", data); f != nil {
			return f
		}
		m.role = "system"
		t.messages = append(t.messages, m)
	}
	if f := t.readAnthropicMessages(fields["messages"]); f != nil {
		return f
	}
	if f := t.readCitations(); f != nil {
		return f
	}
	return t.readAnthropicTools(fields)
}

// readAnthropicMessages parses the messages.
func (t *turn) readAnthropicMessages(data json.RawMessage) *apiError {
	var in []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	}
	if err := strict(data, &in); err != nil {
		return refuse("", "", "messages: %v", err)
	}
	if len(in) == 0 {
		return refuse("", "", "messages: at least one message is required")
	}
	for i, v := range in {
		at := fmt.Sprintf("messages.%d", i)
		switch {
		case v.Role == "system":
			return refuse("", "", `messages: Unexpected role "system". The Messages API accepts a top-level `+"`system`"+` parameter, not "system" as an input message role.`)
		case !hasWord(t.roles, v.Role):
			return refuse("", "", "%s.role: Input should be 'user' or 'assistant'", at)
		case i == 0 && v.Role != "user":
			return refuse("", "", `messages: first message must use the "user" role`)
		}
		m := message{role: v.Role}
		if f := m.readBlocks(at+".content", v.Content); f != nil {
			return f
		}
		if m.callID != "" {
			m.role = "tool"
		}
		t.messages = append(t.messages, m)
	}
	return nil
}

// readBlocks parses a text, or blocks of content.
func (m *message) readBlocks(at string, data json.RawMessage) *apiError {
	if json.Unmarshal(data, &m.text) == nil {
		if strings.TrimSpace(m.text) == "" {
			return refuse("", "", "%s: text content must be non-empty", at)
		}
		return nil
	}
	var blocks []struct {
		Type      string          `json:"type"`
		Text      string          `json:"text"`
		ID        string          `json:"id"`
		Name      string          `json:"name"`
		Input     json.RawMessage `json:"input"`
		ToolUseID string          `json:"tool_use_id"`
		Content   json.RawMessage `json:"content"`
		Source    *struct {
			Type, URL, Data string
			MediaType       string `json:"media_type"`
		} `json:"source"`
	}
	if json.Unmarshal(data, &blocks) != nil || len(blocks) == 0 {
		return refuse("", "", "%s: Input should be a valid string or list of blocks", at)
	}
	var raw []json.RawMessage
	_ = json.Unmarshal(data, &raw) // it is a list
	for i, b := range blocks {
		where := fmt.Sprintf("%s.%d", at, i)
		switch {
		case b.Type == "document" && m.role == "user":
			if f := m.readDocument(where, raw[i]); f != nil {
				return f
			}
		case b.Type == "text" && strings.TrimSpace(b.Text) == "":
			return refuse("", "", "%s: text content blocks must be non-empty", where)
		case b.Type == "text":
			m.text += b.Text
		case b.Type == "image" && b.Source != nil && (b.Source.URL != "" || image.MatchString("data:"+b.Source.MediaType+";base64,"+b.Source.Data)):
			m.images++
		case b.Type == "tool_use" && m.role == "assistant" && b.ID != "" && firstByte(b.Input) == '{':
			m.calls = append(m.calls, call{b.ID, b.Name, b.Input})
		case b.Type == "tool_result" && m.role == "user" && b.ToolUseID != "":
			m.callID = b.ToolUseID
			var result message
			if f := result.readBlocks(where+".content", b.Content); f != nil {
				return f
			}
			m.text += result.text
		default:
			return refuse("", "", "%s: Input does not match any of the expected blocks", where)
		}
	}
	return nil
}

// firstByte returns the first character of a JSON value.
func firstByte(data json.RawMessage) byte {
	if len(data) == 0 {
		return 0
	}
	return data[0]
}

func (t *turn) readAnthropicTools(fields map[string]json.RawMessage) *apiError {
	if data, ok := fields["tools"]; ok {
		var in []struct {
			Name, Description string
			InputSchema       json.RawMessage `json:"input_schema"`
			CacheControl      json.RawMessage `json:"cache_control"`
			Type              string          `json:"type"`
		}
		if err := strict(data, &in); err != nil {
			return refuse("", "", "tools: %v", err)
		}
		for i, v := range in {
			if !functionName.MatchString(v.Name) || typeOf(v.InputSchema) != "object" {
				return refuse("", "", "tools.%d.custom: needs a name of letters, digits, '_' and '-', and an input_schema of type object", i)
			}
			t.tools = append(t.tools, tool{v.Name, v.InputSchema})
		}
	}
	data, ok := fields["tool_choice"]
	if !ok {
		return nil
	}
	var in struct {
		Type, Name             string
		DisableParallelToolUse *bool `json:"disable_parallel_tool_use"`
	}
	if err := strict(data, &in); err != nil || !hasWord("auto any tool none", in.Type) || len(t.tools) == 0 || in.Type == "tool" && t.tool(in.Name) == nil {
		return refuse("", "", "tool_choice: needs tools and one of the types auto, any, none, or tool with the name of one")
	}
	t.choice = map[string]string{"auto": "auto", "any": "required", "tool": in.Name, "none": "none"}[in.Type]
	return nil
}
