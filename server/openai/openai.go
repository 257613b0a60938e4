// Package openai answers as OpenAI's API does, so that programs made for that API can
// ask Citewell: chat completions, responses, and the list of models.
//
// Call [New] for the handlers. A request's last message is the question and those
// before it are its history. Messages of the roles system and developer are not read:
// only the operator gives instructions. The forms of requests, replies and events are
// those of OpenAI's description of its API (2026-08).
package openai

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/problem"
)

// A Config configures an [API].
type Config struct {
	Answerer  answer.Responder             // required
	Index     string                       // name of the index, part of the models' names; "" means "default"
	Agentic   bool                         // the language model can search by itself
	Silence   time.Duration                // a stream sends a comment after this time without an event; 0 means 10 s
	RequestID func(context.Context) string // of a request; nil means a new one
	Log       *slog.Logger                 // nil discards all
	Now       func() time.Time             // nil means time.Now
}

// An API serves the routes.
type API struct {
	Config
	started time.Time
}

const defaultSilence = 10 * time.Second

// New returns an API.
func New(c Config) *API {
	c.Index, c.Silence = cmp.Or(c.Index, "default"), cmp.Or(c.Silence, defaultSilence)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.RequestID == nil {
		c.RequestID = func(context.Context) string { return uuid.NewString() }
	}
	return &API{Config: c, started: c.Now()}
}

// An apiError is an error in OpenAI's form.
type apiError struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    string  `json:"code"`

	status int
	after  time.Duration // when to try again; 0 means unknown
}

// Error implements error.
func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// unsupported returns an error of a parameter that can't be served.
func unsupported(param, message string) *apiError {
	return &apiError{Message: message, Type: "invalid_request_error", Param: &param, Code: "unsupported_parameter", status: http.StatusBadRequest}
}

// invalid returns an error of a parameter with a wrong value.
func invalid(param, message string) *apiError {
	return &apiError{Message: message, Type: "invalid_request_error", Param: &param, Code: "invalid_value", status: http.StatusBadRequest}
}

// errorOf returns an error of a request in OpenAI's form.
func errorOf(ctx context.Context, err error) *apiError {
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), problem.Stopping) {
		err = problem.Stopping
	}
	var own *apiError
	if errors.As(err, &own) {
		return own
	}
	p := problem.Of(err)
	kind := "invalid_request_error"
	switch {
	case p.Status == http.StatusUnauthorized:
		p.Code = "invalid_api_key" // what clients look for
	case p.Status == http.StatusForbidden:
		kind = "permission_error"
	case p.Status == http.StatusTooManyRequests:
		kind = "rate_limit_error"
	case p.Status >= http.StatusInternalServerError:
		kind = "server_error"
	}
	return &apiError{Message: p.Message + ": " + p.Fix, Type: kind, Code: p.Code, status: p.Status, after: p.After}
}

// log logs the cause of an error of the server, but not that it is overloaded: there are
// many of those.
func (a *API) log(ctx context.Context, id string, err error, e *apiError) {
	if e.status >= http.StatusInternalServerError && e.Code != problem.Overloaded.Code {
		a.Log.ErrorContext(ctx, "request failed", "request_id", id, "code", e.Code, "err", err)
	}
}

// Serves reports whether a path is one of OpenAI's API.
func Serves(path string) bool {
	return path == "/v1/chat/completions" || path == "/v1/responses" || path == "/v1/models" || strings.HasPrefix(path, "/v1/models/")
}

// Fail sends an error in OpenAI's form as the whole reply.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	e := errorOf(r.Context(), err)
	a.log(r.Context(), a.RequestID(r.Context()), err, e)
	switch {
	case e.after > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(e.after.Seconds())))
	case e.status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	case e.status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "10")
	}
	writeJSON(w, e.status, failure{*e})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		// Unreachable: all replies can be encoded.
		status, b = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // fails if the client is gone
}
