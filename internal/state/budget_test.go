package state_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/state"
)

// TestBudgets spends in parallel, settles, and changes the day.
func TestBudgets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		now := clock()
		d := open(t, state.Config{DSN: dsn}, now)
		other := open(t, state.Config{DSN: dsn}, now) // another server
		ctx, day := t.Context(), state.DayOf(*now)
		most := state.Spending{Requests: 10, Tokens: 1000}
		var wg sync.WaitGroup
		var spent atomic.Int64
		for i := range 12 {
			wg.Go(func() {
				db := d
				if i%2 == 0 {
					db = other
				}
				_, ok, err := db.Spend(ctx, "key:wiki", day, state.Spending{Requests: 1, Tokens: 150}, most)
				if err != nil {
					t.Error(err)
				}
				if ok {
					spent.Add(1)
				}
			})
		}
		wg.Wait()
		if spent.Load() != 6 { // 6 × 150 fit 1000
			t.Errorf("%d of 12 spend, want 6", spent.Load())
		}
		for range 6 { // in parallel, each used 50 of its 150
			wg.Go(func() {
				if err := d.Settle(ctx, "key:wiki", day, -100); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		used, ok, err := d.Spend(ctx, "key:wiki", day, state.Spending{Requests: 1, Tokens: 700}, most)
		if err != nil || !ok || used != (state.Spending{Requests: 7, Tokens: 1000}) {
			t.Errorf("Spend after settling = %v, %t, %v", used, ok, err)
		}
		if used, ok, err = d.Spend(ctx, "key:wiki", day, state.Spending{Requests: 1, Tokens: 1}, most); ok || err != nil || used.Tokens != 1000 {
			t.Errorf("Spend above the limit = %v, %t, %v", used, ok, err)
		}
		if used, ok, err = d.Spend(ctx, "new", day, state.Spending{Tokens: 1001}, most); ok || err != nil || used.Tokens != 0 {
			t.Errorf("a first Spend above the limit = %v, %t, %v", used, ok, err)
		}
		if err := d.Settle(ctx, "key:wiki", day, -5000); err != nil {
			t.Error(err)
		}
		if all, err := d.Spent(ctx, day); err != nil || all["key:wiki"] != (state.Spending{Requests: 7}) || len(all) != 1 {
			t.Errorf("Spent = %v, %v", all, err)
		}
		if _, ok, err := d.Spend(ctx, "free", day, state.Spending{Requests: 1, Tokens: 1e12}, state.Spending{}); !ok || err != nil {
			t.Errorf("Spend without limits = %t, %v", ok, err)
		}
		*now = now.Add(40 * 24 * time.Hour)
		if _, _, err := d.Spend(ctx, "key:wiki", state.DayOf(*now), state.Spending{Requests: 1}, most); err != nil {
			t.Error(err)
		}
		if all, err := d.Spent(ctx, day); err != nil || len(all) != 0 {
			t.Errorf("old budgets are kept: %v, %v", all, err)
		}
	})
}
