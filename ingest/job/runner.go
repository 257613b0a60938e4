// Package job runs ingestions in the background, one at a time per index.
//
// Call [Runner.Start] with what to ingest, and [Runner.Run] to run the jobs. Jobs
// and their progress are stored in a state (internal/state), which several runners
// may share.
//
//   - Every job is run, by this runner or another one, in the order of the starts,
//     until it is done, failed, canceled or interrupted.
//   - A runner that is stopped returns its job to the queue. If a runner is killed,
//     another one takes its job after [Stale]. The ingestion then continues where
//     it stopped.
//   - A job that loses its runner for the third time is marked interrupted.
//   - Targets are web addresses, never files; headers are never stored.
//
// [Schedule] starts the jobs of configured sources, which [LoadSources] reads.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/internal/state"
)

// Defaults and times of a [Runner].
const (
	defaultMaxWaiting  = 20
	DefaultMaxAttempts = 3

	Stale             = 15 * time.Second // without a heartbeat for so long, a runner counts as dead
	heartbeatInterval = 2 * time.Second
	pollInterval      = 5 * time.Second  // for jobs that others started or left behind
	watchInterval     = time.Second      // for jobs that run elsewhere
	writeTimeout      = 10 * time.Second // to the state, when the runner is being stopped
)

// Why a job's context ended.
var (
	errCanceled = errors.New("job: canceled")
	errLost     = errors.New("job: another runner took the job over")
)

// An Ingester ingests targets into an index, as [ingest.Ingester] does.
type Ingester interface {
	Ingest(ctx context.Context, targets []string, rebuild bool) (ingest.Report, error)
}

// A Config is the settings of a [Runner]. State, Index and New are required.
type Config struct {
	State *state.DB
	Index string
	// New returns the Ingester of a crawl, or an error if the crawl is invalid. It is
	// called when a job is started, to validate it, and when the job runs. Unless
	// the crawl's AllowPrivate is set, the Ingester must not fetch from private
	// networks: a request may come from anyone.
	New         func(Crawl) (Ingester, error)
	Sources     []Source     // configured sources, which requests may name
	MaxWaiting  int          // most jobs that wait; 0 means 20
	MaxAttempts int          // most runners that may die during a job; 0 means DefaultMaxAttempts; with 1, a killed job is not run again
	Log         *slog.Logger // nil means silence
}

// A Runner runs jobs. It is safe for concurrent use.
type Runner struct {
	config  Config
	log     *slog.Logger
	owner   string
	wake    chan struct{} // a job was started
	stopped chan struct{} // Run has ended

	mu      sync.Mutex
	current *runningJob // the job that runs here; nil if none does
}

// New returns a Runner.
func New(c Config) (*Runner, error) {
	if c.State == nil || c.Index == "" || c.New == nil {
		return nil, errors.New("job: Config.State, Index and New must be set")
	}
	if c.MaxWaiting < 0 || c.MaxAttempts < 0 {
		return nil, errors.New("job: MaxWaiting and MaxAttempts must not be negative")
	}
	for _, src := range c.Sources {
		if err := src.validate(); err != nil {
			return nil, fmt.Errorf("job: source %q: %w", src.Name, err)
		}
	}
	if c.MaxWaiting == 0 {
		c.MaxWaiting = defaultMaxWaiting
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = DefaultMaxAttempts
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{config: c, log: c.Log, owner: uuid.NewString(), wake: make(chan struct{}, 1), stopped: make(chan struct{})}, nil
}

// Start queues a job. The error is an [ErrRequest] if the request can't be run, and
// a [state.ErrFull] if the queue is full. If the request names a configured source
// that has an unfinished job, Start returns that job.
func (r *Runner) Start(ctx context.Context, q Request) (state.Job, error) {
	c, err := r.crawl(q)
	if err != nil {
		return state.Job{}, fmt.Errorf("job: %w", err)
	}
	if _, err := r.config.New(c); err != nil {
		return state.Job{}, fmt.Errorf("job: %w: %w", ErrRequest, err)
	}
	b, err := json.Marshal(q)
	if err != nil {
		// Unreachable: a request holds strings and validated numbers.
		return state.Job{}, fmt.Errorf("job: %w", err)
	}
	j, err := r.config.State.AddJob(ctx, state.Job{Index: r.config.Index, Configured: q.Configured, Request: b}, r.config.MaxWaiting)
	if err != nil {
		return state.Job{}, err
	}
	select {
	case r.wake <- struct{}{}:
	default: // it will wake up
	}
	return j, nil
}

// Job returns the current state of the job with an id. The error is [state.ErrNotFound] if
// the index has no such job.
func (r *Runner) Job(ctx context.Context, id string) (state.Job, error) {
	if l := r.running(id); l != nil {
		j, _ := l.snapshot()
		return j, nil
	}
	j, err := r.config.State.Job(ctx, id)
	if err == nil && j.Index != r.config.Index {
		err = fmt.Errorf("job: %w", state.ErrNotFound)
	}
	if err != nil {
		return state.Job{}, err
	}
	return j, nil
}

// Jobs returns jobs of the index, newest first, starting after the job with the id
// after; "" means from the newest. A limit of 0 means 100.
func (r *Runner) Jobs(ctx context.Context, after string, limit int) ([]state.Job, error) {
	jobs, err := r.config.State.Jobs(ctx, state.JobFilter{Index: r.config.Index, After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	for i, j := range jobs {
		if l := r.running(j.ID); l != nil {
			jobs[i], _ = l.snapshot()
		}
	}
	return jobs, nil
}

// Cancel stops a job: at once if it waits, soon if it runs, here or elsewhere.
// The error is [state.ErrOver] if it is over, and [state.ErrNotFound] if the index
// has no such job.
func (r *Runner) Cancel(ctx context.Context, id string) (state.Job, error) {
	if _, err := r.Job(ctx, id); err != nil {
		return state.Job{}, err
	}
	j, err := r.config.State.CancelJob(ctx, id)
	if err != nil {
		return state.Job{}, err
	}
	if l := r.running(id); l != nil {
		l.beatSoon()
	}
	return j, nil
}

// Run runs jobs until ctx ends, then returns the running one to the queue and
// returns nil. It may be called once.
func (r *Runner) Run(ctx context.Context) error {
	defer close(r.stopped)
	look := time.NewTicker(pollInterval)
	defer look.Stop()
	for ctx.Err() == nil {
		j, ok, err := r.config.State.ClaimJob(ctx, state.Claim{Index: r.config.Index, Owner: r.owner, Stale: Stale, MaxAttempts: r.config.MaxAttempts})
		switch {
		case ctx.Err() != nil && !ok:
			return nil
		case err != nil:
			r.log.Error("look for jobs", "err", err)
		case ok:
			r.run(ctx, j)
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-look.C:
		}
	}
	return nil
}
