package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/citewell/citewell/internal/entra"
)

// An apiError is an HTTP error response, or an error within a stream, whose status
// is 0.
type apiError struct {
	status            int
	code, param, kind string
	message           string          // may repeat a part of the key or prompt: to be read, not shown
	filter            json.RawMessage // Azure: the filter results of the prompt
}

func (f *apiError) Error() string { return fmt.Sprintf("status %d", f.status) }

// errNoCompletion means that the response does not follow the protocol.
var errNoCompletion = errors.New("no completion")

// chatError converts the OpenAI SDK's error for a response to an [*apiError].
func chatError(err error) error {
	if e, ok := errors.AsType[*openai.Error](err); ok {
		f := parseAPIError(e.RawJSON())
		f.status = e.StatusCode
		return f
	}
	if e, ok := errors.AsType[*ssestream.StreamError](err); ok {
		var event struct{ Error json.RawMessage }
		if json.Unmarshal(e.Event.Data, &event) != nil {
			return errNoCompletion // Unreachable: the SDK has read it.
		}
		return parseAPIError(string(event.Error))
	}
	return err
}

// parseAPIError parses the error in a body. If a gateway includes the error of the
// provider behind it, that one counts.
func parseAPIError(body string) *apiError {
	var e struct {
		Code, Param, Type any
		Message           any
		InnerError        struct {
			Filter json.RawMessage `json:"content_filter_result"`
		}
		Metadata struct{ Raw string }
	}
	_ = json.Unmarshal([]byte(body), &e) // fields that cannot be parsed stay empty
	var behind struct{ Error json.RawMessage }
	if json.Unmarshal([]byte(e.Metadata.Raw), &behind) == nil && behind.Error != nil {
		return parseAPIError(string(behind.Error))
	}
	text := func(v any) string { s, _ := v.(string); return s }
	return &apiError{code: text(e.Code), param: text(e.Param), kind: text(e.Type), message: text(e.Message), filter: e.InnerError.Filter}
}

// messageError converts the Anthropic SDK's error for a response to an [*apiError].
func messageError(err error) error {
	if e, ok := errors.AsType[*anthropic.Error](err); ok {
		f := &apiError{status: e.StatusCode, kind: string(e.Type())}
		if f.status == http.StatusOK { // within a stream
			f.status = 0
		}
		return f
	}
	return err
}

// explain returns err as one line that says what is wrong and how to fix it. It
// omits the provider's own message, which may repeat a part of the key or prompt.
func (c *Client) explain(err error) error {
	if f, ok := errors.AsType[*apiError](err); ok {
		return c.explainAPIError(f)
	}
	from := c.provider.URLVar
	if from == "" {
		from = "--provider"
	}
	switch {
	case isTokenError(err):
		return fmt.Errorf("%w: no token of Entra ID; set AZURE_OPENAI_API_KEY, or sign in with az login", ErrConfig)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %s: %w", c.timeout, context.DeadlineExceeded)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the URL
	} else if !isConnectionError(err) {
		return fmt.Errorf("%w: the response of %s is not a chat completion; check %s", ErrConfig, c.host, from)
	}
	return fmt.Errorf("reach %s: %w; check the network and %s", c.host, err, from)
}

// explainAPIError does so for an error response.
func (c *Client) explainAPIError(f *apiError) error {
	key, from := c.provider.KeyVar, c.provider.URLVar
	if key == "" {
		key = "its settings"
	}
	if from == "" {
		from = "--provider"
	}
	switch code := f.status; {
	case f.code == "context_length_exceeded":
		return fmt.Errorf("%w: the service counts more tokens than it accepts", ErrTooLong)
	case f.code == "content_filter":
		return fmt.Errorf("%w: the provider's content filter blocked the prompt", ErrNoText)
	case code == 0:
		return fmt.Errorf("%s failed while it answered%s; try again later", c.host, label(": ", f.kind))
	case code == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s refuses the key (401); set %s to a valid one", ErrConfig, c.host, key)
	case code == http.StatusForbidden:
		return fmt.Errorf("%w: the key in %s may not use this model at %s (403); choose another with --model", ErrConfig, key, c.host)
	case f.code == "model_not_found":
		return fmt.Errorf("%w: %s has no such model for this key; choose another with --model", ErrConfig, c.host)
	case f.code == "DeploymentNotFound":
		return fmt.Errorf("%w: %s has no such deployment; give its name with --model", ErrConfig, c.host)
	case code == http.StatusNotFound:
		return fmt.Errorf("%w: %s has no such model or path (404); check --model and %s", ErrConfig, c.host, from)
	case f.outOfQuota():
		return fmt.Errorf("%w: the quota at %s is used up (%d); check its plan and billing", ErrConfig, c.host, code)
	case code == http.StatusTooManyRequests:
		return fmt.Errorf("the rate limit of %s is reached (429); try again later", c.host)
	case code >= 500:
		return fmt.Errorf("%s failed (%d); try again later", c.host, code)
	}
	return fmt.Errorf("%w: %s refuses the request (%d%s%s); check --model, --model-profile and --max-output", ErrConfig, c.host, f.status,
		label(", ", f.code), label(", parameter ", f.param))
}

// outOfQuota reports whether f says that the account's quota or credit is used up.
func (f *apiError) outOfQuota() bool {
	return f.code == "insufficient_quota" || f.status == http.StatusPaymentRequired
}

// identifier matches an error code or the name of a parameter.
var identifier = regexp.MustCompile(`^[A-Za-z0-9_.\[\]-]{1,64}$`)

// label returns prefix and s, or "" if s is not an identifier.
func label(prefix, s string) string {
	if !identifier.MatchString(s) {
		return ""
	}
	return prefix + s
}

// isTokenError reports whether Entra ID gave no token.
func isTokenError(err error) bool {
	_, ok := errors.AsType[*entra.TokenError](err)
	return ok
}

// isConnectionError reports whether err is a failure of the connection and not of
// the response's content.
func isConnectionError(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok || errors.Is(err, io.ErrUnexpectedEOF)
}
