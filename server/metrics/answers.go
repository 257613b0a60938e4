package metrics

import (
	"context"
	"errors"

	"github.com/citewell/citewell/answer"
)

// Answerer returns an answerer whose answers are counted.
func (m *Metrics) Answerer(a answer.Responder) answer.Responder { return countedAnswerer{a, m} }

type countedAnswerer struct {
	answer.Responder
	m *Metrics
}

// Answer implements [answer.Responder].
func (c countedAnswerer) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	a, err := c.Responder.Answer(ctx, q)
	c.m.answered(a, err)
	return a, err
}

// Stream implements [answer.Responder].
func (c countedAnswerer) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	a, err := c.Responder.Stream(ctx, q, on)
	c.m.answered(a, err)
	return a, err
}

// Outcomes of questions.
const (
	answeredWell = "answered"
	unanswered   = "unanswered" // the pages do not answer it
	fallback     = "fallback"   // the model failed, and passages answer instead
	truncated    = "truncated"
	failed       = "failed"
	canceled     = "canceled" // the client went away
)

// answered counts an answer.
func (m *Metrics) answered(a *answer.Answer, err error) {
	switch {
	case errors.Is(err, context.Canceled):
		m.answers.WithLabelValues("none", canceled).Inc()
		return
	case err != nil || a == nil:
		m.answers.WithLabelValues("none", failed).Inc()
		return
	}
	m.answers.WithLabelValues(string(a.Mode), outcome(a)).Inc()
	if u := a.Usage; u != nil && !u.Unknown {
		model := m.label(a.Model)
		// As the services count: cached tokens are part of the prompt, reasoning of the completion.
		for kind, n := range map[string]int{"prompt": u.PromptTokens, "cached": u.CachedTokens, "completion": u.CompletionTokens, "reasoning": u.ReasoningTokens} {
			m.tokens.WithLabelValues(model, kind).Add(float64(n))
		}
	}
	if c := a.Cost; c != nil {
		m.cost.WithLabelValues(c.Currency).Add(c.Amount)
	}
}

func outcome(a *answer.Answer) string {
	switch {
	case !a.Answered:
		return unanswered
	case a.Truncated:
		return truncated
	case a.Mode == answer.Extractive && a.Warning != "":
		return fallback
	}
	return answeredWell
}

// label returns the label of a model, whose name a service has sent.
func (m *Metrics) label(model string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if model == "" || !m.models[model] && len(m.models) >= maxModels {
		return "other"
	}
	m.models[model] = true
	return model
}
