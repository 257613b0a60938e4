package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/citewell/citewell/internal/entra"
)

// maxMessageRunes bounds how much of a service's own message is passed on.
const maxMessageRunes = 200

// explain returns an error of a [sendFunc] as one line that says how to fix it. The
// line contains neither the key nor the URL, which may contain another key.
func (s *Service) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[*apiError](err); ok {
		return errors.New(s.explainAPIError(e, errors.Is(err, errTooLong)))
	}
	if e, ok := errors.AsType[*entra.TokenError](err); ok {
		return fmt.Errorf("no token of Entra ID: sign in with az login, or set %s: %s", s.provider.KeyVar, s.oneLine(e.Err.Error()))
	}
	if errors.Is(err, syscall.ECONNREFUSED) && s.provider.startHint != "" {
		return fmt.Errorf("nothing listens at %s: start it: %s%s: %w", s.host, s.fillModel(s.provider.startHint), s.orURLVar(", or check "), syscall.ECONNREFUSED)
	}
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fmt.Errorf("the answer of %s is longer than %d bytes, which no vectors need%s", s.host, e.Limit, s.orURLVar(": check "))
	}
	e, unsent := errors.AsType[*url.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), unsent && e.Timeout():
		return fmt.Errorf("no answer from %s in time: %w", s.host, context.DeadlineExceeded)
	case unsent:
		return fmt.Errorf("cannot reach %s, check the network%s: %w", s.host, s.orURLVar(" and "), e.Err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the answer of %s broke off: run again: %w", s.host, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("%s did not answer as an embeddings service%s: %s", s.host, s.orURLVar(", check "), s.oneLine(err.Error()))
}

// explainAPIError returns what e means and how to fix it.
func (s *Service) explainAPIError(r *apiError, tooLong bool) string {
	key := s.provider.KeyVar
	switch {
	case tooLong:
		return fmt.Sprintf("%s finds a text too long, even cut into %d parts (%s): ask a shorter question, or ingest with a smaller --size", s.host, 1<<maxHalvings, s.oneLine(r.message))
	case r.status == http.StatusUnauthorized && key != "" && s.key == "" && !s.provider.Entra:
		return fmt.Sprintf("%s requires an API key: set %s", s.host, key)
	case r.status == http.StatusUnauthorized && key != "" && s.key == "":
		return fmt.Sprintf("%s refused the token of Entra ID: give your account the role Cognitive Services OpenAI User there, or set %s", s.host, key)
	case r.status == http.StatusUnauthorized && key != "":
		return fmt.Sprintf("%s refused the API key: set %s to one that is valid there", s.host, key)
	case r.status == http.StatusForbidden && key != "":
		return fmt.Sprintf("%s does not allow this use of the model (%s): check %s and what its account may use", s.host, s.oneLine(r.message), key)
	case r.status == http.StatusNotFound || r.status == http.StatusGone:
		return fmt.Sprintf("%s has no such model or path: %s", s.host, s.fillModel(s.provider.notFoundHint))
	case r.code == codeQuota:
		return fmt.Sprintf("the account's quota at %s is used up: check its plan, or set %s to another", s.host, key)
	case r.status == http.StatusTooManyRequests:
		return fmt.Sprintf("the rate limit of %s is reached, even after %d retries (%s): run again later; stored chunks are kept", s.host, maxRetries, s.oneLine(r.message))
	case r.status >= http.StatusInternalServerError:
		return fmt.Sprintf("%s failed, even after %d retries (%s): run again later", s.host, maxRetries, s.oneLine(r.message))
	}
	return fmt.Sprintf("%s refused the request (%s)", s.host, s.oneLine(r.message))
}

// fillModel replaces MODEL in a text of the table by the model's name.
func (s *Service) fillModel(text string) string {
	return strings.ReplaceAll(text, "MODEL", s.modelName)
}

// orURLVar returns lead and the variable of the service's URL, or "" if there is no
// such variable.
func (s *Service) orURLVar(lead string) string {
	if s.provider.URLVar == "" {
		return ""
	}
	return lead + s.provider.URLVar
}

// oneLine returns the beginning of message as one line, with the key removed.
func (s *Service) oneLine(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if s.key != "" {
		message = strings.ReplaceAll(message, s.key, "REDACTED")
	}
	if r := []rune(message); len(r) > maxMessageRunes {
		message = string(r[:maxMessageRunes]) + "…"
	}
	return message
}
