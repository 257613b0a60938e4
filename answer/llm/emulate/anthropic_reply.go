package emulate

import "encoding/json"

// stopReason returns Anthropic's name of the finish reason.
func stopReason(s generated) string {
	switch s.finish {
	case "length":
		return "max_tokens"
	case "tool_calls":
		return "tool_use"
	case "content_filter":
		return "refusal"
	}
	if s.refusal != "" {
		return "refusal"
	}
	return "end_turn"
}

// contentBlocks returns the content of a message.
func contentBlocks(t *turn, s generated) []any {
	blocks := []any{}
	if s.parts != nil && s.text != "" {
		blocks = t.citedBlocks(s.text, s.parts)
	} else if text := s.text + s.refusal; text != "" {
		blocks = append(blocks, map[string]any{"type": "text", "text": text})
	}
	for _, c := range s.calls {
		blocks = append(blocks, map[string]any{"type": "tool_use", "id": c.id, "name": c.name, "input": c.arguments})
	}
	return blocks
}

// messageBody returns a response of the messages API.
func (x *exchange) messageBody(t *turn, s generated, content []any, stop any, used int) map[string]any {
	body := map[string]any{"id": x.id("msg_"), "type": "message", "role": "assistant", "model": x.modelName(t),
		"content": content, "stop_reason": stop, "stop_sequence": nil}
	if !x.fault.NoUsage {
		body["usage"] = map[string]any{"input_tokens": t.promptTokens(x.Count), "output_tokens": used,
			"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
	}
	return body
}

// streamMessage sends the model's output as a stream of the messages API.
func (x *exchange) streamMessage(t *turn, s generated) {
	out := x.open()
	event := func(name string, fields map[string]any) {
		fields["type"] = name
		out.event(name, fields)
	}
	event("message_start", map[string]any{"message": x.messageBody(t, s, []any{}, nil, min(1, s.outputTokens))})
	event("ping", map[string]any{})
	for i, b := range contentBlocks(t, s) {
		block := b.(map[string]any)
		text, _ := block["text"].(string)
		input, isTool := block["input"].(json.RawMessage)
		start, kind, key := map[string]any{"type": "text", "text": ""}, "text_delta", "text"
		if isTool {
			start = map[string]any{"type": "tool_use", "id": block["id"], "name": block["name"], "input": map[string]any{}}
			kind, key, text = "input_json_delta", "partial_json", string(input)
		}
		event("content_block_start", map[string]any{"index": i, "content_block": start})
		for _, p := range x.pieces(text) {
			event("content_block_delta", map[string]any{"index": i, "delta": map[string]any{"type": kind, key: p}})
		}
		citations, _ := block["citations"].([]any)
		for _, c := range citations {
			event("content_block_delta", map[string]any{"index": i, "delta": map[string]any{"type": "citations_delta", "citation": c}})
		}
		event("content_block_stop", map[string]any{"index": i})
	}
	end := map[string]any{"delta": map[string]any{"stop_reason": stopReason(s), "stop_sequence": nil}}
	if !x.fault.NoUsage {
		end["usage"] = map[string]any{"output_tokens": s.outputTokens}
	}
	event("message_delta", end)
	event("message_stop", map[string]any{})
}
