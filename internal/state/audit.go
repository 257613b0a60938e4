package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/citewell/citewell/internal/mask"
)

// An Action is an entry of the audit log: who gave or took rights, or removed something.
// Entries are never changed; Config.Keep does not delete them.
type Action struct {
	ID     string    `json:"id"` // made by Audit
	At     time.Time `json:"at"` // set by Audit
	Actor  string    `json:"actor"`
	Action string    `json:"action"` // such as "add key"
	Object string    `json:"object"` // what was changed
	Detail string    `json:"detail,omitempty"`
}

// maxActionBytes bounds each text of an action.
const maxActionBytes = 2000

// Audit adds an action to the audit log.
func (d *DB) Audit(ctx context.Context, a Action) error {
	err := d.tx(ctx, func(tx *sql.Tx) error { return d.insertAction(ctx, tx, a) })
	if err != nil {
		return fmt.Errorf("state: audit: %w", err)
	}
	return nil
}

// insertAction inserts a row. Secrets of addresses are masked.
func (d *DB) insertAction(ctx context.Context, tx *sql.Tx, a Action) error {
	now := d.config.Now()
	id, err := idAt(now)
	if err != nil {
		return err
	}
	short := func(s string) string {
		s = mask.Text(clean(s))
		return clean(s[:min(len(s), maxActionBytes)])
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (id, at, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, micros(now), short(a.Actor), a.Action, short(a.Object), short(a.Detail))
	return err
}

// Actions returns the audit log, newest first, from the entry after on, if that is not "";
// at most n entries: 0 means 100, and 1000 is the most.
func (d *DB) Actions(ctx context.Context, after string, n int) ([]Action, error) {
	rows, err := d.query(ctx, `SELECT id, at, actor, action, object, detail FROM audit WHERE $1 = '' OR id < $1 ORDER BY id DESC LIMIT $2`, after, limit(n))
	if err != nil {
		return nil, fmt.Errorf("state: list actions: %w", err)
	}
	all, err := collect(rows, func(row interface{ Scan(...any) error }) (a Action, err error) {
		var at int64
		err = row.Scan(&a.ID, &at, &a.Actor, &a.Action, &a.Object, &a.Detail)
		a.At = fromMicros(at)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("state: list actions: %w", err)
	}
	return all, nil
}
