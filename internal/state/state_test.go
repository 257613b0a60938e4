package state_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/pgtest"
	"github.com/citewell/citewell/internal/state"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv("STATE_TEST_WRITER"); dsn != "" {
		if err := write(context.Background(), dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dsn := os.Getenv("STATE_TEST_LOCKER"); dsn != "" {
		if err := holdLock(context.Background(), dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	pgtest.Main(m)
}

// engines are where a state can be.
var engines = []struct {
	name string
	dsn  func(testing.TB) string
}{
	{"sqlite", func(t testing.TB) string { return filepath.Join(t.TempDir(), "a state?%41#.db") }},
	{"postgres", pgtest.DSN},
}

// each runs a test on each engine.
func each(t *testing.T, test func(t *testing.T, dsn string)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e.dsn(t)) })
	}
}

// open opens a state whose clock is now, if that is set.
func open(t *testing.T, c state.Config, now *time.Time) *state.DB {
	t.Helper()
	if now != nil {
		c.Now = func() time.Time { return *now }
	}
	d, err := state.Open(t.Context(), c)
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

func clock() *time.Time {
	now := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	return &now
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		config state.Config
		want   string
	}{
		{"nothing", state.Config{}, "no file"},
		{"negative time", state.Config{DSN: "x.db", Keep: -1}, "negative"},
		{"redaction", state.Config{DSN: "x.db", Redact: "half"}, `"half"`},
		{"no folder", state.Config{DSN: filepath.Join(t.TempDir(), "none", "x.db")}, "no such file"},
		{"no database", state.Config{DSN: "postgres://someone:hunter2@/x?host=" + t.TempDir()}, "PostgreSQL"},
		{"bad address", state.Config{DSN: "postgres://someone:hunter2@[/x"}, "PostgreSQL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := state.Open(t.Context(), tt.config)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("Open = %v, want an error with %q and no password", err, tt.want)
			}
		})
	}
}

func TestOpenNotAState(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Open(t.Context(), state.Config{DSN: file}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("Open = %v, want an error that names the file", err)
	}
}

// TestOpenForeign opens the SQLite database of another program: it is refused and not
// changed.
func TestOpenForeign(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE collection_meta (id INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := state.Open(t.Context(), state.Config{DSN: file}); err == nil || !strings.Contains(err.Error(), "collection_meta") {
		t.Errorf("Open = %v, want an error that names the table", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed, or can't be read: %v", err)
	}
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	open(t, state.Config{DSN: file}, nil)
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

// TestReopen checks that what was written is there for the next process, and
// that migrations run once.
func TestReopen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d, err := state.Open(t.Context(), state.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		id, err := d.RecordQuestion(t.Context(), state.Question{Question: "why"})
		if err := errors.Join(err, d.Ping(t.Context()), d.Close()); err != nil {
			t.Fatal(err)
		}
		again := open(t, state.Config{DSN: dsn}, nil)
		if q, err := again.Question(t.Context(), id); err != nil || q.Question != "why" {
			t.Errorf("Question = %+v, %v", q, err)
		}
	})
}

// write is what one of many processes does: it opens the state, records ten
// questions and adds ten jobs.
func write(ctx context.Context, dsn string) error {
	d, err := state.Open(ctx, state.Config{DSN: dsn})
	if err != nil {
		return err
	}
	for range 10 {
		if _, err := d.RecordQuestion(ctx, state.Question{Question: "q"}); err != nil {
			return err
		}
		if _, err := d.AddJob(ctx, state.Job{Index: "docs", Request: json.RawMessage(`{}`)}, 1000); err != nil {
			return err
		}
	}
	return d.Close()
}

// TestManyProcesses checks that processes that start at once make the state
// together, and lose nothing.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const processes = 6
	each(t, func(t *testing.T, dsn string) {
		var all sync.WaitGroup
		for range processes {
			all.Go(func() {
				cmd := exec.CommandContext(t.Context(), self)
				cmd.Env = append(os.Environ(), "STATE_TEST_WRITER="+dsn)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("a writer: %v: %s", err, out)
				}
			})
		}
		all.Wait()
		d := open(t, state.Config{DSN: dsn}, nil)
		questions, err := d.Questions(t.Context(), state.QuestionFilter{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		jobs, err := d.Jobs(t.Context(), state.JobFilter{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(questions) != 10*processes || len(jobs) != 10*processes {
			t.Errorf("%d questions and %d jobs, want %d of each", len(questions), len(jobs), 10*processes)
		}
	})
}
