package llm_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
)

// Where the service cannot read the reasoning that it gets back, as behind a gateway
// or in another region, the round goes on without it.
func TestItemsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"dropped by a gateway", `{"error":{"message":"Item with id 'rs_1' not found. Items are not persisted when store is set to false."}}`, 404},
		{"dropped, with a parameter", `{"error":{"message":"Item with id 'rs_1' not found.","param":"input","code":null}}`, 400},
		{"of another region", `{"error":{"message":"The encrypted content could not be verified.","code":"invalid_encrypted_content"}}`, 400},
		{"torn", `{"error":{"message":"Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1'.","param":"input"}}`, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
				sent, err := json.Marshal(body["input"])
				if err != nil {
					t.Error(err)
				}
				if strings.Contains(string(sent), "encrypted_content") {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(tt.status)
					_, _ = w.Write([]byte(tt.body))
					return
				}
				if strings.Contains(string(sent), "fc_1") {
					t.Errorf("the id of the item is still sent: %s", sent)
				}
				says(response("completed", "null", outputMessage("msg_1", "ok")))(w, r, body)
			})
			c := s.viaResponses(t, llm.Config{Model: "o3"})
			r := llm.Request{Messages: llm.User("hi")}
			withTool(&r)
			r.Messages = append(r.Messages, llm.Message{Role: llm.RoleAssistant, Calls: []llm.Call{{ID: "call_1", Name: "look", Arguments: json.RawMessage(`{"x":"y"}`),
				Items: []json.RawMessage{json.RawMessage(thoughts), json.RawMessage(calling)}}}}, llm.Message{Role: llm.RoleTool, CallID: "call_1", Text: "found"})
			for range 2 {
				if got, err := c.Complete(t.Context(), r); err != nil || got.Text != "ok" {
					t.Errorf("Complete = %q, %v", got.Text, err)
				}
			}
			if n := s.count(); n != 3 {
				t.Errorf("%d requests, want 3: the refusal is remembered", n)
			}
			for _, u := range s.urls {
				if !strings.HasSuffix(u, "/responses") {
					t.Errorf("asked %s", u)
				}
			}
			if len(r.Messages[1].Calls[0].Items) != 2 {
				t.Error("the caller's messages have changed")
			}
		})
	}
}
