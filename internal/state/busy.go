package state

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"modernc.org/sqlite"
)

const (
	// busyTimeout is how long a call waits for another process that writes, unless
	// its context ends before.
	busyTimeout = 15 * time.Second
	// busyMillis is how long SQLite waits by itself. A context does not end that.
	busyMillis        = 100
	busyRetryInterval = 20 * time.Millisecond
	sqliteBusy        = 5 // SQLITE_BUSY
	sqliteLocked      = 6 // SQLITE_LOCKED
)

// isBusy reports whether another process has locked the file.
func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqliteBusy || e.Code()&0xff == sqliteLocked)
}

// wait calls fn until it finds the file not locked.
func wait(ctx context.Context, fn func() error) error {
	deadline := time.Now().Add(busyTimeout)
	for {
		err := fn()
		if !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyRetryInterval):
		}
	}
}

// exec runs a statement and returns how many rows it changed.
func (d *DB) exec(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = wait(ctx, func() error {
		n, err = rowsChanged(d.sql.ExecContext(ctx, statement, args...))
		return err
	})
	return n, err
}

// query returns the rows of a query, which the caller closes.
func (d *DB) query(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = wait(ctx, func() error {
		rows, err = d.sql.QueryContext(ctx, query, args...) //nolint:sqlclosecheck // the caller closes them
		return err
	})
	return rows, err
}

// A scanner reads the first row of a query.
type scanner func(dest ...any) error

// Scan implements the method of [sql.Row].
func (s scanner) Scan(dest ...any) error { return s(dest...) }

// queryRow returns the first row of a query, which runs when the row is scanned.
func (d *DB) queryRow(ctx context.Context, query string, args ...any) scanner {
	return func(dest ...any) error {
		return wait(ctx, func() error { return d.sql.QueryRowContext(ctx, query, args...).Scan(dest...) })
	}
}

// tx runs fn in a transaction, one at a time. If the file is locked, it runs fn again.
func (d *DB) tx(ctx context.Context, fn func(*sql.Tx) error) error {
	return wait(ctx, func() error { return d.tryTx(ctx, fn) })
}

func (d *DB) tryTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := d.sql.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if d.lock != "" {
		if _, err := tx.ExecContext(ctx, d.lock); err != nil {
			return err
		}
	}
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}
