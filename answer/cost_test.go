package answer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// TestCost checks the cost of answers, with made-up prices.
func TestCost(t *testing.T) {
	cached := 0.5
	prices := answer.Prices{Currency: "EUR", Models: map[string]answer.Price{
		"o1-mini": {Input: 2, Cached: &cached, Output: 10}, "my-o1": {Input: 1, Output: 1}, "": {Input: 9, Output: 9},
	}}
	for _, tt := range []struct {
		name        string
		model, told string // as it is asked by, and as its provider names it
		usage       llm.Usage
		want        *answer.Cost
	}{
		{"by the provider's name", "my-o1", "o1-mini", llm.Usage{PromptTokens: 1000, CompletionTokens: 100, ReasoningTokens: 60, Calls: 1}, &answer.Cost{Amount: 0.003, Currency: "EUR"}},
		{"of the cache", "", "o1-mini", llm.Usage{PromptTokens: 1000, CachedTokens: 600, CompletionTokens: 100, Calls: 1}, &answer.Cost{Amount: 0.0021, Currency: "EUR"}},
		{"more of the cache than there is", "", "o1-mini", llm.Usage{PromptTokens: 1000, CachedTokens: 6000, Calls: 1}, &answer.Cost{Amount: 0.0005, Currency: "EUR"}},
		{"by the name of the deployment", "my-o1", "o1-2024-12-17", llm.Usage{PromptTokens: 3, CompletionTokens: 4, Calls: 1}, &answer.Cost{Amount: 0.000007, Currency: "EUR"}},
		{"no price for the cache", "", "my-o1", llm.Usage{PromptTokens: 10, CachedTokens: 10, Calls: 1}, &answer.Cost{Amount: 0.00001, Currency: "EUR"}},
		{"unknown model", "", "o3-mini", llm.Usage{PromptTokens: 3, Calls: 1}, nil},
		{"nothing is told of the tokens", "", "o1-mini", llm.Usage{}, nil},
		{"the service reports no tokens", "", "o1-mini", llm.Usage{Calls: 1, Unknown: true}, nil},
		{"one of two replies reports its tokens", "", "o1-mini", llm.Usage{PromptTokens: 3, CompletionTokens: 4, Calls: 2, Unknown: true}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			says := answertest.Model(func(string) (llm.Response, error) {
				return llm.Response{Text: "It is. [1]", Model: tt.told, FinishReason: "stop", Usage: tt.usage}, nil
			})
			hits := []retrieve.Hit{{Chunk: index.Chunk{ID: "aa", URL: "https://e.example/", Text: "It is so, and stays so.", ContentHash: "cc"}, Score: 1}}
			a, err := answer.New(answer.Config{Retriever: answertest.Retriever(hits), Model: says, Prices: prices, ModelName: tt.model})
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Answer(t.Context(), answer.Question{Text: "Is it so?"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Cost); diff != "" {
				t.Errorf("cost (-want +got):\n%s", diff)
			}
			if len(got.Found) != 1 || got.Citations[0].ChunkID != "aa" || got.Citations[0].ContentHash != "cc" {
				t.Errorf("found %+v, cited %+v: not the chunk aa with its page's hash", got.Found, got.Citations)
			}
		})
	}
}
