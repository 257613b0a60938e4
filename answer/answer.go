// Package answer answers a question from the chunks that are found for it, and
// shows for each claim a sentence that stands on a page.
//
// Call [Answerer.Answer]. With a model, the sources and the question are one
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
	"strings"
	"time"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// ErrModel means that the model can't be asked as it is configured: a wrong key,
// model or base URL. A failure that may pass is no error: the answer is
// extractive then, with a warning.
var ErrModel = errors.New("the model can't be asked")

// A Retriever finds the chunks for a question, best first; k = 0 means its
// default. [retrieve.Retriever] is the one in use.
type Retriever interface {
	Retrieve(ctx context.Context, question string, k int, f retrieve.Filter) ([]retrieve.Hit, error)
}

// A Model completes a prompt. [llm.Client] is the one in use.
type Model interface {
	Complete(ctx context.Context, r llm.Request) (llm.Response, error)
}

// A Config says what an [Answerer] works with.
type Config struct {
	Retriever Retriever        // required
	Model     Model            // nil means that every answer is extractive
	K         int              // chunks per question that names no k; 0 means the retriever's default
	Log       *slog.Logger     // nil means silence
	Now       func() time.Time // nil means time.Now
}

// An Answerer answers questions. It is safe for concurrent use.
type Answerer struct {
	retriever Retriever
	model     Model
	k         int
	log       *slog.Logger
	now       func() time.Time
}

// New returns an Answerer.
func New(c Config) (*Answerer, error) {
	if c.Retriever == nil {
		return nil, errors.New("answer: New needs a retriever")
	}
	a := &Answerer{retriever: c.Retriever, model: c.Model, k: c.K, log: c.Log, now: c.Now}
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
	Text   string
	K      int // chunks to use; 0 means Config.K
	Filter retrieve.Filter
}

// Answer answers q. A question that can't be searched gives [retrieve.ErrQuery],
// and the retriever's other errors come as they are. A question that the pages
// do not answer is no error: Answered is false then.
func (a *Answerer) Answer(ctx context.Context, q Question) (*Answer, error) {
	q.Text = strings.TrimSpace(q.Text)
	if q.Text == "" {
		return nil, fmt.Errorf("answer: %w: the question is empty", retrieve.ErrQuery)
	}
	start := a.now()
	hits, err := a.retriever.Retrieve(ctx, q.Text, cmp.Or(q.K, a.k), q.Filter)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	asked := a.now()
	var ans *Answer
	if a.model == nil || len(hits) == 0 {
		ans = extract(q.Text, hits)
	} else if ans, err = a.generate(ctx, q.Text, hits); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	end := a.now()
	ans.Timings = Timings{RetrievalMS: ms(asked.Sub(start)), TotalMS: ms(end.Sub(start))}
	if a.model != nil && len(hits) > 0 {
		ans.Timings.ModelMS = ms(end.Sub(asked))
	}
	return ans, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// generate asks the model. What may pass, and a refusal, make the answer
// extractive.
func (a *Answerer) generate(ctx context.Context, question string, hits []retrieve.Hit) (*Answer, error) {
	resp, sources, err := a.complete(ctx, question, hits)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, llm.ErrConfig):
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	case err == nil && resp.Refusal == "":
		if ans := read(question, resp, sources); ans != nil {
			return ans, nil
		}
		err = llm.ErrNoText
	}
	ans := extract(question, hits)
	ans.Warning = warning(resp, err) + "; these sentences are quoted from the pages instead"
	ans.spent(resp)
	a.log.Warn("answer without the model", "err", err, "refused", resp.Refusal != "")
	return ans, nil
}

// complete asks the model with as many of the best chunks as its context takes,
// and returns them.
func (a *Answerer) complete(ctx context.Context, question string, hits []retrieve.Hit) (llm.Response, []retrieve.Hit, error) {
	for n := len(hits); ; n = n * 3 / 4 {
		resp, err := a.model.Complete(ctx, llm.Request{Messages: llm.User(prompt(question, hits[:n], nonce()))})
		if !errors.Is(err, llm.ErrTooLong) || n == 1 {
			return resp, hits[:n], err
		}
	}
}

// warning says why the model did not answer. The cause itself may name hosts,
// and is logged instead.
func warning(resp llm.Response, err error) string {
	switch {
	case resp.Refusal != "":
		return "the model declined to answer"
	case errors.Is(err, llm.ErrNoText) && resp.FinishReason == "length":
		return "the model used up its output limit before it wrote anything (--max-output raises it)"
	case errors.Is(err, llm.ErrNoText):
		return "the model wrote nothing"
	case errors.Is(err, llm.ErrTooLong):
		return "the question and one source are too long for the model"
	case errors.Is(err, context.DeadlineExceeded):
		return "the model did not answer in time"
	}
	return "the model is not available"
}
