package state

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Times of a [Lock].
const (
	lockBeat    = 3 * time.Second  // between two signs of life
	lockIdle    = 15 * time.Second // without one: then PostgreSQL (14 or later) ends the session
	lockTimeout = 5 * time.Second  // of one call
)

// ErrLockLost means that the session that held a [Lock] is over.
var ErrLockLost = errors.New("the PostgreSQL session that reserved the index has ended")

// A Lock reserves a name for one holder. It is an advisory lock of a PostgreSQL session
// with its own connection. PostgreSQL releases it when the session ends: the
// process ended, the connection broke, or there was no sign of life for lockIdle.
type Lock struct {
	db   *DB
	conn *sql.Conn
	name string

	quit chan struct{} // closed to end the signs of life
	done chan struct{} // closed when they have ended

	mu  sync.Mutex // one statement at a time
	err error      // not nil when the lock is lost or released
}

// lockKey returns the key of the lock of a name.
func lockKey(name string) int64 {
	sum := sha256.Sum256([]byte("citewell index\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// TryLock reserves a name in the PostgreSQL database at dsn. Those who try meanwhile
// get note. If the name is reserved, TryLock returns nil and the note of its
// holder, or "" if that is not known.
func TryLock(ctx context.Context, dsn, name, note string) (lock *Lock, heldBy string, err error) {
	if !IsPostgres(dsn) {
		return nil, "", errors.New("state: lock: only a PostgreSQL database has locks")
	}
	d, err := Open(ctx, Config{DSN: dsn})
	if err != nil {
		return nil, "", err
	}
	lock, heldBy, err = d.tryLock(ctx, name, note)
	if err != nil {
		err = fmt.Errorf("state: lock: %w", err)
	}
	if lock == nil {
		err = errors.Join(err, d.Close())
	}
	return lock, heldBy, err
}

func (d *DB) tryLock(ctx context.Context, name, note string) (_ *Lock, heldBy string, err error) {
	conn, err := d.sql.Conn(ctx)
	if err != nil {
		return nil, "", err
	}
	locked := false
	defer func() {
		if !locked || err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	// Older versions do not have the setting.
	if _, err := conn.ExecContext(ctx, `SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'idle_session_timeout'`,
		fmt.Sprint(lockIdle.Milliseconds())); err != nil {
		return nil, "", err
	}
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, lockKey(name)).Scan(&locked); err != nil {
		return nil, "", err
	}
	if !locked {
		// The row of a former holder stays if that was killed: it does not have the lock.
		err := conn.QueryRowContext(ctx, `SELECT h.note FROM lock_holders h JOIN pg_locks l ON l.pid = h.backend
			WHERE h.name = $1 AND `+isLock+` LIMIT 1`, name, lockKey(name)).Scan(&heldBy)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return nil, heldBy, err
	}
	if _, err := conn.ExecContext(ctx, `INSERT INTO lock_holders (name, backend, note) VALUES ($1, pg_backend_pid(), $2)
		ON CONFLICT (name) DO UPDATE SET backend = excluded.backend, note = excluded.note`, name, note); err != nil {
		return nil, "", err // TryLock closes the connection, and with it the lock.
	}
	l := &Lock{db: d, conn: conn, name: name, quit: make(chan struct{}), done: make(chan struct{})}
	go l.showLife()
	return l, "", nil
}

// isLock is the condition that a row l of pg_locks is a lock with the key $2.
const isLock = `l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND l.classid::bigint = (($2::bigint >> 32) & 4294967295) AND l.objid::bigint = ($2::bigint & 4294967295)`

// showLife makes a call from time to time until the lock is released or lost.
func (l *Lock) showLife() {
	defer close(l.done)
	tick := time.NewTicker(lockBeat)
	defer tick.Stop()
	for {
		select {
		case <-l.quit:
			return
		case <-tick.C:
		}
		if l.Validate(context.Background()) != nil {
			return // The next caller of Validate gets the error.
		}
	}
}

// Validate asks PostgreSQL whether the session still has the lock, and returns an
// error if it does not, or if PostgreSQL does not answer. Such an error is final.
func (l *Lock) Validate(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// A call that is canceled ends the session, and the caller may still have to clean up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockTimeout)
	defer cancel()
	var held bool
	err := l.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM lock_holders h JOIN pg_locks l ON l.pid = h.backend
		WHERE h.name = $1 AND h.backend = pg_backend_pid() AND `+isLock+`)`, l.name, lockKey(l.name)).Scan(&held)
	switch {
	case err != nil:
		l.err = fmt.Errorf("state: validate the lock: %w: %w", ErrLockLost, err)
	case !held:
		l.err = fmt.Errorf("state: validate the lock: %w", ErrLockLost)
	}
	return l.err
}

// Release releases the lock. It is no error if the lock was lost.
func (l *Lock) Release(ctx context.Context) error {
	close(l.quit)
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockTimeout)
		defer cancel()
		// The row is for messages alone; the end of the session releases the lock.
		_, _ = l.conn.ExecContext(ctx, `DELETE FROM lock_holders WHERE name = $1 AND backend = pg_backend_pid()`, l.name)
	}
	l.err = errors.New("state: the lock was released")
	_ = l.conn.Close() // An error means that the session is over.
	return l.db.Close()
}
