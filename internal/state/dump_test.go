package state_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/state"
)

// TestDump copies a state from each database to each, and compares all lists.
func TestDump(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		from := open(t, state.Config{DSN: dsn}, nil)
		add(t, from, "")
		id, err := from.RecordQuestion(t.Context(), state.Question{RequestID: "r", Question: "Wie geht's \"dir\"?\n", Index: "docs", AskedAt: time.Now(), Answered: true, Evidence: 0.25})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := from.AddFeedback(t.Context(), state.Feedback{QuestionID: id, Vote: 1, Comment: "ja"}); err != nil {
			t.Fatal(err)
		}
		secret, err := from.AddKey(t.Context(), state.Key{Name: "wiki", Scopes: []string{state.ScopeAsk}}, "me")
		if err != nil {
			t.Fatal(err)
		}
		if err := from.MarkGaps(t.Context(), "docs", []string{"a", "b"}, true); err != nil {
			t.Fatal(err)
		}
		if err := from.MarkGaps(t.Context(), "docs", []string{"a", "c"}, false); err != nil {
			t.Fatal(err)
		}
		var dump bytes.Buffer
		n, err := from.Dump(t.Context(), &dump)
		if err != nil || n != 6 {
			t.Fatalf("Dump() = %d, %v, want 6 rows: a job, a question, feedback, a key, an action, a mark", n, err)
		}
		each(t, func(t *testing.T, dsn string) {
			to := open(t, state.Config{DSN: dsn}, nil)
			if n, err := to.Load(t.Context(), bytes.NewReader(dump.Bytes()), state.Load{}); err != nil || n != 6 {
				t.Fatalf("Load() = %d, %v", n, err)
			}
			if diff := cmp.Diff(everything(t, from), everything(t, to)); diff != "" {
				t.Errorf("the copy differs (-from +to):\n%s", diff)
			}
			keys, err := to.Keys(t.Context())
			if err != nil || len(keys) != 1 || !keys[0].Opens(secret) {
				t.Errorf("the copy has the keys %v, %v", keys, err)
			}
			if _, err := to.Load(t.Context(), bytes.NewReader(dump.Bytes()), state.Load{}); !errors.Is(err, state.ErrNotEmpty) {
				t.Errorf("Load() into a state with rows = %v", err)
			}
			add(t, to, "")
			// What can't be loaded whole changes nothing.
			broken := dump.String() + `{"table":"jobs","row":{"no_such_column":1}}`
			before := everything(t, to)
			if _, err := to.Load(t.Context(), strings.NewReader(broken), state.Load{Replace: true}); err == nil {
				t.Error("Load() of an unknown column = nil")
			}
			if diff := cmp.Diff(before, everything(t, to)); diff != "" {
				t.Errorf("a failed Load changed (-before +after):\n%s", diff)
			}
			if _, err := to.Load(t.Context(), bytes.NewReader(dump.Bytes()), state.Load{Replace: true}); err != nil {
				t.Errorf("Load() that replaces = %v", err)
			}
			if diff := cmp.Diff(everything(t, from), everything(t, to)); diff != "" {
				t.Errorf("the second copy differs (-from +to):\n%s", diff)
			}
		})
	})
}

// TestLoadOlder loads a dump of an older version: its rows become those of this one.
func TestLoadOlder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		old := `{"version":2}
{"table":"jobs","row":{"id":"1","index_name":"docs","configured":"","state":"done","canceling":false,"attempts":1,"created":1,"started":1,"finished":1,"owner":"","heartbeat":1,"request":"{\"targets\":[\"https://e.example/\"],\"max_depth\":-1}","progress":"","report":"","error":""}}
`
		if _, err := d.Load(t.Context(), strings.NewReader(old), state.Load{From: "docs", To: "manual"}); err != nil {
			t.Fatal(err)
		}
		jobs, err := d.Jobs(t.Context(), state.JobFilter{Index: "manual"})
		if err != nil || len(jobs) != 1 || !strings.Contains(string(jobs[0].Request), `"max_depth":0`) {
			t.Errorf("Jobs() = %+v, %v, want one with the depth 0", jobs, err)
		}
		if _, err := d.AddKey(t.Context(), state.Key{Name: "wiki", Scopes: []string{state.ScopeAsk}}, "me"); err != nil {
			t.Errorf("AddKey() after it = %v", err)
		}
		if _, err := d.Load(t.Context(), strings.NewReader(`{"version":99}`), state.Load{Replace: true}); err == nil || !strings.Contains(err.Error(), "newer Citewell") {
			t.Errorf("Load() of a newer dump = %v", err)
		}
	})
}

// everything returns what lists of a state show.
func everything(t *testing.T, d *state.DB) string {
	t.Helper()
	jobs, err1 := d.Jobs(t.Context(), state.JobFilter{Index: "docs"})
	questions, err2 := d.Questions(t.Context(), state.QuestionFilter{})
	keys, err3 := d.Keys(t.Context())
	actions, err4 := d.Actions(t.Context(), "", 0)
	feedback, err5 := d.Feedback(t.Context(), state.FeedbackFilter{})
	marks, err6 := d.GapMarks(t.Context(), "docs")
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent([]any{jobs, questions, keys, actions, feedback, marks}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
