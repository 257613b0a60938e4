package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Spending is what was used of a budget, or its limits, where 0 means none.
type Spending struct {
	Requests int64 `json:"requests"`
	Tokens   int64 `json:"tokens"`
}

// budgetDays is how many days budgets are kept.
const budgetDays = 35

// Spend adds to what a subject has used on a day, a number of days since 1970, unless
// more than most would then be used. It returns what is used, and whether it was added.
// Of calls at the same time, also by several servers, none passes the limit.
func (d *DB) Spend(ctx context.Context, subject string, day int64, add, most Spending) (used Spending, ok bool, err error) {
	if err := d.pruneBudgets(ctx); err != nil {
		return Spending{}, false, fmt.Errorf("state: spend: %w", err)
	}
	if fits := (most.Requests == 0 || add.Requests <= most.Requests) && (most.Tokens == 0 || add.Tokens <= most.Tokens); fits {
		err = d.queryRow(ctx, `INSERT INTO budgets AS b (subject, day, requests, tokens) VALUES ($1, $2, $3, $4)
			ON CONFLICT (subject, day) DO UPDATE SET requests = b.requests + excluded.requests, tokens = b.tokens + excluded.tokens
			WHERE (CAST($5 AS BIGINT) = 0 OR b.requests + excluded.requests <= $5) AND (CAST($6 AS BIGINT) = 0 OR b.tokens + excluded.tokens <= $6)
			RETURNING requests, tokens`, subject, day, add.Requests, add.Tokens, most.Requests, most.Tokens).Scan(&used.Requests, &used.Tokens)
		if !errors.Is(err, sql.ErrNoRows) {
			if err != nil {
				err = fmt.Errorf("state: spend: %w", err)
			}
			return used, err == nil, err
		}
	}
	err = d.queryRow(ctx, `SELECT coalesce(max(requests), 0), coalesce(max(tokens), 0) FROM budgets WHERE subject = $1 AND day = $2`, subject, day).Scan(&used.Requests, &used.Tokens)
	if err != nil {
		return Spending{}, false, fmt.Errorf("state: spend: %w", err)
	}
	return used, false, nil
}

// Settle corrects the tokens that a subject has used on a day. They do not become
// negative.
func (d *DB) Settle(ctx context.Context, subject string, day, tokens int64) error {
	_, err := d.exec(ctx, `UPDATE budgets SET tokens = CASE WHEN tokens + $3 < 0 THEN 0 ELSE tokens + $3 END WHERE subject = $1 AND day = $2`, subject, day, tokens)
	if err != nil {
		return fmt.Errorf("state: settle: %w", err)
	}
	return nil
}

// Spent returns what all subjects have used on a day.
func (d *DB) Spent(ctx context.Context, day int64) (map[string]Spending, error) {
	rows, err := d.query(ctx, `SELECT subject, requests, tokens FROM budgets WHERE day = $1`, day)
	if err != nil {
		return nil, fmt.Errorf("state: list budgets: %w", err)
	}
	all := map[string]Spending{}
	_, err = collect(rows, func(row interface{ Scan(...any) error }) (subject string, err error) {
		var s Spending
		err = row.Scan(&subject, &s.Requests, &s.Tokens)
		all[subject] = s
		return subject, err
	})
	if err != nil {
		return nil, fmt.Errorf("state: list budgets: %w", err)
	}
	return all, nil
}

// DayOf returns the number of a day since 1970, in UTC.
func DayOf(t time.Time) int64 { return t.Unix() / int64(24*time.Hour/time.Second) }

// pruneBudgets deletes old budgets, once a day.
func (d *DB) pruneBudgets(ctx context.Context) error {
	today := DayOf(d.config.Now())
	d.mu.Lock()
	due := d.budgetsPruned != today
	d.budgetsPruned = today
	d.mu.Unlock()
	if !due {
		return nil
	}
	_, err := d.exec(ctx, `DELETE FROM budgets WHERE day < $1`, today-budgetDays)
	return err
}
