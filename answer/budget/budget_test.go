package budget_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/budget"
	"github.com/citewell/citewell/answer/llm"
	_ "github.com/citewell/citewell/internal/memorytest"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "none": "", "5 EUR/hour, 50.5 EUR / day,2M tokens/day": "5 EUR/hour, 50.5 EUR/day, 2000000 tokens/day", "0.25 USD/hour": "0.25 USD/hour",
		"5": "error", "5 EUR": "error", "5 eur/day": "error", "5 EUR/minute": "error", "0 EUR/day": "error", "-1 EUR/day": "error", "0.1 tokens/day": "error",
		"5 EUR/day, 6 EUR/day": "error", "5 EUR/day, 6 USD/hour": "error", "999999999M tokens/day": "999999999000000 tokens/day", "999999999M EUR/day": "error", "5 EUR/day,": "error",
	} {
		all, err := budget.Parse(text)
		var parts []string
		for _, l := range all {
			parts = append(parts, l.String())
		}
		got := strings.Join(parts, ", ")
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
}

// world is a budget with a clock.
type world struct {
	*budget.Budget
	ask   budget.Complete
	now   time.Time
	log   bytes.Buffer
	asked int
	takes llm.Usage // of each call
	err   error     // of each call
}

var prices = answer.Prices{Currency: "EUR", Models: map[string]answer.Price{"o1": {Input: 10, Output: 100}}}

func newWorld(t *testing.T, limits string, p answer.Prices) (*world, error) {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "s.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	m, err := llm.New(llm.Config{Provider: "openai", Model: "o1", APIKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := budget.Parse(limits)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{now: time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC), takes: llm.Usage{PromptTokens: 1000, CompletionTokens: 1000, Calls: 1}}
	w.Budget, err = budget.New(budget.Config{Limits: all, Store: db, Model: m, Prices: p, Log: slog.New(slog.NewTextHandler(&w.log, nil)), Now: func() time.Time { return w.now }})
	if err != nil {
		return nil, err
	}
	w.ask = w.Around(func(context.Context, llm.Request) (llm.Response, error) {
		w.asked++
		return llm.Response{Text: "A key opens a door. [1]", Model: "o1", FinishReason: "stop", Usage: w.takes}, w.err
	})
	return w, nil
}

// TestHours uses up the budget of an hour, then that of a day. Each call reserves 4500
// tokens and takes 2000.
func TestHours(t *testing.T) {
	t.Parallel()
	w, err := newWorld(t, "10k tokens/hour, 24k tokens/day", answer.Prices{})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		calls int
		want  int    // calls that are asked
		over  string // of the message after that
	}{
		{0, 10, 3, "for the hour is used up"}, // 3 × 2000, and 4000 are less than a call reserves
		{29 * time.Minute, 1, 0, "for the hour is used up"},
		{2 * time.Minute, 10, 3, "for the hour is used up"},  // 23:01
		{59 * time.Minute, 10, 3, "for the hour is used up"}, // the next day
		{time.Hour, 10, 3, "for the hour is used up"},
		{time.Hour, 10, 3, "for the hour is used up"},
		{time.Hour, 10, 1, "for the day is used up"}, // 4500 are not left of 24,000 after 20,000
	} {
		w.now, w.asked = w.now.Add(step.after), 0
		var last error
		for range step.calls {
			_, last = w.ask(t.Context(), llm.Request{})
		}
		p := problem.Of(last)
		if w.asked != step.want || p.Code != problem.ModelUnavailable.Code || !strings.Contains(p.Message, step.over) || p.After <= 0 || p.After > 24*time.Hour {
			t.Errorf("at %v: %d calls, want %d; then %+v", w.now, w.asked, step.want, p)
		}
	}
	used, err := w.Used(t.Context())
	if err != nil || used["10000 tokens/hour"] != 0.2 || used["24000 tokens/day"] < 0.8 {
		t.Errorf("Used() = %v, %v", used, err)
	}
	if n := strings.Count(w.log.String(), "used up"); n != 6 || strings.Count(w.log.String(), "four fifths") > 7 {
		t.Errorf("the log tells %d times that a budget is used up, want 6:\n%s", n, &w.log)
	}
}

// TestSettle checks what is counted of a call, by tokens and by money.
func TestSettle(t *testing.T) {
	t.Parallel()
	reserved, money := 4500.0, (500*10+4000*100)/1e6
	for _, tt := range []struct {
		name          string
		takes         llm.Usage
		err           error
		tokens, money float64
	}{
		{"reported", llm.Usage{PromptTokens: 1000, CompletionTokens: 9000, Calls: 1}, nil, 10_000, 0.91},
		{"failed", llm.Usage{}, errors.New("down"), 0, 0},
		{"failed, but paid for", llm.Usage{PromptTokens: 1000, Calls: 1}, llm.ErrNoText, 1000, 0.01},
		{"not reported", llm.Usage{Calls: 1, Unknown: true}, nil, reserved, money},
		{"ended", llm.Usage{}, context.Canceled, reserved, money},
	} {
		w, err := newWorld(t, "100k tokens/day, 10 EUR/day", prices)
		if err != nil {
			t.Fatal(err)
		}
		w.takes, w.err = tt.takes, tt.err
		if _, err := w.ask(t.Context(), llm.Request{}); !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", tt.name, err)
		}
		used, err := w.Used(t.Context())
		near := func(got, want float64) bool { return got > want-1e-6 && got < want+1e-6 }
		if err != nil || !near(used["100000 tokens/day"]*100_000, tt.tokens) || !near(used["10 EUR/day"]*10, tt.money) {
			t.Errorf("%s: %v used, %v; want %v tokens and %v EUR", tt.name, used, err, tt.tokens, tt.money)
		}
	}
}

