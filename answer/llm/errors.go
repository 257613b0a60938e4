package llm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"

	"github.com/openai/openai-go/v3"
)

// explain says in one line what went wrong and how to mend it. The provider's
// own message is left out: it may repeat a part of the key or of the prompt.
func (c *Client) explain(err error) error {
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return c.explainStatus(e)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s: %w", c.timeout, context.DeadlineExceeded)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the URL
	} else if !cut(err) {
		return fmt.Errorf("%w: what %s sends is no chat completion; check OPENAI_BASE_URL", ErrConfig, c.host)
	}
	return fmt.Errorf("reach %s: %w; check the network and OPENAI_BASE_URL", c.host, err)
}

// explainStatus does so for an HTTP status that says failure.
func (c *Client) explainStatus(e *openai.Error) error {
	switch code := e.StatusCode; {
	case e.Code == "context_length_exceeded":
		return fmt.Errorf("%w: use a smaller -k", ErrTooLong)
	case code == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s refuses the key (401); set OPENAI_API_KEY to a valid one", ErrConfig, c.host)
	case code == http.StatusForbidden:
		return fmt.Errorf("%w: the key in OPENAI_API_KEY may not use this model at %s (403); choose another with --model", ErrConfig, c.host)
	case e.Code == "model_not_found":
		return fmt.Errorf("%w: %s has no such model for this key; choose another with --model", ErrConfig, c.host)
	case code == http.StatusNotFound:
		return fmt.Errorf("%w: %s has no such model or no chat completions there (404); check --model and OPENAI_BASE_URL", ErrConfig, c.host)
	case e.Code == "insufficient_quota":
		return fmt.Errorf("the quota at %s is used up (%d); check its plan and billing", c.host, code)
	case code == http.StatusTooManyRequests:
		return fmt.Errorf("%s limits the rate (429); try again later", c.host)
	case code >= 500:
		return fmt.Errorf("%s fails (%d); try again later", c.host, code)
	}
	return fmt.Errorf("%w: %s refuses the request (%d%s%s); check --model and --max-output", ErrConfig, c.host, e.StatusCode,
		label(", ", e.Code), label(", parameter ", e.Param))
}

// identifier is what a code or parameter of an API looks like.
var identifier = regexp.MustCompile(`^[A-Za-z0-9_.\[\]-]{1,64}$`)

// label returns s behind what it is, or nothing if it is no identifier.
func label(what, s string) string {
	if !identifier.MatchString(s) {
		return ""
	}
	return what + s
}

// cut says whether err, met while reading a reply, is of the connection rather
// than of what came over it.
func cut(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok || errors.Is(err, io.ErrUnexpectedEOF)
}
