package answer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/retrieve"
)

// stream returns a streamed answer and the texts that were shown, and checks
// that the sources came first and once, and that the texts make the answer.
func stream(t *testing.T, m answer.Model, q answer.Question) (*answer.Answer, []string) {
	t.Helper()
	a, err := answer.New(answer.Config{Retriever: hits, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	var events []answer.Event
	got, err := a.Stream(t.Context(), q, func(e answer.Event) error {
		events = append(events, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) == 0 || events[0].Sources == nil {
		t.Fatalf("events = %+v, want the sources first", events)
	}
	var texts []string
	for _, e := range events[1:] {
		if e.Sources != nil || e.Delta == "" {
			t.Errorf("a later event is %+v, want text", e)
		}
		texts = append(texts, e.Delta)
	}
	if s := strings.Join(texts, ""); s != got.Answer {
		t.Errorf("shown is %q, but the answer is %q", s, got.Answer)
	}
	return got, texts
}

// A stream gives the same answer as no stream.
func TestStream(t *testing.T) {
	for _, tt := range []struct {
		name  string
		model answer.Model
	}{
		{"quotes", answertest.Quotes},
		{"other forms", answertest.Says("Both【1†source】 and [1, 3] [^2], [9].\n**QUOTES:**\n- [1]: “It needs no key.”\n- 【2】 «…vector database…»")},
		{"fenced quotes", answertest.Says("Yes [2].\n\n```\nQUOTES:\n[2] \"FLAT index\"\n```")},
		{"not in the sources", answertest.Says("**NOT_IN_SOURCES**\n\nThe price is not given. [1]")},
		{"quotes alone", answertest.Says("QUOTES:\n[1] \"no key\"")},
		{"cut off", answertest.Fails(llm.Response{Text: "It is so [1] and [", FinishReason: "length"}, nil)},
		{"nothing", answertest.Fails(llm.Response{FinishReason: "length"}, llm.ErrNoText)},
		{"refusal", answertest.Fails(llm.Response{Refusal: "No."}, nil)},
		{"no model", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := answer.Question{Text: "Which model is the default?"}
			got, _ := stream(t, tt.model, q)
			if diff := cmp.Diff(ask(t, tt.model, q), got, cmpopts.IgnoreFields(answer.Answer{}, "Timings")); diff != "" {
				t.Errorf("the streamed answer differs (-whole +streamed):\n%s", diff)
			}
		})
	}
}

func TestStreamSources(t *testing.T) {
	a, err := answer.New(answer.Config{Retriever: hits})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[int]string{
		2: `[{"n":1,"url":"https://e.org/models","title":"Models","section":"Models \u003e Default"},{"n":2,"url":"https://e.org/milvus","title":"Milvus","section":""}]`,
		0: `[]`, // the filter lets nothing through
	} {
		var first *answer.Event
		q := answer.Question{Text: "Which model?", K: k}
		if k == 0 {
			q.Filter = retrieve.Filter{Source: "nowhere"}
		}
		if _, err := a.Stream(t.Context(), q, func(e answer.Event) error {
			if first == nil {
				first = &e
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(first.Sources)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(b)); diff != "" {
			t.Errorf("sources differ (-want +got):\n%s", diff)
		}
	}
}

// A stream that fails after some text ends there with a warning. If it fails before,
// the answer is extractive.
func TestBreaksOff(t *testing.T) {
	down := errors.New("10.0.0.7 fails (503)")
	for _, tt := range []struct {
		name, writes string
		resp         llm.Response
		err          error
		mode         answer.Mode
		want, warns  string
	}{
		{"amid", "It is MiniLM [1]. It needs no", llm.Response{}, down, answer.Generated, "It is MiniLM [1]. It needs no", "connection"},
		{"amid a citation", "It is MiniLM [1", llm.Response{}, down, answer.Generated, "It is MiniLM", "connection"},
		{"amid the quotes", "It is MiniLM [1].\nQUOTES:\n[1] \"It needs", llm.Response{}, down, answer.Generated, "It is MiniLM [1].", "connection"},
		{"in front of any", " [1", llm.Response{}, down, answer.Extractive, "", "not available"},
		{"too slow", "It is", llm.Response{}, context.DeadlineExceeded, answer.Generated, "It is", "in time"},
		{"a key withdrawn", "It is", llm.Response{}, llm.ErrConfig, answer.Generated, "It is", "connection"},
		{"declined", "It is", llm.Response{Refusal: "No."}, nil, answer.Generated, "It is", "declined"},
		{"at its limit", "It is", llm.Response{FinishReason: "length"}, nil, answer.Generated, "It is", "--max-output"},
		{"filtered", "It is", llm.Response{FinishReason: "content_filter"}, nil, answer.Generated, "It is", "content filter"},
		{"cut", "It is", llm.Response{FinishReason: "cut"}, nil, answer.Generated, "It is", "connection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.resp.Text = tt.writes
			got, _ := stream(t, answertest.Fails(tt.resp, tt.err), answer.Question{Text: "Which model is the default?"})
			if got.Mode != tt.mode || got.Truncated != (tt.mode == answer.Generated) || tt.want != "" && got.Answer != tt.want {
				t.Errorf("got %q (%s, truncated %v), want %q (%s)", got.Answer, got.Mode, got.Truncated, tt.want, tt.mode)
			}
			if !strings.Contains(got.Warning, tt.warns) || strings.Contains(got.Warning, "10.0.0.7") {
				t.Errorf("warning = %q, want one of %q without the cause", got.Warning, tt.warns)
			}
		})
	}
}

// The client, the provider's streams and the draft fit together, also for a model
// that can't stream and for one that shows its reasoning.
func TestStreamClient(t *testing.T) {
	for model, pieces := range map[string]int{"o1-mini": 1, "gpt-4o": 2, "deepseek-reasoner": 2} {
		t.Run(model, func(t *testing.T) {
			srv := llmtest.Serve(t, llmtest.Script{Model: model, Reasoning: 100, Answer: func(prompt string) string {
				r, _ := answertest.Quotes(prompt) // never fails
				return r.Text
			}})
			c, err := llm.New(llm.Config{APIKey: llmtest.Key, BaseURL: srv.URL, Model: model})
			if err != nil {
				t.Fatal(err)
			}
			got, texts := stream(t, c, answer.Question{Text: "Which model?", K: 2})
			if got.Verified != got.Total || len(got.Citations) != 2 || got.Usage == nil || got.Truncated || got.Warning != "" || len(texts) < pieces {
				t.Errorf("got %+v in %d pieces, want two verified citations in %d at least", got, len(texts), pieces)
			}
		})
	}
}

// An error of the callback ends the call, at every event.
func TestStreamStops(t *testing.T) {
	gone := errors.New("the reader is gone")
	for _, model := range []answer.Model{answertest.Quotes, nil} {
		a, err := answer.New(answer.Config{Retriever: hits, Model: model})
		if err != nil {
			t.Fatal(err)
		}
		for stop := range 2 {
			calls := 0
			_, err := a.Stream(t.Context(), answer.Question{Text: "Which model?"}, func(answer.Event) error {
				if calls++; calls > stop {
					return gone
				}
				return nil
			})
			if !errors.Is(err, gone) || calls != stop+1 {
				t.Errorf("Stream = %v after %d events, want the reader's error after %d", err, calls, stop+1)
			}
		}
	}
}

// recorder records the request.
type recorder struct {
	answertest.Model
	got *llm.Request
}

func (r recorder) Complete(ctx context.Context, req llm.Request) (llm.Response, error) {
	*r.got = req
	return r.Model.Complete(ctx, req)
}

func TestInstructions(t *testing.T) {
	var got llm.Request
	a, err := answer.New(answer.Config{Retriever: hits, Model: recorder{answertest.Quotes, &got}, Instructions: " Be brief.\n"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Answer(t.Context(), answer.Question{Text: "Which model?"}); err != nil {
		t.Fatal(err)
	}
	if got.Instructions != "Be brief." || strings.Contains(got.Messages[0].Text, "Be brief.") || got.Delta != nil {
		t.Errorf("instructions = %q, in the message: %q; pieces asked for: %v", got.Instructions, got.Messages[0].Text, got.Delta != nil)
	}
}

// Results of a provider's content filters are in the answer, unchanged, in every
// mode.
func TestFilters(t *testing.T) {
	const answers, prompts = `{"hate":{"filtered":true}}`, `[{"prompt_index":0}]`
	filtered := llm.Response{FinishReason: "content_filter", ContentFilter: json.RawMessage(answers), PromptFilter: json.RawMessage(prompts)}
	partial := filtered
	partial.Text = "It is so [1]"
	for mode, m := range map[answer.Mode]answertest.Model{
		answer.Generated:  answertest.Fails(partial, nil),
		answer.Extractive: answertest.Fails(filtered, fmt.Errorf("llm: %w", llm.ErrNoText)),
	} {
		b, err := json.Marshal(ask(t, m, answer.Question{Text: "Which model is the default?"}))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"mode":"` + string(mode), `"content_filter":` + answers, `"prompt_filter":` + prompts, `"warning":"the provider's content filter`, `"finish_reason":"content_filter"`} {
			if !strings.Contains(string(b), want) {
				t.Errorf("%s lacks %s", b, want)
			}
		}
	}
}
