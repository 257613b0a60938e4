package state_test

import (
	"database/sql"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/citewell/citewell/internal/state"
)

// rawExec runs a statement on a state behind its back.
func rawExec(t *testing.T, dsn, statement string) {
	t.Helper()
	driver := "pgx"
	if !state.IsPostgres(dsn) {
		driver, dsn = "sqlite", "file:"+(&url.URL{Path: dsn}).EscapedPath()
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestOpenNewer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		open(t, state.Config{DSN: dsn}, nil)
		rawExec(t, dsn, `INSERT INTO citewell_state (version, applied) VALUES (99, 0)`)
		if _, err := state.Open(t.Context(), state.Config{DSN: dsn}); err == nil || !strings.Contains(err.Error(), "99") || !strings.Contains(err.Error(), "newer Citewell") {
			t.Errorf("Open of a newer state = %v", err)
		}
	})
}

// TestOldJobsGo checks that the thousand newest jobs are kept of those that are
// over, and all others.
func TestOldJobsGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		d := open(t, state.Config{DSN: dsn}, nil)
		waiting := add(t, d, "")
		rawExec(t, dsn, `INSERT INTO jobs (id, index_name, configured, state, canceling, attempts, created, started, finished, owner, heartbeat, request, progress, report, error)
			SELECT '0000' || n, 'docs', '', 'done', FALSE, 1, 1, 1, 1, '', 1, '{}', '', '', '' FROM
			(WITH RECURSIVE numbers(n) AS (SELECT 1000 UNION ALL SELECT n+1 FROM numbers WHERE n < 2010) SELECT n FROM numbers) AS all_numbers`)
		add(t, d, "")
		var jobs []state.Job
		for after := ""; ; after = jobs[len(jobs)-1].ID {
			page, err := d.Jobs(t.Context(), state.JobFilter{Index: "docs", After: after, Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			jobs = append(jobs, page...)
		}
		if len(jobs) != 1002 || jobs[1].ID != waiting.ID || jobs[2].ID != "00002010" || jobs[1001].ID != "00001011" {
			t.Errorf("%d jobs are kept, from %s to %s", len(jobs), jobs[2].ID, jobs[len(jobs)-1].ID)
		}
	})
}

// TestOldRequests checks that jobs that an older version stored keep their
// meaning: its max_depth was 0 or absent for no limit, -1 for the start alone.
func TestOldRequests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dsn string) {
		for _, tt := range []struct{ name, old, want string }{
			{"absent", `{"targets":["https://e.example/"],"rate":2}`, `{"targets":["https://e.example/"],"rate":2}`},
			{"zero", `{"targets":["https://e.example/"],"max_depth":0,"rate":2}`, `{"targets":["https://e.example/"],"rate":2}`},
			{"zero at the end", `{"targets":["https://e.example/"],"max_depth":0}`, `{"targets":["https://e.example/"]}`},
			{"the start alone", `{"targets":["https://e.example/"],"max_depth":-1,"rate":2}`, `{"targets":["https://e.example/"],"max_depth":0,"rate":2}`},
			{"a limit", `{"targets":["https://e.example/"],"max_depth":30}`, `{"targets":["https://e.example/"],"max_depth":30}`},
			{"text that looks like it", `{"targets":["https://e.example/?\"max_depth\":-1"]}`, `{"targets":["https://e.example/?\"max_depth\":-1"]}`},
			{"a configured source", `{"configured":"manual"}`, `{"configured":"manual"}`},
		} {
			t.Run(tt.name, func(t *testing.T) {
				d := open(t, state.Config{DSN: dsn}, nil)
				j, err := d.AddJob(t.Context(), state.Job{Index: "old", Request: json.RawMessage(tt.old)}, 100)
				if err != nil {
					t.Fatal(err)
				}
				rawExec(t, dsn, `DELETE FROM citewell_state WHERE version >= 3`)
				for _, table := range []string{"lock_holders", "access_keys", "audit", "budgets", "gap_marks"} {
					rawExec(t, dsn, `DROP TABLE `+table)
				}
				again := open(t, state.Config{DSN: dsn}, nil)
				if j, err = again.Job(t.Context(), j.ID); err != nil || string(j.Request) != tt.want {
					t.Errorf("request = %s, %v, want %s", j.Request, err, tt.want)
				}
			})
		}
	})
}
