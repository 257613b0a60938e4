package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/job"
	_ "github.com/citewell/citewell/internal/memorytest"
	"github.com/citewell/citewell/internal/state"
)

// A site is what a fake Ingester ingests: it takes a time, then there is an end.
type site struct {
	takes time.Duration
	err   error

	mu     sync.Mutex
	runs   []string // targets, in the order they were begun
	crawls []job.Crawl
}

func (s *site) new(c job.Crawl) (job.Ingester, error) {
	if c.Selector == "(" {
		return nil, errors.New(`the selector "(" is none`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crawls = append(s.crawls, c)
	return visit{s, c}, nil
}

type visit struct {
	*site
	crawl job.Crawl
}

func (v visit) Ingest(ctx context.Context, targets []string, _ bool) (ingest.Report, error) {
	v.mu.Lock()
	v.runs = append(v.runs, targets...)
	v.mu.Unlock()
	v.crawl.Progress(ingest.Progress{Found: 2, Fetched: 1, Elapsed: time.Second})
	report := ingest.Report{Pages: 1, SkippedByReason: map[string]int{}}
	select {
	case <-ctx.Done():
		return report, ctx.Err()
	case <-time.After(v.takes):
	}
	if v.err != nil {
		return report, v.err
	}
	v.crawl.Progress(ingest.Progress{Found: 2, Fetched: 2, Stored: 2, Elapsed: 2 * time.Second})
	report.Pages, report.Indexed = 2, 2
	return report, nil
}

// begun returns the targets so far.
func (s *site) begun() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.runs)
}

func openState(t *testing.T, file string) *state.DB {
	t.Helper()
	d, err := state.Open(t.Context(), state.Config{DSN: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func newRunner(t *testing.T, c job.Config) *job.Runner {
	t.Helper()
	c.Index = "docs"
	r, err := job.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run runs a runner, until the test or stop ends.
func run(t *testing.T, r *job.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	return stop
}

// bubble runs a test in a bubble of its own time, with the file of a state.
func bubble(t *testing.T, test func(t *testing.T, file string)) {
	file := filepath.Join(t.TempDir(), "state.db")
	synctest.Test(t, func(t *testing.T) { test(t, file) })
}

func start(t *testing.T, r *job.Runner, target string) state.Job {
	t.Helper()
	j, err := r.Start(t.Context(), job.Request{Targets: []string{target}})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// end watches a job until it is over.
func end(t *testing.T, r *job.Runner, id string) (last state.Job) {
	t.Helper()
	for j, err := range r.Watch(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		last = j
	}
	return last
}

const target = "https://e.example/"

func TestRun(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: time.Minute}
		r := newRunner(t, job.Config{State: openState(t, file), New: s.new})
		run(t, r)
		begin := time.Now().UTC()
		j := start(t, r, target)
		type row struct {
			State           state.JobState
			After           time.Duration
			Found, Embedded int
			Pages           int
		}
		var got []row
		for j, err := range r.Watch(t.Context(), j.ID) {
			if err != nil {
				t.Fatal(err)
			}
			var p struct{ Found, Stored int }
			var report ingest.Report
			for b, v := range map[*json.RawMessage]any{&j.Progress: &p, &j.Report: &report} {
				if len(*b) > 0 {
					if err := json.Unmarshal(*b, v); err != nil {
						t.Error(err)
					}
				}
			}
			if j.State == state.Queued || j.State == state.Running && p.Found == 0 {
				continue // whether it is seen is a matter of luck
			}
			got = append(got, row{j.State, time.Since(begin).Truncate(time.Minute), p.Found, p.Stored, report.Pages})
		}
		want := []row{{state.Running, 0, 2, 0, 0}, {state.Done, time.Minute, 2, 2, 2}}
		got = slices.DeleteFunc(got, func(r row) bool { return r.State == state.Running && r.Embedded == 2 })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Watch (-want +got):\n%s", diff)
		}
		done, err := r.Job(t.Context(), j.ID)
		if err != nil || done.Attempts != 1 || string(done.Request) != `{"targets":["https://e.example/"]}` || done.Finished.Sub(begin).Truncate(time.Second) != time.Minute {
			t.Errorf("Job = %+v, %v", done, err)
		}
	})
}

func TestFailed(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{err: errors.New("ingest: nothing was indexed: robots.txt forbids it")}
		r := newRunner(t, job.Config{State: openState(t, file), New: s.new})
		run(t, r)
		j := end(t, r, start(t, r, target).ID)
		if j.State != state.Failed || "ingest: "+j.Error != s.err.Error() || !strings.Contains(string(j.Report), `"pages":1`) {
			t.Errorf("a job that fails = %+v", j)
		}
	})
}

