package state

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations create the tables, one version each. A released version is never
// changed. The SQL is common to SQLite and PostgreSQL.
//
//   - Ids are UUIDs of version 7, so that they sort by time.
//   - Times are microseconds since 1970, in UTC; 0 means never.
//   - Columns that no query searches are JSON: see [Job], [Question].
//
// No migration library is used: the list is short, and its lock works on both
// engines and for processes that start at the same time.
var migrations = [][]string{
	{
		`CREATE TABLE jobs (
			id         TEXT PRIMARY KEY,
			index_name TEXT NOT NULL,
			configured TEXT NOT NULL,
			state      TEXT NOT NULL,
			canceling  BOOLEAN NOT NULL,
			attempts   INTEGER NOT NULL,
			created    BIGINT NOT NULL,
			started    BIGINT NOT NULL,
			finished   BIGINT NOT NULL,
			owner      TEXT NOT NULL,
			heartbeat  BIGINT NOT NULL,
			request    TEXT NOT NULL,
			progress   TEXT NOT NULL,
			report     TEXT NOT NULL,
			error      TEXT NOT NULL)`,
		`CREATE INDEX jobs_by_index ON jobs (index_name, state, id)`,
		`CREATE TABLE questions (
			id         TEXT PRIMARY KEY,
			request_id TEXT NOT NULL,
			asked_at   BIGINT NOT NULL,
			index_name TEXT NOT NULL,
			question   TEXT NOT NULL,
			standalone TEXT NOT NULL,
			source     TEXT NOT NULL,
			outcome    TEXT NOT NULL,
			mode       TEXT NOT NULL,
			reason     TEXT NOT NULL,
			answered   BOOLEAN NOT NULL,
			grounded   BOOLEAN NOT NULL,
			verified   INTEGER NOT NULL,
			total      INTEGER NOT NULL,
			scores     TEXT NOT NULL,
			citations  TEXT NOT NULL,
			timings    TEXT NOT NULL,
			tokens     TEXT NOT NULL,
			cost       DOUBLE PRECISION NOT NULL,
			model      TEXT NOT NULL)`,
		`CREATE INDEX questions_by_time ON questions (asked_at, id)`,
		`CREATE INDEX questions_by_request ON questions (request_id)`,
		`CREATE TABLE feedback (
			id          TEXT PRIMARY KEY,
			question_id TEXT NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
			vote        INTEGER NOT NULL,
			comment     TEXT NOT NULL,
			at          BIGINT NOT NULL)`,
		`CREATE INDEX feedback_by_question ON feedback (question_id)`,
		`CREATE INDEX feedback_by_time ON feedback (at, id)`,
	},
	{
		`ALTER TABLE questions ADD COLUMN url_prefix TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE questions ADD COLUMN lang TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE questions ADD COLUMN evidence DOUBLE PRECISION NOT NULL DEFAULT 0`,
		`ALTER TABLE questions ADD COLUMN currency TEXT NOT NULL DEFAULT ''`,
	},
	{
		// In the requests of jobs, max_depth was 0 or absent for no limit and -1 for
		// the start alone. It is now absent for no limit and 0 for the start alone.
		// These texts match only the field: inside a JSON string, a backslash stands
		// before each quote.
		`UPDATE jobs SET request = replace(replace(replace(request, '"max_depth":0,', ''), ',"max_depth":0', ''), '"max_depth":-1', '"max_depth":0')
			WHERE request LIKE '%"max_depth":%'`,
	},
	{
		// Who has a lock, for messages; see Lock. SQLite has no such locks.
		`CREATE TABLE lock_holders (
			name    TEXT PRIMARY KEY,
			backend INTEGER NOT NULL,
			note    TEXT NOT NULL)`,
	},
	{
		// See Key, Action and Budget. A name has one row for each of its secrets.
		`CREATE TABLE access_keys (
			id      TEXT PRIMARY KEY,
			name    TEXT NOT NULL,
			hash    TEXT NOT NULL,
			scopes  TEXT NOT NULL,
			origins TEXT NOT NULL,
			limits  TEXT NOT NULL,
			created BIGINT NOT NULL,
			expires BIGINT NOT NULL)`,
		`CREATE INDEX access_keys_by_name ON access_keys (name)`,
		`CREATE TABLE audit (
			id     TEXT PRIMARY KEY,
			at     BIGINT NOT NULL,
			actor  TEXT NOT NULL,
			action TEXT NOT NULL,
			object TEXT NOT NULL,
			detail TEXT NOT NULL)`,
		`CREATE TABLE budgets (
			subject  TEXT NOT NULL,
			day      BIGINT NOT NULL,
			requests BIGINT NOT NULL,
			tokens   BIGINT NOT NULL,
			PRIMARY KEY (subject, day))`,
	},
	{
		// See MarkGaps.
		`CREATE TABLE gap_marks (
			index_name TEXT NOT NULL,
			mark       TEXT NOT NULL,
			at         BIGINT NOT NULL,
			PRIMARY KEY (index_name, mark))`,
	},
}

// version returns the version of the tables. It is an error if there are none.
func (d *DB) version(ctx context.Context) (n int, err error) {
	err = d.sql.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM citewell_state`).Scan(&n)
	return n, err
}

// migrate runs the missing migrations.
func (d *DB) migrate(ctx context.Context) error {
	return d.tx(ctx, func(tx *sql.Tx) error {
		have, err := versionIn(ctx, tx)
		if err != nil {
			return err
		}
		if have > len(migrations) {
			return fmt.Errorf("its tables are of version %d, and this Citewell knows %d: use a newer Citewell, or another file", have, len(migrations))
		}
		return d.migrateTo(ctx, tx, have, len(migrations))
	})
}

// versionIn returns the version of the tables, 0 if there are none.
func versionIn(ctx context.Context, tx *sql.Tx) (n int, err error) {
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS citewell_state (version INTEGER PRIMARY KEY, applied BIGINT NOT NULL)`); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM citewell_state`).Scan(&n)
	return n, err
}

// migrateTo runs the migrations that lead from one version to another.
func (d *DB) migrateTo(ctx context.Context, tx *sql.Tx, from, to int) error {
	for v := from; v < to; v++ {
		for _, statement := range migrations[v] {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("make version %d: %w", v+1, err)
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO citewell_state (version, applied) VALUES ($1, $2)`, v+1, micros(d.config.Now())); err != nil {
			return err
		}
	}
	return nil
}
