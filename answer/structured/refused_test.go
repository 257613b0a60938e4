package structured_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/answer/structured"
)

// TestSchemaRefused checks that a schema is moved into the prompt if the service
// rejects it: few services support every keyword.
func TestSchemaRefused(t *testing.T) {
	srv := llmtest.Serve(t, llmtest.Script{
		Model:  "gpt-4o",
		Answer: func(string) string { return `{"name":"Lamp","price":1}` },
		Fail: func(w http.ResponseWriter, n int) bool {
			if n == 1 {
				llmtest.Fail(w, http.StatusBadRequest, "invalid_request_error", "response_format", "", "Invalid schema for response_format 'data'.")
			}
			return n == 1
		},
	})
	m, err := llm.New(llm.Config{Model: "gpt-4o", APIKey: llmtest.Key, BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	got, err := extract(t, m, structured.Request{Text: page, Schema: json.RawMessage(schema)})
	if err != nil {
		t.Fatal(err)
	}
	bodies := srv.Bodies()
	if len(bodies) != 2 || !strings.Contains(bodies[0], "json_schema") || strings.Contains(bodies[1], "json_schema") || got.Warning != "" || got.Usage.Calls != 1 {
		t.Errorf("Extract = %s, %+v, warning %q after %d requests: %s", got.Data, got.Usage, got.Warning, len(bodies), bodies)
	}
}
