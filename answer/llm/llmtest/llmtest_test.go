package llmtest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm/llmtest"
)

// The server refuses what o1-mini refuses, in the words of its provider.
func TestRules(t *testing.T) {
	s := llmtest.Serve(t, llmtest.Script{})
	const message = `"model":"o1-mini","messages":[{"role":"user","content":"hi"}]`
	for _, tt := range []struct {
		name, body string
		status     int
		holds      string
	}{
		{"plain", `{` + message + `}`, 200, `"finish_reason":"stop"`},
		{"fixed values", `{` + message + `,"temperature":1,"top_p":1,"n":1,"presence_penalty":0,"frequency_penalty":0}`, 200, `"content":"ok"`},
		{"max_tokens", `{` + message + `,"max_tokens":5}`, 400, `"code":"unsupported_parameter"`},
		{"temperature", `{` + message + `,"temperature":0.2}`, 400, `"param":"temperature"`},
		{"tools", `{` + message + `,"tools":[{"type":"function","function":{"name":"f"}}]}`, 400, `"param":"tools"`},
		{"system", `{"model":"o1-mini","messages":[{"role":"system","content":"hi"}]}`, 400, `"param":"messages[0].role"`},
		{"developer", `{"model":"o1-mini","messages":[{"role":"user","content":"hi"},{"role":"developer","content":"hi"}]}`, 400, `"param":"messages[1].role"`},
		{"no messages", `{"model":"o1-mini"}`, 400, `"param":"messages"`},
		{"too much", `{` + message + `,"max_completion_tokens":65537}`, 400, `"type":"invalid_request_error"`},
		{"other model", `{"model":"o9","messages":[]}`, 404, `"code":"model_not_found"`},
		{"no JSON", `{`, 400, `"code":null`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/chat/completions", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+llmtest.Key)
			resp, err := (&http.Client{}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !strings.Contains(string(body), tt.holds) {
				t.Errorf("%d %s, want %d with %s", resp.StatusCode, body, tt.status, tt.holds)
			}
		})
	}
}
