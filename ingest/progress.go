package ingest

import "time"

// progressEvery is the time between two calls of Config.Progress.
const progressEvery = 200 * time.Millisecond

// reportProgress calls fn with the progress at a bounded rate, and a last time when
// stop is called.
func (t *tally) reportProgress(fn func(Progress)) (stop func()) {
	if fn == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		var w window
		for more := true; more; {
			select {
			case <-tick.C:
			case <-quit:
				more = false
			}
			t.mu.Lock()
			p := t.progress
			t.mu.Unlock()
			p.Elapsed = time.Since(t.started)
			p.PerSecond = w.pace(p.done(), p.Elapsed)
			if left := p.Found - p.done(); left > 0 && p.PerSecond > 0 {
				p.Remaining = time.Duration(float64(left) / p.PerSecond * float64(time.Second))
			}
			fn(p)
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// A window holds the progress of the last ten seconds.
type window struct {
	at   [50]time.Duration
	done [50]int
	n    int
}

// pace adds a moment and returns how many pages were finished per second since the
// oldest one.
func (w *window) pace(done int, at time.Duration) float64 {
	oldest := 0
	var from time.Duration
	if w.n >= len(w.at) {
		oldest, from = w.done[w.n%len(w.at)], w.at[w.n%len(w.at)]
	}
	w.at[w.n%len(w.at)], w.done[w.n%len(w.at)] = at, done
	w.n++
	if at <= from {
		return 0
	}
	return float64(done-oldest) / (at - from).Seconds()
}