// TestQueue checks that jobs run one after the other in the order of their starts,
// also when two runners share a state, and that no more wait than may.
func TestQueue(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: time.Minute}
		a := newRunner(t, job.Config{State: openState(t, file), New: s.new, MaxWaiting: 4})
		b := newRunner(t, job.Config{State: openState(t, file), New: s.new, MaxWaiting: 4})
		var jobs []state.Job
		var want []string
		for i := range 4 {
			want = append(want, fmt.Sprint(target, i))
			jobs = append(jobs, start(t, []*job.Runner{a, b}[i%2], want[i]))
		}
		if _, err := a.Start(t.Context(), job.Request{Targets: []string{target}}); !errors.Is(err, state.ErrFull) {
			t.Errorf("a fifth job that waits: %v, want ErrFull", err)
		}
		begin := time.Now()
		run(t, a)
		run(t, b)
		for _, j := range jobs {
			end(t, b, j.ID)
		}
		if diff := cmp.Diff(want, s.begun()); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
		if took := time.Since(begin); took < 4*time.Minute || took > 5*time.Minute {
			t.Errorf("four jobs of a minute took %v", took)
		}
		list, err := a.Jobs(t.Context(), jobs[3].ID, 2)
		if err != nil || len(list) != 2 || list[0].ID != jobs[2].ID || list[1].ID != jobs[1].ID {
			t.Errorf("Jobs = %+v, %v", list, err)
		}
	})
}

func TestCancel(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: time.Hour}
		r := newRunner(t, job.Config{State: openState(t, file), New: s.new})
		elsewhere := newRunner(t, job.Config{State: openState(t, file), New: s.new})
		run(t, r)
		for name, by := range map[string]*job.Runner{"by who runs it": r, "by another": elsewhere} {
			begin := time.Now()
			running, waiting := start(t, r, target), start(t, r, target)
			for j := range r.Watch(t.Context(), running.ID) {
				if j.State == state.Running {
					break
				}
			}
			if j, err := by.Cancel(t.Context(), waiting.ID); err != nil || j.State != state.Canceled {
				t.Errorf("%s: cancel of one that waits = %+v, %v", name, j, err)
			}
			if j, err := by.Cancel(t.Context(), running.ID); err != nil || !j.Canceling {
				t.Errorf("%s: cancel of one that runs = %+v, %v", name, j, err)
			}
			if j := end(t, by, running.ID); j.State != state.Canceled || j.Canceling || j.Error != "" {
				t.Errorf("%s: canceled = %+v", name, j)
			}
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("%s: cancel took %v", name, took)
			}
			if _, err := by.Cancel(t.Context(), running.ID); !errors.Is(err, state.ErrOver) {
				t.Errorf("%s: cancel again = %v, want ErrOver", name, err)
			}
		}
		if n := len(s.begun()); n != 2 {
			t.Errorf("%d jobs were run, want 2", n)
		}
		if _, err := r.Cancel(t.Context(), "none"); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("cancel of none = %v, want ErrNotFound", err)
		}
	})
}

// TestRestart checks that a job of a runner that is stopped is given back, and
// that the next goes on with it at once.
func TestRestart(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: time.Minute}
		first := newRunner(t, job.Config{State: openState(t, file), New: s.new})
		stop := run(t, first)
		j := start(t, first, target)
		watched := state.Job{}
		for j, err := range first.Watch(t.Context(), j.ID) {
			if err != nil {
				t.Error(err)
			}
			if watched = j; len(j.Progress) > 0 {
				go stop()
			}
		}
		if watched.State.Over() {
			t.Errorf("who watched last saw %+v, want a job that is not over", watched)
		}
		stop()
		second := newRunner(t, job.Config{State: openState(t, file), New: s.new})
		if j, err := second.Job(t.Context(), j.ID); err != nil || j.State != state.Queued || len(j.Progress) == 0 {
			t.Errorf("between = %+v, %v, want it queued with its progress", j, err)
		}
		begin := time.Now()
		run(t, second)
		got := end(t, second, j.ID)
		if got.State != state.Done || got.Attempts != 1 || time.Since(begin).Truncate(time.Second) != time.Minute {
			t.Errorf("after %v = %+v, want it done in a minute", time.Since(begin), got)
		}
	})
}

