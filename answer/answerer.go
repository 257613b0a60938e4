package answer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
)

// Errors of an [Answerer] with Config.RequireModel.
var (
	// ErrModel means that the model can't be asked as it is configured: the key, the
	// model or the base URL is wrong.
	ErrModel error = problem.ModelError
	// ErrUnavailable means that the model gave no answer. A later attempt may succeed.
	ErrUnavailable error = problem.ModelUnavailable
)

// ErrUnsupported means that the question needs what the model can't do (images
// or the mode [Agentic]), or that there is no model.
var ErrUnsupported error = problem.NotSupported

// ErrImage means that no model accepts an image of the question.
var ErrImage error = problem.BadImage

// A Responder answers questions: an [Answerer], or one behind a log, limits or a cache.
type Responder interface {
	// Answer and Stream answer as the methods of [Answerer] do.
	Answer(ctx context.Context, q Question) (*Answer, error)
	Stream(ctx context.Context, q Question, on func(Event) error) (*Answer, error)
}

var _ Responder = (*Answerer)(nil)

// A Model completes a prompt. [llm.Client] implements it.
type Model interface {
	Complete(ctx context.Context, r llm.Request) (llm.Response, error)
}

// A Config configures an [Answerer].
type Config struct {
	Retriever    retrieve.Finder  // required
	Model        Model            // nil means that every answer is extractive
	Instructions string           // of the operator, for the model; optional
	Prices       Prices           // of models; empty means unknown
	ModelName    string           // name that the model is requested by, for Prices; optional
	RequireModel bool             // if the model fails, return an error instead of an extractive answer
	Quotes       Quotes           // how the model gives its quotes; empty means QuotesAuto
	K            int              // chunks for a question without K; 0 means the retriever's default
	MinEvidence  float64          // a question with less is not answered; 0 means [retrieve.DefaultMinEvidence], a negative value answers every question
	Log          *slog.Logger     // nil discards all
	Now          func() time.Time // nil means time.Now
}

// An Answerer answers questions. It is safe for concurrent use.
type Answerer struct {
	retriever    retrieve.Finder
	model        Model
	instructions string
	prices       Prices
	modelName    string // Config.ModelName
	requireModel bool
	quotes       Quotes
	logged       atomic.Pointer[string] // the last error of the model's settings that was logged
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
	a := &Answerer{retriever: c.Retriever, model: c.Model, instructions: strings.TrimSpace(c.Instructions), prices: c.Prices, modelName: c.ModelName, requireModel: c.RequireModel, quotes: c.Quotes, k: c.K, minEvidence: cmp.Or(c.MinEvidence, retrieve.DefaultMinEvidence), log: c.Log, now: c.Now}
	if math.IsNaN(a.minEvidence) || a.minEvidence > 1 {
		return nil, fmt.Errorf("answer: MinEvidence %v is not within 0–1", a.minEvidence)
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	return a, nil
}