// TestTooLong checks that a call that would take more than the whole budget is told so, and
// that nobody is told that the budget is used up.
func TestTooLong(t *testing.T) {
	t.Parallel()
	w, err := newWorld(t, "10k tokens/hour", answer.Prices{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ask(t.Context(), llm.Request{Messages: llm.User(strings.Repeat("long ", 20_000))})
	if p := problem.Of(err); p.Code != problem.ModelUnavailable.Code || !strings.Contains(p.Message, "takes more than the whole budget") || strings.Contains(p.Fix, "try again") || w.log.Len() > 0 {
		t.Errorf("a long call = %+v, and the log tells %q", p, &w.log)
	}
	if _, err := w.ask(t.Context(), llm.Request{}); err != nil || w.asked != 1 {
		t.Errorf("a usual call after it = %v", err)
	}
}

// leaving is the store of a caller who goes away before its second call.
type leaving struct {
	budget.Store
	calls  int
	cancel context.CancelFunc
}

func (l *leaving) Spend(ctx context.Context, subject string, day int64, add, most state.Spending) (state.Spending, bool, error) {
	if l.calls++; l.calls == 2 {
		l.cancel()
	}
	return l.Store.Spend(ctx, subject, day, add, most)
}

// TestGoneWhileReserving checks that a call reserves nothing whose caller goes away between
// the limits.
func TestGoneWhileReserving(t *testing.T) {
	t.Parallel()
	w, err := newWorld(t, "100k tokens/hour, 100k tokens/day", answer.Prices{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := w.Config
	c.Store = &leaving{Store: c.Store, cancel: cancel}
	b, err := budget.New(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Around(func(context.Context, llm.Request) (llm.Response, error) {
		t.Error("the model was asked")
		return llm.Response{}, nil
	})(ctx, llm.Request{})
	used, usedErr := w.Used(t.Context())
	if err == nil || usedErr != nil || used["100000 tokens/hour"] != 0 || used["100000 tokens/day"] != 0 {
		t.Errorf("a call whose caller has gone = %v, and %v is used, %v; want an error, and nothing", err, used, usedErr)
	}
}

// TestNew checks budgets that can't be counted.
func TestNew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		limits string
		prices answer.Prices
		want   string // in the error
	}{
		{"5 EUR/day", answer.Prices{}, "needs the price of the model o1"},
		{"5 USD/day", prices, "the prices are in EUR"},
		{"0.1 EUR/hour", prices, "less than one question"},
		{"1k tokens/day", prices, "less than one question"},
	} {
		if _, err := newWorld(t, tt.limits, tt.prices); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%s) = %v, want %q", tt.limits, err, tt.want)
		}
	}
}

// TestParallel asks many at once: what is reserved never passes the limit.
func TestParallel(t *testing.T) {
	t.Parallel()
	w, err := newWorld(t, "20k tokens/hour", answer.Prices{})
	if err != nil {
		t.Fatal(err)
	}
	var inside, most atomic.Int64
	ask := w.Around(func(context.Context, llm.Request) (llm.Response, error) {
		if n := inside.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(time.Millisecond)
		inside.Add(-1)
		return llm.Response{Usage: llm.Usage{PromptTokens: 1000, CompletionTokens: 3500, Calls: 1}}, nil
	})
	var wg sync.WaitGroup
	var done atomic.Int64
	for range 20 {
		wg.Go(func() {
			if _, err := ask(t.Context(), llm.Request{}); err == nil {
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if done.Load() != 4 || most.Load() > 4 {
		t.Errorf("%d calls were made, %d at once; the limit has room for 4", done.Load(), most.Load())
	}
}

// TestAnswer checks that answers are sentences of the pages once the budget is used up, and
// say why.
func TestAnswer(t *testing.T) {
	t.Parallel()
	w, err := newWorld(t, "5k tokens/hour", answer.Prices{})
	if err != nil {
		t.Fatal(err)
	}
	hits := []retrieve.Hit{{Chunk: index.Chunk{ID: "aa", URL: "https://e.example/", Text: "A key opens a door.", ContentHash: "cc"}, Score: 1}}
	for _, required := range []bool{false, true} {
		a, err := answer.New(answer.Config{Retriever: answertest.Retriever(hits), Model: model{w}, RequireModel: required, Log: slog.New(slog.NewTextHandler(&w.log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []answer.Mode{answer.Generated, answer.Extractive} {
			if required { // the budget is used up
				if _, err := a.Answer(t.Context(), answer.Question{Text: "What does a key open?"}); problem.Of(err).Code != problem.ModelUnavailable.Code || problem.Of(err).After == 0 {
					t.Errorf("with a required model: %v", err)
				}
				continue
			}
			got, err := a.Answer(t.Context(), answer.Question{Text: "What does a key open?"})
			if err != nil || got.Mode != want || !got.Answered || (i == 1) != strings.HasPrefix(got.Warning, "the model is not asked: the budget of this server for the hour is used up") {
				t.Errorf("answer %d = %+v, %v, want %s", i, got, err, want)
			}
		}
	}
	if strings.Contains(w.log.String(), "the model failed") {
		t.Errorf("the log tells of each question:\n%s", &w.log)
	}
}

// model is a model within a budget.
type model struct{ *world }

func (m model) Complete(ctx context.Context, r llm.Request) (llm.Response, error) {
	return m.ask(ctx, r)
}
