// Package answer answers a question from the chunks that are found for it, and
// shows for each claim a sentence that stands on a page.
//
// Call [Answerer.Answer], or [Answerer.Stream] to show the same answer while it
// is being written. With a model, the sources and the question are one
// prompt, and each quote the model gives is looked for in its source. Without
// one, or when it fails, the answer is made of the pages' own sentences and says
// so. No text of a source can close its delimiter in the prompt.
package answer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
)

// ErrModel means that the model can't be asked as it is configured: a wrong key,
// model or base URL. A failure that may pass is no error: the answer is
// extractive then, with a warning.
var ErrModel error = problem.ModelError

// ErrUnsupported means that the model, or none, does not take the question as it
// is: images, or the mode [Agentic].
var ErrUnsupported error = problem.NotSupported

// ErrImage means that an image of a question can't be sent to any model.
var ErrImage error = problem.BadImage

// A Retriever finds the chunks for a question. [retrieve.Retriever] is the one in use.
type Retriever interface {
	Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error)
}

// A Model completes a prompt. [llm.Client] is the one in use.
type Model interface {
	Complete(ctx context.Context, r llm.Request) (llm.Response, error)
}

// A Config says what an [Answerer] works with.
type Config struct {
	Retriever    Retriever        // required
	Model        Model            // nil means that every answer is extractive
	Instructions string           // the operator's own, for the model; not needed
	Prices       Prices           // what models cost; empty means that it is not known
	ModelName    string           // that the model is asked by, for Prices; not needed
	K            int              // chunks per question that names no k; 0 means the retriever's default
	MinEvidence  float64          // below it a question is not answered; 0 means [retrieve.DefaultMinEvidence], a negative one that each is
	Log          *slog.Logger     // nil means silence
	Now          func() time.Time // nil means time.Now
}

// An Answerer answers questions. It is safe for concurrent use.
type Answerer struct {
	retriever    Retriever
	model        Model
	instructions string
	prices       Prices
	priced       string // Config.ModelName
	k            int
	minEvidence  float64
	log          *slog.Logger
	now          func() time.Time
}

// New returns an Answerer.
func New(c Config) (*Answerer, error) {
	if c.Retriever == nil {
		return nil, errors.New("answer: New needs a retriever")
	}
	a := &Answerer{retriever: c.Retriever, model: c.Model, instructions: strings.TrimSpace(c.Instructions), prices: c.Prices, priced: c.ModelName, k: c.K, minEvidence: minEvidence(c), log: c.Log, now: c.Now}
	if math.IsNaN(a.minEvidence) || a.minEvidence > 1 {
		return nil, fmt.Errorf("answer: the least evidence is %v, not within 0–1", a.minEvidence)
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	return a, nil
}

// A Question is what to answer.
type Question struct {
	Text    string
	History []history.Turn // what was said before, oldest first
	K       int            // chunks to use; 0 means Config.K
	Filter  retrieve.Filter
	Images  []string      // that it is about: https addresses or data URIs; for models that see
	Mode    Mode          // [Agentic], or empty for one search
	Sides   retrieve.Mode // of the search; "" means both

	standalone string  // as it is understood without History; "" if there is none
	resolveMS  float64 // that the model took to say so
}

// Answer answers q. A question that can't be searched gives [retrieve.ErrQuery],
// and the retriever's other errors come as they are. A question that the pages
// do not answer is no error: Answered is false then.
func (a *Answerer) Answer(ctx context.Context, q Question) (*Answer, error) {
	return a.Stream(ctx, q, nil)
}

// Stream answers q as Answer does, and tells on what can be shown before the
// answer is whole: first the sources, then the text, piece by piece. The pieces
// together are the answer's text, to the byte. Stream calls on one at a time; an
// error of it ends the call and is returned.
func (a *Answerer) Stream(ctx context.Context, q Question, on func(Event) error) (*Answer, error) {
	q.Text = strings.TrimSpace(q.Text)
	if q.Text == "" {
		return nil, fmt.Errorf("answer: %w: the question is empty", retrieve.ErrQuery)
	}
	if err := a.allow(q); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	start := a.now()
	spent, err := a.resolve(ctx, &q)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	var ans *Answer
	if q.Mode == Agentic {
		ans, err = a.agentic(ctx, q, on)
	} else {
		ans, err = a.once(ctx, q, on)
	}
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	ans.resolved(q, spent)
	ans.Cost = a.prices.cost(ans.Usage, ans.Model, a.priced)
	ans.Timings.TotalMS = ms(a.now().Sub(start))
	return ans, nil
}

// once answers q with one search.
func (a *Answerer) once(ctx context.Context, q Question, on func(Event) error) (*Answer, error) {
	start := a.now()
	found, err := a.retriever.Retrieve(ctx, retrieve.Query{Text: q.asked(), K: cmp.Or(q.K, a.k), Filter: q.Filter, Mode: q.Sides})
	if err != nil {
		return nil, err
	}
	retrieved := a.now()
	ans, err := a.from(ctx, q, found, on)
	if err != nil {
		return nil, err
	}
	ans.Notice = found.Notice
	ans.Found, ans.Evidence = found.Hits, found.Evidence
	ans.Timings.RetrievalMS = ms(retrieved.Sub(start))
	return ans, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// from answers from what was found, with the model if there is one and it does.
func (a *Answerer) from(ctx context.Context, q Question, found *retrieve.Result, on func(Event) error) (*Answer, error) {
	hits := worthReading(found.Hits)
	return tell(hits, on, func(show func(string) error) (*Answer, error) {
		if reason := a.missing(q, found); reason != "" {
			return unanswered(Extractive, reason, hits), nil
		}
		if a.model == nil || len(hits)+len(q.Images) == 0 {
			return extract(q.asked(), hits), nil
		}
		asked := a.now()
		ans, err := a.generate(ctx, q, hits, show)
		if err == nil {
			ans.Timings.ModelMS = ms(a.now().Sub(asked))
		}
		return ans, err
	})
}

// worthReading chooses what is answered from: only what is near the best hit, no
// text twice, and neighbours in one piece. Reasoning models answer worse when
// more is put before them than is to the point.
func worthReading(hits []retrieve.Hit) []retrieve.Hit {
	return retrieve.Merge(retrieve.Relevant(retrieve.Distinct(hits)))
}

// tell tells of the sources, then of the answer that write makes of them: a model
// shows it as it writes, an extractive one is shown whole. show is nil if on is.
func tell(hits []retrieve.Hit, on func(Event) error, write func(show func(string) error) (*Answer, error)) (*Answer, error) {
	if on == nil {
		return write(nil)
	}
	if err := on(Event{Sources: sources(hits)}); err != nil {
		return nil, err
	}
	show := func(text string) error { return on(Event{Delta: text}) }
	ans, err := write(show)
	if err == nil && ans.Mode == Extractive && ans.Answer != "" {
		return ans, show(ans.Answer)
	}
	return ans, err
}
