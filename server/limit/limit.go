package limit

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
)

// What a request counts, in tenths of a request.
const (
	Question = 10
	Search   = 1
)

const (
	maxMeters    = 10_000          // callers that are remembered, twice at most
	storeTimeout = 5 * time.Second // of one call of the store, which another process may have locked
)

// A Subject is who is limited.
type Subject struct {
	Kind   string // "key", "address", "anonymous" or "signin"
	Name   string // unique within the kind
	Limits Limits
	Kept   bool // days are counted in the store
}

func (s Subject) id() string { return s.Kind + ":" + s.Name }

// whom names a subject in messages.
func (s Subject) whom() string {
	return map[string]string{"key": "this key", "address": "this address", "anonymous": "all callers without a key together", "signin": "signing in from this address"}[s.Kind]
}

// A Store keeps what was used on a day. [state.DB] implements it.
type Store interface {
	Spend(ctx context.Context, subject string, day int64, add, most state.Spending) (used state.Spending, ok bool, err error)
	Settle(ctx context.Context, subject string, day, tokens int64) error
}

// A Config configures a [Limiter].
type Config struct {
	Store Store            // of the days of subjects that are kept; nil means that none is
	Log   *slog.Logger     // nil discards all
	Now   func() time.Time // nil means time.Now
}

// A Limiter counts what subjects use. It is safe for concurrent use.
type Limiter struct {
	store Store
	log   *slog.Logger
	now   func() time.Time

	recording sync.WaitGroup // what is recorded of subjects without limits of a day

	mu         sync.Mutex
	young, old map[string]*meter // when young is full it becomes old, and what was old is forgotten
}

// A meter counts for one subject.
type meter struct {
	limits Limits
	minute *rate.Limiter  // in tenths of a request; nil without such a limit
	day    int64          // of used
	used   state.Spending // on that day; for a kept subject, what the store said last
}

// New returns a limiter.
func New(c Config) *Limiter {
	l := &Limiter{store: c.Store, log: cmp.Or(c.Log, slog.New(slog.DiscardHandler)), now: c.Now, young: map[string]*meter{}}
	if l.now == nil {
		l.now = time.Now
	}
	return l
}

// meter returns the meter of a subject. The caller has locked l.
func (l *Limiter) meter(s Subject, day int64) *meter {
	id := s.id()
	m := l.young[id]
	if m == nil {
		m = l.old[id]
		if len(l.young) >= maxMeters {
			l.young, l.old = map[string]*meter{}, l.young
		}
		if m == nil {
			m = &meter{}
		}
		l.young[id] = m
	}
	if m.limits != s.Limits {
		m.limits, m.minute = s.Limits, nil
	}
	if m.minute == nil && s.Limits.PerMinute > 0 {
		m.minute = rate.NewLimiter(rate.Limit(s.Limits.PerMinute*Question)/60, int(s.Limits.PerMinute*Question))
	}
	if m.day != day {
		m.day, m.used = day, state.Spending{}
	}
	return m
}

// A Grant is what was reserved for a request.
type Grant struct {
	limiter *Limiter
	day     int64
	tokens  int64
	from    []Subject // where tokens were reserved
	free    []Subject // that have no limit of a day: what they use is recorded afterwards
}

// Reserve reserves a request of subjects, [Question] or [Search], and for a question the
// tokens that it usually takes. The error is a [problem.TooManyRequests] if a limit is
// used up, and [problem.StateUnavailable] if a day is limited and can't be counted. The
// subjects that are kept come last.
func (l *Limiter) Reserve(ctx context.Context, subjects []Subject, units int, tokens int64) (*Grant, error) {
	g := &Grant{limiter: l, day: state.DayOf(l.now()), tokens: tokens}
	for _, s := range subjects {
		err := l.takeMinute(s, g.day, units)
		if err == nil && units == Question {
			err = l.takeDay(ctx, s, g)
		}
		if err != nil {
			g.release()
			return nil, err
		}
	}
	return g, nil
}

// takeMinute takes a request from the minute of a subject.
func (l *Limiter) takeMinute(s Subject, day int64, units int) error {
	l.mu.Lock()
	m := l.meter(s, day)
	minute := m.minute
	l.mu.Unlock()
	if minute == nil {
		return nil
	}
	now := l.now()
	r := minute.ReserveN(now, units)
	wait := r.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	r.CancelAt(now)
	return exceeded(wait, "the limit of %d requests a minute for %s is used up", s.Limits.PerMinute, s.whom())
}

// takeDay takes a question and its tokens from the day of a subject.
func (l *Limiter) takeDay(ctx context.Context, s Subject, g *Grant) error {
	add, most := state.Spending{Requests: 1, Tokens: g.tokens}, state.Spending{Requests: s.Limits.PerDay, Tokens: s.Limits.TokensPerDay}
	if most == (state.Spending{}) {
		g.free = append(g.free, s)
		return nil
	}
	used, ok, err := l.spend(ctx, s, g.day, add, most)
	switch {
	case err != nil:
		return &problem.Error{Kind: problem.StateUnavailable, Message: "the limits of a day can't be counted now", Cause: err}
	case ok:
		g.from = append(g.from, s)
		return nil
	}
	midnight := time.Unix((g.day+1)*int64(24*time.Hour/time.Second), 0).Sub(l.now())
	switch {
	case most.Requests > 0 && used.Requests >= most.Requests:
		return exceeded(midnight, "the limit of %d questions a day for %s is used up", most.Requests, s.whom())
	case add.Tokens > most.Tokens:
		return &problem.Error{Kind: problem.TooManyRequests, After: midnight, Fix: "the operator of the server can raise the limit",
			Message: fmt.Sprintf("a question reserves %d tokens, and the limit for %s is %d tokens a day", add.Tokens, s.whom(), most.Tokens)}
	}
	return exceeded(midnight, "of the limit of %d tokens a day for %s, %d are left, and a question reserves %d", most.Tokens, s.whom(), most.Tokens-used.Tokens, add.Tokens)
}

