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
	jitterShare = 0.1         // of the interval, at most: sites of one host are not asked all at once for ever
	retryAfter  = time.Minute // for a source that can't be started now
)

// A Schedule starts the jobs of configured sources at an interval. A source is due
// when its last job was started longer ago than that, also before a restart, by
// whom and with what end ever; it is not started while a job of its own is
// unfinished. Several replicas may run the same schedule.
type Schedule struct {
	runner *Runner
	every  time.Duration
	log    *slog.Logger
	due    map[string]dueTime
}

// A dueTime is when a source is due after its last job.
type dueTime struct {
	last string // id of the job
	at   time.Time
}

// NewSchedule returns a Schedule of all sources that the runner knows.
func NewSchedule(r *Runner, every time.Duration) (*Schedule, error) {
	if every < minInterval {
		return nil, fmt.Errorf("job: sources can't be ingested again every %v: %v is the least", every, minInterval)
	}
	if len(r.config.Sources) == 0 {
		return nil, errors.New("job: there is nothing to ingest again: list sources in the configuration file")
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

// startIfDue starts a source's job if it is due, and returns when to look again.
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

// dueAfter returns when a source is due whose last job is j.
func (s *Schedule) dueAfter(name string, j state.Job) time.Time {
	t := s.due[name]
	if t.last != j.ID {
		t = dueTime{j.ID, j.Created.Add(s.every + time.Duration(rand.Float64()*jitterShare*float64(s.every)))}
		s.due[name] = t
	}
	return t.at
}
