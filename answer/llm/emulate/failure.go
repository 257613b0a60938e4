package emulate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	embeddings "github.com/citewell/citewell/embed/emulate"
)

// A failure is an error as the services send it. Empty param and code are null.
type failure struct {
	status                     int
	kind, param, code, message string
	filtered                   bool // Azure's content filter refused the prompt
}

// refuse returns the error of a request that the model does not take.
func refuse(param, code, format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, param: param, code: code, message: fmt.Sprintf(format, args...)}
}

// unsupported returns the error of a parameter that the model does not have.
func unsupported(param, instead string) *failure {
	message := "Unsupported parameter: '" + param + "' is not supported with this model."
	if instead != "" {
		message += " Use '" + instead + "' instead."
	}
	return refuse(param, "unsupported_parameter", "%s", message)
}

// refused returns the failure that the embeddings API documents as f.
func refused(f *embeddings.Refusal) *failure {
	return &failure{status: f.Status, param: f.Param, code: f.Code, message: f.Message}
}

// noModel is what a service says of a model that it does not have.
func noModel(a api, name string) *failure {
	switch a {
	case azure:
		return refused(embeddings.Azure().UnknownModel(name))
	case anthropic:
		return &failure{status: http.StatusNotFound, kind: "not_found_error", message: "model: " + name}
	}
	return refused(embeddings.OpenAI().UnknownModel(name))
}

// send sends the failure in the form of an API.
func (f failure) send(w http.ResponseWriter, _ *http.Request, a api) {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
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

// kindOf returns the type of error that goes with a status.
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

// broken answers with the status that the fault names.
func (x *exchange) broken() *failure {
	if x.fault.RetryAfter != "" {
		x.w.Header().Set("Retry-After", x.fault.RetryAfter)
	}
	f := &failure{status: x.fault.Status, message: http.StatusText(x.fault.Status)}
	switch {
	case f.status == http.StatusTooManyRequests:
		f.code, f.message = "rate_limit_exceeded", "Rate limit reached for requests per min. Please try again later."
	case f.status >= 500:
		f.message = "The server had an error while processing your request. Sorry about that!"
	}
	return f
}

// parseFault reads a fault as a client asks for it: names of an HTTP status
// ("429") or of what goes wrong, between commas:
//
//	length            reasoning takes the whole budget
//	reasoning=N       reasoning takes N tokens
//	refusal           the model declines
//	filter            the content filter holds the text back
//	prompt-filter     the content filter refuses the prompt
//	retry-after=N     the header with an HTTP status
//	slow=D            the headers come after a time such as 2s
//	cut=N             the connection breaks after N pieces
//	no-usage          the response has no usage
//	unopened          reasoning in the text has only the closing mark
func parseFault(asked string) (Fault, error) {
	var f Fault
	for word := range strings.SplitSeq(asked, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		n, err := strconv.Atoi(value)
		if value == "" {
			n, err = strconv.Atoi(name)
		}
		switch name {
		case "length":
			f.Reasoning, err = 1<<30, nil
		case "refusal":
			f.Refusal, err = "I'm sorry, but I can't help with that.", nil
		case "filter":
			f.FilterAnswer, err = true, nil
		case "prompt-filter":
			f.FilterPrompt, err = true, nil
		case "no-usage":
			f.NoUsage, err = true, nil
		case "unopened":
			f.Unopened, err = true, nil
		case "reasoning":
			f.Reasoning = n
		case "cut":
			f.Cut = n
		case "retry-after":
			f.RetryAfter, err = value, nil
		case "slow":
			var d time.Duration
			d, err = time.ParseDuration(value)
			f.Hold = wait(d)
		default:
			f.Status = n
			if err == nil && (n < 400 || n > 599) {
				err = fmt.Errorf("%d is no status of an error", n)
			}
		}
		if err != nil {
			return Fault{}, fmt.Errorf("emulate: no such fault %q", word)
		}
	}
	return f, nil
}

// filterResults is what Azure's content filter says; at, if not empty, is the
// category that it finds.
func filterResults(at string) map[string]any {
	out := map[string]any{}
	for _, category := range []string{"hate", "self_harm", "sexual", "violence"} {
		severity := "safe"
		if category == at {
			severity = "medium"
		}
		out[category] = map[string]any{"filtered": category == at, "severity": severity}
	}
	return out
}

// raw encodes a value that can be encoded.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("emulate: misuse: " + err.Error()) // Unreachable: only maps, strings and numbers come here.
	}
	return b
}
