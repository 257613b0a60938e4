package answer_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// TestFallbackEmulated makes services fail with errors and with silence. The answer
// is extractive and has a warning.
func TestFallbackEmulated(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault emulate.Fault
		says  string
	}{
		{"down", emulate.Fault{Status: http.StatusServiceUnavailable}, "not available"},
		{"over the quota", emulate.Fault{Status: http.StatusTooManyRequests, RetryAfter: "0"}, "not available"},
		{"silent", emulate.Fault{Hold: func(ctx context.Context) { <-ctx.Done() }}, "in time"},
		{"reasons too long", emulate.Fault{Reasoning: 200_000}, "--max-output"},
		{"refuses", emulate.Fault{Refusal: "I can't help with that."}, "declined"},
		{"filters", emulate.Fault{FilterAnswer: true}, "content filter"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := llmtest.Emulate(t, emulate.Config{Script: func(int, []byte) emulate.Fault { return tt.fault }})
			timeout := time.Minute // a guard, except for the service that must not answer in time
			if tt.fault.Hold != nil {
				timeout = 200 * time.Millisecond
			}
			m, err := llm.New(llm.Config{Model: "o1", APIKey: llmtest.Key, BaseURL: srv.URL, Timeout: timeout})
			if err != nil {
				t.Fatal(err)
			}
			got := ask(t, m, answer.Question{Text: "Which model is the default?"})
			if !got.Answered || got.Mode != answer.Extractive || !got.Grounded || got.Total == 0 || !strings.Contains(got.Warning, tt.says) {
				t.Errorf("got %+v, want an extractive answer with a warning of %q", got, tt.says)
			}
		})
	}
}
