package llmtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// A reporter notes what is reported to a test.
type reporter struct {
	testing.TB
	said []string
}

func (r *reporter) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// Every body that is not as its schema says is reported, and no other.
func TestChecked(t *testing.T) {
	const (
		request  = `{"model":"o1","messages":[{"role":"user","content":"hi"}]}`
		response = `{"id":"1","object":"chat.completion","created":1,"model":"o1","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"hi","refusal":null}}]}`
		chunk    = `{"id":"1","object":"chat.completion.chunk","created":1,"model":"o1","choices":[]}`
		refusal  = `{"error":{"message":"no","type":"invalid_request_error","param":"x","code":"unsupported_value"}}`
		vectors  = `{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}`
		chat     = "/v1/chat/completions"
		embed    = "/v1/embeddings"
		respond  = "/v1/responses"
		asked    = `{"model":"o1","input":"hi","store":false}`
		answer   = `{"id":"1","object":"response","created_at":1,"status":"completed","error":null,"incomplete_details":null,"instructions":null,"model":"o1","tools":[],"output":[],"parallel_tool_calls":true,"metadata":{},"tool_choice":"auto","temperature":1,"top_p":1}`
		created  = `{"type":"response.created","sequence_number":0,"response":` + answer + `}`
		finished = `{"type":"response.completed","sequence_number":1,"response":` + answer + `}`
	)
	for _, tt := range []struct {
		name, path, request string
		status              int
		response            string
		reports             string // empty: nothing
	}{
		{"fine", chat, request, 200, response, ""},
		{"refused for the model", chat, request, 400, refusal, ""},
		{"refused for its form", chat, `{"messages":1}`, 400, strings.Replace(refusal, "unsupported_value", "invalid_type", 1), ""},
		{"fine vectors", embed, `{"model":"m","input":["x"]}`, 200, vectors, ""},
		{"fine stream", chat, request, 200, "data: " + chunk + "\n\ndata: [DONE]\n\n", ""},
		{"unknown field", chat, strings.Replace(request, `"model"`, `"foo":1,"model"`, 1), 200, response, "request"},
		{"reasoning sent back", chat, strings.Replace(request, `"content"`, `"reasoning_content":"x","content"`, 1), 200, response, "request"},
		{"bad request behind a refusal", chat, `{"model":"o1","messages":[]}`, 400, refusal, "request"},
		{"both limits", chat, strings.Replace(request, `"model"`, `"max_tokens":1,"max_completion_tokens":1,"model"`, 1), 200, response, "request"},
		{"no choices", chat, request, 200, `{"id":"1","object":"chat.completion","created":1,"model":"o1","choices":[]}`, "response"},
		{"other finish", chat, request, 200, strings.Replace(response, `"stop"`, `"end"`, 1), "response"},
		{"no JSON", chat, request, 200, "hello", "response"},
		{"error without a code", chat, request, 400, `{"error":{"message":"no"}}`, "response"},
		{"bad piece", chat, request, 200, "data: " + strings.Replace(chunk, ".chunk", "", 1) + "\n\n", "chunk"},
		{"fine response", respond, asked, 200, answer, ""},
		{"fine events", respond, asked, 200, "data: " + created + "\n\ndata: " + finished + "\n\n", ""},
		{"stored", respond, strings.Replace(asked, "false", "true", 1), 200, answer, "request"},
		{"field of chat completions", respond, strings.Replace(asked, `"store"`, `"max_tokens":1,"store"`, 1), 200, answer, "request"},
		{"reasoning that is not encrypted", respond, strings.Replace(asked, `"hi"`, `[{"type":"reasoning","id":"1","summary":[]}]`, 1), 200, answer, "request"},
		{"no status", respond, asked, 200, strings.Replace(answer, `"completed"`, `"done"`, 1), "response"},
		{"no last event", respond, asked, 200, "data: " + created + "\n\n", "events"},
		{"events out of order", respond, asked, 200, "data: " + created + "\n\ndata: " + strings.Replace(finished, "1", "7", 1) + "\n\n", "number 7"},
		{"unknown event", respond, asked, 200, "data: " + created + "\n\ndata: " + `{"type":"response.thought","sequence_number":1}` + "\n\ndata: " + strings.Replace(finished, "1", "2", 1) + "\n\n", "chunk"},
		{"empty text", embed, `{"model":"m","input":["x",""]}`, 200, vectors, "request"},
		{"no vectors", embed, `{"model":"m","input":["x"]}`, 200, strings.Replace(vectors, `"embedding":[1]`, `"embedding":null`, 1), "response"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rep := &reporter{TB: t}
			h := Checked(rep, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if strings.HasPrefix(tt.response, "data:") {
					w.Header().Set("Content-Type", "text/event-stream")
				}
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.response)
			}))
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, tt.path, strings.NewReader(tt.request)))
			if said := strings.Join(rep.said, "\n"); (said == "") != (tt.reports == "") || !strings.Contains(said, tt.reports) {
				t.Errorf("reported %q, want %q in it, or nothing if empty", said, tt.reports)
			}
		})
	}
}

// OpenAI's own description is used where it is given: it refuses what our schema
// lets through.
func TestDescription(t *testing.T) {
	if os.Getenv(specVariable) == "" {
		t.Skip(specVariable + " is not set: there is no description to check with")
	}
	rep := &reporter{TB: t}
	h := Checked(rep, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"id":"1","object":"chat.completion","created":1,"model":"o1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hi"}}]}`)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v1/chat/completions",
		strings.NewReader(`{"model":"o1","messages":[{"role":"user","content":"hi"}]}`)))
	if said := strings.Join(rep.said, "\n"); !strings.Contains(said, "CreateChatCompletionResponse") || !strings.Contains(said, "logprobs") {
		t.Errorf("reported %q, want the missing logprobs by OpenAI's description", said)
	}
}
