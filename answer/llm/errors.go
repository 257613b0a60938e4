package llm

import (
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/citewell/citewell/internal/entra"
)

// errNoCompletion means that the response does not follow the protocol.
var errNoCompletion = errors.New("no completion")

// errNoChoices means that a completion has no choices.
var errNoChoices = errors.New("no choices")

// chatError converts the OpenAI SDK's error for a response to an [*apiError].
func chatError(err error) error {
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return parseFault(e.StatusCode, `{"error":`+e.RawJSON()+`}`)
	}
	if e, ok := errors.AsType[*ssestream.StreamError](err); ok {
		return parseAPIError(string(e.Event.Data))
	}
	return err
}

// messageError converts the Anthropic SDK's error for a response to an [*apiError].
func messageError(err error) error {
	e, ok := errors.AsType[*anthropic.Error](err)
	switch {
	case !ok:
		return err
	case e.StatusCode == http.StatusOK: // within a stream
		return parseAPIError(e.RawJSON())
	}
	return parseFault(e.StatusCode, e.RawJSON())
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
