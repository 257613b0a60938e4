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
	modelName    string // Config.ModelName
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
	a := &Answerer{retriever: c.Retriever, model: c.Model, instructions: strings.TrimSpace(c.Instructions), prices: c.Prices, modelName: c.ModelName, k: c.K, minEvidence: cmp.Or(c.MinEvidence, retrieve.DefaultMinEvidence), log: c.Log, now: c.Now}
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
