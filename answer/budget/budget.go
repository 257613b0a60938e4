// Package budget bounds what a model may take in an hour and in a day, in tokens and in
// money, for all servers of one state together.
//
// Call [New], and put [Budget.Around] around the model. If the budget is used up, the
// model is not asked: the error is a [problem.ModelUnavailable], for which answers have
// sentences of the pages instead.
//
//   - Before a call, what such a call usually takes is reserved, and after it, what it has
//     taken is counted. So calls at the same time can pass a limit, by what they take
//     beyond the usual: a model that reasons for long may take several times as much.
//   - Hours and days are those of UTC. They are counted in the state, so that they survive
//     a restart.
//   - What can't be counted is not asked.
package budget

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
)

// Shares of a limit at which the log warns.
const (
	nearly = 0.8
	all    = 1.0
)

// storeTimeout bounds one call of the store, which another process may have locked.
const storeTimeout = 5 * time.Second

// A Store counts what subjects have used on a day. [state.DB] implements it.
type Store interface {
	Spend(ctx context.Context, subject string, day int64, add, most state.Spending) (used state.Spending, ok bool, err error)
	Settle(ctx context.Context, subject string, day, tokens int64) error
	Spent(ctx context.Context, day int64) (map[string]state.Spending, error)
}

// A Config configures a [Budget]. All but Log and Now are required; Prices only for limits
// in money.
type Config struct {
	Limits []Limit
	Store  Store
	Model  *llm.Client
	Prices answer.Prices
	Log    *slog.Logger     // nil discards all
	Now    func() time.Time // nil means time.Now
}

// A Budget bounds what a model takes. It is safe for concurrent use.
type Budget struct {
	Config

	mu     sync.Mutex
	warned map[string]float64 // the share that the log was told of, by subject
}