// TestKilled checks that a job whose runner was killed is begun again once that
// is sure, and is interrupted if that happens again and again.
func TestKilled(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: time.Minute}
		d := openState(t, file)
		r := newRunner(t, job.Config{State: d, New: s.new})
		j, bad := start(t, r, target), start(t, r, target+"bad")
		// die takes the next job and is heard of no more.
		die := func(want string) {
			if j, ok, err := d.ClaimJob(t.Context(), state.Claim{Index: "docs", Owner: "dead", Stale: job.Stale, MaxAttempts: job.DefaultMaxAttempts}); j.ID != want || !ok || err != nil {
				t.Errorf("ClaimJob = %+v, %t, %v, want %s", j, ok, err, want)
			}
		}
		die(j.ID)
		begin := time.Now()
		stop := run(t, r)
		got := end(t, r, j.ID)
		if took := time.Since(begin); got.State != state.Done || got.Attempts != 2 || took < time.Minute+job.Stale || took > 2*time.Minute {
			t.Errorf("after %v = %+v, want the second attempt done", took, got)
		}
		stop()
		die(bad.ID)
		for range job.DefaultMaxAttempts - 1 {
			time.Sleep(job.Stale + time.Second)
			die(bad.ID)
		}
		again := newRunner(t, job.Config{State: d, New: s.new})
		run(t, again)
		if got := end(t, again, bad.ID); got.State != state.Interrupted || got.Attempts != 3 || got.Error == "" {
			t.Errorf("after three dead runners = %+v", got)
		}
		if slices.Contains(s.begun()[1:], target+"bad") && len(s.begun()) > 2 {
			t.Errorf("runs = %q", s.begun())
		}
	})
}

// TestLost checks that a runner that was taken for dead stops its job and leaves
// it to the other.
func TestLost(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{takes: time.Hour}
		d := openState(t, file)
		r := newRunner(t, job.Config{State: d, New: s.new})
		stop := run(t, r)
		j := start(t, r, target)
		time.Sleep(time.Second)
		later, err := state.Open(t.Context(), state.Config{DSN: file, Now: func() time.Time { return time.Now().Add(time.Hour) }})
		if err != nil {
			t.Fatal(err)
		}
		got, ok, err := later.ClaimJob(t.Context(), state.Claim{Index: "docs", Owner: "other", Stale: job.Stale, MaxAttempts: 3})
		if got.ID != j.ID || !ok || err != nil {
			t.Errorf("ClaimJob = %+v, %t, %v", got, ok, err)
		}
		time.Sleep(5 * time.Second)
		if got, err := r.Job(t.Context(), j.ID); err != nil || got.State != state.Running || got.Attempts != 2 {
			t.Errorf("the other's job = %+v, %v", got, err)
		}
		stop()
		err = later.FinishJob(t.Context(), "other", state.Job{ID: j.ID, State: state.Done})
		if err := errors.Join(err, later.Close()); err != nil {
			t.Errorf("the other can't end its job: %v", err)
		}
	})
}

func TestStartRefuses(t *testing.T) {
	s := &site{}
	r := newRunner(t, job.Config{State: openState(t, filepath.Join(t.TempDir(), "x.db")), New: s.new, Sources: []job.Source{{Name: "manual", Start: target}}})
	for _, tt := range []struct {
		name    string
		request job.Request
		want    string
	}{
		{"nothing", job.Request{}, "no target"},
		{"file", job.Request{Targets: []string{target, "/etc/passwd"}}, "target 2 is not an http"},
		{"file address", job.Request{Targets: []string{"file:///etc/passwd"}}, "not an http"},
		{"no host", job.Request{Targets: []string{"https:///x"}}, "not an http"},
		{"user", job.Request{Targets: []string{"https://ada:secret@e.example/"}}, "user name"},
		{"long", job.Request{Targets: []string{target + strings.Repeat("x", 3000)}}, "longer"},
		{"many", job.Request{Targets: make([]string, 101)}, "more than 100"},
		{"globs", job.Request{Targets: []string{target}, Options: crawl.Options{Include: make([]string, 101)}}, "globs"},
		{"pages", job.Request{Targets: []string{target}, Options: crawl.Options{MaxPages: -1}}, "max_pages"},
		{"depth", job.Request{Targets: []string{target}, Options: crawl.Options{MaxDepth: new(-2)}}, "max_depth"},
		{"rate", job.Request{Targets: []string{target}, Options: crawl.Options{Rate: -1}}, "rate"},
		{"base", job.Request{Targets: []string{target}, Options: crawl.Options{CanonicalBase: "docs"}}, "canonical_base"},
		{"selector", job.Request{Targets: []string{target}, Options: crawl.Options{Selector: "("}}, "selector"},
		{"headers", job.Request{Targets: []string{target}, Options: crawl.Options{Headers: map[string]string{}}}, "only the operator of the server may set headers"},
		{"robots.txt ignored", job.Request{Targets: []string{target}, Options: crawl.Options{IgnoreRobots: true, AllowPrivate: true}}, "may set ignore_robots, allow_private"},
		{"unknown source", job.Request{Configured: "blog"}, "there is manual"},
		{"source and more", job.Request{Configured: "manual", Options: crawl.Options{MaxPages: 3}}, "own settings"},
		{"source and target", job.Request{Configured: "manual", Targets: []string{target}}, "own settings"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.Start(t.Context(), tt.request)
			if !errors.Is(err, job.ErrRequest) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("Start = %v, want an ErrRequest with %q", err, tt.want)
			}
		})
	}
	if jobs, err := r.Jobs(t.Context(), "", 0); err != nil || len(jobs) != 0 {
		t.Errorf("Jobs = %+v, %v, want none", jobs, err)
	}
}

