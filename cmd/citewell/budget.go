package main

import (
	"context"
	"log/slog"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/budget"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/admit"
)

func budgetFlag(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.budget, "budget", "", "what the model may take of an hour and a day, for all callers together, such as 5 EUR/hour, 50 EUR/day, 2M tokens/day; with it used up, answers are sentences of the pages (default: no limit)")
}

// openBudget bounds what the model of a server takes, if --budget says so.
func (a *app) openBudget(p *parts, prices answer.Prices) (err error) {
	limits, err := budget.Parse(a.budget)
	if err != nil || len(limits) == 0 || p.state == nil {
		return err
	}
	p.budget, err = budget.New(budget.Config{Limits: limits, Store: p.state, Model: p.model, Prices: prices, Log: a.logAt(slog.LevelInfo)})
	return err
}

// A boundModel is a model that is asked within the limits of a server.
type boundModel struct {
	*llm.Client
	ask admit.Complete
}

// Complete implements [answer.Model].
func (m boundModel) Complete(ctx context.Context, r llm.Request) (llm.Response, error) {
	return m.ask(ctx, r)
}

// boundModel returns the model within the limits that there are.
func (p *parts) boundModel() boundModel {
	ask := p.model.Complete
	if p.budget != nil {
		ask = p.budget.Around(ask)
	}
	if p.gates != nil {
		ask = p.gates.model.Complete(ask)
	}
	return boundModel{p.model, ask}
}

var _ budget.Store = (*state.DB)(nil)
