package journal_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/journal"
	"github.com/citewell/citewell/answer/llm"
	_ "github.com/citewell/citewell/internal/memorytest"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// answers gives an answer, or an error, by the question.
type answers map[string]any

func (a answers) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return a.Stream(ctx, q, nil)
}

func (a answers) Stream(_ context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	if err, ok := a[q.Text].(error); ok {
		return nil, err
	}
	ans := a[q.Text].(answer.Answer)
	if on != nil {
		return &ans, on(answer.Event{Delta: ans.Answer})
	}
	return &ans, nil
}

var known = answers{
	"how?": answer.Answer{
		Answer: "So. [1]", Answered: true, Mode: answer.Generated, Grounded: true, Verified: 1, Total: 1, Evidence: 0.75, Model: "o1", Standalone: "how is it?",
		Found:     []retrieve.Hit{{Chunk: index.Chunk{ID: "aa", URL: "https://e.example/", Title: "T", Section: "S"}, Score: 0.5, Dense: 0.4, Sparse: 9, Fused: 0.5}},
		Citations: []answer.Citation{{N: 1, URL: "https://e.example/", ChunkID: "aa", ContentHash: "cc", Quote: "It is so.", Verified: true}},
		Timings:   answer.Timings{RetrievalMS: 2, ModelMS: 3, TotalMS: 5},
		Usage:     &llm.Usage{PromptTokens: 900, CachedTokens: 100, CompletionTokens: 50, ReasoningTokens: 20, Calls: 1},
		Cost:      &answer.Cost{Amount: 0.25, Currency: "EUR"},
	},
	"why?":   answer.Answer{Mode: answer.Extractive, Reason: "no page is near"},
	"down?":  index.ErrUnavailable,
	"gone?":  context.Canceled,
	"empty?": retrieve.ErrQuery,
	"busy?":  problem.Overloaded,
}

type idKey struct{}

// with returns a context of a request with an id.
func with(t *testing.T, id string) context.Context {
	return context.WithValue(t.Context(), idKey{}, id)
}

