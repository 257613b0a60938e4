package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/citewell/citewell/internal/mask"
	"github.com/citewell/citewell/internal/problem"
)

// maxJobs is how many finished jobs are kept.
const maxJobs = 1000

// Errors of jobs.
var (
	ErrOver error = problem.JobOver // or another owner has it
	ErrFull error = problem.TooManyJobs
)

// A JobState is the state of a job.
type JobState string

const (
	Queued      JobState = "queued"
	Running     JobState = "running"
	Done        JobState = "done"
	Failed      JobState = "failed"
	Canceled    JobState = "canceled"
	Interrupted JobState = "interrupted" // its process ended, and it will not be run again
)

// Over reports whether the job has ended.
func (s JobState) Over() bool { return s != Queued && s != Running }

// A Job is an ingestion that runs in the background. Its JSON form is that of the
// API. The runner defines the forms of Request, Progress and Report.
type Job struct {
	ID         string          `json:"id"`
	Index      string          `json:"index"` // that it changes; of each index, one job runs at a time
	Configured string          `json:"configured,omitempty"`
	State      JobState        `json:"state"`
	Canceling  bool            `json:"canceling,omitempty"` // it was canceled, but still runs
	Attempts   int             `json:"attempts"`            // how often it was started; more than once if a process ended
	Created    time.Time       `json:"created"`
	Started    time.Time       `json:"started,omitzero"` // the first time
	Finished   time.Time       `json:"finished,omitzero"`
	Request    json.RawMessage `json:"request"`
	Progress   json.RawMessage `json:"progress,omitempty"`
	Report     json.RawMessage `json:"report,omitempty"`
	Error      string          `json:"error,omitempty"`
}

// MarshalJSON masks the secrets of addresses: the request of a job that has not ended
// still holds them.
func (j Job) MarshalJSON() ([]byte, error) {
	type job Job
	j.Request = mask.JSON(j.Request)
	return json.Marshal(job(j))
}

const jobColumns = `id, index_name, configured, state, canceling, attempts, created, started, finished, request, progress, report, error`

// scanJob reads a row of jobColumns.
func scanJob(row interface{ Scan(...any) error }) (j Job, err error) {
	var created, started, finished int64
	var request, progress, report string
	err = row.Scan(&j.ID, &j.Index, &j.Configured, &j.State, &j.Canceling, &j.Attempts, &created, &started, &finished, &request, &progress, &report, &j.Error)
	j.Created, j.Started, j.Finished = fromMicros(created), fromMicros(started), fromMicros(finished)
	j.Request, j.Progress, j.Report = raw(request), raw(progress), raw(report)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return j, err
}

// raw returns stored JSON; nil for "".
func raw(s string) json.RawMessage {
	if s == "" {
		return nil
	}
	return json.RawMessage(s)
}

// AddJob queues a job with the Index, Configured and Request of j. If maxWaiting
// jobs of the index are waiting, the error is [ErrFull]. If Configured is set and
// has an unfinished job, AddJob returns that one instead.
func (d *DB) AddJob(ctx context.Context, j Job, maxWaiting int) (Job, error) {
	var err error
	if j.ID, err = newID(); err != nil {
		return Job{}, fmt.Errorf("state: add job: %w", err)
	}
	err = d.tx(ctx, func(tx *sql.Tx) error {
		if j.Configured != "" {
			same, err := scanJob(tx.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE index_name = $1 AND state IN ('queued', 'running') AND configured = $2`,
				j.Index, j.Configured))
			if !errors.Is(err, ErrNotFound) {
				j = same
				return err
			}
		}
		var waiting int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM jobs WHERE index_name = $1 AND state = 'queued'`, j.Index).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= maxWaiting {
			return fmt.Errorf("%w: %d", ErrFull, waiting)
		}
		j.State, j.Created = Queued, fromMicros(micros(d.config.Now()))
		if _, err := tx.ExecContext(ctx, `INSERT INTO jobs (`+jobColumns+`, owner, heartbeat)
			VALUES ($1, $2, $3, $4, FALSE, 0, $5, 0, 0, $6, '', '', '', '', 0)`,
			j.ID, j.Index, j.Configured, j.State, micros(j.Created), string(j.Request)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM jobs WHERE finished > 0 AND id < (SELECT id FROM jobs WHERE finished > 0 ORDER BY id DESC LIMIT 1 OFFSET $1)`, maxJobs-1)
		return err
	})
	if err != nil {
		return Job{}, fmt.Errorf("state: add job: %w", err)
	}
	return j, nil
}

// Job returns the job with an id, or [ErrNotFound].
func (d *DB) Job(ctx context.Context, id string) (Job, error) {
	j, err := scanJob(d.queryRow(ctx, `SELECT `+jobColumns+` FROM jobs WHERE id = $1`, id))
	if err != nil {
		return Job{}, fmt.Errorf("state: job: %w", err)
	}
	return j, nil
}

// A JobFilter chooses jobs. Zero fields choose all.
type JobFilter struct {
	Index      string
	Configured string
	After      string // id of the last job on the previous page
	Limit      int    // 0 means 100; 1000 at most
}

// Jobs returns jobs, newest first.
func (d *DB) Jobs(ctx context.Context, f JobFilter) ([]Job, error) {
	rows, err := d.query(ctx, `SELECT `+jobColumns+` FROM jobs
		WHERE ($1 = '' OR index_name = $1) AND ($2 = '' OR configured = $2) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4`,
		f.Index, f.Configured, f.After, limit(f.Limit))
	if err != nil {
		return nil, fmt.Errorf("state: list jobs: %w", err)
	}
	jobs, err := collect(rows, scanJob)
	if err != nil {
		return nil, fmt.Errorf("state: list jobs: %w", err)
	}
	return jobs, nil
}

// collect reads all rows and closes them.
func collect[T any](rows *sql.Rows, scan func(interface{ Scan(...any) error }) (T, error)) (all []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// CountJobs returns the number of jobs of an index by their state.
func (d *DB) CountJobs(ctx context.Context, index string) (map[string]int, error) {
	rows, err := d.query(ctx, `SELECT state, count(*) FROM jobs WHERE index_name = $1 GROUP BY state`, index)
	if err != nil {
		return nil, fmt.Errorf("state: count jobs: %w", err)
	}
	counts := map[string]int{}
	_, err = collect(rows, func(row interface{ Scan(...any) error }) (n int, err error) {
		var state string
		err = row.Scan(&state, &n)
		counts[state] = n
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("state: count jobs: %w", err)
	}
	return counts, nil
}

// CancelJob cancels a job. A waiting job is over at once; the owner of a running
// one learns it by its next heartbeat. The error is [ErrOver] if the job is over,
// or [ErrNotFound].
func (d *DB) CancelJob(ctx context.Context, id string) (j Job, err error) {
	err = d.tx(ctx, func(tx *sql.Tx) error {
		if j, err = scanJob(tx.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE id = $1`, id)); err != nil {
			return err
		}
		switch j.State {
		case Queued:
			j.State, j.Finished, j.Request = Canceled, fromMicros(micros(d.config.Now())), mask.JSON(j.Request)
		case Running:
			j.Canceling = true
		default:
			return fmt.Errorf("%w: it is %s", ErrOver, j.State)
		}
		_, err := tx.ExecContext(ctx, `UPDATE jobs SET state = $2, finished = $3, canceling = $4, request = $5 WHERE id = $1`, id, j.State, micros(j.Finished), j.Canceling, string(j.Request))
		return err
	})
	if err != nil {
		return Job{}, fmt.Errorf("state: cancel job: %w", err)
	}
	return j, nil
}
