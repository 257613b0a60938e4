package limit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "none": "", "20/minute": "20/minute", "300/day,20 / minute": "20/minute, 300/day", "500k tokens/day": "500000 tokens/day", "2M tokens/day, 1/day": "1/day, 2000000 tokens/day",
		"20": "error", "20/hour": "error", "0/day": "error", "-1/day": "error", "1/day, 2/day": "error", "10 tokens/minute": "error", "20/minute,": "error", "99999999999/day": "error", "999999999M tokens/day": "error",
	} {
		l, err := Parse(text)
		got := l.String()
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", text, got, err, want)
		}
		if again, _ := Parse(l.String()); err == nil && again != l {
			t.Errorf("%q is read as %v", l, again)
		}
	}
}

// world is a limiter with a clock.
type world struct {
	*Limiter
	now time.Time
	db  *state.DB
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 3, 1, 23, 50, 0, 0, time.UTC)}
	var err error
	if w.db, err = state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "s.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	w.Limiter = New(Config{Store: w.db, Now: func() time.Time { return w.now }})
	return w
}

// try reserves, and returns the grant or the message and the time to wait.
func (w *world) try(t *testing.T, units int, tokens int64, of ...Subject) (*Grant, string) {
	t.Helper()
	g, err := w.Reserve(t.Context(), of, units, tokens)
	if err == nil {
		return g, ""
	}
	if !errors.Is(err, problem.TooManyRequests) {
		t.Fatalf("Reserve = %v", err)
	}
	return nil, problem.Of(err).After.String() + ": " + problem.Of(err).Message
}

func subject(kind, limits string) Subject {
	l, err := Parse(limits)
	if err != nil {
		panic(err)
	}
	return Subject{Kind: kind, Name: "x", Limits: l, Kept: kind != "address"}
}

// TestMinute checks requests of a minute, and what a search counts.
func TestMinute(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), subject("address", "2/minute")
	for _, step := range []struct {
		after time.Duration
		units int
		want  string
	}{
		{0, Question, ""},
		{0, Question, ""},
		{0, Question, "30s: the limit of 2 requests a minute for this address is used up"},
		{0, Search, "3s: the limit of 2 requests"},
		{3 * time.Second, Search, ""},
		{0, Search, "3s: "},
		{30 * time.Second, Question, ""},
		{-time.Hour, Question, "30s: "}, // the clock goes back: nothing is given
		{100 * time.Hour, Question, ""}, // a minute never holds more than its limit
		{0, Question, ""},
		{0, Question, "30s: "},
	} {
		w.now = w.now.Add(step.after)
		if _, got := w.try(t, step.units, 0, s); !strings.HasPrefix(got, step.want) || (got == "") != (step.want == "") {
			t.Errorf("at %v: %q, want %q", w.now, got, step.want)
		}
	}
}

// TestDay checks questions and tokens of a day, in memory and in the state.
func TestDay(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"address", "key"} {
		w, s := newWorld(t), subject(kind, "3/day, 1000 tokens/day")
		whom := "this " + kind
		first, got := w.try(t, Question, 600, s)
		if got != "" {
			t.Fatal(got)
		}
		if _, got = w.try(t, Question, 600, s); got != "10m0s: of the limit of 1000 tokens a day for "+whom+", 400 are left, and a question reserves 600" {
			t.Error(got)
		}
		if _, got = w.try(t, Question, 5000, s); got != "10m0s: a question reserves 5000 tokens, and the limit for "+whom+" is 1000 tokens a day" {
			t.Error(got)
		}
		first.Settle(t.Context(), 100)
		second, got := w.try(t, Question, 600, s)
		if got != "" {
			t.Error(got)
		}
		second.Settle(t.Context(), 1200) // more than was reserved: it is counted
		if _, got = w.try(t, Question, 1, s); !strings.Contains(got, "-300 are left") {
			t.Error(got)
		}
		if _, got = w.try(t, Search, 0, s); got != "" {
			t.Errorf("a search is limited by the day: %s", got)
		}

		w.now = w.now.Add(20 * time.Minute) // the next day
		second.Settle(t.Context(), 0)       // a late one changes the day before
		for range 3 {
			if _, got = w.try(t, Question, 10, s); got != "" {
				t.Error(got)
			}
		}
		if _, got = w.try(t, Question, 10, s); !strings.HasPrefix(got, "23h50m0s: the limit of 3 questions a day") {
			t.Error(got)
		}
	}
}

