package job

import (
	"context"
	"iter"
	"time"

	"github.com/citewell/citewell/internal/state"
)

// Watch yields the current state of the job with an id, then every change, wherever
// the job runs. It ends when the job is over, ctx ends or an error occurs, which it
// yields, or when the runner stops: then the last job yielded is not over.
func (r *Runner) Watch(ctx context.Context, id string) iter.Seq2[state.Job, error] {
	return func(yield func(state.Job, error) bool) {
		var last state.Job
		look := time.NewTicker(watchInterval)
		defer look.Stop()
		for {
			var changed <-chan struct{} // never, for a job that runs elsewhere
			var j state.Job
			var err error
			if l := r.running(id); l != nil {
				j, changed = l.snapshot()
			} else {
				j, err = r.Job(ctx, id)
			}
			if err != nil {
				yield(state.Job{}, err)
				return
			}
			if !same(j, last) && !yield(j, nil) || j.State.Over() {
				return
			}
			last = j
			select {
			case <-changed:
			case <-look.C: // the job may have ended between running and snapshot: then nothing changes any more
			case <-ctx.Done():
				yield(state.Job{}, ctx.Err())
				return
			case <-r.stopped:
				return
			}
		}
	}
}

// same reports whether watchers need not be told of b after a.
func same(a, b state.Job) bool {
	return a.ID == b.ID && a.State == b.State && a.Canceling == b.Canceling && a.Attempts == b.Attempts && string(a.Progress) == string(b.Progress)
}
