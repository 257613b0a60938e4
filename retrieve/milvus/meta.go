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

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"github.com/citewell/citewell/retrieve/index"
)

// metaCollection says which generation of each index is in use. There is one
// per database. Its columns:
//
//	id · name_id = URLID(name) · name · version · active · building ·
//	fingerprint (JSON, of active) · index_version · vec
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

// Consistency levels of reads.
var (
	bounded = client.WithSearchQueryConsistencyLevel(entity.ClBounded)
	session = client.WithSearchQueryConsistencyLevel(entity.ClSession) // sees this client's writes
	strong  = client.WithSearchQueryConsistencyLevel(entity.ClStrong)  // sees all; 200–400 ms on a server
)

// A metaRow is a row of the meta collection.
type metaRow struct {
	id           string
	version      int64
	Active       string
	Building     string
	Fingerprint  index.Fingerprint
	IndexVersion int64
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

var metaFields = []string{"id", "version", "active", "building", "fingerprint", "index_version"}

// readMetaRows returns the rows of this index, the one in force last.
func (s *Store) readMetaRows(ctx context.Context, level client.SearchQueryOptionFunc) ([]metaRow, error) {
	expr := "name_id == " + quote(index.URLID(s.config.Name))
	query := func() (client.ResultSet, error) {
		return s.client.Query(ctx, metaCollection, nil, expr, metaFields, level, client.WithLimit(listLimit))
	}
	rs, err := query()
	if isNotLoaded(err) {
		// Another process is making it at this moment, or was killed while it
		// did: what is missing is done here.
		s.mu.Lock()
		delete(s.loaded, metaCollection)
		s.mu.Unlock()
		if err := s.createMeta(ctx); err != nil {
			return nil, fmt.Errorf("load %s: %w", metaCollection, err)
		}
		rs, err = query()
	}
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t := table{rs: rs}
	rows := make([]metaRow, t.len("id"))
	for i := range rows {
		rows[i] = metaRow{
			id: t.str("id", i), version: t.num("version", i), Active: t.str("active", i),
			Building: t.str("building", i), IndexVersion: t.num("index_version", i),
		}
		if err := json.Unmarshal([]byte(t.str("fingerprint", i)), &rows[i].Fingerprint); err != nil && t.err == nil {
			return nil, fmt.Errorf("read the index's fingerprint: %w", err)
		}
	}
	slices.SortFunc(rows, func(a, b metaRow) int {
		if a.version != b.version {
			return int(a.version - b.version)
		}
		return strings.Compare(a.id, b.id)
	})
	return rows, t.err
}

// readMeta returns the row in force, or nil if there is none.
func (s *Store) readMeta(ctx context.Context, level client.SearchQueryOptionFunc) (*metaRow, error) {
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
	row.id, row.version = randomHex(maxKeyBytes/2), 1
	var ids []string
	for _, o := range old {
		row.version = max(row.version, o.version+1)
		ids = append(ids, o.id)
	}
	fp, err := json.Marshal(row.Fingerprint)
	if err != nil {
		return err
	}
	if _, err := s.client.Upsert(ctx, metaCollection, "",
		entity.NewColumnVarChar("id", []string{row.id}),
		entity.NewColumnVarChar("name_id", []string{index.URLID(s.config.Name)}),
		entity.NewColumnVarChar("name", []string{s.config.Name}),
		entity.NewColumnInt64("version", []int64{row.version}),
		entity.NewColumnVarChar("active", []string{row.Active}),
		entity.NewColumnVarChar("building", []string{row.Building}),
		entity.NewColumnVarChar("fingerprint", []string{string(fp)}),
		entity.NewColumnInt64("index_version", []int64{row.IndexVersion}),
		constantVectors(1),
	); err != nil {
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
	sch := entity.NewSchema().WithName(metaCollection)
	for _, f := range []*entity.Field{
		key("id").WithIsPrimaryKey(true), key("name_id"), str("name"), num("version"), str("active"),
		str("building"), str("fingerprint"), num("index_version"), vector("vec", 2),
	} {
		sch.WithField(f)
	}
	if err := s.create(ctx, sch, index.Fingerprint{}); err != nil {
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
