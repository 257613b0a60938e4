package embed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/openai/openai-go/v3"
)

// maxMessageRunes bounds what is passed on of a service's own message.
const maxMessageRunes = 200

// explain returns err as one line that says what mends it. The line holds
// neither the key nor the URL, which may hold another.
func (o *OpenAI) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return fmt.Errorf("%s: %w", o.advice(e), e)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		if errors.Is(e.Err, context.DeadlineExceeded) {
			return fmt.Errorf("no answer from %s in time: %w", o.host, context.DeadlineExceeded)
		}
		return fmt.Errorf("cannot reach %s, check the network and OPENAI_BASE_URL: %w", o.host, e.Err)
	}
	return fmt.Errorf("%s did not answer as an embeddings service, check OPENAI_BASE_URL (most end in /v1): %s", o.host, o.line(err.Error()))
}

// advice says what e means and what mends it.
func (o *OpenAI) advice(e *openai.Error) string {
	switch {
	case e.StatusCode == http.StatusUnauthorized && o.key == "":
		return o.host + " wants an API key: set OPENAI_API_KEY"
	case e.StatusCode == http.StatusUnauthorized:
		return o.host + " refused the API key: set OPENAI_API_KEY to one that is valid there"
	case e.StatusCode == http.StatusForbidden:
		return o.host + " does not let this API key use the model: check OPENAI_API_KEY and its project"
	case e.StatusCode == http.StatusNotFound:
		return o.host + " has no such model or path: check the model's name and OPENAI_BASE_URL (most end in /v1)"
	case e.Code == "insufficient_quota":
		return o.host + " says the account's quota is used up: check its plan, or set OPENAI_API_KEY to another"
	case e.StatusCode == http.StatusTooManyRequests:
		return fmt.Sprintf("%s limits the rate, also after %d retries: run again later, what is stored is kept", o.host, openAIRetries)
	case e.StatusCode >= http.StatusInternalServerError:
		return fmt.Sprintf("%s is out of order, also after %d retries: run again later", o.host, openAIRetries)
	}
	return fmt.Sprintf("%s refused the request (%s)", o.host, o.line(e.Message))
}

// line returns the beginning of message as one line without the key.
func (o *OpenAI) line(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if o.key != "" {
		message = strings.ReplaceAll(message, o.key, "REDACTED")
	}
	if r := []rune(message); len(r) > maxMessageRunes {
		message = string(r[:maxMessageRunes]) + "…"
	}
	return message
}