// spend adds to what a subject has used on a day, unless that would be more than most.
func (l *Limiter) spend(ctx context.Context, s Subject, day int64, add, most state.Spending) (used state.Spending, ok bool, err error) {
	if s.Kept && l.store != nil {
		ctx, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()
		used, ok, err = l.store.Spend(ctx, s.id(), day, add, most)
		if err != nil {
			return used, false, err
		}
		l.mu.Lock()
		l.meter(s, day).used = used
		l.mu.Unlock()
		return used, ok, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.meter(s, day)
	sum := state.Spending{Requests: m.used.Requests + add.Requests, Tokens: m.used.Tokens + add.Tokens}
	if most.Requests > 0 && sum.Requests > most.Requests || most.Tokens > 0 && sum.Tokens > most.Tokens {
		return m.used, false, nil
	}
	m.used = sum
	return sum, true, nil
}

// release takes back what was reserved in memory for a request that is refused.
func (g *Grant) release() {
	for _, s := range g.from {
		if !s.Kept {
			g.limiter.correct(s, g.day, state.Spending{Requests: -1, Tokens: -g.tokens})
		}
	}
}

// correct changes what is counted in memory.
func (l *Limiter) correct(s Subject, day int64, by state.Spending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.meter(s, state.DayOf(l.now())); m.day == day {
		m.used = state.Spending{Requests: max(0, m.used.Requests+by.Requests), Tokens: max(0, m.used.Tokens+by.Tokens)}
	}
}

// Settle replaces the reserved tokens by those that the request has taken, on the day of
// the reservation. If that fails, the reserved ones stay counted.
func (g *Grant) Settle(ctx context.Context, tokens int64) {
	for _, s := range g.free {
		if s.Kept && g.limiter.store != nil {
			g.limiter.recording.Go(func() { g.limiter.record(context.WithoutCancel(ctx), s, g.day, tokens) })
		}
	}
	if g.tokens == tokens {
		return
	}
	for _, s := range g.from {
		if !s.Kept || g.limiter.store == nil {
			g.limiter.correct(s, g.day, state.Spending{Tokens: tokens - g.tokens})
			continue
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
		if err := g.limiter.store.Settle(ctx, s.id(), g.day, tokens-g.tokens); err != nil {
			g.limiter.log.Warn("the tokens of a question stay counted as reserved", "subject", s.id(), "tokens", g.tokens, "err", err)
		}
		cancel()
	}
}

// record records a question of a subject without limits of a day. Nothing waits for that.
func (l *Limiter) record(ctx context.Context, s Subject, day, tokens int64) {
	if _, _, err := l.spend(ctx, s, day, state.Spending{Requests: 1, Tokens: tokens}, state.Spending{}); err != nil {
		l.log.Warn("what a key uses is not recorded", "key", s.Name, "err", err)
	}
}

// Close waits until all is recorded. Nothing may be reserved any more.
func (l *Limiter) Close() error {
	l.recording.Wait()
	return nil
}

// exceeded returns the error of a limit that is used up for some time.
func exceeded(wait time.Duration, format string, args ...any) error {
	wait = max(time.Second, time.Duration(math.Ceil(wait.Seconds()))*time.Second)
	return &problem.Error{Kind: problem.TooManyRequests, Message: fmt.Sprintf(format, args...), Fix: "try again in " + wait.String(), After: wait}
}

// Headers returns the values of the headers RateLimit-Policy and RateLimit for a request
// of subjects, as if it were done; draft-ietf-httpapi-ratelimit-headers-10 has their form.
func (l *Limiter) Headers(subjects []Subject, units int) (policy, left string) {
	now := l.now()
	day := state.DayOf(now)
	midnight := (day+1)*int64(24*time.Hour/time.Second) - now.Unix()
	var policies, lefts []string
	add := func(s Subject, name, unit string, quota, window, left, reset int64) {
		policies = append(policies, fmt.Sprintf(`"%s-%s";q=%d%s;w=%d`, s.Kind, name, quota, unit, window))
		lefts = append(lefts, fmt.Sprintf(`"%s-%s";r=%d;t=%d`, s.Kind, name, max(0, left), max(0, reset)))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range subjects {
		m := l.meter(s, day)
		if m.minute != nil {
			have := m.minute.TokensAt(now) - float64(units)
			missing := float64(m.minute.Burst()) - have
			add(s, "minute", "", s.Limits.PerMinute, 60, int64(math.Floor(have/Question)), int64(math.Ceil(missing/float64(m.minute.Limit()))))
		}
		if s.Limits.PerDay > 0 {
			add(s, "day", "", s.Limits.PerDay, 86_400, s.Limits.PerDay-m.used.Requests-int64(units/Question), midnight)
		}
		if s.Limits.TokensPerDay > 0 {
			add(s, "tokens", `;qu="tokens"`, s.Limits.TokensPerDay, 86_400, s.Limits.TokensPerDay-m.used.Tokens, midnight)
		}
	}
	return strings.Join(policies, ", "), strings.Join(lefts, ", ")
}
