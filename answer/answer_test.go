package answer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

var crawled = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// hits are two chunks of one page and one of another.
var hits = answertest.Retriever{
	{Score: 0.9, Chunk: index.Chunk{URL: "https://e.org/models", Title: "Models", Section: "Models > Default", Anchor: "default", Lang: "en", Start: 100,
		Text: "## Default\n\nThe **default** model is all-MiniLM-L6-v2. It needs no key.\n\n```sh\ncitewell ingest URL\n```", CrawledAt: crawled}},
	{Score: 0.8, Chunk: index.Chunk{URL: "https://e.org/milvus", Title: "Milvus", Lang: "en",
		Text: "Milvus Lite is a vector database in one file. Milvus keeps the vectors in a FLAT index.", CrawledAt: crawled}},
	{Score: 0.7, Chunk: index.Chunk{URL: "https://e.org/models", Title: "Models", Section: "Models", Lang: "en",
		Text: "A model turns text into vectors. The model may be local.", CrawledAt: crawled, Source: "other"}},
}

func ask(t *testing.T, m answer.Model, q answer.Question) *answer.Answer {
	t.Helper()
	a, err := answer.New(answer.Config{Retriever: hits, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Answer(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestJSON(t *testing.T) {
	tick := crawled
	h := hits[0]
	h.Text = "The **default** model is all-MiniLM-L6-v2. It needs no key."
	a, err := answer.New(answer.Config{Retriever: answertest.Retriever{h, hits[1]}, Model: answertest.Quotes, K: 1, Now: func() time.Time {
		tick = tick.Add(1500 * time.Microsecond)
		return tick
	}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Answer(t.Context(), answer.Question{Text: "Which model?"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "answer": "The **default** model is all-MiniLM-L6-v2. It needs no key. [1]",
 "answered": true,
 "mode": "generated",
 "grounded": true,
 "verified": 1,
 "total": 1,
 "citations": [
  {
   "n": 1,
   "url": "https://e.org/models",
   "title": "Models",
   "section": "Models \u003e Default",
   "quote": "The default model is all-MiniLM-L6-v2. It needs no key.",
   "verified": true,
   "by": "model",
   "start": 100,
   "end": 159,
   "sentence": "The default model is all-MiniLM-L6-v2. It needs no key.",
   "link": "https://e.org/models#default:~:text=The%20default%20model%20is%20all%2DMiniLM%2DL6%2Dv2.%20It%20needs%20no%20key.",
   "crawled_at": "2026-11-22T08:00:00Z",
   "lang": "en"
  }
 ],
 "usage": {
  "prompt_tokens": 10,
  "cached_tokens": 0,
  "completion_tokens": 5,
  "reasoning_tokens": 0,
  "calls": 0
 },
 "cost": null,
 "finish_reason": "stop",
 "model": "o1-mini",
 "timings": {
  "retrieval_ms": 1.5,
  "model_ms": 1.5,
  "total_ms": 7.5
 }
}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("JSON differs (-want +got):\n%s", diff)
	}
}

func TestModel(t *testing.T) {
	const default1 = "The default model is all-MiniLM-L6-v2."
	for _, tt := range []struct {
		name, writes string
		want         string   // the answer
		citations    []string // n, by, verified, quote
	}{
		{"by the rules", "It is MiniLM [1], kept in Milvus [2].\n\nQUOTES:\n[1] \"" + default1 + "\"\n[2] \"Milvus Lite is a vector database\"", "It is MiniLM [1], kept in Milvus [2].",
			[]string{"1 model true " + default1, "2 model true Milvus Lite is a vector database"}},
		{"other forms", "Both【1†source】 and [1, 3] [^2].\n**QUOTES:**\n- [1]: “" + default1 + "”\n- 【2】 «…vector database…»\n- [3] A model turns\n  text into vectors.", "Both[1] and [1][3] [2].",
			[]string{"1 model true " + default1, "2 model true vector database", "3 model true A model turns text into vectors."}},
		{"a lie", "It is GPT-4 [1].\nQUOTES:\n[1] \"The default model is GPT-4.\"", "It is GPT-4 [1].", []string{"1 model false The default model is GPT-4."}},
		{"a lie, then a quote", "It is [1].\nQUOTES:\n[1] \"All lies.\"\n[1] \"It needs no key.\"", "It is [1].", []string{"1 model true It needs no key."}},
		{"unknown source", "It is MiniLM [1][9], see [9] and [0].\nQUOTES:\n[1] \"It needs no key.\"\n[9] \"nothing\"", "It is MiniLM [1], see and.", []string{"1 model true It needs no key."}},
		{"no quotes", "It needs no key [1].", "It needs no key [1].", []string{"1 server false It needs no key."}},
		{"broken quotes", "No key is needed [1].\nQUOTES:\nnone really", "No key is needed [1].", []string{"1 server false It needs no key."}},
		{"fenced quotes", "Yes [2].\n\n```\nQUOTES:\n[2] \"FLAT index\"\n```", "Yes [2].", []string{"2 model true FLAT index"}},
		{"no citation but quotes", "It is in a file.\nQUOTES:\n[2] \"in one file\"", "It is in a file.", []string{"2 model true in one file"}},
		{"no citation at all", "It is.", "It is.", nil},
		{"code", "Write `a[1]` or:\n\n```\nx = a[9]\n```\n\nso [1].\nQUOTES:\n[1] \"needs no key\"", "Write `a[1]` or:\n\n```\nx = a[9]\n```\n\nso [1].", []string{"1 model true needs no key"}},
		{"numbers made links", "Yes [1](https://evil.org) and [2].\n\n[1]: https://evil.org\n\nQUOTES:\n[1] \"needs no key\"\n[2] \"one file\"", "Yes [1] and [2].",
			[]string{"1 model true needs no key", "2 model true one file"}},
		{"years are no citations", "Since [2023] it is [2].\nQUOTES:\n[2] \"one file\"", "Since [2023] it is [2].", []string{"2 model true one file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, answertest.Says(tt.writes), answer.Question{Text: "Which model is the default?"})
			if !got.Answered || got.Mode != answer.Generated || got.Answer != tt.want {
				t.Errorf("answer = %q (%s, answered %v), want %q", got.Answer, got.Mode, got.Answered, tt.want)
			}
			var citations []string
			verified := 0
			for _, c := range got.Citations {
				citations = append(citations, fmt.Sprint(c.N, " ", c.By, " ", c.Verified, " ", c.Quote))
				if c.Verified {
					verified++
				}
			}
			if diff := cmp.Diff(tt.citations, citations); diff != "" {
				t.Errorf("citations differ (-want +got):\n%s", diff)
			}
			if got.Grounded != (verified > 0) || got.Verified != verified || got.Total != len(got.Citations) {
				t.Errorf("grounded %v, verified %d, with %d of %d verified", got.Grounded, got.Verified, verified, len(got.Citations))
			}
		})
	}
}

func TestOffsets(t *testing.T) {
	got := ask(t, answertest.Says("Yes [1].\nQUOTES:\n[1] It needs no key."), answer.Question{Text: "key?"})
	c := got.Citations[0]
	if s := string([]rune(hits[0].Text)[c.Start-100 : c.End-100]); s != "It needs no key." {
		t.Errorf("start and end are of %q", s)
	}
}

func TestNotInSources(t *testing.T) {
	for _, writes := range []string{"NOT_IN_SOURCES: The price is not given.", "**NOT_IN_SOURCES**\n\nThe price is not given. [1]"} {
		got := ask(t, answertest.Says(writes), answer.Question{Text: "What does it cost?"})
		if got.Answered || got.Grounded || got.Answer != "The price is not given." || got.Reason == "" || len(got.Citations) != 0 {
			t.Errorf("%q gives %+v, want no answer", writes, got)
		}
		want := []answer.NearestPage{{URL: "https://e.org/models", Title: "Models", Score: 0.9}, {URL: "https://e.org/milvus", Title: "Milvus", Score: 0.8}}
		if diff := cmp.Diff(want, got.Nearest); diff != "" {
			t.Errorf("nearest differs (-want +got):\n%s", diff)
		}
	}
}

// The client, the provider's rules and the prompt fit together.
func TestClient(t *testing.T) {
	srv := llmtest.Serve(t, llmtest.Script{Reasoning: 448, Answer: func(prompt string) string {
		r, _ := answertest.Quotes(prompt) // never fails
		return r.Text
	}})
	c, err := llm.New(llm.Config{APIKey: llmtest.Key, BaseURL: srv.URL, Model: "o1-mini"})
	if err != nil {
		t.Fatal(err)
	}
	got := ask(t, c, answer.Question{Text: "Which model?", K: 2})
	if got.Verified != got.Total || len(got.Citations) != 2 || got.Usage.ReasoningTokens == 0 || got.Model != "o1-mini-2024-09-12" {
		t.Errorf("got %+v, want two verified citations and the usage", got)
	}
}

// After a temporary failure the answer is extractive, and reports what the model
// used.
func TestFallback(t *testing.T) {
	paid := llm.Response{FinishReason: "length", Model: "o1-mini", Usage: llm.Usage{CompletionTokens: 65_536, ReasoningTokens: 65_536}}
	for _, tt := range []struct {
		name  string
		model answertest.Model
		says  string
		paid  bool
	}{
		{"budget used up", answertest.Fails(paid, fmt.Errorf("llm: %w", llm.ErrNoText)), "--max-output", true},
		{"filtered", answertest.Fails(llm.Response{}, llm.ErrNoText), "returned no text", false},
		{"quotes alone", answertest.Says("QUOTES:\n[1] \"needs no key\""), "returned no text", true},
		{"refusal", answertest.Fails(llm.Response{Refusal: "No."}, nil), "declined", false},
		{"too slow", answertest.Fails(llm.Response{}, context.DeadlineExceeded), "in time", false},
		{"too long", answertest.Fails(llm.Response{}, llm.ErrTooLong), "too long", false},
		{"down", answertest.Fails(llm.Response{}, errors.New("10.0.0.7 fails (503)")), "not available", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, tt.model, answer.Question{Text: "Which model is the default?"})
			if !got.Answered || got.Mode != answer.Extractive || got.Verified != got.Total || !strings.Contains(got.Warning, tt.says) {
				t.Errorf("got %+v, want an extractive answer with a warning of %q", got, tt.says)
			}
			if strings.Contains(got.Warning, "10.0.0.7") {
				t.Errorf("warning %q tells the cause", got.Warning)
			}
			if (got.Usage != nil) != tt.paid {
				t.Errorf("usage = %v, want it told: %v", got.Usage, tt.paid)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	if _, err := answer.New(answer.Config{}); err == nil {
		t.Error("New without a retriever succeeds")
	}
	a, err := answer.New(answer.Config{Retriever: hits, RequireModel: true, Model: answertest.Fails(llm.Response{}, fmt.Errorf("llm: %w: set OPENAI_API_KEY", llm.ErrConfig))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Answer(t.Context(), answer.Question{Text: " \n"}); !errors.Is(err, retrieve.ErrQuery) {
		t.Errorf("Answer of an empty question = %v, want ErrQuery", err)
	}
	if _, err := a.Answer(t.Context(), answer.Question{Text: "key?"}); !errors.Is(err, answer.ErrModel) || !strings.Contains(err.Error(), "OPENAI_API_KEY") {
		t.Errorf("Answer with a wrong key = %v, want ErrModel that names the fix", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Answer(ctx, answer.Question{Text: "key?"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Answer when canceled = %v, want context.Canceled", err)
	}
	a, err = answer.New(answer.Config{Retriever: failing{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Answer(t.Context(), answer.Question{Text: "key?"}); !errors.Is(err, index.ErrNoIndex) {
		t.Errorf("Answer without an index = %v, want ErrNoIndex", err)
	}
}

type failing struct{}

func (failing) Retrieve(context.Context, retrieve.Query) (*retrieve.Result, error) {
	return nil, index.ErrNoIndex
}

// A prompt that is too long loses its last sources.
func TestFewerSources(t *testing.T) {
	var tried []int
	m := answertest.Model(func(prompt string) (llm.Response, error) {
		n := len(answertest.Sources(prompt))
		tried = append(tried, n)
		if n > 1 {
			return llm.Response{}, llm.ErrTooLong
		}
		return answertest.Quotes(prompt)
	})
	got := ask(t, m, answer.Question{Text: "Which model?"})
	if diff := cmp.Diff([]int{3, 2, 1}, tried); diff != "" {
		t.Errorf("sources tried (-want +got):\n%s", diff)
	}
	if len(got.Citations) != 1 || got.Verified != got.Total {
		t.Errorf("citations = %+v, want the first source", got.Citations)
	}
}

func TestKAndFilter(t *testing.T) {
	got := ask(t, answertest.Quotes, answer.Question{Text: "Which model?", K: 2})
	if len(got.Citations) != 2 {
		t.Errorf("%d citations for k = 2", len(got.Citations))
	}
	got = ask(t, answertest.Quotes, answer.Question{Text: "Which model?", Filter: retrieve.Filter{Source: "other"}})
	if len(got.Citations) != 1 || got.Citations[0].Section != "Models" {
		t.Errorf("citations = %+v, want that of the other source", got.Citations)
	}
}
