package state_test

import (
	"database/sql"
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
