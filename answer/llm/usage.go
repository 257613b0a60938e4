package llm

import (
	"encoding/json"
	"strconv"
	"strings"
)

// addUsage adds the usage, if there is one. Groq puts that of a stream into a field of
// its own. Some services name the counts as other APIs do, or write them as text.
func (r *chatReply) addUsage(top map[string]json.RawMessage) {
	u := fieldsOf(top["usage"])
	if u == nil {
		u = fieldsOf(fieldsOf(top["x_groq"])["usage"])
	}
	input, output := fieldsOf(u["prompt_tokens_details"]), fieldsOf(u["completion_tokens_details"])
	got := reported(Usage{
		PromptTokens:     max(tokenCount(u["prompt_tokens"]), tokenCount(u["input_tokens"])),
		CachedTokens:     max(tokenCount(input["cached_tokens"]), tokenCount(u["prompt_cache_hit_tokens"])), // DeepSeek
		CompletionTokens: max(tokenCount(u["completion_tokens"]), tokenCount(u["output_tokens"])),
		ReasoningTokens:  max(tokenCount(output["reasoning_tokens"]), tokenCount(u["reasoning_tokens"])),
		Calls:            1,
	})
	if !got.Unknown {
		r.resp.Usage = got
	}
}

// fieldsOf returns the fields of an object, nil for any other value.
func fieldsOf(b json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	_ = json.Unmarshal(b, &m) // any other value has no fields
	return m
}

// mostTokens is more than any model uses, and small enough to be added up.
const mostTokens = 1 << 40

// tokenCount returns a number of tokens, 0 for a value that is not one.
func tokenCount(b json.RawMessage) int {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err != nil || !(f > 0 && f < mostTokens) {
		return 0
	}
	return int(f)
}
