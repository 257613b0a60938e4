package answer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
)

// TestUnknownUsage asks a service that does not report tokens: usage and cost are null,
// and not 0.
func TestUnknownUsage(t *testing.T) {
	for name, usage := range map[string]string{"none": ``, "null": `,"usage":null`, "zeros": `,"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"It is o1-mini [1]."}}]%s}`, usage)
			}))
			t.Cleanup(srv.Close)
			m, err := llm.New(llm.Config{Model: "m", BaseURL: srv.URL})
			if err != nil {
				t.Fatal(err)
			}
			got := ask(t, m, answer.Question{Text: "Which model is the default?"})
			b, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{`"mode":"generated"`, `"usage":null`, `"cost":null`} {
				if !strings.Contains(string(b), want) {
					t.Errorf("the answer %s lacks %s", b, want)
				}
			}
		})
	}
}
