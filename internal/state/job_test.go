package state_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/citewell/citewell/internal/state"
)

const stale = 15 * time.Second

// add adds a job of the index docs.
func add(t *testing.T, d *state.DB, configured string) state.Job {
	t.Helper()
	j, err := d.AddJob(t.Context(), state.Job{Index: "docs", Configured: configured, Request: json.RawMessage(`{"targets":["https://e.example/"]}`)}, 10)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// claim claims a job for an owner and returns its id, or "".
func claim(t *testing.T, d *state.DB, owner string) string {
	t.Helper()
	j, ok, err := d.ClaimJob(t.Context(), state.Claim{Index: "docs", Owner: owner, Stale: stale, MaxAttempts: 3})
	if err != nil {
		t.Fatal(err)
	}
	if ok != (j.ID != "") || ok && j.State != state.Running {
		t.Errorf("ClaimJob = %+v, %t", j, ok)
	}
	return j.ID
}

func job(t *testing.T, d *state.DB, id string) state.Job {
	t.Helper()
	j, err := d.Job(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestJobLife(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn}, now)
		created := *now
		j := add(t, d, "")
		want := state.Job{ID: j.ID, Index: "docs", State: state.Queued, Created: created, Request: json.RawMessage(`{"targets":["https://e.example/"]}`)}
		if diff := cmp.Diff(want, j) + cmp.Diff(want, job(t, d, j.ID)); diff != "" {
			t.Errorf("queued (-want +got):\n%s", diff)
		}
		*now = now.Add(time.Second)
		if got := claim(t, d, "me"); got != j.ID {
			t.Fatalf("claimed %q, want %q", got, j.ID)
		}
		if canceling, err := d.BeatJob(t.Context(), j.ID, "me", json.RawMessage(`{"found":3}`)); canceling || err != nil {
			t.Errorf("BeatJob = %t, %v", canceling, err)
		}
		want.State, want.Attempts, want.Started, want.Progress = state.Running, 1, *now, json.RawMessage(`{"found":3}`)
		if diff := cmp.Diff(want, job(t, d, j.ID)); diff != "" {
			t.Errorf("running (-want +got):\n%s", diff)
		}
		*now = now.Add(time.Minute)
		want.State, want.Finished, want.Report, want.Error = state.Failed, *now, json.RawMessage(`{"pages":3}`), "no luck"
		if err := d.FinishJob(t.Context(), "me", want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, job(t, d, j.ID)); diff != "" {
			t.Errorf("finished (-want +got):\n%s", diff)
		}
		_, beat := d.BeatJob(t.Context(), j.ID, "me", nil)
		_, cancel := d.CancelJob(t.Context(), j.ID)
		for name, err := range map[string]error{"beat": beat, "cancel": cancel, "finish": d.FinishJob(t.Context(), "me", want)} {
			if !errors.Is(err, state.ErrOver) {
				t.Errorf("%s after the end = %v, want ErrOver", name, err)
			}
		}
		_, get := d.Job(t.Context(), "none")
		_, cancel = d.CancelJob(t.Context(), "none")
		if !errors.Is(get, state.ErrNotFound) || !errors.Is(cancel, state.ErrNotFound) {
			t.Errorf("of no job: get = %v, cancel = %v, want ErrNotFound", get, cancel)
		}
	})
}

// TestQueue checks that jobs of one index run one after the other, oldest first,
// and that too many are refused.
func TestQueue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		first, second := add(t, d, ""), add(t, d, "")
		other, err := d.AddJob(t.Context(), state.Job{Index: "other"}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.AddJob(t.Context(), state.Job{Index: "docs"}, 2); !errors.Is(err, state.ErrFull) {
			t.Errorf("a third job = %v, want ErrFull", err)
		}
		if got := claim(t, d, "me"); got != first.ID {
			t.Errorf("first claim = %q, want the oldest", got)
		}
		if got := claim(t, d, "me") + claim(t, d, "you"); got != "" {
			t.Errorf("claim beside a running job = %q", got)
		}
		if j, ok, err := d.ClaimJob(t.Context(), state.Claim{Index: "other", Owner: "me", Stale: stale, MaxAttempts: 3}); j.ID != other.ID || !ok || err != nil {
			t.Errorf("claim of the other index = %+v, %t, %v", j, ok, err)
		}
		if err := d.FinishJob(t.Context(), "me", state.Job{ID: first.ID, State: state.Done}); err != nil {
			t.Fatal(err)
		}
		if got := claim(t, d, "you"); got != second.ID {
			t.Errorf("claim after the first = %q, want the second", got)
		}
	})
}

// TestOneClaims checks that of many who want a job one gets it.
func TestOneClaims(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		e := open(t, state.Config{DSN: dsn}, nil)
		for range 3 {
			add(t, d, "")
		}
		var all sync.WaitGroup
		var got atomic.Int32
		for i := range 8 {
			all.Go(func() {
				db := []*state.DB{d, e}[i%2]
				_, ok, err := db.ClaimJob(t.Context(), state.Claim{Index: "docs", Owner: fmt.Sprint(i), Stale: stale, MaxAttempts: 3})
				if err != nil {
					t.Error(err)
				}
				if ok {
					got.Add(1)
				}
			})
		}
		all.Wait()
		if got.Load() != 1 {
			t.Errorf("%d of 8 got a job, want one", got.Load())
		}
	})
}

