package emulate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// reply sends the model's output as a response of the chat API.
func (x *exchange) reply(t *turn) *apiError {
	if x.fault.FilterPrompt {
		return &apiError{status: http.StatusBadRequest, param: "prompt", code: "content_filter", filtered: true,
			message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry."}
	}
	s := x.generate(t)
	if t.stream {
		x.streamChat(t, s)
		return nil
	}
	choices := make([]any, t.choices)
	for i := range choices {
		choices[i] = x.choice(t, s, i)
	}
	body := x.envelope(t, "chat.completion", choices)
	if !x.fault.NoUsage {
		body["usage"] = x.usage(t, s)
	}
	if x.api == azure {
		body["prompt_filter_results"] = promptFilter()
	}
	x.sendBody(body)
	return nil
}

// promptFilter returns Azure's filter results of the prompt.
func promptFilter() any {
	results := filterResults("")
	results["jailbreak"] = map[string]any{"filtered": false, "detected": false}
	return []any{map[string]any{"prompt_index": 0, "content_filter_results": results}}
}

// modelName returns the model's name in a response.
func (x *exchange) modelName(t *turn) string {
	if x.Label != "" {
		return t.served + x.Label
	}
	return cmp.Or(t.dated, t.served)
}

// id returns the id of the response.
func (x *exchange) id(prefix string) string {
	return fmt.Sprintf("%s%08x%d", prefix, x.hash(prefix), x.n)
}

// envelope returns the fields that chat responses and chunks share.
func (x *exchange) envelope(t *turn, object string, choices []any) map[string]any {
	body := map[string]any{"id": x.id("chatcmpl-"), "object": object, "created": time.Now().Unix(), "model": x.modelName(t), "choices": choices}
	if t.vendor == "openai" {
		body["system_fingerprint"] = "fp_emulated"
	}
	return body
}

// choice returns the i-th choice of a response that is not streamed.
func (x *exchange) choice(t *turn, s generated, i int) map[string]any {
	message := map[string]any{"role": "assistant", "content": x.content(t, s), "refusal": nil}
	if t.reasoningIn == inField {
		message["reasoning_content"] = s.reasoning
	}
	if s.refusal != "" {
		message["refusal"], message["content"] = s.refusal, nil
	}
	if len(s.calls) > 0 {
		message["tool_calls"], message["content"] = toolCalls(s.calls, false), nil
	}
	choice := map[string]any{"index": i, "message": message, "finish_reason": s.finish, "logprobs": nil}
	if x.api == azure {
		choice["content_filter_results"] = x.answerFilter(s)
	}
	return choice
}

// answerFilter returns Azure's filter results of the answer.
func (x *exchange) answerFilter(s generated) map[string]any {
	at := ""
	if s.finish == "content_filter" {
		at = "violence"
	}
	results := filterResults(at)
	for _, name := range []string{"protected_material_code", "protected_material_text"} {
		results[name] = map[string]any{"filtered": false, "detected": false}
	}
	return results
}

// content returns the text, with the reasoning before it if the model writes it there.
func (x *exchange) content(t *turn, s generated) string {
	if t.reasoningIn != inText {
		return s.text
	}
	out := "<think>\n" + s.reasoning
	if x.fault.Unopened {
		out = s.reasoning
	}
	if s.reasoningTokens < t.limit {
		out += "\n</think>\n\n" + s.text
	}
	return out
}

// toolCalls returns calls in the format of the chat API; in a stream they are numbered.
func toolCalls(calls []call, numbered bool) []any {
	out := make([]any, len(calls))
	for i, c := range calls {
		v := map[string]any{"id": c.id, "type": "function", "function": map[string]any{"name": c.name, "arguments": string(c.arguments)}}
		if numbered {
			v["index"] = i
		}
		out[i] = v
	}
	return out
}

// usage counts the tokens as the model's service reports them.
func (x *exchange) usage(t *turn, s generated) map[string]any {
	in, out := t.promptTokens(x.Count), s.outputTokens*t.choices
	u := map[string]any{"prompt_tokens": in, "completion_tokens": out, "total_tokens": in + out}
	switch t.vendor {
	case "openai":
		cached := map[string]any{"cached_tokens": 0, "audio_tokens": 0}
		details := map[string]any{"reasoning_tokens": s.reasoningTokens * t.choices, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
		if x.api == azure {
			cached["audio_tokens"] = nil
			details = map[string]any{"reasoning_tokens": s.reasoningTokens * t.choices, "audio_tokens": nil}
		}
		u["prompt_tokens_details"], u["completion_tokens_details"] = cached, details
	case "deepseek":
		u["prompt_cache_hit_tokens"], u["prompt_cache_miss_tokens"] = 0, in
		u["prompt_tokens_details"] = map[string]any{"cached_tokens": 0}
		u["completion_tokens_details"] = map[string]any{"reasoning_tokens": s.reasoningTokens}
	}
	return u
}

// sendBody sends a response, or only its first half if the connection must break.
func (x *exchange) sendBody(body any) {
	if x.fault.Cut == 0 {
		send(x.w, http.StatusOK, body)
		return
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic("emulate: misuse: " + err.Error()) // Unreachable: only maps, strings and numbers come here.
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = x.w.Write(b[:len(b)/2]) // the connection ends here anyway
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

// filterResults returns the results of Azure's content filter. at is the category
// that it finds; "" means none.
func filterResults(at string) map[string]any {
	out := map[string]any{}
	for _, category := range []string{"hate", "self_harm", "sexual", "violence"} {
		severity := "safe"
		if category == at {
			severity = "medium"
		}
		out[category] = map[string]any{"filtered": category == at, "severity": severity}
	}
	return out
}
