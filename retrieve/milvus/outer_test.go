package milvus

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/pgtest"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
)

// openLocked opens an index with the lease of a server and locks in PostgreSQL.
func openLocked(t *testing.T, file, dsn string, wait time.Duration) *Store {
	t.Helper()
	s := openByRows(t, file, wait)
	s.config.TryLock = func(ctx context.Context, name, note string) (index.Lock, string, error) {
		l, heldBy, err := state.TryLock(ctx, dsn, name, note)
		if l == nil || err != nil {
			return nil, heldBy, err
		}
		return l, "", nil
	}
	return s
}

// endSessions ends every session that holds a lock.
func endSessions(t *testing.T, dsn string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND
		database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestOuterLock runs two runs on one index with locks in PostgreSQL: the second one is
// told which process has the index, waits until it has ended, and can be canceled.
func TestOuterLock(t *testing.T) {
	t.Parallel()
	file, dsn := filepath.Join(t.TempDir(), "a.db"), pgtest.DSN(t)
	first := mustBegin(t, openLocked(t, file, dsn, 0), false)
	put(t, first, "https://example.com/a", "text")

	_, err := openLocked(t, file, dsn, 0).begin(t.Context(), leaseFingerprint, true)
	var busy *index.BusyError
	if !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() || busy.Holder.Since.IsZero() {
		t.Errorf("begin() beside a run = %v, want a BusyError with the holder", err)
	}
	// The lock alone is enough.
	freeze(first)
	begun := time.Now()
	beside := openLocked(t, file, dsn, 2*time.Second)
	impatient(beside)
	if _, err := beside.begin(t.Context(), leaseFingerprint, false); !errors.Is(err, index.ErrBusy) {
		t.Errorf("begin() beside a run without a heartbeat = %v, want ErrBusy", err)
	}
	t.Logf("told after %v", time.Since(begun))

	ctx, cancel := context.WithCancel(t.Context())
	waiting := openLocked(t, file, dsn, time.Hour)
	waiting.config.Waiting = func(h index.Holder) {
		if h.PID != os.Getpid() {
			t.Errorf("waits for %v, want this process", h)
		}
		time.AfterFunc(100*time.Millisecond, cancel)
	}
	if _, err := waiting.begin(ctx, leaseFingerprint, false); !errors.Is(err, context.Canceled) {
		t.Errorf("begin() that was canceled = %v", err)
	}
	next := openLocked(t, file, dsn, time.Minute)
	next.config.Waiting = func(index.Holder) { go first.Close(context.Background()) }
	r := mustBegin(t, next, false)
	put(t, r, "https://example.com/b", "text")
	commitRun(t, r)
	if st, err := next.Stats(t.Context()); err != nil || st.Pages != 2 {
		t.Errorf("Stats() = %+v, %v, want 2 pages", st, err)
	}
}

// TestOuterLockLost ends the session that holds the lock: the run writes and swaps
// nothing more, and the next run can begin.
func TestOuterLockLost(t *testing.T) {
	t.Parallel()
	for _, rebuild := range []bool{false, true} {
		file, dsn := filepath.Join(t.TempDir(), "a.db"), pgtest.DSN(t)
		s := openLocked(t, file, dsn, 0)
		old := mustBegin(t, s, false)
		put(t, old, "https://example.com/old", "text")
		commitRun(t, old)

		r := mustBegin(t, s, rebuild)
		put(t, r, "https://example.com/new", "text")
		endSessions(t, dsn)
		if err := r.Put(t.Context(), []index.Change{pageOf("https://example.com/late", "late")}); !errors.Is(err, state.ErrLockLost) || !strings.Contains(err.Error(), "ingest again") {
			t.Errorf("rebuild %v: Put() after the lock was lost = %v, want ErrLockLost", rebuild, err)
		}
		if _, err := r.Remove(t.Context(), []string{"https://example.com/old"}); !errors.Is(err, state.ErrLockLost) {
			t.Errorf("rebuild %v: Remove() after the lock was lost = %v, want ErrLockLost", rebuild, err)
		}
		if err := r.Commit(t.Context()); !errors.Is(err, state.ErrLockLost) {
			t.Errorf("rebuild %v: Commit() after the lock was lost = %v, want ErrLockLost", rebuild, err)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Errorf("rebuild %v: Close() after the lock was lost = %v", rebuild, err)
		}
		next := mustBegin(t, s, false)
		pages, err := next.Pages(t.Context())
		if _, late := pages["https://example.com/late"]; err != nil || late || pages["https://example.com/old"].URL == "" {
			t.Errorf("rebuild %v: Pages() = %v, %v, want the old page, and not the late one", rebuild, pages, err)
		}
		commitRun(t, next)
	}
}

// TestOuterLockBesideRows tests that a run with a lock respects one without, and that
// no lock stays if it can't begin.
func TestOuterLockBesideRows(t *testing.T) {
	t.Parallel()
	file, dsn := filepath.Join(t.TempDir(), "a.db"), pgtest.DSN(t)
	first := mustBegin(t, openByRows(t, file, 0), false)
	if _, err := openLocked(t, file, dsn, 0).begin(t.Context(), leaseFingerprint, false); !errors.Is(err, index.ErrBusy) {
		t.Errorf("begin() beside a run without a lock = %v, want ErrBusy", err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustBegin(t, openLocked(t, file, dsn, 0), false)
	away := openLocked(t, file, "postgres://127.0.0.1:1/x?sslmode=disable", 0)
	if _, err := away.begin(t.Context(), leaseFingerprint, false); err == nil || errors.Is(err, index.ErrBusy) {
		t.Errorf("begin() without PostgreSQL = %v, want another error", err)
	}
}
