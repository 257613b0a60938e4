package job

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/internal/trace"
)

// A runningJob is the job that this runner runs.
type runningJob struct {
	id      string
	cancel  context.CancelCauseFunc // of the job's context
	beatNow chan struct{}           // makes the next heartbeat come at once

	mu      sync.Mutex
	job     state.Job
	changed chan struct{} // closed at the next change of job
}

func newRunningJob(j state.Job, cancel context.CancelCauseFunc) *runningJob {
	return &runningJob{id: j.ID, job: j, cancel: cancel, beatNow: make(chan struct{}, 1), changed: make(chan struct{})}
}

// snapshot returns the job, and a channel that is closed at its next change.
func (l *runningJob) snapshot() (state.Job, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.job, l.changed
}

// update changes the job and wakes its watchers.
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
	default: // one is pending
	}
}

// A Progress is the progress of a job, as it is stored and sent. It counts pages
// unless a field says otherwise.
type Progress struct {
	Found     int     `json:"found"`
	Fetched   int     `json:"fetched"`
	Unchanged int     `json:"unchanged"`
	Embedded  int     `json:"embedded"` // in chunks
	Stored    int     `json:"stored"`
	Failed    int     `json:"failed"` // or skipped
	Seconds   float64 `json:"seconds"`
}

// progress records progress; it is an ingest.Config.Progress.
func (l *runningJob) progress(p ingest.Progress) {
	b, err := json.Marshal(Progress{Found: p.Found, Fetched: p.Fetched, Unchanged: p.Unchanged, Embedded: p.Embedded,
		Stored: p.Stored, Failed: p.Failed, Seconds: p.Elapsed.Seconds()})
	if err != nil {
		// Unreachable: numbers can be encoded.
		return
	}
	l.update(func(j *state.Job) { j.Progress = b })
}

// running returns the job with an id if it runs here; nil otherwise.
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

// run runs a claimed job and stores its result.
func (r *Runner) run(ctx context.Context, j state.Job) {
	traced, span := trace.Start(ctx, "job")
	span.Text("citewell.job", j.ID)
	jobCtx, cancel := context.WithCancelCause(traced)
	defer cancel(nil)
	l := newRunningJob(j, cancel)
	r.setCurrent(l)
	if j.Attempts > 1 {
		r.log.Info("continue job", "job", j.ID, "attempt", j.Attempts)
	}
	// Heartbeats continue while a stopped job finishes.
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
		r.log.Warn("another runner has the job", "job", j.ID)
	case errors.Is(cause, errCanceled):
		j.State = state.Canceled
	case ctx.Err() != nil:
		j.State = state.Queued
	default:
		j.State, j.Error = state.Failed, problem.Text(err.Error())
	}
	if j.State != state.Queued && j.State != state.Running {
		if b, err := json.Marshal(report); err == nil { // always: a report holds strings and numbers
			j.Report = b
		}
	}
	if j.State != state.Running {
		r.finish(traced, j)
	}
	span.End(err) // before those who wait for the job are told
	r.setCurrent(nil)
	l.update(func(*state.Job) {}) // watchers read the state from now on
}

// finish stores the end of a job. If that fails, the job runs again, which changes
// nothing.
func (r *Runner) finish(ctx context.Context, j state.Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if err := r.config.State.FinishJob(ctx, r.owner, j); err != nil {
		r.log.ErrorContext(ctx, "write the end of a job", "job", j.ID, "state", string(j.State), "err", err)
		return
	}
	r.log.InfoContext(ctx, "job ends", "job", j.ID, "state", string(j.State), "err", j.Error)
}

// ingest runs the ingestion of a job.
func (r *Runner) ingest(ctx context.Context, l *runningJob) (ingest.Report, error) {
	j, _ := l.snapshot()
	var q Request
	if err := json.Unmarshal(j.Request, &q); err != nil {
		return ingest.Report{}, err
	}
	c, err := r.crawl(q) // validated again: a configured source may have changed
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

// heartbeat stores every few seconds that the job is alive and its progress. It
// cancels the job if it was canceled elsewhere, or if another runner may have it.
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
