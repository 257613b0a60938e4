package state_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/state"
)

// lock locks a SQLite file by another connection until the returned function is called.
func lock(t *testing.T, file, how string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range strings.Split(how, ";") {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return func() {
		if err := db.Close(); err != nil { // ends the transaction
			t.Error(err)
		}
	}
}

// TestLocked checks what calls do while another process has the file locked: reading
// works, if the lock allows it, and a write waits no longer than its context.
func TestLocked(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.db")
	d := open(t, state.Config{DSN: file}, nil)
	id, err := d.RecordQuestion(t.Context(), state.Question{Question: "q"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, how string
		readable  bool
	}{
		{"writer", "BEGIN IMMEDIATE", true},
		{"exclusive", "BEGIN EXCLUSIVE", true},
		{"one process only", "PRAGMA locking_mode = EXCLUSIVE;BEGIN IMMEDIATE;DELETE FROM feedback;", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.readable { // such a lock needs that nobody else has the file open
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
			}
			unlock := lock(t, file, tt.how)
			const limit = 300 * time.Millisecond
			// A call that waits for the lock is to end with its context, others need not wait.
			within := func(what string, want error, fn func(context.Context) error) {
				t.Helper()
				ctx, cancel := t.Context(), func() {}
				if want != nil {
					ctx, cancel = context.WithTimeout(ctx, limit)
				}
				defer cancel()
				start := time.Now()
				err := fn(ctx)
				if d := time.Since(start); !errors.Is(err, want) || d > 10*time.Second { // SQLite itself would wait for 15 s
					t.Errorf("%s = %v after %v, want %v", what, err, d, want)
				}
			}
			var none error
			reads := none
			if !tt.readable {
				reads = context.DeadlineExceeded
			}
			within("Open", reads, func(ctx context.Context) error {
				second, err := state.Open(ctx, state.Config{DSN: file})
				if err == nil {
					err = second.Close()
				}
				return err
			})
			if tt.readable {
				within("Questions", none, func(ctx context.Context) error {
					_, err := d.Questions(ctx, state.QuestionFilter{})
					return err
				})
				within("RecordQuestion", context.DeadlineExceeded, func(ctx context.Context) error {
					_, err := d.RecordQuestion(ctx, state.Question{Question: "q"})
					return err
				})
				within("SetFeedback", context.DeadlineExceeded, func(ctx context.Context) error {
					_, err := d.SetFeedback(ctx, state.Feedback{QuestionID: id, Vote: 1})
					return err
				})
				time.AfterFunc(limit, unlock)
				if _, err := d.RecordQuestion(t.Context(), state.Question{Question: "waits"}); err != nil {
					t.Errorf("RecordQuestion during a short lock = %v", err)
				}
				return
			}
			unlock()
		})
	}
}

// TestMaxBytes checks that a file does not grow beyond its bound, and that the newest
// questions are kept.
func TestMaxBytes(t *testing.T) {
	t.Parallel()
	const bound = 2 << 20
	file := filepath.Join(t.TempDir(), "state.db")
	d := open(t, state.Config{DSN: file, MaxBytes: bound}, nil)
	const n = 3000
	for i := range n {
		q := state.Question{Question: fmt.Sprintf("%d %s", i, strings.Repeat("x", 2000)), AskedAt: time.Unix(int64(i+1), 0)}
		if _, err := d.RecordQuestion(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Size() > 2*bound {
		t.Errorf("the file has %d bytes (%v), want about %d", info.Size(), err, bound)
	}
	all, err := d.Questions(t.Context(), state.QuestionFilter{Limit: state.MaxLimit})
	if err != nil || len(all) < 300 || !strings.HasPrefix(all[0].Question, fmt.Sprint(n-1)) {
		t.Errorf("%d questions are left (%v), want some hundreds, the newest first", len(all), err)
	}
	if _, err := state.Open(t.Context(), state.Config{DSN: file, MaxBytes: -1}); err == nil {
		t.Error("Open with a negative bound succeeds")
	}
}
