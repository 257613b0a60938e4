package job

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/internal/state"
)

// A runningJob is the job that a runner runs.
type runningJob struct {
	id      string
	cancel  context.CancelCauseFunc // of the job's context
	beatNow chan struct{}           // the state has news of the job

	mu      sync.Mutex
	job     state.Job
	changed chan struct{} // closed at the next change of job
}

func newRunningJob(j state.Job, cancel context.CancelCauseFunc) *runningJob {
	return &runningJob{id: j.ID, job: j, cancel: cancel, beatNow: make(chan struct{}, 1), changed: make(chan struct{})}
}

// snapshot returns the job, and what is closed at its next change.
func (l *runningJob) snapshot() (state.Job, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.job, l.changed
}

// update changes the job and tells who watches it.
func (l *runningJob) update(change func(*state.Job)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.job)
	close(l.changed)
	l.changed = make(chan struct{})
}

// beatSoon makes the next heartbeat come at once.
func (l *runningJob) beatSoon() {
	select {
	case l.beatNow <- struct{}{}:
	default: // it comes
	}
}

// progress is how far a job is, as it is stored and sent. Pages unless said
// otherwise.
type progress struct {
	Found     int     `json:"found"`
	Fetched   int     `json:"fetched"`
	Unchanged int     `json:"unchanged"`
	Embedded  int     `json:"embedded"` // chunks
	Stored    int     `json:"stored"`
	Failed    int     `json:"failed"` // or skipped
	Seconds   float64 `json:"seconds"`
}

// progress is for ingest.Config.Progress.
func (l *runningJob) progress(p ingest.Progress) {
	b, err := json.Marshal(progress{Found: p.Found, Fetched: p.Fetched, Unchanged: p.Unchanged, Embedded: p.Embedded,
		Stored: p.Stored, Failed: p.Failed, Seconds: p.Elapsed.Seconds()})
	if err != nil {
		// Unreachable: numbers have a JSON form.
		return
	}
	l.update(func(j *state.Job) { j.Progress = b })
}

// running returns the job of an id if it runs here.
func (r *Runner) running(id string) *runningJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil || r.current.id != id {
		return nil
	}
	return r.current
}

func (r *Runner) setCurrent(l *runningJob) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = l
}

// run runs a job that was claimed, and writes what became of it.
func (r *Runner) run(ctx context.Context, j state.Job) {
	jobCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l := newRunningJob(j, cancel)
	r.setCurrent(l)
	if j.Attempts > 1 {
		r.log.Info("continue job", "job", j.ID, "attempt", j.Attempts)
	}
	// Heartbeats go on while a job that is stopped winds up.
	quit := make(chan struct{})
	var tending sync.WaitGroup
	tending.Go(func() { r.heartbeat(context.WithoutCancel(ctx), l, quit) })
	report, err := r.ingest(jobCtx, l)
	close(quit)
	tending.Wait()

	j, _ = l.snapshot()
	switch cause := context.Cause(jobCtx); {
	case err == nil:
		j.State = state.Done
	case errors.Is(cause, errLost):
		r.log.Warn("job is another's", "job", j.ID)
	case errors.Is(cause, errCanceled):
		j.State = state.Canceled
	case ctx.Err() != nil:
		j.State = state.Queued
	default:
		j.State, j.Error = state.Failed, err.Error()
	}
	if j.State != state.Queued && j.State != state.Running {
		if b, err := json.Marshal(report); err == nil { // a report is made of strings and numbers
			j.Report = b
		}
	}
	if j.State != state.Running {
		r.finish(ctx, j)
	}
	r.setCurrent(nil)
	l.update(func(*state.Job) {}) // who watches looks into the state now
}

// finish writes the end of a job. If that fails the job will be run again, which
// changes nothing.
func (r *Runner) finish(ctx context.Context, j state.Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if err := r.config.State.FinishJob(ctx, r.owner, j); err != nil {
		r.log.Error("write the end of a job", "job", j.ID, "state", string(j.State), "err", err)
		return
	}
	r.log.Info("job ends", "job", j.ID, "state", string(j.State), "err", j.Error)
}

// ingest does what the job asks for.
func (r *Runner) ingest(ctx context.Context, l *runningJob) (ingest.Report, error) {
	j, _ := l.snapshot()
	var q Request
	if err := json.Unmarshal(j.Request, &q); err != nil {
		return ingest.Report{}, err
	}
	c, err := r.crawl(q) // again: a configured source may have changed
	if err != nil {
		return ingest.Report{}, err
	}
	c.Progress = l.progress
	in, err := r.config.New(c)
	if err != nil {
		return ingest.Report{}, err
	}
	return in.Ingest(ctx, c.Targets, c.Rebuild)
}

// heartbeat says every few seconds that the job is alive, and cancels it if it is to
// stop or if another may have taken it.
func (r *Runner) heartbeat(ctx context.Context, l *runningJob, quit <-chan struct{}) {
	tick := time.NewTicker(heartbeatInterval)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-quit:
			return
		case <-l.beatNow:
		case <-tick.C:
		}
		j, _ := l.snapshot()
		begun := time.Now()
		beat, stop := context.WithTimeout(ctx, writeTimeout)
		canceling, err := r.config.State.BeatJob(beat, j.ID, r.owner, j.Progress)
		stop()
		switch {
		case errors.Is(err, state.ErrOver):
			l.cancel(errLost)
			return
		case err != nil:
			r.log.Warn("heartbeat of a job", "job", j.ID, "err", err)
			if time.Since(last) > Stale-heartbeatInterval {
				l.cancel(errLost)
			}
			continue
		}
		last = begun
		if canceling && !j.Canceling {
			l.update(func(j *state.Job) { j.Canceling = true })
			l.cancel(errCanceled)
		}
	}
}
