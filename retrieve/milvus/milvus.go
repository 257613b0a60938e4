// Package milvus stores and searches chunks in Milvus.
//
// Call [Open]. One code path serves four places: Milvus Lite, a file with one
// shared process (see [github.com/citewell/citewell/retrieve/milvus/lite]);
// Milvus standalone; a cluster; and Zilliz Cloud.
//
//   - A write that Milvus refused is never reported as done.
//   - Once a run has ended, the next search of every client finds what it stored.
//   - With the FLAT index, a search returns exactly what brute force returns.
//
// It is the only package that knows the Milvus SDK, in engine.go.
package milvus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// Defaults of [Config].
const (
	DefaultDialTimeout = 5 * time.Second
	DefaultCallTimeout = time.Minute // Strong reads took 6 s behind a load of 10 000 rows (server 2.3.5, 2026-11)
	// With it, a question that meets a Milvus that hangs is refused within 5 s.
	DefaultSearchTimeout = 4 * time.Second
)

// A Config says where Milvus is. URI and Name are required.
type Config struct {
	URI         string                  // FILE.db, http://host:19530 or https://host
	Token       string                  // API key, or user:password
	CAFile      string                  // certificates in PEM, beside those of the system, that an https server may be signed by; "" means none
	Name        string                  // of the index: a letter or '_', then up to 60 letters, digits and '_'
	LiteDir     string                  // folder with Milvus Lite's program; "" means the cache, then pip
	CacheDir    string                  // for a fetched Milvus Lite; "" means the user's cache folder
	Progress    func(done, total int64) // of fetching Milvus Lite, in bytes; may be nil
	Log         *slog.Logger            // nil means none
	DialTimeout time.Duration           // 0 means DefaultDialTimeout
	CallTimeout time.Duration           // of one call of Milvus; 0 means DefaultCallTimeout
	// SearchTimeout limits each step of a question: reading the meta row, searching,
	// and reading chunks. 0 means DefaultSearchTimeout.
	SearchTimeout time.Duration

	// LeaseWait is how long a run waits for another one that is changing the index. With
	// 0 it does not wait, except to find out whether the other one is still alive.
	LeaseWait time.Duration
	Waiting   func(index.Holder) // called when a run begins to wait; may be nil

	// TryLock locks an index on a server, in addition to the rows in Milvus. Every run
	// on the index should use the same locks. nil means the rows alone.
	TryLock index.TryLock
}

// A Store is one index in Milvus. It is safe for concurrent use.
type Store struct {
	config Config
	target target
	tls    grpc.DialOption // nil means that of the SDK
	log    *slog.Logger
	lite   *lite.Lite // nil for a server
	engine *engine
	can    capabilities
	times  leaseTimes
	byRows bool // the lease is in rows of the meta collection

	writing sync.Mutex   // held during a write to Milvus Lite, see durably
	wroteAt atomic.Int64 // when the last write to Milvus Lite ended, in Unix nanoseconds; see visibly

	mu     sync.Mutex
	seen   *metaRow // cached row of the meta collection; nil if there is none
	seenAt time.Time
	loaded map[string]bool // generations whose collections are loaded

	statsMu sync.Mutex // guards stats; held while statistics are read
	stats   published
}

var (
	_ retrieve.Searcher = (*Store)(nil)
	_ index.Opener      = (*Store)(nil)
	_ index.Manifest    = (*Store)(nil)
)

var nameRE = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,60}$`)

// Open connects to Milvus, and starts Milvus Lite if the URI names a file. It creates
// no collection. The caller must Close the Store.
//
// If Milvus can't be reached, the error is [index.ErrUnavailable]: at once for a closed
// port, after DialTimeout for a host that does not answer.
func Open(ctx context.Context, c Config) (*Store, error) {
	if !nameRE.MatchString(c.Name) {
		return nil, fmt.Errorf("milvus: open: invalid name %.80q (want a letter or '_', then up to 60 letters, digits or '_')", c.Name)
	}
	t, err := parse(c.URI)
	if err != nil {
		return nil, fmt.Errorf("milvus: open: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.DialTimeout = cmp.Or(c.DialTimeout, DefaultDialTimeout)
	c.CallTimeout = cmp.Or(c.CallTimeout, DefaultCallTimeout)
	c.SearchTimeout = cmp.Or(c.SearchTimeout, DefaultSearchTimeout)
	tlsOption, err := t.trust(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("milvus: open: %w", err)
	}
	s := &Store{config: c, target: t, tls: tlsOption, byRows: t.file == "", log: c.Log, times: defaultLeaseTimes, loaded: map[string]bool{}}
	if err := s.connect(ctx); err != nil {
		return nil, fmt.Errorf("milvus: open: %w", errors.Join(err, s.Close()))
	}
	return s, nil
}

// connect starts Milvus Lite if the URI names a file, dials Milvus and asks for its
// capabilities.
func (s *Store) connect(ctx context.Context) (err error) {
	if s.target.file != "" {
		s.lite, err = lite.Open(ctx, lite.Config{
			File: s.target.file, Dir: s.config.LiteDir, CacheDir: s.config.CacheDir, Progress: s.config.Progress,
		})
		if err != nil {
			return err
		}
	}
	if s.engine, err = s.dialAgain(ctx); err != nil {
		return err
	}
	s.can, err = capabilitiesOf(ctx, s.engine)
	return err
}

// Close closes the connection. Milvus Lite ends if nobody else uses the file.
func (s *Store) Close() error {
	var errs []error
	if s.engine != nil {
		errs = append(errs, s.engine.close())
	}
	if s.lite != nil {
		errs = append(errs, s.lite.Close())
	}
	return errors.Join(errs...)
}

// Ping returns an error if Milvus does not answer.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.engine.has(ctx, metaCollection); err != nil {
		return fmt.Errorf("milvus: ping: %w", err)
	}
	return nil
}

// CheckFile returns an error if the file of Milvus Lite was deleted while it is in use.
// If it was replaced, CheckFile starts a Milvus Lite for the new file.
func (s *Store) CheckFile(ctx context.Context) error {
	if err := s.checkFile(ctx); err != nil {
		return fmt.Errorf("milvus: check the file: %w", err)
	}
	return nil
}

// Engine names the Milvus in use, such as "Milvus Lite" or "Milvus v2.4.23".
func (s *Store) Engine() string { return s.can.String() }

// Stats counts what an index holds.
type Stats struct {
	Pages, Chunks, Windows int
}

// Stats counts the rows of the index. Without an index the error is
// [index.ErrNoIndex].
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	var st Stats
	err := s.onActive(ctx, func(row *metaRow) error {
		for _, c := range []struct {
			kind kind
			expr string
			n    *int
		}{{pagesKind, notCrawl, &st.Pages}, {chunksKind, "", &st.Chunks}, {windowsKind, "", &st.Windows}} {
			n, err := s.count(ctx, s.collection(row.Active, c.kind), c.expr, bounded)
			if err != nil {
				return err
			}
			*c.n = n
		}
		return nil
	})
	if err != nil {
		return Stats{}, fmt.Errorf("milvus: count %s: %w", s.config.Name, err)
	}
	return st, nil
}
