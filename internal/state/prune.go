package state

import (
	"context"
	"fmt"
	"time"
)

const (
	pruneEvery = time.Hour // least time between two deletions of old questions
	sizeEvery  = 128       // questions between two measurements of the file
	pruneShare = 10        // a file that is too large is emptied by one in so many parts, and as many questions at a time
)

// Prune deletes the questions, feedback and marks of gaps before a time, and returns the
// number of deleted questions.
func (d *DB) Prune(ctx context.Context, before time.Time) (int64, error) {
	n, err := d.exec(ctx, `DELETE FROM questions WHERE asked_at < $1`, micros(before))
	if err == nil {
		_, err = d.exec(ctx, `DELETE FROM gap_marks WHERE at < $1`, micros(before))
	}
	if err != nil {
		return 0, fmt.Errorf("state: prune: %w", err)
	}
	return n, nil
}

// pruneOld deletes what is older than Config.Keep or more than fits Config.MaxBytes. It
// looks for it now and then only.
func (d *DB) pruneOld(ctx context.Context) error {
	now := d.config.Now()
	d.mu.Lock()
	old := d.config.Keep > 0 && now.Sub(d.pruned) >= pruneEvery
	if old {
		d.pruned = now
	}
	large := d.config.MaxBytes > 0 && d.recorded%sizeEvery == 0
	d.recorded++
	d.mu.Unlock()
	if old {
		if _, err := d.Prune(ctx, now.Add(-d.config.Keep)); err != nil {
			return err
		}
	}
	if large {
		return d.pruneLarge(ctx)
	}
	return nil
}

// pruneLarge deletes the oldest questions if the file is too large. The file does not
// shrink, but the room is used again. A PostgreSQL database has no such limit: its
// tables are not smaller after a deletion.
func (d *DB) pruneLarge(ctx context.Context) error {
	if IsPostgres(d.config.DSN) {
		return nil
	}
	for limit := d.config.MaxBytes; ; limit = d.config.MaxBytes - d.config.MaxBytes/pruneShare {
		var used int64
		err := d.queryRow(ctx, `SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count() p, pragma_freelist_count() f, pragma_page_size() s`).Scan(&used)
		if err != nil {
			return fmt.Errorf("state: measure the file: %w", err)
		}
		if used <= limit {
			return nil
		}
		n, err := d.exec(ctx, `DELETE FROM questions WHERE id IN (SELECT id FROM questions ORDER BY id LIMIT (SELECT count(*) / $1 + 1 FROM questions))`, pruneShare)
		if err != nil {
			return fmt.Errorf("state: prune: %w", err)
		}
		if n == 0 { // the rest are jobs, which have a bound of their own
			return nil
		}
	}
}
