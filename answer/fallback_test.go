package answer_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// Citations of the service and a list of quotes give the same answers, verified, also if
// the service is disturbed. What a model wrote before it refused stays.
func TestCitationsLikeList(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault emulate.Fault
	}{
		{"undisturbed", emulate.Fault{}},
		{"no usage", emulate.Fault{NoUsage: true}},
		{"down", emulate.Fault{Status: http.StatusServiceUnavailable}},
		{"reasons too long", emulate.Fault{Reasoning: 200_000}},
		{"refuses", emulate.Fault{Refusal: "I can't help with that."}},
		{"filters", emulate.Fault{FilterAnswer: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := llmtest.Emulate(t, emulate.Config{Script: func(int, []byte) emulate.Fault { return tt.fault }})
			var got []*answer.Answer
			for _, way := range []answer.Quotes{answer.QuotesText, answer.QuotesAuto} {
				m, err := llm.New(llm.Config{Provider: "anthropic", Model: "claude-sonnet-5-5", APIKey: llmtest.Key, BaseURL: srv.Root})
				if err != nil {
					t.Fatal(err)
				}
				a, err := answer.New(answer.Config{Retriever: hits, Model: m, Quotes: way})
				if err != nil {
					t.Fatal(err)
				}
				shown := ""
				ans, err := a.Stream(t.Context(), answer.Question{Text: "What is Milvus Lite, a vector database?"}, func(e answer.Event) error {
					shown += e.Delta
					return nil
				})
				if err != nil || shown != ans.Answer || ans.Verified != ans.Total || ans.Verified == 0 && tt.fault.Refusal == "" {
					t.Fatalf("with %s, answer %+v, shown %q, error %v", way, ans, shown, err)
				}
				ans.Timings, ans.Usage, ans.Cost = answer.Timings{}, nil, nil
				got = append(got, ans)
			}
			if diff := cmp.Diff(got[0], got[1]); diff != "" {
				t.Errorf("answers differ (-list +citations):\n%s", diff)
			}
		})
	}
}
