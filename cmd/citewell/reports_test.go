package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/retrievetest"
	"github.com/citewell/citewell/server"
)

// nothing is an index that finds nothing.
type nothing struct{}

func (nothing) Retrieve(context.Context, retrieve.Query) (*retrieve.Result, error) {
	return &retrieve.Result{}, nil
}

// TestReports checks what operators see of a log: questions and votes of the index alone,
// within the period.
func TestReports(t *testing.T) {
	t.Parallel()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "s.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	now := time.Now()
	for _, q := range []state.Question{
		{Index: "own", Question: "why", AskedAt: now.Add(-time.Hour), Outcome: state.OutcomeUnanswered, Citations: []state.Citation{{N: 1, URL: "https://e.org/", Quote: "So."}, {N: 2, URL: "https://e.org/"}}},
		{Index: "own", Question: "when", AskedAt: now.Add(-72 * time.Hour), Outcome: state.OutcomeUnanswered},
		{Index: "other", Question: "who", AskedAt: now.Add(-time.Hour), Outcome: state.OutcomeUnanswered},
	} {
		id, err := db.RecordQuestion(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.SetFeedback(t.Context(), state.Feedback{QuestionID: id, Vote: -1, Comment: "no " + q.Question, At: q.AskedAt}); err != nil {
			t.Fatal(err)
		}
	}
	r := reports{db, "own", gaps.Config{Embedder: embed.Constant{}, Retriever: nothing{}}}
	votes, err := reviews{r, &retrievetest.Oracle{}}.Votes(t.Context(), 24*time.Hour)
	want := []server.Vote{{At: now.Add(-time.Hour).UTC().Truncate(time.Microsecond), Vote: -1, Comment: "no why", Question: "why", Cited: []server.Cited{{N: 1, URL: "https://e.org/", Quote: "So."}, {N: 2, URL: "https://e.org/"}}}}
	if diff := cmp.Diff(want, votes, cmp.Transformer("UTC", time.Time.UTC)); diff != "" || err != nil {
		t.Errorf("votes (-want +got):\n%s%v", diff, err)
	}
	for format, want := range map[string]string{server.Markdown: "1 of 1 questions of the last 1d, in 1 groups.\n\n## 1. why\n", server.CSV: "\n1,1,false,false,1,0,0,1,"} {
		var b strings.Builder
		if err := r.WriteGaps(t.Context(), &b, 24*time.Hour, format); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s = %s, %v, want %s", format, &b, err, want)
		}
	}
	if all, err := r.Gaps(t.Context(), 0); err != nil || all.Questions != 2 {
		t.Errorf("gaps of all = %v, %v, want 2 questions", all, err)
	}
	for _, done := range []bool{true, false} {
		if err := r.MarkGap(t.Context(), []string{" WHY"}, done); err != nil {
			t.Fatal(err)
		}
		if found, err := r.Gaps(t.Context(), 24*time.Hour); err != nil || found.Gaps[0].Done != done {
			t.Errorf("a gap that is marked with %v = %+v, %v", done, found, err)
		}
	}
}
