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

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// ErrModel means that the model can't be asked as it is configured: a wrong key,
// model or base URL. A failure that may pass is no error: the answer is
// extractive then, with a warning.
var ErrModel = errors.New("the model can't be asked")

// ErrUnsupported means that the model, or none, does not take the question as it
// is: images, or the mode [Agentic].
var ErrUnsupported = errors.New("not with this model")

// ErrImage means that an image of a question can't be sent to any model.
var ErrImage = errors.New("bad image")

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
	History []Turn // what was said before, oldest first; see [MaxTurns]
	K       int    // chunks to use; 0 means Config.K
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

// generate asks the model and shows what it writes. What may pass, and a refusal,
// make the answer extractive, unless some of the model's own is shown already: it
// ends there then.
func (a *Answerer) generate(ctx context.Context, q Question, hits []retrieve.Hit, show func(string) error) (*Answer, error) {
	r, err := a.complete(ctx, q, hits, show)
	switch {
	case r.draft.err != nil:
		return nil, r.draft.err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, llm.ErrConfig) && r.draft.text.Len() == 0:
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	failed := err != nil || r.Refusal != ""
	if failed {
		a.log.Warn("the model failed", "err", err, "refused", r.Refusal != "", "shown", r.draft.text.Len())
	}
	if !failed || r.draft.text.Len() > 0 {
		if err := r.end(failed); err != nil {
			return nil, err
		}
		if ans := read(q.asked(), r); ans != nil {
			ans.spent(r.Response)
			ans.Truncated, ans.Warning = truncated(r.Response, failed, err)
			return ans, nil
		}
		err = llm.ErrNoText
	}
	ans := extract(q.asked(), hits)
	ans.Warning = warning(r.Response, err) + "; these sentences are quoted from the pages instead"
	ans.spent(r.Response)
	return ans, nil
}

// complete asks the model with as many of the best chunks as its context takes.
func (a *Answerer) complete(ctx context.Context, q Question, hits []retrieve.Hit, show func(string) error) (*reply, error) {
	for n := len(hits); ; n = n * 3 / 4 {
		r := &reply{hits: hits[:n], draft: newDraft(hits[:n], show)}
		req := llm.Request{Instructions: a.instructions, Messages: ask(q, r.hits)}
		if show != nil {
			req.Delta = r.delta
		}
		var err error
		r.Response, err = a.model.Complete(ctx, req)
		if !errors.Is(err, llm.ErrTooLong) || n <= 1 {
			return r, err
		}
	}
}

// truncated reports whether the model was cut off, and by what.
func truncated(resp llm.Response, failed bool, err error) (bool, string) {
	why := ""
	switch {
	case failed && resp.Refusal != "":
		why = "the model declined to go on"
	case failed && errors.Is(err, context.DeadlineExceeded):
		why = "the model did not finish in time"
	case failed, resp.FinishReason == "cut":
		why = "the connection to the model broke off"
	case resp.FinishReason == "length":
		why = "the model reached its output limit (--max-output raises it)"
	case resp.FinishReason == "content_filter":
		why = "the provider's content filter held back the rest"
	default:
		return false, ""
	}
	return true, why + "; the answer is incomplete"
}

// warning says why the model did not answer. The cause itself may name hosts,
// and is logged instead.
func warning(resp llm.Response, err error) string {
	switch {
	case resp.Refusal != "":
		return "the model declined to answer"
	case errors.Is(err, llm.ErrNoText) && resp.FinishReason == "length":
		return "the model used up its output limit before it wrote anything (--max-output raises it)"
	case errors.Is(err, llm.ErrNoText) && resp.FinishReason == "content_filter":
		return "the provider's content filter held the answer back"
	case errors.Is(err, llm.ErrNoText):
		return "the model wrote nothing"
	case errors.Is(err, llm.ErrTooLong):
		return "the question and one source are too long for the model"
	case errors.Is(err, context.DeadlineExceeded):
		return "the model did not answer in time"
	}
	return "the model is not available"
}
