// Package state stores what is not part of an index: the jobs of a server, the
// questions it was asked, feedback on its answers, the keys that give rights over HTTP,
// and the audit log.
//
// Call [Open] with the path of a SQLite file, which several processes of one
// machine may share, or with the address of a PostgreSQL database for several
// machines. Both hold the same tables (see schema.go) and pass the same tests.
//
//   - A call that returns no error is on disk.
//   - A job has at most one owner and is never lost: after too long without a
//     heartbeat, another owner can claim it.
//   - Lists are newest first, and paged by the id of the last row.
//   - PostgreSQL also has locks: see [TryLock].
//   - Of a key, a hash is stored, never the secret.
//   - Texts of users are stored as Config.Redact says, and deleted after
//     Config.Keep.
package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"github.com/citewell/citewell/internal/sqlitefile"
)

// DefaultFile is the name of the SQLite file.
const DefaultFile = "citewell.state.db"

// Limits of lists.
const (
	defaultLimit = 100
	MaxLimit     = 1000
)

const (
	maxConns = 4 // of one process: SQLite has one writer, and readers are few
)

// ErrNotFound means that no job or question has the id.
var ErrNotFound = errors.New("there is no such id")

// A Config is where the state is, and what it stores.
type Config struct {
	DSN    string           // path of a SQLite file, or postgres://…; required
	Redact Redaction        // what is stored of users' texts
	Keep   time.Duration    // how long questions and feedback are kept; 0 means forever
	Now    func() time.Time // nil means time.Now

	// MaxBytes bounds a SQLite file: if it is larger, the oldest questions are deleted.
	// 0 means no bound. A PostgreSQL database is not bounded.
	MaxBytes int64
}

// A DB is an open state. It is safe for concurrent use.
type DB struct {
	config Config
	sql    *sql.DB
	lock   string // statement that excludes other transactions of this package; "" if none is needed

	mu       sync.Mutex
	pruned   time.Time // when old questions were deleted last
	recorded int       // questions by this process

	budgetsPruned int64 // day when old budgets were deleted last
}

// Open opens the state. It creates it if necessary, and migrates its tables.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.DSN == "" {
		return nil, errors.New("state: no file and no database is named")
	}
	if c.Keep < 0 || c.MaxBytes < 0 {
		return nil, fmt.Errorf("state: the time to keep questions, %v, or the size of the file, %d, is negative", c.Keep, c.MaxBytes)
	}
	if err := c.Redact.validate(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	d := &DB{config: c}
	open, where := d.openSQLite, c.DSN
	if IsPostgres(c.DSN) {
		open, where = d.openPostgres, "the PostgreSQL database" // its address may hold a password
	}
	if err := open(); err != nil {
		return nil, fmt.Errorf("state: open %s: %w", where, err)
	}
	d.sql.SetMaxOpenConns(maxConns)
	if err := d.prepare(ctx); err != nil {
		return nil, fmt.Errorf("state: open %s: %w", where, errors.Join(err, d.sql.Close()))
	}
	return d, nil
}

// prepare migrates the tables. It waits for another process that creates the same
// file; SQLite does not, since that changes the journal's mode. A file with all tables is
// only read, so that a process which writes does not delay it.
func (d *DB) prepare(ctx context.Context) error {
	return wait(ctx, func() error {
		if n, err := d.version(ctx); isBusy(err) || err == nil && n == len(migrations) {
			return err
		}
		return d.migrate(ctx)
	})
}

// IsPostgres reports whether dsn names a PostgreSQL database; else it is a file.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

func (d *DB) openPostgres() (err error) {
	d.lock = "SELECT pg_advisory_xact_lock(7236120195)" // any number, the same in all versions
	d.sql, err = sql.Open("pgx", d.config.DSN)
	return err
}

func (d *DB) openSQLite() (err error) {
	// It holds the questions of users: other users of the machine must not read it.
	// SQLite gives its other files the same mode.
	f, err := os.OpenFile(d.config.DSN, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case err == nil:
		err = f.Close()
	case errors.Is(err, fs.ErrExist):
		err = nil
	}
	if err != nil {
		return err
	}
	if err := validateTables(d.config.DSN); err != nil {
		return err
	}
	q := url.Values{
		"_txlock": {"immediate"}, // so that no other process writes between the reads and writes of a transaction
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyMillis), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	}
	d.sql, err = sql.Open("sqlite", sqlitefile.URI(d.config.DSN, q))
	return err
}

// Close closes the state.
func (d *DB) Close() error {
	if err := d.sql.Close(); err != nil {
		return fmt.Errorf("state: close: %w", err)
	}
	return nil
}

// Ping reports whether the state can be read.
func (d *DB) Ping(ctx context.Context) error {
	var n int
	if err := d.queryRow(ctx, "SELECT count(*) FROM citewell_state").Scan(&n); err != nil {
		return fmt.Errorf("state: ping: %w", err)
	}
	return nil
}

// rowsChanged returns how many rows a statement changed.
func rowsChanged(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// newID returns an id of version 7: ids sort by their time.
func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

// idAt returns an id that sorts by t, to the millisecond.
func idAt(t time.Time) (string, error) {
	id, err := uuid.NewV7()
	ms := t.UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (8 * (5 - i)))
	}
	return id.String(), err
}

// limit returns the length of a list of which n rows were requested.
func limit(n int) int {
	if n <= 0 {
		return defaultLimit
	}
	return min(n, MaxLimit)
}

// Times are stored as microseconds since 1970, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// asJSON returns v as it is stored.
func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
