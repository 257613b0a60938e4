package answer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// BenchmarkAnswer answers from five chunks of two pages: with their sentences, and
// with a model whose text has no quotes, so that each source is searched for them.
func BenchmarkAnswer(b *testing.B) {
	var hits answertest.Retriever
	for i := range 5 {
		var text strings.Builder
		for j := range 20 {
			fmt.Fprintf(&text, "The *cache* %d keeps pages of kind %d in `memory` for an hour. It drops old pages when page %d needs the room.\n\n", i, j, 20*i+j)
		}
		hits = append(hits, retrieve.Hit{Score: 1, Chunk: index.Chunk{ID: fmt.Sprint(i), URL: fmt.Sprint("https://e.org/", i%2), Start: 3000 * i, End: 3000*i + text.Len(), Text: text.String()}})
	}
	for name, m := range map[string]answer.Model{"extractive": nil, "generated": answertest.Says("The cache keeps pages [1][2][3][4][5].")} {
		b.Run(name, func(b *testing.B) {
			a, err := answer.New(answer.Config{Retriever: hits, Model: m})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if ans, err := a.Answer(b.Context(), answer.Question{Text: "What does the cache keep?"}); err != nil || !ans.Answered {
					b.Fatalf("Answer() = %+v, %v", ans, err)
				}
			}
		})
	}
}
