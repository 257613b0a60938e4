package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// An apiError is an HTTP error response, or an error within a reply, whose status is 0
// unless the error names one.
type apiError struct {
	status            int
	code, param, kind string
	message           string          // may repeat a part of the key or prompt: to be read, not shown
	filter            json.RawMessage // Azure: the filter results of the prompt
	webPage           bool            // the body is HTML
}

func (f *apiError) Error() string { return fmt.Sprintf("status %d", f.status) }

// parseAPIError parses the body of an error response, or the value of "error" in a
// reply. Services put the error in these places:
//
//   - {"error": {…}} as OpenAI does, or {…} alone as vLLM does;
//   - {"error": "text"}, {"detail": "text"} or {"message": "text"};
//   - [{"error": {…}}], as Google does;
//   - {"detail": [{"loc": ["body", "field"], "msg": "text"}]}, as FastAPI does;
//   - text, or a web page.
//
// If a gateway includes the error of the provider behind it, that one counts.
func parseAPIError(body string) *apiError {
	b := bytes.TrimSpace([]byte(body))
	if isWebPage(b) {
		return &apiError{webPage: true}
	}
	var v any
	if json.Unmarshal(b, &v) != nil {
		return &apiError{message: string(b)}
	}
	f := &apiError{}
	f.read(v, 0)
	return f
}

// isWebPage reports whether a body is HTML or XML.
func isWebPage(b []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(b), []byte("<")) }

// maxErrorDepth bounds how deep errors are nested in errors.
const maxErrorDepth = 8

// read adds what v, a part of an error body, tells. Inner parts have priority.
func (f *apiError) read(v any, depth int) {
	if depth > maxErrorDepth {
		return
	}
	switch v := v.(type) {
	case string:
		f.readText(v, depth)
	case []any:
		if len(v) > 0 {
			f.read(v[0], depth+1)
		}
	case map[string]any:
		if m, ok := v["metadata"].(map[string]any); ok {
			f.readRaw(m["raw"], depth)
		}
		for _, name := range []string{"error", "errors", "detail", "message", "msg"} {
			f.read(v[name], depth+1)
		}
		f.readFields(v)
	}
}

// readText adds a message, which may itself be an error body.
func (f *apiError) readText(s string, depth int) {
	if f.message == "" && !f.readRaw(s, depth) {
		f.message = s
	}
}

// readRaw adds an error body that is quoted in another one, and reports whether v is
// one.
func (f *apiError) readRaw(v any, depth int) bool {
	s, _ := v.(string)
	var inner map[string]any
	if json.Unmarshal([]byte(s), &inner) != nil || inner["error"] == nil && inner["message"] == nil {
		return false
	}
	f.read(inner, depth+1)
	return true
}

// readFields adds the fields of an error object that are not known yet.
func (f *apiError) readFields(v map[string]any) {
	set := func(field *string, names ...string) {
		for _, name := range names {
			if s, _ := v[name].(string); *field == "" && s != "" {
				*field = s
			}
		}
	}
	set(&f.code, "code")
	set(&f.param, "param")
	set(&f.kind, "type", "error_type", "status")
	if loc, ok := v["loc"].([]any); ok && f.param == "" { // FastAPI
		var path []string
		for _, l := range loc {
			if s, ok := l.(string); ok && s != "body" {
				path = append(path, s)
			}
		}
		f.param = strings.Join(path, ".")
	}
	for _, name := range []string{"code", "status"} {
		if n, ok := v[name].(float64); ok && f.status == 0 && n >= 400 && n < 600 {
			f.status = int(n)
		}
	}
	if inner, ok := v["innererror"].(map[string]any); ok && f.filter == nil {
		if b, err := json.Marshal(inner["content_filter_result"]); err == nil && string(b) != "null" {
			f.filter = b
		}
	}
}

// isErrorBody reports whether a reply holds an error in place of a completion. A field
// "error" that says nothing, such as false or an object of nulls, is not an error.
func isErrorBody(fields map[string]json.RawMessage) bool {
	var v any
	_ = json.Unmarshal(fields["error"], &v) // a reply without the field has no error
	return saysSomething(v) || string(fields["object"]) == `"error"`
}

// saysSomething reports whether a decoded value holds more than empty values.
func saysSomething(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, saysSomething)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), saysSomething)
	}
	return v != nil && v != "" && v != false && v != 0.0
}

var (
	// noQuota matches messages about an account that has no money or quota left.
	noQuota = regexp.MustCompile(`(?i)\b(exceeded your (current|monthly|assigned) (quota|spending)|credit balance|insufficient (account )?(balance|credits?|funds|quota)|(out of|no|not enough|more) credits|(quota|credits?) (is |are |has been |have been )?(exhausted|exceeded|used up)|billing hard limit|payment required|arrearage)|\b(any|no) credits\b|余额不足|欠费`)
	// askAgain matches messages that name when to ask again.
	askAgain = regexp.MustCompile(`(?i)\b(retry|try again|wait)\b.{0,30}\d`)
)

// isQuota reports whether the account has no money or quota left, so that asking again
// soon is in vain.
func (f *apiError) isQuota() bool {
	switch f.code {
	case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
		return true
	}
	return f.kind == "insufficient_quota" || f.kind == "billing_error" || f.status == http.StatusPaymentRequired ||
		f.status < 500 && noQuota.MatchString(f.message) && !askAgain.MatchString(f.message)
}

// isTransient reports whether a later attempt may succeed.
func (f *apiError) isTransient() bool {
	if f.isQuota() || f.isTooLong() || f.code == "content_filter" {
		return false
	}
	return f.status == 0 || f.status == http.StatusRequestTimeout || f.status == http.StatusConflict || f.status == http.StatusTooManyRequests || f.status >= 500
}