// TestDeadOwner checks what becomes of a job whose process was killed.
func TestDeadOwner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn}, now)
		j, younger := add(t, d, ""), add(t, d, "")
		started := *now
		for attempt, owner := range []string{"a", "b", "c"} {
			if got := claim(t, d, owner); got != j.ID {
				t.Fatalf("attempt %d: claimed %q, want the oldest", attempt+1, got)
			}
			*now = now.Add(stale)
			if got := claim(t, d, "next"); got != "" {
				t.Errorf("claimed %q of an owner that may live", got)
			}
			*now = now.Add(time.Second)
		}
		if got := claim(t, d, "next"); got != younger.ID {
			t.Errorf("after three dead owners %q is claimed, want the next job", got)
		}
		got := job(t, d, j.ID)
		want := state.Job{State: state.Interrupted, Attempts: 3, Started: started, Finished: *now, Error: "the process that ran it ended"}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(state.Job{}, "ID", "Index", "Created", "Request")); diff != "" {
			t.Errorf("job of three dead owners (-want +got):\n%s", diff)
		}
		if _, err := d.BeatJob(t.Context(), j.ID, "c", nil); !errors.Is(err, state.ErrOver) {
			t.Errorf("the heartbeat of one taken for dead = %v, want ErrOver", err)
		}
	})
}

func TestGiveBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		j := add(t, d, "")
		claim(t, d, "a")
		if err := d.FinishJob(t.Context(), "a", state.Job{ID: j.ID, State: state.Queued, Progress: json.RawMessage(`{"found":1}`)}); err != nil {
			t.Fatal(err)
		}
		got := job(t, d, j.ID)
		if got.State != state.Queued || got.Attempts != 0 || !got.Finished.IsZero() || string(got.Progress) != `{"found":1}` {
			t.Errorf("a job given back = %+v", got)
		}
		if id := claim(t, d, "b"); id != j.ID {
			t.Errorf("claimed %q, want the job given back", id)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn}, now)
		running, orphan, waiting := add(t, d, ""), add(t, d, ""), add(t, d, "")
		if got, err := d.CancelJob(t.Context(), waiting.ID); err != nil || got.State != state.Canceled || !got.Finished.Equal(*now) {
			t.Errorf("cancel of one that waits = %+v, %v", got, err)
		}
		claim(t, d, "a")
		if got, err := d.CancelJob(t.Context(), running.ID); err != nil || got.State != state.Running || !got.Canceling {
			t.Errorf("cancel of one that runs = %+v, %v", got, err)
		}
		if canceling, err := d.BeatJob(t.Context(), running.ID, "a", nil); !canceling || err != nil {
			t.Errorf("the owner's heartbeat = %t, %v, want to be told", canceling, err)
		}
		if err := d.FinishJob(t.Context(), "a", state.Job{ID: running.ID, State: state.Canceled}); err != nil {
			t.Fatal(err)
		}
		if got := job(t, d, running.ID); got.State != state.Canceled || got.Canceling {
			t.Errorf("canceled = %+v", got)
		}
		claim(t, d, "a")
		if _, err := d.CancelJob(t.Context(), orphan.ID); err != nil {
			t.Fatal(err)
		}
		*now = now.Add(stale + time.Second)
		if got := claim(t, d, "b"); got != "" {
			t.Errorf("claimed %q, which was to be canceled", got)
		}
		if got := job(t, d, orphan.ID); got.State != state.Canceled || got.Canceling {
			t.Errorf("canceled, its owner dead = %+v", got)
		}
	})
}

func TestConfiguredOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		j, other := add(t, d, "manual"), add(t, d, "blog")
		if again := add(t, d, "manual"); again.ID != j.ID || other.ID == j.ID {
			t.Errorf("a second job of an unfinished source = %s, want %s", again.ID, j.ID)
		}
		claim(t, d, "a")
		if again := add(t, d, "manual"); again.ID != j.ID {
			t.Errorf("a second job of a running source = %s, want %s", again.ID, j.ID)
		}
		if err := d.FinishJob(t.Context(), "a", state.Job{ID: j.ID, State: state.Done}); err != nil {
			t.Fatal(err)
		}
		if again := add(t, d, "manual"); again.ID == j.ID {
			t.Error("a job that is over is returned as a new one")
		}
	})
}

func TestListJobs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		a, b, c := add(t, d, "x"), add(t, d, ""), add(t, d, "")
		if _, err := d.AddJob(t.Context(), state.Job{Index: "other"}, 1); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name   string
			filter state.JobFilter
			want   []string
		}{
			{"of an index", state.JobFilter{Index: "docs"}, []string{c.ID, b.ID, a.ID}},
			{"first page", state.JobFilter{Index: "docs", Limit: 2}, []string{c.ID, b.ID}},
			{"second page", state.JobFilter{Index: "docs", Limit: 2, After: b.ID}, []string{a.ID}},
			{"configured", state.JobFilter{Configured: "x"}, []string{a.ID}},
			{"none", state.JobFilter{Index: "none"}, nil},
		} {
			jobs, err := d.Jobs(t.Context(), tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, j := range jobs {
				got = append(got, j.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}