// TestParallel checks that questions at the same time don't pass a limit, and that what
// they settle adds up.
func TestParallel(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"address", "key"} {
		w, s := newWorld(t), subject(kind, "1000 tokens/day")
		var wg sync.WaitGroup
		var granted atomic.Int64
		for range 20 {
			wg.Go(func() {
				if g, err := w.Reserve(t.Context(), []Subject{s}, Question, 200); err == nil {
					granted.Add(1)
					defer g.Settle(t.Context(), 190)
				}
			})
		}
		wg.Wait()
		_, left := w.Headers([]Subject{s}, Search)
		if want := fmt.Sprintf(`r=%d;`, 1000-190*granted.Load()); granted.Load() > 5 || !strings.Contains(left, want) && kind == "address" {
			t.Errorf("%s: %d granted, %s, want %s", kind, granted.Load(), left, want)
		}
		if all, err := w.db.Spent(t.Context(), state.DayOf(w.now)); kind == "key" && (err != nil || all["key:x"].Tokens != 190*granted.Load()) {
			t.Errorf("the state has %v, %v, want %d × 190", all, err, granted.Load())
		}
	}
}

// TestSeveral checks that a request counts for each of its subjects, and for none if one
// refuses.
func TestSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address, all := subject("address", "2/day"), subject("anonymous", "1/day")
	other := address
	other.Name = "y"
	if _, got := w.try(t, Question, 0, address, all); got != "" {
		t.Error(got)
	}
	if _, got := w.try(t, Question, 0, other, all); !strings.Contains(got, "1 questions a day for all callers without a key together") {
		t.Error(got)
	}
	if _, left := w.Headers([]Subject{other}, Search); !strings.Contains(left, `"address-day";r=2;`) {
		t.Errorf("a request that was refused counts: %s", left)
	}
	policy, left := w.Headers([]Subject{subject("address", "20/minute, 2/day"), all, subject("key", "500k tokens/day")}, Question)
	if policy != `"address-minute";q=20;w=60, "address-day";q=2;w=86400, "anonymous-day";q=1;w=86400, "key-tokens";q=500000;qu="tokens";w=86400` ||
		left != `"address-minute";r=19;t=3, "address-day";r=0;t=600, "anonymous-day";r=0;t=600, "key-tokens";r=500000;t=600` {
		t.Errorf("headers = %s and %s", policy, left)
	}
}

// TestManyCallers checks that memory is bounded, and that who calls often is remembered.
func TestManyCallers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	often := subject("address", "1/day")
	often.Name = "often"
	w.try(t, Question, 0, often)
	for i := range 5 * maxMeters {
		s := subject("address", "1/day")
		s.Name = fmt.Sprint(i)
		w.try(t, Question, 0, s)
		if i%1000 == 0 {
			if _, got := w.try(t, Question, 0, often); got == "" {
				t.Fatalf("after %d callers, one that calls often is forgotten", i)
			}
		}
	}
	if n := len(w.young) + len(w.old); n > 2*maxMeters {
		t.Errorf("%d callers are remembered", n)
	}
}

// broken is a store that can't be written, or that waits.
type broken struct {
	err  error
	wait chan struct{}
}

func (b broken) Spend(context.Context, string, int64, state.Spending, state.Spending) (state.Spending, bool, error) {
	if b.wait != nil {
		<-b.wait
	}
	return state.Spending{}, false, b.err
}
func (b broken) Settle(context.Context, string, int64, int64) error { return b.err }

// TestBrokenStore checks that a limit of a day that can't be counted refuses, and that
// other requests go on.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	l := New(Config{Store: broken{err: errors.New("attempt to write a readonly database")}})
	if _, err := l.Reserve(t.Context(), []Subject{subject("key", "5/day")}, Question, 0); !errors.Is(err, problem.StateUnavailable) || strings.Contains(problem.Of(err).Message, "readonly") {
		t.Errorf("a limited key with a broken store = %v", err)
	}
	blocked := make(chan struct{})
	l = New(Config{Store: broken{wait: blocked}})
	g, err := l.Reserve(t.Context(), []Subject{subject("address", "5/day"), subject("key", "5/minute")}, Question, 100)
	if err != nil {
		t.Fatalf("a key without a limit of the day = %v", err)
	}
	g.Settle(t.Context(), 50) // does not wait for the store
	close(blocked)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
