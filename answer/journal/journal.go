// Package journal keeps what is asked and what becomes of it.
//
// Call [New] with whoever answers, and let [Journal.Answer] and [Journal.Stream]
// answer in its place.
//
//   - An answer waits for nothing here, and none is lost for it: questions are
//     written behind it, in order, and those that can't be are dropped.
//   - That the log can't be written is said once, and so is that it can be again.
//   - What can't be asked at all, such as an empty question, is not kept.
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
	maxWaiting   = 256              // questions to be written: more only come together when the state is locked for long
	writeTimeout = 20 * time.Second // longer than the state waits for another process that writes
	closeTimeout = 5 * time.Second
)

// An Answerer answers questions. [answer.Answerer] is the one in use.
type Answerer interface {
	Answer(ctx context.Context, q answer.Question) (*answer.Answer, error)
	Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error)
}

// A State is where questions are kept. [state.DB] is the one in use.
type State interface {
	RecordQuestion(ctx context.Context, q state.Question) (string, error)
	Questions(ctx context.Context, f state.QuestionFilter) ([]state.Question, error)
	SetFeedback(ctx context.Context, f state.Feedback) (string, error)
}

// A Config says what a [Journal] works with. The first two fields are required.
type Config struct {
	Answerer  Answerer
	State     State
	Index     string                       // name of the index that is asked
	RequestID func(context.Context) string // the id of a request, "" if it has none; nil means that none has
	Log       *slog.Logger                 // nil means silence
	Now       func() time.Time             // nil means time.Now
}

// A Journal answers, and keeps what was asked. It is safe for concurrent use.
type Journal struct {
	config Config
	stop   context.CancelFunc // ends the writing
	done   chan struct{}      // closed when the writing is over

	mu    sync.Mutex
	queue chan func(context.Context) // nil once the journal is closed
	lost  int                        // questions since writing fails
}

// New returns a Journal, which must be closed.
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
	j := &Journal{config: c, done: make(chan struct{}), queue: make(chan func(context.Context), maxWaiting)}
	// What is asked outlives the request that it came with.
	ctx, stop := context.WithCancel(context.Background())
	j.stop = stop
	go j.write(ctx, j.queue)
	return j, nil
}

// Close writes what waits, for a few seconds at most.
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

// write does what is queued, one after the other.
func (j *Journal) write(ctx context.Context, queue <-chan func(context.Context)) {
	defer close(j.done)
	for f := range queue {
		f(ctx)
	}
}

// enqueue lets f be done behind what waits; false if too much does, or if the
// journal is closed.
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

// Answer answers as the answerer does. The answer has a request id in any case.
func (j *Journal) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return j.answerAndLog(ctx, q, func() (*answer.Answer, error) { return j.config.Answerer.Answer(ctx, q) })
}

// Stream answers as the answerer does. The answer has a request id in any case.
func (j *Journal) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	return j.answerAndLog(ctx, q, func() (*answer.Answer, error) { return j.config.Answerer.Stream(ctx, q, on) })
}

// answerAndLog answers, and lets the question be written.
func (j *Journal) answerAndLog(ctx context.Context, q answer.Question, ask func() (*answer.Answer, error)) (*answer.Answer, error) {
	id := j.config.RequestID(ctx)
	if id == "" {
		id = uuid.NewString()
	}
	start := j.config.Now()
	ans, err := ask()
	if errors.Is(err, retrieve.ErrQuery) {
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
	if !j.enqueue(func(ctx context.Context) { j.record(ctx, row) }) {
		j.countLost(errors.New("too many questions wait to be written, or the program ends"))
	}
	return ans, err
}

// record writes a question.
func (j *Journal) record(ctx context.Context, q state.Question) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if _, err := j.config.State.RecordQuestion(ctx, q); err != nil {
		j.countLost(err)
		return
	}
	j.mu.Lock()
	lost := j.lost
	j.lost = 0
	j.mu.Unlock()
	if lost > 0 {
		j.config.Log.Warn("questions are logged again", "lost", lost)
	}
}

// countLost counts a question that is not kept, and says so of the first.
func (j *Journal) countLost(err error) {
	j.mu.Lock()
	j.lost++
	first := j.lost == 1
	j.mu.Unlock()
	if first {
		j.config.Log.Warn("questions can't be logged, but are answered", "err", err)
	}
}

// Vote keeps what a reader says of the answer to a request, in the place of what
// was said of it before. The error is [state.ErrNotFound] if no such answer is
// known.
func (j *Journal) Vote(ctx context.Context, requestID string, vote int, comment string) error {
	if err := j.flush(ctx); err != nil {
		return err
	}
	found, err := j.config.State.Questions(ctx, state.QuestionFilter{Index: j.config.Index, RequestID: requestID, Limit: 1})
	if err != nil {
		return err
	}
	if requestID == "" || len(found) == 0 {
		return state.ErrNotFound
	}
	_, err = j.config.State.SetFeedback(ctx, state.Feedback{QuestionID: found[0].ID, Vote: vote, Comment: comment})
	return err
}

// flush waits until what was asked so far is written: a reader may be quicker
// than the log.
func (j *Journal) flush(ctx context.Context) error {
	written := make(chan struct{})
	if !j.enqueue(func(context.Context) { close(written) }) {
		return nil // then it is not there, and that is told
	}
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
