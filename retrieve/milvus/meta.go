package milvus

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/retrieve/index"
)

// metaCollection says which generation of each index is in use. There is one
// per database. Its columns are metaColumns.
//
// A row is never changed: the one with the highest version is in force. A new
// one is inserted before the old ones are deleted, so that a reader always sees
// one (an upsert is a deletion and an insertion, visible between).
//
// active is the generation that is searched, "" if there is none. building
// lists, with spaces between, generations that are written before their
// collections are created: one that is being filled, or that was left behind.
const metaCollection = "citewell_meta"

// metaAge is how old the answer of the meta collection may be that a search
// relies on. A generation that was replaced is dropped by whoever replaced it,
// before it says so; a search that comes upon that asks anew at once.
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

// newGeneration returns a name that no generation had.
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

// readMetaRows returns the rows of this index, the one in force last.
func (s *Store) readMetaRows(ctx context.Context, level consistency) ([]metaRow, error) {
	expr := "name_id == " + quote(index.URLID(s.config.Name))
	query := func() (reply, error) {
		return s.engine.query(ctx, metaCollection, expr, metaColumns.names(), level, listLimit)
	}
	r, err := query()
	if isNotLoaded(err) {
		// Another process is making it at this moment, or was killed while it
		// did: what is missing is done here.
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
	rows, err := metaColumns.rows(r)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if err := json.Unmarshal([]byte(rows[i].fingerprint), &rows[i].Fingerprint); err != nil {
			return nil, fmt.Errorf("read the index's fingerprint: %w", err)
		}
	}
	slices.SortFunc(rows, func(a, b metaRow) int {
		if a.version != b.version {
			return int(a.version - b.version)
		}
		return strings.Compare(a.id, b.id)
	})
	return rows, nil
}

// readMeta returns the row in force, or nil if there is none.
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

// writeMeta puts a row in force, and lets every client see it.
func (s *Store) writeMeta(ctx context.Context, row *metaRow) error {
	if err := s.createMeta(ctx); err != nil {
		return fmt.Errorf("create %s: %w", metaCollection, err)
	}
	old, err := s.readMetaRows(ctx, strong)
	if err != nil {
		return err
	}
	row.id, row.name, row.version = randomHex(maxKeyBytes/2), s.config.Name, 1
	var ids []string
	for _, o := range old {
		row.version = max(row.version, o.version+1)
		ids = append(ids, o.id)
	}
	fp, err := json.Marshal(row.Fingerprint)
	if err != nil {
		return err
	}
	row.fingerprint = string(fp)
	if err := upsert(ctx, s, metaCollection, metaColumns, []metaRow{*row}); err != nil {
		return err
	}
	if err := s.deleteKeys(ctx, metaCollection, ids); err != nil {
		return err
	}
	_, err = s.readMeta(ctx, strong)
	return err
}

// clearMeta removes a row, after which the index is unknown.
func (s *Store) clearMeta(ctx context.Context, row *metaRow) error {
	if err := s.deleteKeys(ctx, metaCollection, []string{row.id}); err != nil {
		return err
	}
	_, err := s.readMeta(ctx, strong)
	return err
}

// createMeta makes the meta collection if it is not there.
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

// active returns the row in force, not older than age. Without an active
// generation the error is ErrNoIndex.
func (s *Store) active(ctx context.Context, age time.Duration) (*metaRow, error) {
	s.mu.Lock()
	row, at := s.seen, s.seenAt
	s.mu.Unlock()
	if row == nil || row.Active == "" || time.Since(at) >= age {
		var err error
		if row, err = s.readMeta(ctx, bounded); err != nil {
			return nil, err
		}
	}
	if row == nil || row.Active == "" {
		return nil, index.ErrNoIndex
	}
	return row, nil
}

// onActive calls f with the row in force. If f comes upon something that is not
// there, another process has replaced or dropped the generation: f is called
// again with the new one.
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
			return index.ErrNoIndex // the collections were dropped by other means
		case now.Active == row.Active:
			return err
		}
		row = now
	}
}

// Fingerprint returns what the index was made with. It always asks Milvus.
// Without an index the error is [index.ErrNoIndex].
func (s *Store) Fingerprint(ctx context.Context) (index.Fingerprint, error) {
	row, err := s.active(ctx, 0)
	if err != nil {
		return index.Fingerprint{}, fmt.Errorf("milvus: open %s: %w", s.config.Name, err)
	}
	return row.Fingerprint, nil
}
