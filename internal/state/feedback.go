package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A Feedback is a reader's opinion of an answer.
type Feedback struct {
	ID         string    `json:"id"` // made by AddFeedback
	QuestionID string    `json:"question_id"`
	Vote       int       `json:"vote"`              // 1 or -1; 0 for a comment alone
	Comment    string    `json:"comment,omitempty"` // as Config.Redact says
	At         time.Time `json:"at"`                // AddFeedback sets it to now if it is zero
}

// AddFeedback stores feedback and returns its id. The error is
// [ErrNotFound] if there is no such question.
func (d *DB) AddFeedback(ctx context.Context, f Feedback) (id string, err error) {
	err = d.tx(ctx, func(tx *sql.Tx) error {
		id, err = d.insertFeedback(ctx, tx, f)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("state: add feedback: %w", err)
	}
	return id, nil
}

// SetFeedback is like AddFeedback, but replaces all earlier feedback on the answer,
// so that a reader who changes a vote counts once.
func (d *DB) SetFeedback(ctx context.Context, f Feedback) (id string, err error) {
	err = d.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM feedback WHERE question_id = $1`, f.QuestionID); err != nil {
			return err
		}
		id, err = d.insertFeedback(ctx, tx, f)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("state: set feedback: %w", err)
	}
	return id, nil
}

// insertFeedback inserts a row.
func (d *DB) insertFeedback(ctx context.Context, tx *sql.Tx, f Feedback) (string, error) {
	if f.Vote < -1 || f.Vote > 1 {
		return "", fmt.Errorf("invalid vote %d (want 1, 0 or -1)", f.Vote)
	}
	if f.At.IsZero() {
		f.At = d.config.Now()
	}
	id, err := idAt(f.At)
	if err != nil {
		return "", err
	}
	n, err := rowsChanged(tx.ExecContext(ctx, `INSERT INTO feedback (id, question_id, vote, comment, at) SELECT CAST($1 AS TEXT), id, CAST($3 AS INTEGER), CAST($4 AS TEXT), CAST($5 AS BIGINT)
		FROM questions WHERE id = $2`, id, f.QuestionID, f.Vote, d.config.Redact.text(f.Comment), micros(f.At)))
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return id, err
}

// A FeedbackFilter chooses feedback. Zero fields choose all.
type FeedbackFilter struct {
	From, To   time.Time // from From on, before To
	QuestionID string
	After      string // id of the last feedback on the previous page
	Limit      int    // 0 means 100; 1000 at most
}

// Feedback returns feedback, newest first.
func (d *DB) Feedback(ctx context.Context, f FeedbackFilter) ([]Feedback, error) {
	rows, err := d.query(ctx, `SELECT id, question_id, vote, comment, at FROM feedback WHERE (CAST($1 AS BIGINT) = 0 OR at >= $1) AND (CAST($2 AS BIGINT) = 0 OR at < $2)
		AND ($3 = '' OR question_id = $3) AND ($4 = '' OR id < $4) ORDER BY id DESC LIMIT $5`,
		micros(f.From), micros(f.To), f.QuestionID, f.After, limit(f.Limit))
	if err != nil {
		return nil, fmt.Errorf("state: list feedback: %w", err)
	}
	all, err := collect(rows, func(row interface{ Scan(...any) error }) (f Feedback, err error) {
		var at int64
		err = row.Scan(&f.ID, &f.QuestionID, &f.Vote, &f.Comment, &at)
		f.At = fromMicros(at)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("state: list feedback: %w", err)
	}
	return all, nil
}
