package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// MarkGaps marks wordings of questions to an index as done now, or removes their marks.
// The marks are hashes, made by package gaps, so that no text of a question outlives its
// row.
func (d *DB) MarkGaps(ctx context.Context, index string, marks []string, done bool) error {
	err := d.tx(ctx, func(tx *sql.Tx) error {
		for _, mark := range marks {
			statement, args := `DELETE FROM gap_marks WHERE index_name = $1 AND mark = $2`, []any{index, mark}
			if done {
				statement, args = `INSERT INTO gap_marks (index_name, mark, at) VALUES ($1, $2, $3) ON CONFLICT (index_name, mark) DO UPDATE SET at = excluded.at`, append(args, micros(d.config.Now()))
			}
			if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("state: mark gaps: %w", err)
	}
	return nil
}

// GapMarks returns when each wording of questions to an index was marked as done.
func (d *DB) GapMarks(ctx context.Context, index string) (map[string]time.Time, error) {
	rows, err := d.query(ctx, `SELECT mark, at FROM gap_marks WHERE index_name = $1`, index)
	if err != nil {
		return nil, fmt.Errorf("state: list gap marks: %w", err)
	}
	marks := map[string]time.Time{}
	_, err = collect(rows, func(row interface{ Scan(...any) error }) (mark string, err error) {
		var at int64
		err = row.Scan(&mark, &at)
		marks[mark] = fromMicros(at)
		return mark, err
	})
	if err != nil {
		return nil, fmt.Errorf("state: list gap marks: %w", err)
	}
	return marks, nil
}
