package state_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/pgtest"
	"github.com/citewell/citewell/internal/state"
)

// lockName is longer than what PostgreSQL shows of the name of a session.
const lockName = "http://milvus.example.com:19530/an_index_whose_name_is_as_long_as_it_may_be_for_an_index"

// holdLock holds the lock until its process ends.
func holdLock(ctx context.Context, dsn string) error {
	l, heldBy, err := state.TryLock(ctx, dsn, lockName, "the child")
	if l == nil {
		return fmt.Errorf("held by %q: %w", heldBy, err)
	}
	fmt.Println("locked")
	<-ctx.Done()
	return nil
}

// mustLock gets the lock, which is released when t ends.
func mustLock(t *testing.T, dsn, note string) *state.Lock {
	t.Helper()
	l, heldBy, err := state.TryLock(t.Context(), dsn, lockName, note)
	if l == nil || err != nil {
		t.Fatalf("TryLock() = %v, held by %q, %v, want a lock", l, heldBy, err)
	}
	if err := l.Validate(t.Context()); err != nil {
		t.Errorf("Validate() of a new lock = %v", err)
	}
	return l
}

// wantHeld tries to get a lock that another holder has.
func wantHeld(t *testing.T, dsn, by string) {
	t.Helper()
	if l, heldBy, err := state.TryLock(t.Context(), dsn, lockName, "nobody"); l != nil || err != nil || heldBy != by {
		t.Errorf("TryLock() = %v, held by %q, %v, want held by %q", l, heldBy, err, by)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	first := mustLock(t, dsn, "the first")
	wantHeld(t, dsn, "the first")
	other, _, err := state.TryLock(t.Context(), dsn, "another name", "the other")
	if other == nil || err != nil {
		t.Fatalf("TryLock() of another name = %v, %v", other, err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := first.Validate(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("Validate() with a canceled context = %v", err)
	}
	if err := first.Validate(t.Context()); err != nil {
		t.Errorf("Validate() after a canceled one = %v", err)
	}
	if err := first.Release(canceled); err != nil {
		t.Errorf("Release() with a canceled context = %v", err)
	}
	if err := first.Validate(t.Context()); err == nil {
		t.Error("Validate() of a released lock succeeded")
	}
	second := mustLock(t, dsn, "the second")
	wantHeld(t, dsn, "the second")

	// The session ends on the side of PostgreSQL.
	rawExec(t, dsn, `SELECT pg_terminate_backend(backend, 5000) FROM lock_holders WHERE note = 'the second'`)
	third := mustLock(t, dsn, "the third")
	for range 2 {
		if err := second.Validate(t.Context()); !errors.Is(err, state.ErrLockLost) {
			t.Errorf("Validate() of a lost lock = %v, want ErrLockLost", err)
		}
	}
	wantHeld(t, dsn, "the third")
	for _, l := range []*state.Lock{second, third, other} {
		if err := l.Release(t.Context()); err != nil {
			t.Errorf("Release() = %v", err)
		}
	}
	if _, _, err := state.TryLock(t.Context(), "file.db", lockName, ""); err == nil {
		t.Error("TryLock() in a file succeeded")
	}
}

// TestLockRace tries to get one lock many times at once.
func TestLockRace(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	var holders, got atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				l, _, err := state.TryLock(t.Context(), dsn, lockName, "one of them")
				if err != nil {
					t.Errorf("TryLock() = %v", err)
				}
				if l == nil {
					continue
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d holders at once", n)
				}
				got.Add(1)
				holders.Add(-1)
				if err := l.Release(t.Context()); err != nil {
					t.Errorf("Release() = %v", err)
				}
			}
		})
	}
	all.Wait()
	if got.Load() == 0 {
		t.Error("nobody got the lock")
	}
}

// TestLockHolderEnds kills and stops a process that holds the lock.
func TestLockHolderEnds(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		signal syscall.Signal
		within time.Duration
	}{
		{"killed", syscall.SIGKILL, time.Minute},
		{"stopped", syscall.SIGSTOP, time.Minute}, // 15 s without a sign of life
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.DSN(t)
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), "STATE_TEST_LOCKER="+dsn)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			if s := bufio.NewScanner(out); !s.Scan() || s.Text() != "locked" {
				t.Fatal("the process did not get the lock")
			}
			wantHeld(t, dsn, "the child")
			if err := cmd.Process.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) {
				l, _, err := state.TryLock(t.Context(), dsn, lockName, "the next")
				if err != nil {
					t.Fatalf("TryLock() = %v", err)
				}
				if l != nil {
					t.Logf("released after %v", time.Since(begun))
					if err := l.Release(t.Context()); err != nil {
						t.Errorf("Release() = %v", err)
					}
					return
				}
				if time.Since(begun) > tt.within {
					t.Fatalf("still held after %v", time.Since(begun))
				}
			}
		})
	}
}