var asked = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// open opens a journal whose clock advances by a tick at each reading.
func open(t *testing.T, tick time.Duration, db journal.State, log *bytes.Buffer) *journal.Journal {
	t.Helper()
	c := journal.Config{Answerer: known, State: db, Index: "docs"}
	c.RequestID = func(ctx context.Context) string { id, _ := ctx.Value(idKey{}).(string); return id }
	now := asked
	c.Now = func() time.Time {
		now = now.Add(tick)
		return now
	}
	if log != nil {
		c.Log = slog.New(slog.NewTextHandler(log, nil))
	}
	j, err := journal.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func openState(t *testing.T) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "state.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestRecords checks what is logged for each outcome, with and without a stream.
func TestRecords(t *testing.T) {
	db := openState(t)
	j := open(t, 0, db, nil)
	filter := retrieve.Filter{Source: "manual", URLPrefix: "https://e.example/", Lang: "en"}
	ans, err := j.Stream(with(t, "r1"), answer.Question{Text: "how?", Filter: filter}, func(answer.Event) error { return nil })
	if err != nil || ans.RequestID != "r1" {
		t.Fatalf("Stream = %+v, %v, want the request's own id", ans, err)
	}
	ans, err = j.Answer(t.Context(), answer.Question{Text: "why?"})
	if err != nil || len(ans.RequestID) != 36 {
		t.Fatalf("Answer = %+v, %v, want an id that was made", ans, err)
	}
	for question, want := range map[string]error{"down?": index.ErrUnavailable, "gone?": context.Canceled, "empty?": retrieve.ErrQuery, "busy?": problem.Overloaded} {
		if _, err := j.Answer(with(t, question), answer.Question{Text: question}); !errors.Is(err, want) {
			t.Errorf("Answer(%s) = %v, want %v", question, err, want)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	rows := map[string]state.Question{}
	all, err := db.Questions(t.Context(), state.QuestionFilter{Index: "docs"})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		rows[q.Question] = q
	}
	took := map[string]float64{"total_ms": 0}
	want := map[string]state.Question{
		"how?": {
			RequestID: "r1", Index: "docs", Question: "how?", Standalone: "how is it?", Source: "manual", URLPrefix: "https://e.example/", Lang: "en", AskedAt: asked, Outcome: state.OutcomeAnswered, Mode: "generated",
			Answered: true, Grounded: true, Verified: 1, Total: 1, Evidence: 0.75,
			Scores:    []state.Score{{ChunkID: "aa", URL: "https://e.example/", Title: "T", Section: "S", Score: 0.5, Dense: 0.4, Sparse: 9, Fused: 0.5}},
			Citations: []state.Citation{{N: 1, URL: "https://e.example/", ChunkID: "aa", ContentHash: "cc", Quote: "It is so.", Verified: true}},
			Timings:   map[string]float64{"retrieval_ms": 2, "model_ms": 3, "total_ms": 5},
			Tokens:    map[string]int{"prompt_tokens": 900, "cached_tokens": 100, "completion_tokens": 50, "reasoning_tokens": 20, "calls": 1},
			Cost:      0.25, Currency: "EUR", Model: "o1",
		},
		"why?":  {RequestID: ans.RequestID, Index: "docs", Question: "why?", AskedAt: asked, Outcome: state.OutcomeUnanswered, Mode: "extractive", Reason: "no page is near", Timings: map[string]float64{"retrieval_ms": 0, "model_ms": 0, "total_ms": 0}},
		"down?": {RequestID: "down?", Index: "docs", Question: "down?", AskedAt: asked, Outcome: state.OutcomeFailed, Reason: "store_unavailable", Timings: took},
		"gone?": {RequestID: "gone?", Index: "docs", Question: "gone?", AskedAt: asked, Outcome: state.OutcomeCanceled, Timings: took},
	}
	if diff := cmp.Diff(want, rows, cmpopts.IgnoreFields(state.Question{}, "ID")); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

// TestVote checks that a vote before the question is written is kept.
func TestVote(t *testing.T) {
	db := openState(t)
	j := open(t, time.Second, db, nil)
	for _, id := range []string{"r1", "r2", "r1"} {
		if _, err := j.Answer(with(t, id), answer.Question{Text: "how?"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, vote := range []int{1, -1} {
		if err := j.Vote(t.Context(), "r1", vote, "a comment"); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"r3", ""} {
		if err := j.Vote(t.Context(), id, 1, ""); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("Vote(%q) = %v, want ErrNotFound", id, err)
		}
	}
	got, err := db.Questions(t.Context(), state.QuestionFilter{})
	if err != nil || len(got) != 3 {
		t.Fatalf("%d questions, %v", len(got), err)
	}
	for i, want := range []string{"r1 0 1", "r2 0 0", "r1 0 0"} { // the newest of the id, and the last word
		if s := strings.Join([]string{got[i].RequestID, string(rune('0' + got[i].Up)), string(rune('0' + got[i].Down))}, " "); s != want {
			t.Errorf("question %d = %s, want %s", i, s, want)
		}
	}
}

// locked is a state that can't be written until it is opened.
type locked struct {
	journal.State
	open chan bool
}

func (l locked) RecordQuestion(ctx context.Context, _ state.Question) (string, error) {
	select {
	case ok := <-l.open:
		if ok {
			return "id", nil
		}
		return "", errors.New("disk full")
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// TestNeverWaits checks that answers arrive while nothing can be written, and that
// one message reports this.
func TestNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := locked{open: make(chan bool)}
		j := open(t, 0, l, &log)
		ask := func(n int) {
			for range n {
				if _, err := j.Answer(t.Context(), answer.Question{Text: "how?"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		start := time.Now()
		ask(1000)
		if d := time.Since(start); d != 0 {
			t.Errorf("a thousand answers waited %v", d)
		}
		for range 3 {
			l.open <- false
		}
		synctest.Wait()
		if got := strings.Count(log.String(), "level="); got != 1 || !strings.Contains(log.String(), "can't be logged") {
			t.Errorf("log:\n%s\nwant one line", &log)
		}
		l.open <- true
		synctest.Wait()
		if !strings.Contains(log.String(), `"questions are logged again" lost=`) {
			t.Errorf("log:\n%s\nlacks that it works again", &log)
		}
		start = time.Now()
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("Close took %v, want 5 s", d)
		}
		ask(1) // one that the shutdown did not wait for
	})
}

func TestNewRefuses(t *testing.T) {
	if _, err := journal.New(journal.Config{Answerer: known}); err == nil {
		t.Error("New takes no state")
	}
}
