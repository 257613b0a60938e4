package emulate

import (
	"cmp"
	"net/http"
	"strconv"
	"time"
)

// reply sends the model's output as a response of the Responses API.
func (t *responseTurn) reply() *apiError {
	x := t.x
	if x.fault.FilterPrompt {
		return &apiError{status: http.StatusBadRequest, param: "prompt", code: "content_filter", filtered: true,
			message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry."}
	}
	if t.instructions != "" {
		t.messages = append([]message{{role: "developer", text: t.instructions}}, t.messages...)
	}
	s := x.generate(&t.turn)
	output := t.items(s)
	if t.stream {
		t.streamResponse(s, output)
		return nil
	}
	x.sendBody(t.finished(s, output))
	return nil
}

// items returns the items of the model's output.
func (t *responseTurn) items(s generated) []map[string]any {
	var items []map[string]any
	status := "completed"
	if s.finish == "length" || s.finish == "content_filter" {
		status = "incomplete"
	}
	if t.reasoningIn != noReasoning && s.reasoningTokens > 0 {
		id := t.x.id("rs_")
		item := map[string]any{"id": id, "type": "reasoning", "summary": []any{}}
		if t.encrypted {
			item["encrypted_content"] = t.x.sealed(id)
		}
		if t.summary != "" {
			item["summary"] = []any{map[string]any{"type": "summary_text", "text": "**Looking at the sources**\n\nSource 1 may be the one to cite [1]."}}
		}
		items = append(items, item)
	}
	for i, c := range s.calls {
		items = append(items, map[string]any{"id": t.x.id("fc_" + strconv.Itoa(i)), "type": "function_call", "status": status, "call_id": c.id, "name": c.name, "arguments": string(c.arguments)})
	}
	var part map[string]any
	switch {
	case s.refusal != "":
		part = map[string]any{"type": "refusal", "refusal": s.refusal}
	case s.text != "":
		part = map[string]any{"type": "output_text", "text": s.text, "annotations": []any{}, "logprobs": []any{}}
	}
	if part != nil {
		items = append(items, map[string]any{"id": t.x.id("msg_"), "type": "message", "role": "assistant", "status": status, "content": []any{part}})
	}
	return items
}

// started returns the response before it has any output.
func (t *responseTurn) started() map[string]any {
	x := t.x
	body := map[string]any{
		"id": x.id("resp_"), "object": "response", "created_at": time.Now().Unix(), "status": "in_progress", "background": false, "completed_at": nil,
		"error": nil, "incomplete_details": nil, "instructions": null(t.instructions), "max_output_tokens": nil, "max_tool_calls": nil,
		"metadata": map[string]any{}, "model": x.modelName(&t.turn), "output": []any{}, "parallel_tool_calls": t.parallel, "previous_response_id": nil,
		"prompt_cache_key": nil, "safety_identifier": nil, "service_tier": "default", "store": t.store, "temperature": 1, "top_p": 1, "top_logprobs": 0,
		"text": map[string]any{"format": map[string]any{"type": "text"}, "verbosity": "medium"}, "tool_choice": "auto", "tools": []any{},
		"truncation": "disabled", "usage": nil,
		"reasoning": map[string]any{"effort": nil, "summary": null(t.summary)},
	}
	delete(body, "usage") // the description has no null here
	if t.efforts != "" {
		body["reasoning"] = map[string]any{"effort": cmp.Or(t.effort, t.defaultEffort, "medium"), "summary": null(t.summary)}
	}
	for name, v := range map[string]string{"tools": "tools", "tool_choice": "tool_choice", "text": "text", "max_output_tokens": "max_output_tokens", "temperature": "temperature", "top_p": "top_p"} {
		if sent, ok := t.fields[v]; ok {
			body[name] = sent
		}
	}
	if x.api == azure {
		body["content_filters"] = []any{map[string]any{"blocked": false, "source_type": "prompt", "content_filter_results": filterResults("")}}
	}
	return body
}

// null returns s, or nil if it is empty.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// finished returns the whole response.
func (t *responseTurn) finished(s generated, output []map[string]any) map[string]any {
	body := t.started()
	body["status"] = "completed"
	switch {
	case t.x.fault.Failed != "":
		body["status"], body["error"] = "failed", map[string]any{"code": t.x.fault.Failed, "message": "An error occurred while processing your request."}
		return body
	case s.finish == "length":
		body["status"], body["incomplete_details"] = "incomplete", map[string]any{"reason": "max_output_tokens"}
	case s.finish == "content_filter":
		body["status"], body["incomplete_details"] = "incomplete", map[string]any{"reason": "content_filter"}
	default:
		body["completed_at"] = time.Now().Unix()
	}
	if output != nil {
		body["output"] = output
	}
	if !t.x.fault.NoUsage {
		in := t.promptTokens(t.x.Count)
		body["usage"] = map[string]any{
			"input_tokens": in, "input_tokens_details": map[string]any{"cached_tokens": 0, "cache_write_tokens": 0},
			"output_tokens": s.outputTokens, "output_tokens_details": map[string]any{"reasoning_tokens": s.reasoningTokens},
			"total_tokens": in + s.outputTokens,
		}
	}
	if t.x.api == azure && s.finish == "content_filter" {
		body["content_filters"] = []any{map[string]any{"blocked": true, "source_type": "completion", "content_filter_results": t.x.answerFilter(s)}}
	}
	return body
}
