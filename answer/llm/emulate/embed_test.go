package emulate_test

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
)

// Citewell's own embedder keeps to the rules of OpenAI.
func TestEmbedder(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	for model, n := range map[string]int{
		"text-embedding-3-small/8":   2100, // more than one request takes
		"text-embedding-3-small":     3,
		"text-embedding-3-large/256": 3,
		"text-embedding-ada-002":     3,
	} {
		t.Run(model, func(t *testing.T) {
			e, err := provider.New(t.Context(), provider.Config{Provider: "openai", BaseURL: s.URL, APIKey: llmtest.Key, Model: model})
			if err != nil {
				t.Fatal(err)
			}
			texts := make([]string, n)
			for i := range texts {
				texts[i] = strings.Repeat("key ", i%7+1)
			}
			got, err := e.Embed(t.Context(), texts, embed.Document)
			if err != nil || len(got) != len(texts) {
				t.Fatalf("Embed = %d vectors, %v, want %d", len(got), err, len(texts))
			}
		})
	}
}
