package milvus

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// metaCollection holds the active generation of each index. There is one such
// collection per database. Its columns are metaColumns.
//
// A row is never changed: the one with the highest version is current. A new row is
// inserted before the old ones are deleted, so that a reader always sees one. (An
// upsert is a deletion and an insertion, and readers see the state in between.)
//
// active is the generation that is searched, "" if there is none. building lists,
// separated by spaces, generations that are being filled or were left by a killed
// run. It is written before their collections are created.
//
// Only the run that has the lease changes the rows of an index; see lease. The
// leases of a server are in this collection, too; see presence.
const metaCollection = "citewell_meta"

// metaAge is how old the cached meta row may be for a search. A run that replaces a
// generation drops the old one before it reports success. A search that finds its
// generation dropped reads the meta row again.
const metaAge = time.Second

// A metaRow is a row of the meta collection.
type metaRow struct {
	id           string
	name         string // of the index
	version      int64
	Active       string
	Building     string
	Fingerprint  index.Fingerprint // of Active
	fingerprint  string            // the same, as JSON
	IndexVersion int64
}

var metaColumns = columns[metaRow]{
	key("id", func(r *metaRow) *string { return &r.id }),
	derivedKey("name_id", func(r *metaRow) string { return index.URLID(r.name) }),
	text("name", func(r *metaRow) *string { return &r.name }),
	number("version", func(r *metaRow) *int64 { return &r.version }),
	text("active", func(r *metaRow) *string { return &r.Active }),
	text("building", func(r *metaRow) *string { return &r.Building }),
	text("fingerprint", func(r *metaRow) *string { return &r.fingerprint }),
	number("index_version", func(r *metaRow) *int64 { return &r.IndexVersion }),
	constantVector[metaRow](),
}

// newGeneration returns a new name for a generation.
func newGeneration() string { return "g" + randomHex(4) }

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func splitGenerations(list string) []string { return strings.Fields(list) }

func joinGenerations(lists ...string) string {
	return strings.Join(strings.Fields(strings.Join(lists, " ")), " ")
}

// readMetaRows returns the meta rows of this index, the current one last.
func (s *Store) readMetaRows(ctx context.Context, level consistency) ([]metaRow, error) {
	rows, err := s.metaRowsOf(ctx, level, s.config.Name)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if err := json.Unmarshal([]byte(rows[i].fingerprint), &rows[i].Fingerprint); err != nil {
			return nil, fmt.Errorf("read the index's fingerprint: %w", err)
		}
	}
	slices.SortFunc(rows, func(a, b metaRow) int {
		return cmp.Or(cmp.Compare(a.version, b.version), strings.Compare(a.id, b.id))
	})
	return rows, nil
}

// metaRowsOf returns the rows of the meta collection with a name, in no order.
func (s *Store) metaRowsOf(ctx context.Context, level consistency, name string) ([]metaRow, error) {
	expr := "name_id == " + quote(index.URLID(name))
	query := func() (reply, error) {
		return s.engine.query(ctx, metaCollection, expr, metaColumns.names(), level, listLimit)
	}
	r, err := query()
	if isNotLoaded(err) {
		// Another process is creating the collection right now, or was killed while
		// it did: do here what is missing.
		s.mu.Lock()
		delete(s.loaded, metaCollection)
		s.mu.Unlock()
		if err := s.createMeta(ctx); err != nil {
			return nil, fmt.Errorf("load %s: %w", metaCollection, err)
		}
		r, err = query()
	}
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return metaColumns.rows(r)
}

// readMeta returns the current row, or nil if there is none.
func (s *Store) readMeta(ctx context.Context, level consistency) (*metaRow, error) {
	rows, err := s.readMetaRows(ctx, level)
	if err != nil {
		return nil, err
	}
	var row *metaRow
	if len(rows) > 0 {
		row = &rows[len(rows)-1]
	}
	s.mu.Lock()
	s.seen, s.seenAt = row, time.Now()
	s.mu.Unlock()
	return row, nil
}

// createMeta creates the meta collection if it does not exist.
func (s *Store) createMeta(ctx context.Context) error {
	s.mu.Lock()
	done := s.loaded[metaCollection]
	s.mu.Unlock()
	if done {
		return nil
	}
	if err := s.engine.create(ctx, metaCollection, metaColumns.fields(index.Fingerprint{})); err != nil {
		return err
	}
	return s.load(ctx, metaCollection, metaCollection)
}

// active returns the current row, cached for at most age. Without an active generation
// the error is ErrNoIndex.
func (s *Store) active(ctx context.Context, age time.Duration) (*metaRow, error) {
	s.mu.Lock()
	row, at := s.seen, s.seenAt
	s.mu.Unlock()
	if row == nil || row.Active == "" || time.Since(at) >= age {
		err := s.inTime(ctx, func(ctx context.Context) (err error) {
			row, err = s.readMeta(ctx, bounded)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if row == nil || row.Active == "" {
		return nil, index.ErrNoIndex
	}
	return row, nil
}

// inTime calls f, a step of a question, with a context that ends after
// [Config.SearchTimeout]. If f takes longer, Milvus is unavailable.
func (s *Store) inTime(ctx context.Context, f func(context.Context) error) error {
	tctx, cancel := context.WithTimeout(ctx, s.config.SearchTimeout)
	defer cancel()
	err := f(tctx)
	if err != nil && tctx.Err() != nil && ctx.Err() == nil && !errors.Is(err, index.ErrUnavailable) {
		return s.unavailable(context.DeadlineExceeded)
	}
	return err
}

// onActive calls f with the current row. If f finds that another process has replaced
// or dropped the generation, f is called again with the new row.
func (s *Store) onActive(ctx context.Context, f func(*metaRow) error) error {
	row, err := s.active(ctx, metaAge)
	if err != nil {
		return err
	}
	for {
		if err = s.loadGeneration(ctx, row.Active); err == nil {
			err = f(row)
		}
		if !isRefusal(err) {
			return err
		}
		now, merr := s.readMeta(ctx, strong)
		switch {
		case merr != nil:
			return merr
		case now == nil || now.Active == "":
			return index.ErrNoIndex
		case now.Active == row.Active && isGone(err):
			return index.ErrNoIndex // someone dropped the collections in Milvus itself
		case now.Active == row.Active:
			return err
		}
		row = now
	}
}

// versionAge is how long [Store.Version] may miss that another process has changed the
// index. A store that is busy with searches reads the row more often anyway.
const versionAge = 100 * time.Millisecond

// Version returns a text that is another one after each run that has changed the index, a
// tenth of a second after it at the latest.
func (s *Store) Version(ctx context.Context) (string, error) {
	row, err := s.active(ctx, versionAge)
	if err != nil {
		return "", fmt.Errorf("milvus: open %s: %w", s.config.Name, err)
	}
	return fmt.Sprint(row.Active, " ", row.IndexVersion), nil
}

// Fingerprint returns the fingerprint of the index. It always asks Milvus. Without an
// index the error is [index.ErrNoIndex].
func (s *Store) Fingerprint(ctx context.Context) (index.Fingerprint, error) {
	row, err := s.active(ctx, 0)
	if err != nil {
		return index.Fingerprint{}, fmt.Errorf("milvus: open %s: %w", s.config.Name, err)
	}
	return row.Fingerprint, nil
}