// New returns a Budget. The error says if a limit in money can't be counted.
func New(c Config) (*Budget, error) {
	if len(c.Limits) == 0 || c.Store == nil || c.Model == nil {
		return nil, errors.New("budget: New needs limits, a store and a model")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	b := &Budget{Config: c, warned: map[string]float64{}}
	if currency := Currency(c.Limits); currency != "" {
		cost := b.cost(llm.Usage{PromptTokens: 1, Calls: 1}, "")
		switch {
		case cost == nil:
			return nil, fmt.Errorf("budget: a budget in %s needs the price of the model %s: add it to the file of --prices", currency, c.Model.Model())
		case cost.Currency != currency:
			return nil, fmt.Errorf("budget: the budget is in %s, and the prices are in %s", currency, cost.Currency)
		}
	}
	usual := b.usual(llm.Request{})
	for _, l := range c.Limits {
		if n, _ := b.amount(l, usual, ""); n > l.Amount {
			return nil, fmt.Errorf("budget: %s is less than one question may take, about %d tokens: raise it, or lower --max-output", l, usual.PromptTokens+usual.CompletionTokens)
		}
	}
	return b, nil
}

// cost returns the cost of a usage, nil if it is unknown. Told is the model's name in the
// reply.
func (b *Budget) cost(u llm.Usage, told string) *answer.Cost {
	return b.Prices.Cost(&u, told, b.Model.Model())
}

// amount returns how much of a limit a usage takes, and whether that is known.
func (b *Budget) amount(l Limit, u llm.Usage, told string) (n int64, known bool) {
	if l.Currency == "" {
		return int64(u.PromptTokens + u.CompletionTokens), !u.Unknown
	}
	c := b.cost(u, told)
	if c == nil {
		return 0, false
	}
	return int64(math.Ceil(c.Amount * millionths)), true
}

// A Complete asks a model, as [llm.Client.Complete] does.
type Complete = func(ctx context.Context, r llm.Request) (llm.Response, error)

// Around returns a model that is asked within the budget.
func (b *Budget) Around(ask Complete) Complete {
	return func(ctx context.Context, r llm.Request) (llm.Response, error) {
		g, err := b.reserve(ctx, b.usual(r))
		if err != nil {
			return llm.Response{}, err
		}
		resp, err := ask(ctx, r)
		g.settle(ctx, resp, err)
		return resp, err
	}
}

// A grant is what was reserved for a call.
type grant struct {
	budget *Budget
	from   []reservation
}

type reservation struct {
	limit   Limit
	subject string
	day     int64
	amount  int64
}

// subject returns what a limit is counted under at a time: for an hour, one of 24 subjects
// of the day.
func (l Limit) subject(at time.Time) (subject string, day int64) {
	unit := "tokens"
	if l.Currency != "" {
		unit = l.Currency
	}
	subject = "server:" + unit + "/" + l.period()
	if l.Period == time.Hour {
		subject += fmt.Sprintf("@%02d", at.UTC().Hour())
	}
	return subject, state.DayOf(at)
}

// reserve takes a usage from all limits, or from none.
func (b *Budget) reserve(ctx context.Context, u llm.Usage) (*grant, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := b.Now()
	g := &grant{budget: b}
	for _, l := range b.Limits {
		n, _ := b.amount(l, u, "")
		subject, day := l.subject(now)
		used, ok, err := b.Store.Spend(ctx, subject, day, state.Spending{Requests: 1, Tokens: n}, state.Spending{Tokens: l.Amount})
		if err == nil && ok {
			g.from = append(g.from, reservation{l, subject, day, n})
			b.warn(l, fmt.Sprint(subject, " ", day), float64(used.Tokens)/float64(l.Amount))
			continue
		}
		g.correct(ctx, func(Limit) (int64, bool) { return 0, true })
		if err != nil {
			return nil, &problem.Error{Kind: problem.ModelUnavailable, Message: "the model is not asked: the budget of this server can't be counted now", Cause: err}
		}
		left := now.Truncate(l.Period).Add(l.Period).Sub(now).Round(time.Minute) + time.Minute
		if n > l.Amount {
			return nil, &problem.Error{Kind: problem.ModelUnavailable, After: left, Fix: "send a shorter text; the operator of the server can raise --budget",
				Message: "the model is not asked: a text of this length takes more than the whole budget of this server for the " + l.period()}
		}
		b.warn(l, fmt.Sprint(subject, " ", day), all)
		return nil, &problem.Error{Kind: problem.ModelUnavailable, After: left, Fix: "try again in " + left.String() + "; the operator of the server can raise --budget",
			Message: "the model is not asked: the budget of this server for the " + l.period() + " is used up"}
	}
	return g, nil
}

// warn tells the log, once for each period, that a limit is nearly or wholly used up.
func (b *Budget) warn(l Limit, subject string, used float64) {
	level := 0.0
	for _, share := range []float64{nearly, all} {
		if used >= share {
			level = share
		}
	}
	b.mu.Lock()
	before := b.warned[subject]
	if level > before {
		if len(b.warned) > 100 { // of periods that are over
			clear(b.warned)
		}
		b.warned[subject] = level
	}
	b.mu.Unlock()
	switch {
	case level <= before:
	case level >= all:
		b.Log.Warn("the budget is used up: answers are sentences of the pages until the period ends", "budget", l.String())
	default:
		b.Log.Warn("four fifths of the budget are used", "budget", l.String())
	}
}

// settle counts what a call has taken in place of what was reserved. A call that failed
// took nothing, unless it was ended while the model wrote; a usage that is not reported
// stays counted as the usual one.
func (g *grant) settle(ctx context.Context, resp llm.Response, err error) {
	ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	g.correct(ctx, func(l Limit) (int64, bool) {
		switch {
		case resp.Usage.Calls > 0 && !ended:
			return g.budget.amount(l, resp.Usage, resp.Model)
		case err != nil && !ended:
			return 0, true
		}
		return 0, false
	})
}

// correct replaces what was reserved by what taken returns, where that is known. It also
// does so for a caller who has gone away, or for whom the store took too long.
func (g *grant) correct(ctx context.Context, taken func(Limit) (n int64, known bool)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	for _, r := range g.from {
		n, known := taken(r.limit)
		if !known || n == r.amount {
			continue
		}
		if err := g.budget.Store.Settle(ctx, r.subject, r.day, n-r.amount); err != nil {
			g.budget.Log.Warn("a call of the model stays counted as a usual one", "budget", r.limit.String(), "err", err)
		}
	}
}

// Used returns which share of each limit is used in its current period.
func (b *Budget) Used(ctx context.Context) (map[string]float64, error) {
	now := b.Now()
	spent, err := b.Store.Spent(ctx, state.DayOf(now))
	if err != nil {
		return nil, fmt.Errorf("budget: %w", err)
	}
	shares := make(map[string]float64, len(b.Limits))
	for _, l := range b.Limits {
		subject, _ := l.subject(now)
		shares[l.String()] = float64(spent[subject].Tokens) / float64(l.Amount)
	}
	return shares, nil
}
