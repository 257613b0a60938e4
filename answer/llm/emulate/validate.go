package emulate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// ranges gives each sampling parameter its bounds and default.
var ranges = map[string][3]float64{
	"temperature":       {0, 2, 1},
	"top_p":             {0, 1, 1},
	"presence_penalty":  {-2, 2, 0},
	"frequency_penalty": {-2, 2, 0},
	"n":                 {1, 128, 1},
}

// validate refuses a parameter or value that the model does not accept.
func (t *turn) validate(name string, v json.RawMessage) *apiError {
	switch name {
	case "messages":
		return t.validateMessages()
	case "max_tokens", "max_completion_tokens":
		return t.validateLimit(name, v)
	case "temperature", "top_p", "presence_penalty", "frequency_penalty", "n":
		return t.validateSampling(name, v)
	case "reasoning_effort":
		if t.efforts == "" {
			return unsupported(name, "")
		}
		if !hasWord(t.efforts, t.effort) {
			return refuse(name, "unsupported_value", "Unsupported value: 'reasoning_effort' does not support '%s' with this model. Supported values are: '%s'.", t.effort, strings.ReplaceAll(t.efforts, " ", "', '"))
		}
	case "tools", "tool_choice", "functions", "function_call":
		if !t.rules.tools {
			return unsupported(name, "")
		}
		if name == "tools" {
			return t.validateToolsWithEffort()
		}
	case "parallel_tool_calls":
		if !t.rules.tools || t.sampling == fixed {
			return unsupported(name, "")
		}
	case "response_format":
		if !t.rules.schema {
			return unsupported(name, "")
		}
	case "logprobs", "top_logprobs":
		if t.sampling != free {
			return unsupported(name, "")
		}
	case "logit_bias", "stop":
		if t.sampling == fixed {
			return unsupported(name, "")
		}
	case "stream":
		if t.stream && !t.rules.stream {
			return refuse(name, "unsupported_value", "Unsupported value: 'stream' does not support true with this model. Supported values are: false.")
		}
	}
	return nil
}

// validateToolsWithEffort refuses tools together with reasoning, as chat completions
// do since gpt-5.4: gpt-5.4 and 5.5 where an effort is sent, later models also where
// their default is not none.
func (t *turn) validateToolsWithEffort() *apiError {
	if !t.toolsOrReasoning || len(t.tools) == 0 || cmp.Or(t.effort, t.defaultEffort) == "none" {
		return nil
	}
	advice := "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
	if t.defaultEffort == "none" {
		advice = "Please use /v1/responses instead."
	}
	return refuse("reasoning_effort", "", "Function tools with reasoning_effort are not supported for %s in /v1/chat/completions. %s", t.name, advice)
}

