package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
)

const (
	maxErrorBytes = 1 << 16 // read of an error response
	codeQuota     = "insufficient_quota"
)

// An apiError is an error response of a service.
type apiError struct {
	status        int
	code, message string
}

func (r *apiError) Error() string { return fmt.Sprintf("status %d: %s", r.status, r.message) }

// tooLong matches the messages of the services that an input or a request has too
// many tokens (2026-11-22):
//
//   - OpenAI, Azure: This model's maximum context length is 8192 tokens, however you requested 9000 tokens
//   - OpenAI: Invalid 'input[0]': maximum input length is 8192 tokens.
//   - OpenAI: Requested 453357 tokens, max 300000 tokens per request
//   - NVIDIA: Input length 1728 exceeds maximum allowed token size 512
//   - Cohere: too many tokens: …
//   - Ollama: the input length exceeds the context length; before 0.13: input exceeds maximum context length
//   - Text Embeddings Inference: `inputs` must have less than 128 tokens. Given: 300 (or characters)
var tooLong = regexp.MustCompile(`(?i)maximum (context|input) length|max \d+ tokens per request|exceeds (the )?(maximum|context)|^too many tokens|must have less than \d+ (tokens|characters)`)

// parseError parses the body of an error response. The services have the message in
// different places.
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
