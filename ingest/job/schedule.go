package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/citewell/citewell/internal/state"
)

// Times of a [Schedule].
const (
	minInterval = time.Minute
	jitterShare = 0.1         // at most, of the interval: so that sites of one host are not always crawled at once
	retryAfter  = time.Minute // for a source that can't be started now
)

// A Schedule starts the jobs of configured sources at an interval. A source is due
// when its last job was started longer ago than the interval. That job counts
// whoever started it, also before a restart, and however it ended. A source with an
// unfinished job is not started. Several replicas may run the same schedule.
type Schedule struct {
	runner *Runner
	every  time.Duration
	log    *slog.Logger
	due    map[string]dueTime
}

// A dueTime is the time at which a source is due after its last job.
type dueTime struct {
	last string // id of the job
	at   time.Time
}

// NewSchedule returns a Schedule of all sources of the runner.
func NewSchedule(r *Runner, every time.Duration) (*Schedule, error) {
	if every < minInterval {
		return nil, fmt.Errorf("job: invalid interval %v: want at least %v", every, minInterval)
	}
	if len(r.config.Sources) == 0 {
		return nil, errors.New("job: no sources to ingest at an interval: list some in the configuration file")
	}
	return &Schedule{runner: r, every: every, log: r.log, due: map[string]dueTime{}}, nil
}

// Run starts jobs until ctx ends, and returns nil. It may be called once.
func (s *Schedule) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		next := time.Now().Add(s.every)
		for _, src := range s.runner.config.Sources {
			at, err := s.startIfDue(ctx, src.Name)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				s.log.Warn("ingest a source again", "source", src.Name, "err", err)
			}
			if at.Before(next) {
				next = at
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(next)):
		}
	}
	return nil
}

// startIfDue starts a source's job if it is due, and returns when to check again.
func (s *Schedule) startIfDue(ctx context.Context, name string) (time.Time, error) {
	now := time.Now()
	r := s.runner
	jobs, err := r.config.State.Jobs(ctx, state.JobFilter{Index: r.config.Index, Configured: name, Limit: 1})
	switch {
	case err != nil:
		return now.Add(retryAfter), err
	case len(jobs) > 0 && !jobs[0].State.Over():
		return now.Add(retryAfter), nil
	case len(jobs) > 0:
		if at := s.dueAfter(name, jobs[0]); now.Before(at) {
			return at, nil
		}
	}
	if _, err := r.Start(ctx, Request{Configured: name}); err != nil {
		return now.Add(retryAfter), err
	}
	return now.Add(retryAfter), nil
}

// dueAfter returns when a source is due after its last job j.
func (s *Schedule) dueAfter(name string, j state.Job) time.Time {
	t := s.due[name]
	if t.last != j.ID {
		t = dueTime{j.ID, j.Created.Add(s.every + time.Duration(rand.Float64()*jitterShare*float64(s.every)))}
		s.due[name] = t
	}
	return t.at
}
