package answer

import (
	"context"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// silent is a model that says how many tokens it takes, and is never asked.
type silent struct{}

func (silent) Complete(context.Context, llm.Request) (llm.Response, error) {
	return llm.Response{}, llm.ErrNoText
}
func (silent) MostTokens(promptTokens int) int { return 2*promptTokens + 100 }

// TestMostTokens checks what each kind of question may take.
func TestMostTokens(t *testing.T) {
	t.Parallel()
	a := &Answerer{model: silent{}}
	one := func(chunks, said int) int64 { return int64(2*(chunks*chunkTokens+rulesTokens+said) + 100) }
	for _, tt := range []struct {
		name string
		q    Question
		want int64
	}{
		{"one search", Question{Text: "abc"}, one(retrieve.DefaultK, 3)},
		{"few chunks", Question{Text: "abc", K: 2}, one(2, 3)},
		{"without the model", Question{Text: "abc", Mode: Extractive}, 0},
		{"an image", Question{Text: "abc", K: 2, Images: []string{"x"}}, one(2, 3+imageTokens)},
		{"a history", Question{Text: "abc", K: 2, History: []history.Turn{{Content: strings.Repeat("ü", 10)}}}, one(2, 13) + 13 + rulesTokens + rewriteTokens},
		{"agentic", Question{Text: "abc", K: 1, Mode: Agentic}, one(1, 3) + one(2, 3) + one(3, 3) + one(4, 3) + one(5, 3)},
	} {
		if got := a.MostTokens(tt.q); got != tt.want {
			t.Errorf("%s: %d tokens, want %d", tt.name, got, tt.want)
		}
	}
	if got := (&Answerer{}).MostTokens(Question{Text: "abc"}); got != 0 {
		t.Errorf("without a model: %d tokens", got)
	}
}
