package state_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/citewell/citewell/internal/state"
)

func TestQuestion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		want := state.Question{
			ID: "0196b6a0-1111-7000-8000-000000000001", RequestID: "r-1", AskedAt: *clock(), Index: "docs", Question: "how\x00 fast\xff? ü", Standalone: "how fast is it?", Source: "manual", URLPrefix: "https://e.example/", Lang: "en",
			Outcome: "answered", Mode: "generated", Reason: "", Answered: true, Grounded: true, Verified: 1, Total: 2,
			Scores: []state.Score{{ChunkID: "aa", URL: "https://e.example/", Title: "T", Section: "S", Score: 0.75, Dense: 0.5, Sparse: 12.25, Fused: 0.75}}, Evidence: 0.875,
			Citations: []state.Citation{{N: 1, URL: "https://e.example/", ChunkID: "aa", ContentHash: "bb", Quote: "It's \"fast\".", Verified: true}},
			Timings:   map[string]float64{"total_ms": 12.5}, Tokens: map[string]int{"prompt_tokens": 900}, Cost: 0.0125, Currency: "EUR", Model: "o1",
		}
		id, err := d.RecordQuestion(t.Context(), want)
		if err != nil || id != want.ID {
			t.Fatalf("RecordQuestion = %s, %v", id, err)
		}
		got, err := d.Question(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		want.Question = "how\uFFFD fast\uFFFD? ü" // what PostgreSQL can't store
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Question (-want +got):\n%s", diff)
		}
		if _, err := d.Question(t.Context(), "none"); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("Question of no id = %v, want ErrNotFound", err)
		}
		for _, bad := range []state.Question{{ID: "1"}, {ID: id}} {
			if _, err := d.RecordQuestion(t.Context(), bad); err == nil {
				t.Errorf("RecordQuestion of the id %q succeeds", bad.ID)
			}
		}
	})
}

// ask records n questions a minute apart, and returns their ids.
func ask(t *testing.T, d *state.DB, n int) (ids []string) {
	t.Helper()
	for i := range n {
		id, err := d.RecordQuestion(t.Context(), state.Question{Question: fmt.Sprint(i), AskedAt: clock().Add(time.Duration(i) * time.Minute), RequestID: fmt.Sprint("r", i%2)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestListQuestions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		ids := ask(t, d, 5)
		minute := func(n int) time.Time { return clock().Add(time.Duration(n) * time.Minute) }
		for _, tt := range []struct {
			name   string
			filter state.QuestionFilter
			want   string
		}{
			{"all", state.QuestionFilter{}, "43210"},
			{"from", state.QuestionFilter{From: minute(3)}, "43"},
			{"to", state.QuestionFilter{To: minute(2)}, "10"},
			{"between", state.QuestionFilter{From: minute(1), To: minute(3)}, "21"},
			{"page", state.QuestionFilter{Limit: 2}, "43"},
			{"next page", state.QuestionFilter{Limit: 2, After: ids[3]}, "21"},
			{"request", state.QuestionFilter{RequestID: "r1"}, "31"},
			{"index", state.QuestionFilter{Index: "other"}, ""},
		} {
			questions, err := d.Questions(t.Context(), tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, q := range questions {
				got += q.Question
			}
			if got != tt.want {
				t.Errorf("Questions, %s = %s, want %s", tt.name, got, tt.want)
			}
		}
	})
}

func TestFeedback(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn}, now)
		ids := ask(t, d, 2)
		for i, vote := range []int{-1, 1, -1, 0} {
			*now = now.Add(time.Minute)
			if _, err := d.AddFeedback(t.Context(), state.Feedback{QuestionID: ids[0], Vote: vote, Comment: fmt.Sprint("c", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.AddFeedback(t.Context(), state.Feedback{QuestionID: "none", Vote: 1}); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("AddFeedback to no question = %v, want ErrNotFound", err)
		}
		if _, err := d.AddFeedback(t.Context(), state.Feedback{QuestionID: ids[0], Vote: 5}); err == nil {
			t.Error("a vote of 5 is taken")
		}
		if q, err := d.Question(t.Context(), ids[0]); err != nil || q.Up != 1 || q.Down != 2 {
			t.Errorf("votes = %d up, %d down, %v, want 1 and 2", q.Up, q.Down, err)
		}
		got, err := d.Feedback(t.Context(), state.FeedbackFilter{QuestionID: ids[0], To: *now, Limit: 2})
		want := []state.Feedback{
			{QuestionID: ids[0], Vote: -1, Comment: "c2", At: clock().Add(3 * time.Minute)},
			{QuestionID: ids[0], Vote: 1, Comment: "c1", At: clock().Add(2 * time.Minute)},
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(state.Feedback{}, "ID")); diff != "" || err != nil {
			t.Fatalf("Feedback: %v (-want +got):\n%s", err, diff)
		}
		if got, err := d.Feedback(t.Context(), state.FeedbackFilter{After: got[1].ID, From: *clock()}); err != nil || len(got) != 1 || got[0].Comment != "c0" {
			t.Errorf("the next page = %+v, %v", got, err)
		}
		if got, err := d.Feedback(t.Context(), state.FeedbackFilter{QuestionID: ids[1]}); err != nil || len(got) != 0 {
			t.Errorf("of the other question = %+v, %v", got, err)
		}
	})
}

// TestSetFeedback checks that only the last word counts.
func TestSetFeedback(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		ids := ask(t, d, 2)
		for _, f := range []state.Feedback{{QuestionID: ids[0], Vote: 1}, {QuestionID: ids[1], Vote: 1}, {QuestionID: ids[0], Vote: -1, Comment: "no"}} {
			if _, err := d.SetFeedback(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		got, err := d.Questions(t.Context(), state.QuestionFilter{})
		if err != nil || got[1].Up != 0 || got[1].Down != 1 || got[0].Up != 1 || got[0].Down != 0 {
			t.Errorf("votes = %+v, %v, want one against the first and one for the second", got, err)
		}
		if _, err := d.SetFeedback(t.Context(), state.Feedback{QuestionID: "none", Vote: 1}); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("SetFeedback to no question = %v, want ErrNotFound", err)
		}
		if _, err := d.SetFeedback(t.Context(), state.Feedback{QuestionID: ids[1], Vote: 2}); err == nil {
			t.Error("a vote of 2 is taken")
		} else if q, err := d.Question(t.Context(), ids[1]); err != nil || q.Up != 1 {
			t.Errorf("a vote that is refused leaves %+v, %v", q, err)
		}
	})
}

