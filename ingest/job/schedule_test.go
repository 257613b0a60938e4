package job_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/citewell/citewell/ingest/job"
	"github.com/citewell/citewell/internal/state"
)

// runSchedule runs a schedule of the sources a, b, … with its runner.
func runSchedule(t *testing.T, file string, s *site, every time.Duration, names ...string) (stop func()) {
	t.Helper()
	var sources []job.Source
	for _, n := range names {
		sources = append(sources, job.Source{Name: n, Start: target + n})
	}
	r := newRunner(t, job.Config{State: openState(t, file), New: s.new, Sources: sources})
	sched, err := job.NewSchedule(r, every)
	if err != nil {
		t.Fatal(err)
	}
	stopRunner := run(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := sched.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); running.Wait(); stopRunner() })
	t.Cleanup(stop)
	return stop
}

// count returns how often a source was begun.
func count(s *site, name string) (n int) {
	for _, target := range s.begun() {
		if strings.HasSuffix(target, "/"+name) {
			n++
		}
	}
	return n
}

func TestSchedule(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: time.Minute}
		stop := runSchedule(t, file, s, time.Hour, "a", "b")
		for _, tt := range []struct {
			after time.Duration
			want  int
		}{
			{10 * time.Minute, 1}, {48 * time.Minute, 1}, {10 * time.Minute, 2}, {45 * time.Minute, 2}, {25 * time.Minute, 3},
		} {
			time.Sleep(tt.after)
			if a, b := count(s, "a"), count(s, "b"); a != tt.want || b != tt.want {
				t.Errorf("%v later a was ingested %d times and b %d, want %d", tt.after, a, b, tt.want)
			}
		}
		// A restart does not start the jobs again.
		stop()
		runSchedule(t, file, s, time.Hour, "a", "b", "new")
		time.Sleep(30 * time.Minute)
		if a, n := count(s, "a"), count(s, "new"); a != 3 || n != 1 {
			t.Errorf("after a restart a was ingested %d times and a new source %d, want 3 and 1", a, n)
		}
	})
}

// TestScheduleJitter checks that sources drift apart, within bounds.
func TestScheduleJitter(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		var names []string
		for i := range 12 {
			names = append(names, fmt.Sprint("s", i))
		}
		runSchedule(t, file, &site{takes: time.Second}, time.Hour, names...)
		time.Sleep(67 * time.Minute)
		jobs, err := openState(t, file).Jobs(t.Context(), state.JobFilter{})
		if err != nil || len(jobs) != 24 {
			t.Fatalf("%d jobs, %v, want two of each source", len(jobs), err)
		}
		first := map[string]time.Time{}
		least, most := time.Duration(1<<62), time.Duration(0)
		for i := len(jobs) - 1; i >= 0; i-- {
			j := jobs[i]
			if begin, ok := first[j.Configured]; ok {
				gap := j.Created.Sub(begin)
				least, most = min(least, gap), max(most, gap)
			}
			first[j.Configured] = j.Created
		}
		if least < time.Hour || most > 67*time.Minute || most-least < 20*time.Second {
			t.Errorf("sources are ingested again after %v to %v, want 60 to 67 minutes, and not all at once", least, most)
		}
	})
}

// TestScheduleNoOverlap checks that a source is not begun while its last job runs,
// also by another replica.
func TestScheduleNoOverlap(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: 10 * time.Minute}
		runSchedule(t, file, s, 2*time.Minute, "a")
		runSchedule(t, file, s, 2*time.Minute, "a")
		d := openState(t, file)
		for turn := range 30 {
			time.Sleep(2 * time.Minute)
			jobs, err := d.Jobs(t.Context(), state.JobFilter{})
			if err != nil {
				t.Fatal(err)
			}
			unfinished := 0
			for _, j := range jobs {
				if !j.State.Over() {
					unfinished++
				}
			}
			if unfinished > 1 {
				t.Fatalf("after %d turns %d jobs of a source are unfinished", turn+1, unfinished)
			}
		}
		if n := count(s, "a"); n < 5 || n > 6 {
			t.Errorf("in an hour a source that takes ten minutes was begun %d times, want 5 or 6", n)
		}
	})
}

func TestScheduleRefuses(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		d := openState(t, file)
		none := newRunner(t, job.Config{State: d, New: new(site).new})
		if _, err := job.NewSchedule(none, time.Hour); err == nil || !strings.Contains(err.Error(), "configuration") {
			t.Errorf("a schedule of no source: %v", err)
		}
		one := newRunner(t, job.Config{State: d, New: new(site).new, Sources: []job.Source{{Name: "a", Start: target}}})
		if _, err := job.NewSchedule(one, time.Second); err == nil || !strings.Contains(err.Error(), "1m") {
			t.Errorf("a schedule of every second: %v", err)
		}
	})
}
