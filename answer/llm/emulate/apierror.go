package emulate

import (
	"fmt"
	"net/http"

	embeddings "github.com/citewell/citewell/embed/emulate"
)

// An apiError is an error as the services send it. Empty param and code are null.
type apiError struct {
	status                     int
	kind, param, code, message string
	filtered                   bool // Azure's content filter refused the prompt
}

// refuse returns the error for a request that the model does not accept.
func refuse(param, code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, param: param, code: code, message: fmt.Sprintf(format, args...)}
}

// unsupported returns the error for a parameter that the model does not have.
func unsupported(param, instead string) *apiError {
	message := "Unsupported parameter: '" + param + "' is not supported with this model."
	if instead != "" {
		message += " Use '" + instead + "' instead."
	}
	return refuse(param, "unsupported_parameter", "%s", message)
}

// fromRefusal converts an error of the embeddings API.
func fromRefusal(f *embeddings.Refusal) *apiError {
	return &apiError{status: f.Status, param: f.Param, code: f.Code, message: f.Message}
}

// unknownModel returns a service's error for a model that it does not have.
func unknownModel(a api, name string) *apiError {
	switch a {
	case azure:
		return fromRefusal(embeddings.Azure().UnknownModel(name))
	case anthropic:
		return &apiError{status: http.StatusNotFound, kind: "not_found_error", message: "model: " + name}
	}
	return fromRefusal(embeddings.OpenAI().UnknownModel(name))
}

// send sends the error in the format of an API.
func (f apiError) send(w http.ResponseWriter, _ *http.Request, a api) {
	kind := f.kind
	if kind == "" {
		kind = kindOf(f.status, a)
	}
	body := map[string]any{"message": f.message, "type": kind, "param": null(f.param), "code": null(f.code)}
	switch {
	case a == anthropic:
		send(w, f.status, map[string]any{"type": "error", "error": map[string]any{"type": kind, "message": f.message}})
		return
	case f.filtered:
		body["type"], body["status"] = nil, f.status
		body["innererror"] = map[string]any{"code": "ResponsibleAIPolicyViolation", "content_filter_result": filterResults("violence")}
	case a == azure && (f.status == http.StatusUnauthorized || f.status == http.StatusNotFound):
		body = map[string]any{"code": f.code, "message": f.message}
	}
	send(w, f.status, map[string]any{"error": body})
}

// kindOf returns the error type of a status.
func kindOf(status int, a api) string {
	if a == anthropic {
		switch status {
		case http.StatusUnauthorized:
			return "authentication_error"
		case http.StatusForbidden:
			return "permission_error"
		case http.StatusNotFound:
			return "not_found_error"
		case http.StatusTooManyRequests:
			return "rate_limit_error"
		case 529:
			return "overloaded_error"
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		return "requests"
	case status >= 500 && a == anthropic:
		return "api_error"
	case status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}
