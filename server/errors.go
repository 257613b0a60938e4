package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
)

// A publicError is what a client is told. Its cause is logged only.
type publicError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
	status  int
	cause   error
}

func (e *publicError) Error() string { return e.Code + ": " + e.Message }

func (e *publicError) Unwrap() error { return e.cause }

// errStopping ends the requests that a shutdown does not wait for any longer.
var errStopping = errors.New("the server is shutting down")

// kinds gives the status, code and fix of each kind of error; the first match
// wins. Where message is empty, the error speaks for itself: it is made of our
// own words and the caller's own values.
var kinds = []struct {
	err     error
	status  int
	code    string
	message string
	fix     string
}{
	{retrieve.ErrQuery, 400, "bad_query", "", "send a question of 1 to 8000 characters and k from 1 to 50"},
	{retrieve.ErrNoIndex, 409, "no_index", "nothing has been ingested under this name yet", "run: citewell ingest URL"},
	{retrieve.ErrMismatch, 409, "index_mismatch", "", "use the settings the index was made with, or make it anew: citewell ingest --rebuild URL"},
	{retrieve.ErrUnavailable, 503, "store_unavailable", "the vector store does not answer", "check it with: citewell doctor"},
	{answer.ErrUnsupported, 400, "not_supported", "", "choose another model with --model, such as o1 or gpt-4o; its provider's key must be set"},
	{answer.ErrImage, 400, "bad_image", "", "send at most 4 images, each an https address or a data URI of PNG, JPEG, WebP or GIF up to 20 MB"},
	{ErrIngestion, 400, "bad_ingestion", "", `send an object such as {"targets": ["https://docs.example.com/"]}, or {"configured": "NAME"} of a source in the configuration file`},
	{state.ErrFull, 429, "too_many_jobs", "too many ingestions are waiting", "wait for one to end, or cancel one: DELETE /v1/ingest/ID"},
	{state.ErrOver, 409, "job_over", "this ingestion is over", "start a new one with POST /v1/ingest"},
	{structured.ErrForm, 400, "bad_form", "", `send either "schema", a JSON schema, or "example", an object like the data`},
	{ErrPage, 422, "unreadable_page", "", "check the address in a browser, or send the page's html or text"},
	{llm.ErrTooLong, 413, "page_too_long", "", "send the part of the page that matters as text, or choose a model with a larger context"},
	{structured.ErrReply, 502, "no_data", "", "make the schema or the instruction simpler, or choose another model"},
	{structured.ErrUnavailable, 503, "model_unavailable", "the model does not answer", "try again later; check it with: citewell doctor"},
	{answer.ErrModel, 502, "model_error", "", "check the key, the base URL and the model with: citewell doctor"},
	{context.DeadlineExceeded, 504, "timeout", "the answer took too long", "try again, with a smaller k"},
	{errStopping, 503, "stopping", "the server is shutting down", "ask again in a moment"},
	{context.Canceled, 499, "canceled", "the client went away", "ask again"},
}

// public turns any error into what a client may see.
func public(err error) *publicError {
	var p *publicError
	if errors.As(err, &p) {
		return p
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			msg := k.message
			if msg == "" {
				msg = err.Error()
			}
			return &publicError{Code: k.code, Message: msg, Fix: k.fix, status: k.status, cause: err}
		}
	}
	return &publicError{Code: "internal", Message: "something went wrong on the server", Fix: "look for the request_id in the server's log",
		status: http.StatusInternalServerError, cause: err}
}

// Code returns what the API calls err.
func Code(err error) string { return public(err).Code }

// Fix returns what a user can do about err, or "" if nothing in particular. The
// command line says the same as the API.
func Fix(err error) string {
	if p := public(err); p.Code != "internal" && p.Code != "canceled" {
		return p.Fix
	}
	return ""
}

func notFound(*http.Request) (any, error) {
	return nil, &publicError{Code: "not_found", Message: "there is nothing at this address", Fix: "see POST /v1/ask and POST /v1/search", status: http.StatusNotFound}
}

func notAllowed(*http.Request) (any, error) {
	return nil, &publicError{Code: "method_not_allowed", Message: "this address does not take that method", Fix: "use POST for /v1/ask and /v1/search, GET elsewhere",
		status: http.StatusMethodNotAllowed}
}

func denyCrossOrigin(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(map[string]any{"error": publicError{Code: "cross_origin", Message: "requests from pages of other sites are refused",
		Fix: "call the API from your own server, or open Citewell's own page"}})
}
