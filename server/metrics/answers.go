package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/retrieve"
)

// An Answerer answers questions, as [answer.Answerer] does.
type Answerer interface {
	Answer(ctx context.Context, q answer.Question) (*answer.Answer, error)
	Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error)
}

// A Retriever finds chunks, as [retrieve.Retriever] does.
type Retriever interface {
	Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error)
}

// Answerer returns an answerer whose answers are counted.
func (m *Metrics) Answerer(a Answerer) Answerer { return countedAnswerer{a, m} }

// Retriever returns a retriever whose searches are counted.
func (m *Metrics) Retriever(r Retriever) Retriever { return countedRetriever{r, m} }

type countedAnswerer struct {
	Answerer
	m *Metrics
}

// Answer implements [Answerer].
func (c countedAnswerer) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	a, err := c.Answerer.Answer(ctx, q)
	c.m.answered(a, err)
	return a, err
}

// Stream implements [Answerer].
func (c countedAnswerer) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	a, err := c.Answerer.Stream(ctx, q, on)
	c.m.answered(a, err)
	return a, err
}

type countedRetriever struct {
	Retriever
	m *Metrics
}

// Retrieve implements [Retriever].
func (c countedRetriever) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	start := time.Now()
	r, err := c.Retriever.Retrieve(ctx, q)
	if err == nil {
		c.m.stages.WithLabelValues("search").Observe(time.Since(start).Seconds())
	}
	return r, err
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
	for stage, ms := range map[string]float64{"retrieval": a.Timings.RetrievalMS, "model": a.Timings.ModelMS, "answer": a.Timings.TotalMS} {
		if stage != "model" || ms > 0 {
			m.stages.WithLabelValues(stage).Observe(ms / 1000)
		}
	}
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
