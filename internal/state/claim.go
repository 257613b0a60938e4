package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/citewell/citewell/internal/mask"
)

// A Claim is a request for a job, and the rule for jobs whose owners are dead.
type Claim struct {
	Index       string
	Owner       string        // unique to this run of the process
	Stale       time.Duration // without a heartbeat for so long, an owner counts as dead
	MaxAttempts int           // a job whose owner died is interrupted after so many attempts, and queued again before
}

// ClaimJob assigns the job that has waited longest to the owner. ok is false if no
// job waits, or if a job of the index runs. The clocks of machines that share a
// state may differ by less than Stale.
func (d *DB) ClaimJob(ctx context.Context, c Claim) (j Job, ok bool, err error) {
	// Idle runners ask often: they must not block writers.
	var unfinished, alive int
	err = d.queryRow(ctx, `SELECT count(*), count(CASE WHEN state = 'running' AND heartbeat >= $2 THEN 1 END) FROM jobs
		WHERE index_name = $1 AND state IN ('queued', 'running')`, c.Index, micros(d.config.Now().Add(-c.Stale))).Scan(&unfinished, &alive)
	if err != nil {
		return Job{}, false, fmt.Errorf("state: claim job: %w", err)
	}
	if unfinished == 0 || alive > 0 {
		return Job{}, false, nil
	}
	err = d.tx(ctx, func(tx *sql.Tx) error {
		now := d.config.Now()
		if err := releaseStale(ctx, tx, c, now); err != nil {
			return err
		}
		var running int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM jobs WHERE index_name = $1 AND state = 'running'`, c.Index).Scan(&running); err != nil || running > 0 {
			return err
		}
		var id string
		switch err := tx.QueryRowContext(ctx, `SELECT id FROM jobs WHERE index_name = $1 AND state = 'queued' ORDER BY id LIMIT 1`, c.Index).Scan(&id); {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		}
		ok = true
		j, err = scanJob(tx.QueryRowContext(ctx, `UPDATE jobs SET state = 'running', owner = $2, heartbeat = $3, attempts = attempts + 1,
			started = CASE WHEN started = 0 THEN $3 ELSE started END WHERE id = $1 RETURNING `+jobColumns, id, c.Owner, micros(now)))
		return err
	})
	if err != nil {
		return Job{}, false, fmt.Errorf("state: claim job: %w", err)
	}
	return j, ok, nil
}

// releaseStale releases the running jobs whose owners are dead.
func releaseStale(ctx context.Context, tx *sql.Tx, c Claim, now time.Time) error {
	const dead = ` WHERE index_name = $1 AND state = 'running' AND heartbeat < $2`
	silent := micros(now.Add(-c.Stale))
	if _, err := tx.ExecContext(ctx, `UPDATE jobs SET state = 'canceled', canceling = FALSE, finished = $3, owner = ''`+dead+` AND canceling`,
		c.Index, silent, micros(now)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE jobs SET state = 'interrupted', finished = $3, owner = '', error = $4`+dead+` AND attempts >= $5`,
		c.Index, silent, micros(now), "the process that ran it ended", c.MaxAttempts); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE jobs SET state = 'queued', owner = ''`+dead, c.Index, silent)
	return err
}

// BeatJob stores the heartbeat of an owner and the progress of its job. It reports
// whether the job was canceled. The error is [ErrOver] if the owner does not have
// the job any more.
func (d *DB) BeatJob(ctx context.Context, id, owner string, progress json.RawMessage) (canceling bool, err error) {
	err = d.queryRow(ctx, `UPDATE jobs SET heartbeat = $3, progress = $4 WHERE id = $1 AND owner = $2 AND state = 'running' RETURNING canceling`,
		id, owner, micros(d.config.Now()), string(progress)).Scan(&canceling)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrOver
	}
	if err != nil {
		return false, fmt.Errorf("state: job's heartbeat: %w", err)
	}
	return canceling, nil
}

// FinishJob ends a job with its State, Progress, Report and Error. The secrets of
// addresses are masked, since they are not needed any more. With the state [Queued],
// it returns the job to the queue, and the attempt does not count. The
// error is [ErrOver] if the owner does not have the job any more.
func (d *DB) FinishJob(ctx context.Context, owner string, j Job) error {
	finished, back, request := micros(d.config.Now()), 0, mask.JSON(j.Request)
	if j.State == Queued {
		finished, back, request = 0, 1, j.Request
	}
	n, err := d.exec(ctx, `UPDATE jobs SET state = $3, progress = $4, report = $5, error = $6, finished = $7, attempts = attempts - $8, request = $9, owner = '', canceling = FALSE
		WHERE id = $1 AND owner = $2 AND state = 'running'`, j.ID, owner, j.State, string(j.Progress), string(mask.JSON(j.Report)), mask.Text(clean(j.Error)), finished, back, string(request))
	if err == nil && n == 0 {
		err = ErrOver
	}
	if err != nil {
		return fmt.Errorf("state: finish job: %w", err)
	}
	return nil
}
