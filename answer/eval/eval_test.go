package eval_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	answereval "github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/eval"
)

// fixed gives each question its answer.
type fixed map[string]*answer.Answer

func (f fixed) Answer(_ context.Context, q answer.Question) (*answer.Answer, error) {
	if a, ok := f[q.Text]; ok {
		return a, nil
	}
	return nil, answer.ErrModel
}

func cited(url string, start, end int, verified bool) answer.Citation {
	return answer.Citation{URL: url, Start: start, End: end, Verified: verified}
}

func TestEvaluate(t *testing.T) {
	a := fixed{
		"documents": {Answered: true, Mode: answer.Generated, Answer: "Rotate the key every ninety days. [1][2]", Usage: &llm.Usage{PromptTokens: 90, CompletionTokens: 10},
			Citations: []answer.Citation{cited("a", 0, 9, true), cited("b", 0, 9, false)}},
		"spans":   {Answered: true, Mode: answer.Extractive, Answer: "Cells. [1]", Citations: []answer.Citation{cited("a", 10, 20, true), cited("a", 20, 30, true), cited("b", 10, 20, true)}},
		"nothing": {Mode: answer.Extractive, Reason: "no page seems to be about this"},
		"bare":    {Answered: true, Mode: answer.Generated, Answer: "Yes."},
	}
	questions := []evalset.Question{
		{ID: "1", Text: "documents", Relevant: map[string]int{"a": 1}, Reference: "Keys rotate after ninety days"},
		{ID: "2", Text: "spans", Spans: []evalset.Span{{Document: "a", Start: 19, End: 20}}},
		{ID: "3", Text: "nothing", Relevant: map[string]int{"a": 1}, Reference: "Something"},
		{ID: "4", Text: "bare", Relevant: map[string]int{"a": 1}},
	}
	asked := 0
	rep, err := answereval.Evaluate(t.Context(), a, questions, answereval.Options{Progress: func(done, total int) { asked = 10*done + total }})
	if err != nil {
		t.Fatal(err)
	}
	// Rotate, key, ninety and day are shared, of 5 terms each.
	want := eval.Metrics{"answered": 0.75, "citation_precision": 0.4, "quotes_verified": 0.8, "cited": 2.0 / 3, "overlap": 0.4}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if diff := cmp.Diff(want, rep.Metrics, near); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if rep.Questions != 4 || rep.Generated != 2 || rep.Citations != 5 || rep.Tokens != 100 || asked != 44 {
		t.Errorf("report %+v, progress %d", rep, asked)
	}
	if diff := cmp.Diff(eval.Metrics{"citation_precision": 1.0 / 3, "quotes_verified": 1}, rep.Rows[1].Metrics, near); diff != "" {
		t.Errorf("row 2 (-want +got):\n%s", diff)
	}
	if _, err := answereval.Evaluate(t.Context(), a, []evalset.Question{{ID: "9", Text: "?"}}, answereval.Options{}); !errors.Is(err, answer.ErrModel) ||
		!strings.Contains(err.Error(), "question 9") {
		t.Errorf("Evaluate() = %v, want the answerer's error", err)
	}
	a["?"] = &answer.Answer{Mode: answer.Extractive, WrongSettings: true, Warning: "set OPENAI_API_KEY"}
	if _, err := answereval.Evaluate(t.Context(), a, []evalset.Question{{ID: "9", Text: "?"}}, answereval.Options{}); !errors.Is(err, answer.ErrModel) ||
		!strings.Contains(err.Error(), "OPENAI_API_KEY") {
		t.Errorf("Evaluate() of a model with wrong settings = %v, want ErrModel with the fix", err)
	}
	if _, err := answereval.Evaluate(t.Context(), a, nil, answereval.Options{}); err == nil {
		t.Error("Evaluate() of no questions: no error")
	}
}
