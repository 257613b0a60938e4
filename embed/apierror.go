package embed

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
)

const (
	maxErrorBytes = 1 << 16 // of what is read of it
	codeQuota     = "insufficient_quota"
)

// A apiError is an answer of a service that is an error.
type apiError struct {
	status        int
	code, message string
}

func (r *apiError) Error() string { return fmt.Sprintf("status %d: %s", r.status, r.message) }

// tooLong finds that an input, or all of a request, has too many tokens, as the
// services say it (2026-11-22):
//
//   - OpenAI, Azure: This model's maximum context length is 8192 tokens, however you requested 9000 tokens
//   - OpenAI: Invalid 'input[0]': maximum input length is 8192 tokens.
//   - OpenAI: Requested 453357 tokens, max 300000 tokens per request
//   - NVIDIA: Input length 1728 exceeds maximum allowed token size 512
//   - Cohere: too many tokens: …
//   - Ollama: the input length exceeds the context length; before 0.13: input exceeds maximum context length
//   - Text Embeddings Inference: `inputs` must have less than 128 tokens. Given: 300 (or characters)
var tooLong = regexp.MustCompile(`(?i)maximum (context|input) length|max \d+ tokens per request|exceeds (the )?(maximum|context)|^too many tokens|must have less than \d+ (tokens|characters)`)

// parseError reads the body of an answer that is an error. Services differ in
// where the message is.
func parseError(status int, body []byte) error {
	var r struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  any             `json:"detail"`
	}
	e := &apiError{status: status, message: string(body)}
	if json.Unmarshal(body, &r) == nil {
		var inner struct {
			Code    any    `json:"code"`
			Message string `json:"message"`
		}
		var text string
		switch {
		case json.Unmarshal(r.Error, &inner) == nil && (inner.Message != "" || inner.Code != nil):
			e.message, e.code = inner.Message, fmt.Sprint(inner.Code)
		case json.Unmarshal(r.Error, &text) == nil && text != "":
			e.message = text
		case r.Message != "":
			e.message = r.Message
		case r.Detail != nil:
			e.message = fmt.Sprint(r.Detail)
		}
	}
	if status == http.StatusRequestEntityTooLarge || tooLong.MatchString(e.message) {
		return fmt.Errorf("%w: %w", errTooLong, e)
	}
	return e
}