// validateLimit parses and validates a parameter that limits the output.
func (t *turn) validateLimit(name string, v json.RawMessage) *apiError {
	if !hasWord(t.rules.limit, name) {
		return unsupported(name, strings.Fields(t.rules.limit)[0])
	}
	if t.limit != 0 {
		return refuse("max_tokens", "invalid_parameter_combination", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
	}
	if err := json.Unmarshal(v, &t.limit); err != nil {
		return refuse(name, "invalid_type", "Invalid type for '%s': expected an integer.", name)
	}
	if t.limit < 1 {
		return refuse(name, "integer_below_min_value", "Invalid '%s': integer below minimum value. Expected a value >= 1, but got %d instead.", name, t.limit)
	}
	if t.limit > t.output {
		return refuse(name, "invalid_value", "%s is too large: %d. This model supports at most %d completion tokens, whereas you provided %d.", name, t.limit, t.output, t.limit)
	}
	return nil
}

func (t *turn) validateSampling(name string, v json.RawMessage) *apiError {
	var got float64
	if err := json.Unmarshal(v, &got); err != nil {
		return refuse(name, "invalid_type", "Invalid type for '%s': expected a decimal.", name)
	}
	low, high, standard := ranges[name][0], ranges[name][1], ranges[name][2]
	switch {
	case t.sampling == ignored && name != "n":
		return nil
	case t.sampling == fixed && got != standard:
		return refuse(name, "unsupported_value", "Unsupported value: '%s' does not support %v with this model. Only the default (%v) value is supported.", name, got, standard)
	case got < low:
		return refuse(name, "decimal_below_min_value", "Invalid '%s': decimal below minimum value. Expected a value >= %v, but got %v instead.", name, low, got)
	case got > high:
		return refuse(name, "decimal_above_max_value", "Invalid '%s': decimal above maximum value. Expected a value <= %v, but got %v instead.", name, high, got)
	}
	return nil
}

// validateMessages refuses invalid roles and images, and calls without results.
func (t *turn) validateMessages() *apiError {
	var open []string // calls without a result so far
	for i, m := range t.messages {
		at := fmt.Sprintf("messages[%d]", i)
		switch {
		case !hasWord(anyRole, m.role):
			return refuse(at+".role", "invalid_value", "Invalid value: '%s'. Supported values are: '%s'.", m.role, strings.ReplaceAll(anyRole, " ", "', '"))
		case !hasWord(t.roles, m.role):
			return refuse(at+".role", "unsupported_value", "Unsupported value: '%s.role' does not support '%s' with this model.", at, m.role)
		case m.images > 0 && !t.rules.images:
			return refuse(at+".content", "", "Invalid content type. image_url is only supported by certain models.")
		case t.vendor == "deepseek" && i > 0 && m.role == t.messages[i-1].role:
			return refuse("", "invalid_request_error", "%s does not support successive user or assistant messages (messages[%d] and messages[%d] in your input). You should interleave the user/assistant messages in the message sequence.", t.name, i-1, i)
		case m.role == "tool" && !remove(&open, m.callID):
			return refuse(at+".role", "", "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.")
		case m.role != "tool" && len(open) > 0:
			return unanswered(at, open)
		}
		for _, c := range m.calls {
			open = append(open, c.id)
		}
	}
	if len(open) > 0 {
		return unanswered(fmt.Sprintf("messages[%d]", len(t.messages)-1), open)
	}
	return nil
}

// unanswered returns the error for tool calls without results.
func unanswered(at string, open []string) *apiError {
	return refuse(at+".role", "", "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: %s", strings.Join(open, ", "))
}

// remove removes an element from a list and reports whether it was there.
func remove(list *[]string, v string) bool {
	for i, w := range *list {
		if v == w {
			*list = append((*list)[:i], (*list)[i+1:]...)
			return true
		}
	}
	return false
}

// budget refuses a prompt that does not fit the context, and sets the limit of the
// output.
func (t *turn) budget(count func(string) int, fields map[string]json.RawMessage) *apiError {
	n := t.promptTokens(count)
	for _, v := range t.tools {
		n += count(string(v.parameters))
	}
	n += count(string(fields["response_format"]))
	if n+max(t.limit, 1) > t.context {
		return refuse("messages", "context_length_exceeded",
			"This model's maximum context length is %d tokens. However, you requested %d tokens (%d in the messages, %d in the completion). Please reduce the length of the messages or completion.",
			t.context, n+t.limit, n, t.limit)
	}
	if t.input > 0 && n > t.input {
		return refuse("messages", "context_length_exceeded", "Input tokens exceed the configured limit of %d tokens. Your messages resulted in %d tokens. Please reduce the length of the messages.", t.input, n)
	}
	if t.limit == 0 {
		t.limit = t.output
	}
	t.limit = min(t.limit, t.context-n)
	return nil
}

// promptTokens counts the tokens of the messages.
func (t *turn) promptTokens(count func(string) int) int {
	n := 0
	for _, m := range t.messages {
		n += count(m.text) + m.images*imageTokens
		for _, c := range m.calls {
			n += count(string(c.arguments))
		}
		for _, d := range m.documents {
			n += count(d.Title + d.Context + d.Source.Data)
		}
	}
	return n
}

// imageTokens is the number of tokens for an image of medium size.
const imageTokens = 765
