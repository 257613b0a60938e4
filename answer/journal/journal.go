// Package journal logs questions and their outcomes.
//
// Call [New] with an answerer, and ask the [Journal] in its place.
//
//   - No answer waits for the log, and none fails because of it: questions are
//     queued, written in order, and dropped if the queue is full.
//   - If the log can't be written, one message tells this and one tells when it
//     works again.
//   - A question that can't be asked, such as an empty one, is not logged, nor is one that
//     is refused since there are too many.
package journal

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
)

const (
	maxWaiting   = 256              // queued questions; more are there only if the state is locked for long
	writeTimeout = 20 * time.Second // longer than the state waits for a lock
	closeTimeout = 5 * time.Second
)

// A State stores questions. [state.DB] implements it.
type State interface {
	RecordQuestion(ctx context.Context, q state.Question) (string, error)
	Questions(ctx context.Context, f state.QuestionFilter) ([]state.Question, error)
	SetFeedback(ctx context.Context, f state.Feedback) (string, error)
}

// A Config configures a [Journal]. The first two fields are required.
type Config struct {
	Answerer  answer.Responder
	State     State
	Index     string                       // name of the index
	RequestID func(context.Context) string // returns the id of a request or ""; may be nil
	Log       *slog.Logger                 // nil discards all
	Now       func() time.Time             // nil means time.Now
}

// A Journal answers and logs questions. It is safe for concurrent use.
type Journal struct {
	config Config
	stop   context.CancelFunc // stops the writer
	done   chan struct{}      // closed when the writer has stopped

	mu      sync.Mutex
	queue   chan func(context.Context) // nil once the journal is closed
	waiting map[string]int             // how often the queue has a question, by request id
	lost    int                        // questions that were not written since writing began to fail
}

// New returns a Journal, which the caller must close.
func New(c Config) (*Journal, error) {
	if c.Answerer == nil || c.State == nil {
		return nil, errors.New("journal: New needs an answerer and a state")
	}
	if c.RequestID == nil {
		c.RequestID = func(context.Context) string { return "" }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	j := &Journal{config: c, done: make(chan struct{}), waiting: map[string]int{}, queue: make(chan func(context.Context), maxWaiting)}
	// A question is logged even if its request has ended.
	ctx, stop := context.WithCancel(context.Background())
	j.stop = stop
	go j.write(ctx, j.queue)
	return j, nil
}

// Close writes the queued questions, for at most a few seconds.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.queue != nil {
		close(j.queue)
		j.queue = nil
	}
	j.mu.Unlock()
	timer := time.AfterFunc(closeTimeout, j.stop)
	defer timer.Stop()
	<-j.done
	j.stop()
	return nil
}

// write runs the queued functions in order.
func (j *Journal) write(ctx context.Context, queue <-chan func(context.Context)) {
	defer close(j.done)
	for f := range queue {
		f(ctx)
	}
}

// enqueue queues f. It returns false if the queue is full or the journal
// closed.
func (j *Journal) enqueue(f func(context.Context)) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.queue == nil {
		return false
	}
	select {
	case j.queue <- f:
		return true
	default:
		return false
	}
}

// Answer answers as the answerer does. The answer always has a request id.
func (j *Journal) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return j.answerAndLog(ctx, q, func() (*answer.Answer, error) { return j.config.Answerer.Answer(ctx, q) })
}

// Stream answers as the answerer does. The answer always has a request id.
func (j *Journal) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	return j.answerAndLog(ctx, q, func() (*answer.Answer, error) { return j.config.Answerer.Stream(ctx, q, on) })
}

// answerAndLog calls ask and queues the question for the log.
func (j *Journal) answerAndLog(ctx context.Context, q answer.Question, ask func() (*answer.Answer, error)) (*answer.Answer, error) {
	id := j.config.RequestID(ctx)
	if id == "" {
		id = uuid.NewString()
	}
	start := j.config.Now()
	ans, err := ask()
	if errors.Is(err, retrieve.ErrQuery) || errors.Is(err, problem.Overloaded) {
		return ans, err
	}
	row := state.Question{RequestID: id, AskedAt: start, Index: j.config.Index, Question: q.Text, Source: q.Filter.Source, URLPrefix: q.Filter.URLPrefix, Lang: q.Filter.Lang}
	if err == nil {
		ans.RequestID = id
		describe(&row, ans)
	} else {
		row.Outcome = state.OutcomeCanceled
		if !errors.Is(err, context.Canceled) {
			row.Outcome, row.Reason = state.OutcomeFailed, problem.Of(err).Code
		}
		row.Timings = map[string]float64{"total_ms": float64(j.config.Now().Sub(start).Microseconds()) / 1000}
	}
	j.addWaiting(id, 1)
	queued := j.enqueue(func(ctx context.Context) {
		j.record(ctx, row)
		j.addWaiting(id, -1)
	})
	if !queued {
		j.addWaiting(id, -1)
		j.countLost(errors.New("the queue of questions is full, or the program is shutting down"))
	}
	return ans, err
}

// record writes a question.
func (j *Journal) record(ctx context.Context, q state.Question) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	id, err := j.config.State.RecordQuestion(ctx, q)
	if err != nil && id == "" {
		j.countLost(err)
		return
	}
	if err != nil {
		j.config.Log.Warn("old questions can't be deleted", "err", err)
	}
	j.mu.Lock()
	lost := j.lost
	j.lost = 0
	j.mu.Unlock()
	if lost > 0 {
		j.config.Log.Warn("questions are logged again", "lost", lost)
	}
}

// countLost counts a question that is not logged. Of several, it logs a message
// for the first.
func (j *Journal) countLost(err error) {
	j.mu.Lock()
	j.lost++
	first := j.lost == 1
	j.mu.Unlock()
	if first {
		j.config.Log.Warn("questions can't be logged, but are answered", "err", err)
	}
}