func TestRedact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		for _, tt := range []struct {
			redact state.Redaction
			want   string
		}{
			{state.Full, "my name is Ada"},
			{state.Hash, "sha256:2e757924b39e1649"},
			{state.Omit, ""},
		} {
			d := open(t, state.Config{DSN: dsn, Redact: tt.redact}, nil)
			const words = "my name is Ada"
			id, err := d.RecordQuestion(t.Context(), state.Question{Question: words, Standalone: words})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.AddFeedback(t.Context(), state.Feedback{QuestionID: id, Comment: words}); err != nil {
				t.Fatal(err)
			}
			q, err := d.Question(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			f, err := d.Feedback(t.Context(), state.FeedbackFilter{QuestionID: id})
			if err != nil || len(f) != 1 {
				t.Fatalf("Feedback = %+v, %v", f, err)
			}
			for _, got := range []string{q.Question, q.Standalone, f[0].Comment} {
				if tt.redact == state.Hash && len(got) == len("sha256:")+64 {
					got = got[:len(tt.want)]
				}
				if got != tt.want {
					t.Errorf("with %q, %q is stored, want %q", tt.redact, got, tt.want)
				}
			}
		}
	})
}

// TestKeep checks that recording deletes what is too old, with its feedback.
func TestKeep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn, Keep: 24 * time.Hour}, now)
		ids := ask(t, d, 1)
		if _, err := d.AddFeedback(t.Context(), state.Feedback{QuestionID: ids[0], Vote: 1}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			later time.Duration
			kept  bool
		}{{23 * time.Hour, true}, {70 * time.Minute, false}} {
			*now = now.Add(tt.later)
			if _, err := d.RecordQuestion(t.Context(), state.Question{Question: "new"}); err != nil {
				t.Fatal(err)
			}
			_, err := d.Question(t.Context(), ids[0])
			if errors.Is(err, state.ErrNotFound) == tt.kept {
				t.Errorf("after %v: %v, want it kept %t", tt.later, err, tt.kept)
			}
		}
		if f, err := d.Feedback(t.Context(), state.FeedbackFilter{}); err != nil || len(f) != 0 {
			t.Errorf("its feedback is %+v, %v", f, err)
		}
		if err := d.MarkGaps(t.Context(), "docs", []string{"a"}, true); err != nil {
			t.Fatal(err)
		}
		if n, err := d.Prune(t.Context(), now.Add(time.Second)); n != 2 || err != nil {
			t.Errorf("Prune = %d, %v, want 2", n, err)
		}
		if marks, err := d.GapMarks(t.Context(), "docs"); err != nil || len(marks) > 0 {
			t.Errorf("the marks of gaps that are gone = %v, %v", marks, err)
		}
	})
}

func BenchmarkRecordQuestion(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			d, err := state.Open(b.Context(), state.Config{DSN: e.dsn(b)})
			if err != nil {
				b.Fatal(err)
			}
			q := state.Question{Question: strings.Repeat("why ", 20), Citations: make([]state.Citation, 5)}
			for b.Loop() {
				if _, err := d.RecordQuestion(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
			if err := d.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
