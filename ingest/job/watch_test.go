package job

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/citewell/citewell/internal/state"
)

// TestWatchEnd watches a job that ends after the watcher has found it running here and
// before it waits for a change.
func TestWatchEnd(t *testing.T) {
	t.Parallel()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "s.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := New(Config{State: db, Index: "docs", New: func(Crawl) (Ingester, error) { return nil, nil }})
	if err != nil {
		t.Fatal(err)
	}
	added, err := db.AddJob(t.Context(), state.Job{Index: "docs", Request: []byte(`{}`)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	j, ok, err := db.ClaimJob(t.Context(), state.Claim{Index: "docs", Owner: r.owner, Stale: Stale, MaxAttempts: 1})
	if err != nil || !ok {
		t.Fatalf("ClaimJob() = %v, %v", ok, err)
	}
	r.setCurrent(newRunningJob(j, func(error) {}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last state.JobState
	for j, err := range r.Watch(ctx, added.ID) {
		if err != nil {
			t.Fatal(err)
		}
		if last = j.State; last == state.Running {
			r.setCurrent(nil)
			j.State = state.Done
			if err := db.FinishJob(t.Context(), r.owner, j); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last != state.Done {
		t.Errorf("the last state is %q, want done", last)
	}
}
