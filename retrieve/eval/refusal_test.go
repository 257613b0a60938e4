package eval_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/eval"
	"github.com/citewell/citewell/retrieve/index"
)

// evidence finds nothing, with so much evidence for each question.
type evidence map[string]float64

func (e evidence) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	v, ok := e[q.Text]
	if !ok {
		return nil, index.ErrUnavailable
	}
	return &retrieve.Result{Evidence: v}, nil
}

func asked(texts ...string) []evalset.Question {
	var out []evalset.Question
	for _, t := range texts {
		out = append(out, evalset.Question{ID: t, Text: t})
	}
	return out
}

func TestRefusal(t *testing.T) {
	e := evidence{"a": 0.9, "b": 0.8, "c": 0.4, "d": 0.95, "w": 0.1, "x": 0.2, "y": 0.4, "z": 0.85}
	rep, err := eval.Refusal(t.Context(), e, asked("a", "b", "c", "d"), asked("w", "x", "y", "z"), eval.RefusalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// 4 + 3 + 2½ + 4 of 16 pairs are in order.
	want := eval.Metrics{"refused": 0.75, "answered": 0.75, "auc": 13.5 / 16}
	if diff := cmp.Diff(want, rep.Metrics); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(eval.Point{MinEvidence: 0.4, Refused: 0.5}, rep.Best); diff != "" {
		t.Errorf("best (-want +got):\n%s", diff)
	}
	if first, last := rep.Curve[0], rep.Curve[len(rep.Curve)-1]; first != (eval.Point{}) || last != (eval.Point{MinEvidence: 1, Refused: 1, FalseRefusals: 1}) {
		t.Errorf("curve from %+v to %+v", first, last)
	}
	if row := rep.Rows[2]; len(rep.Rows) != 8 || row != (eval.RefusalRow{ID: "c", Text: "c", Evidence: 0.4, Refused: true}) || !rep.Rows[4].Absent {
		t.Errorf("rows = %+v", rep.Rows)
	}
	rep, err = eval.Refusal(t.Context(), e, asked("a"), asked("z"), eval.RefusalOptions{MinEvidence: 0.87})
	if err != nil || rep.Now != (eval.Point{MinEvidence: 0.87, Refused: 1}) {
		t.Errorf("Refusal() with a threshold = %+v, %v", rep, err)
	}
}

func TestRefusalErrors(t *testing.T) {
	if _, err := eval.Refusal(t.Context(), evidence{}, asked("a"), nil, eval.RefusalOptions{}); err == nil {
		t.Error("Refusal() without absent questions: no error")
	}
	if _, err := eval.Refusal(t.Context(), evidence{}, asked("a"), asked("b"), eval.RefusalOptions{}); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("Refusal() = %v, want the retriever's error", err)
	}
}
