package llm

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxErrorBytes is how much of the body of an error is read.
const maxErrorBytes = 256 << 10

// A faultBody is an error as the SDKs accept it: whatever form the service gave it, they
// parse it without a failure of their own.
type faultBody struct {
	Error faultFields `json:"error"`
}

type faultFields struct {
	Code    string          `json:"code"`
	Param   string          `json:"param"`
	Type    string          `json:"type"`
	Message string          `json:"message"`
	Filter  json.RawMessage `json:"filter,omitempty"`
	WebPage bool            `json:"web_page,omitempty"`
}

// normalizeFault is a middleware of the SDKs. It gives the body of an error response
// one form, and stops the SDK from repeating a request in vain: if the account has no
// quota, if the prompt or the request itself is too large, or if the service asks for a pause that
// ends after the deadline.
func normalizeFault(r *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	res, err := next(r)
	if err != nil || res == nil || res.StatusCode < http.StatusBadRequest {
		return res, err
	}
	b, readErr := io.ReadAll(io.LimitReader(res.Body, maxErrorBytes))
	_ = res.Body.Close()
	f := parseAPIError(string(b))
	f.status = res.StatusCode
	if readErr != nil && len(b) == 0 {
		f.message = http.StatusText(res.StatusCode)
	}
	body, err := json.Marshal(faultBody{faultFields{f.code, f.param, f.kind, f.message, f.filter, f.webPage}})
	if err != nil {
		return nil, err // Unreachable: the filter results were marshaled from JSON.
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Set("Content-Type", "application/json")
	res.Header.Del("Content-Encoding")
	if f.isQuota() || f.isTooLong() || f.asksForLess() || endsTooLate(r, res.Header) {
		res.Header.Set("X-Should-Retry", "false")
	}
	return res, nil
}

// parseFault parses the JSON of a [faultBody].
func parseFault(status int, body string) *apiError {
	var v faultBody
	if json.Unmarshal([]byte(body), &v) != nil {
		return &apiError{status: status} // Unreachable: normalizeFault wrote it.
	}
	e := v.Error
	return &apiError{status: status, code: e.Code, param: e.Param, kind: e.Type, message: e.Message, filter: e.Filter, webPage: e.WebPage}
}

// endsTooLate reports whether the pause that the service asks for ends after the
// deadline of the request.
func endsTooLate(r *http.Request, h http.Header) bool {
	deadline, ok := r.Context().Deadline()
	after := h.Get("Retry-After")
	if !ok || after == "" {
		return false
	}
	if seconds, err := strconv.ParseFloat(after, 64); err == nil {
		return seconds > time.Until(deadline).Seconds()
	}
	at, err := http.ParseTime(after)
	return err == nil && at.After(deadline)
}