func TestOtherIndex(t *testing.T) {
	d := openState(t, filepath.Join(t.TempDir(), "x.db"))
	r := newRunner(t, job.Config{State: d, New: new(site).new})
	j, err := d.AddJob(t.Context(), state.Job{Index: "other"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, get := r.Job(t.Context(), j.ID)
	_, cancel := r.Cancel(t.Context(), j.ID)
	if !errors.Is(get, state.ErrNotFound) || !errors.Is(cancel, state.ErrNotFound) {
		t.Errorf("of another index: get = %v, cancel = %v, want ErrNotFound", get, cancel)
	}
}

// TestConfigured checks that a source's settings reach the Ingester, and that its
// headers are not stored.
func TestConfigured(t *testing.T) {
	bubble(t, func(t *testing.T, file string) {
		s := &site{}
		src := job.Source{Name: "manual", Start: target, Options: crawl.Options{
			Source: "docs", Include: []string{"/a/**"}, Exclude: []string{"/b"}, Selector: "main", MaxPages: 5, MaxDepth: new(0), Rate: 2.5,
			Headers: map[string]string{"Authorization": "Bearer hunter2"}, CanonicalBase: "https://c.example/", IgnoreRobots: true, AllowPrivate: true}}
		r := newRunner(t, job.Config{State: openState(t, file), New: s.new, Sources: []job.Source{src}})
		run(t, r)
		j, err := r.Start(t.Context(), job.Request{Configured: "manual", Rebuild: true})
		if err != nil {
			t.Fatal(err)
		}
		j = end(t, r, j.ID)
		if j.State != state.Done || j.Configured != "manual" || string(j.Request) != `{"configured":"manual","rebuild":true}` {
			t.Errorf("Job = %+v", j)
		}
		want := job.Crawl{Request: job.Request{Configured: "manual", Targets: []string{target}, Options: src.Options, Rebuild: true}}
		got := s.crawls[len(s.crawls)-1]
		got.Progress = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the Ingester is told (-want +got):\n%s", diff)
		}
	})
}

// TestStoredRequest checks what a stored job is run with.
func TestStoredRequest(t *testing.T) {
	for _, tt := range []struct {
		name, request string
		want          *int
		err           string
	}{
		{"no limit", `{"targets":["https://e.example/"]}`, nil, ""},
		{"the start alone", `{"targets":["https://e.example/"],"max_depth":0}`, new(0), ""},
		{"stored by an older process that still runs", `{"targets":["https://e.example/"],"max_depth":-1}`, nil, "max_depth -1 is negative"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, file string) {
				s := &site{}
				d := openState(t, file)
				j, err := d.AddJob(t.Context(), state.Job{Index: "docs", Request: json.RawMessage(tt.request)}, 1)
				if err != nil {
					t.Fatal(err)
				}
				r := newRunner(t, job.Config{State: d, New: s.new})
				run(t, r)
				j = end(t, r, j.ID)
				if tt.err != "" {
					if j.State != state.Failed || !strings.Contains(j.Error, tt.err) || len(s.crawls) != 0 {
						t.Errorf("Job = %+v, want failed with %q", j, tt.err)
					}
					return
				}
				if diff := cmp.Diff(tt.want, s.crawls[0].MaxDepth); j.State != state.Done || diff != "" {
					t.Errorf("Job = %+v; depth (-want +got):\n%s", j, diff)
				}
			})
		})
	}
}
