package answer

import (
	"context"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// silent is a model that says how many tokens it may write, and is never asked.
type silent int

func (silent) Complete(context.Context, llm.Request) (llm.Response, error) {
	return llm.Response{}, llm.ErrNoText
}
func (s silent) OutputLimit() int { return int(s) }

// TestReservedTokens checks what each kind of question reserves.
func TestReservedTokens(t *testing.T) {
	t.Parallel()
	one := func(chunks, said, written int) int64 { return int64(chunks*chunkTokens + RulesTokens + said + written) }
	for _, tt := range []struct {
		name  string
		limit silent
		q     Question
		want  int64
	}{
		{"one search", 25_000, Question{Text: "abc"}, one(retrieve.DefaultK, 1, WrittenTokens)},
		{"few chunks", 25_000, Question{Text: "abcde", K: 2}, one(2, 2, WrittenTokens)},
		{"a small limit", 900, Question{Text: "abc", K: 2}, one(2, 1, 900)},
		{"without the model", 900, Question{Text: "abc", Mode: Extractive}, 0},
		{"an image", 900, Question{Text: "abc", K: 2, Images: []string{"x"}}, one(2, 1+ImageTokens, 900)},
		{"a history", 900, Question{Text: "abc", K: 2, History: []history.Turn{{Content: strings.Repeat("ü", 10)}}}, one(2, 11, 900) + 11 + RulesTokens + BriefTokens},
		{"agentic", 900, Question{Text: "abc", K: 1, Mode: Agentic}, one(1, 1, 900) + one(2, 1, 900) + one(3, 1, 900)},
	} {
		if got := (&Answerer{model: tt.limit}).ReservedTokens(tt.q); got != tt.want {
			t.Errorf("%s: %d tokens, want %d", tt.name, got, tt.want)
		}
	}
	if got := (&Answerer{}).ReservedTokens(Question{Text: "abc"}); got != 0 {
		t.Errorf("without a model: %d tokens", got)
	}
	c, err := llm.New(llm.Config{Provider: "openai", Model: "o1-mini", APIKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if got := (&Answerer{model: c}).ReservedTokens(Question{Text: "How do I rotate a key?"}); got > 10_000 {
		t.Errorf("o1-mini with the default number of chunks: %d tokens; a limit of 10000 a day admits nothing", got)
	}
}
