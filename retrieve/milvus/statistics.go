package milvus

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
	"github.com/citewell/citewell/retrieve/index"
)

// The statistics of BM25 are packed in rows of the collection terms; its columns are
// termsColumns. Row n of version v has the key URLID("statistics v n") and, in base64,
// part n of the result of [bm25.Statistics.Pack]. Each version has one part or more.
// The version equal to index_version in the meta collection is current. It is written
// before the meta row that names it, and older versions are deleted after that. The
// words of the index are beside them; see vocabulary.go.
//
// A row of version markVersion means that a run may have changed chunks since the last
// statistics: every run writes one before its first change. So the next run counts the
// terms again after a killed one, even if it changes nothing itself.
const markVersion = -1

// packBytes is the largest part that fits in a string as base64.
const packBytes = index.MaxTextBytes / 4 * 3

// maxTermsRows is how many rows of packed statistics are read at once: 13 MB.
const maxTermsRows = 200

// published caches what a store has read of the counts of a version.
type published struct {
	generation string
	version    int64
	stats      *bm25.Statistics
	words      *vocabulary.Vocabulary // nil if the version has none
}

// Index implements [retrieve.Searcher]. It always asks Milvus, and reads the
// statistics if they are new.
func (s *Store) Index(ctx context.Context) (index.Info, error) {
	ix, err := s.index(ctx)
	if err != nil {
		return index.Info{}, fmt.Errorf("milvus: open %s: %w", s.config.Name, err)
	}
	return ix, nil
}

func (s *Store) index(ctx context.Context) (ix index.Info, err error) {
	if _, err := s.active(ctx, 0); err != nil {
		return ix, err
	}
	err = s.onActive(ctx, func(row *metaRow) error {
		ix = index.Info{Fingerprint: row.Fingerprint}
		if !s.can.sparse {
			ix.Lacks = s.can.String() + " has no sparse vectors; Milvus has them since 2.4"
			return nil
		}
		counts, err := s.counts(ctx, row)
		ix.Statistics, ix.Vocabulary = counts.stats, counts.words
		return err
	})
	return ix, err
}

// counts returns the current counts or, if parts of them are missing, the last complete
// ones.
func (s *Store) counts(ctx context.Context, row *metaRow) (published, error) {
	s.statsMu.Lock()
	defer s.statsMu.Unlock()
	if s.stats.generation == row.Active && s.stats.version == row.IndexVersion {
		return s.stats, nil
	}
	sets := map[int64]*packed{}
	best := published{generation: row.Active, version: markVersion, stats: (&bm25.Counter{}).Statistics()}
	expr := fmt.Sprintf("version > %d", markVersion)
	if s.stats.generation == row.Active { // an older version is cached
		best, expr = s.stats, fmt.Sprintf("version == %d", row.IndexVersion)
	}
	if err := s.readPacked(ctx, row.Active, expr, sets); err != nil {
		return published{}, err
	}
	isNew := false
	for v, p := range sets {
		if v > row.IndexVersion || v <= best.version || len(p.data) != p.parts {
			continue
		}
		stats, err := p.unpack()
		if err != nil {
			return published{}, err
		}
		best.version, best.stats, isNew = v, stats, true
	}
	if isNew {
		var err error
		if best.words, err = s.vocabulary(ctx, row.Active, best.version); err != nil {
			return published{}, err
		}
	}
	s.stats = best
	return best, nil
}

// packed holds the rows of one version.
type packed struct {
	chunks, parts int
	langs         []string
	data          map[int]string // by n
}

func (p *packed) unpack() (*bm25.Statistics, error) {
	parts, err := p.decode()
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	return bm25.Unpack(p.chunks, p.langs, parts)
}

// decode returns the parts of a complete version.
func (p *packed) decode() ([][]byte, error) {
	parts := make([][]byte, p.parts)
	for n := range parts {
		var err error
		if parts[n], err = base64.RawStdEncoding.DecodeString(p.data[n]); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// pack returns the rows that hold the parts of a version. The keys are made from name.
func pack(name string, version int64, parts [][]byte) []termsRow {
	if len(parts) == 0 {
		parts = [][]byte{nil}
	}
	rows := make([]termsRow, len(parts))
	for n, p := range parts {
		rows[n] = termsRow{id: index.URLID(fmt.Sprintf("%s %d %d", name, version, n)), version: version, n: n, parts: len(parts),
			data: base64.RawStdEncoding.EncodeToString(p)}
	}
	return rows
}

// readPacked reads the rows that match the expression into sets, by version.
func (s *Store) readPacked(ctx context.Context, generation, expr string, sets map[int64]*packed) error {
	for t, err := range list(ctx, s, s.collection(generation, termsKind), termsColumns, expr, maxTermsRows) {
		if err != nil {
			return err
		}
		if sets[t.version] == nil {
			sets[t.version] = &packed{chunks: t.chunks, parts: t.parts, langs: strings.Fields(t.langs), data: map[int]string{}}
		}
		sets[t.version].data[t.n] = t.data
	}
	return nil
}

// changeMarks returns the keys of the marks of changes.
func (s *Store) changeMarks(ctx context.Context, generation string) ([]string, error) {
	return s.keysWhere(ctx, generation, fmt.Sprintf("version == %d", markVersion))
}

// keysWhere returns the keys of the rows of terms that match the expression.
func (s *Store) keysWhere(ctx context.Context, generation, expr string) (keys []string, err error) {
	for t, err := range list(ctx, s, s.collection(generation, termsKind), termsColumns.only("id"), expr, listLimit) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, t.id)
	}
	return keys, nil
}

// markChanged writes the run's mark, once.
func (r *run) markChanged(ctx context.Context) error {
	r.markMu.Lock()
	defer r.markMu.Unlock()
	if r.marked {
		return nil
	}
	err := r.upsertTerms(ctx, []termsRow{{id: r.mark, version: markVersion}})
	r.marked = err == nil
	return err
}

// refresh gives the index a new version, with counts, if chunks may have changed since the
// last one, or if there are no counts yet: an older program published no vocabulary.
func (r *run) refresh(ctx context.Context, row *metaRow) error {
	marks, err := r.s.changeMarks(ctx, r.generation)
	if err != nil {
		return err
	}
	complete := len(marks) == 0
	var counts []int64 // versions of their rows
	if r.s.can.sparse {
		counts = []int64{row.IndexVersion, vocabularyVersion(row.IndexVersion)}
	}
	for _, version := range counts {
		keys, err := r.s.keysWhere(ctx, r.generation, fmt.Sprintf("version == %d", version))
		if err != nil {
			return err
		}
		complete = complete && len(keys) > 0
	}
	if complete {
		return nil
	}
	next := *row
	next.IndexVersion++
	if err := r.publish(ctx, next.IndexVersion); err != nil {
		return err
	}
	if err := r.lease.writeMeta(ctx, &next); err != nil {
		return err
	}
	old, err := r.s.keysWhere(ctx, r.generation, fmt.Sprintf("(version > %d && version < %d) || (version < %d && version > %d)",
		markVersion, next.IndexVersion, markVersion, vocabularyVersion(next.IndexVersion)))
	if err != nil {
		return err
	}
	// Marks of runs that began meanwhile stay: those runs still change chunks.
	return r.s.deleteKeys(ctx, r.collection(termsKind), append(append(old, r.oldMarks...), r.mark))
}

// publish counts the terms of all chunks and writes the counts under a version that is
// not current yet.
func (r *run) publish(ctx context.Context, version int64) error {
	if !r.s.can.sparse {
		return nil
	}
	// A run that was killed here may have left rows of this version.
	left, err := r.s.keysWhere(ctx, r.generation, fmt.Sprintf("version >= %d || version <= %d", version, vocabularyVersion(version)))
	if err != nil {
		return err
	}
	if err := r.s.deleteKeys(ctx, r.collection(termsKind), left); err != nil {
		return err
	}
	stats, words, err := r.s.recount(ctx, r.generation)
	if err != nil {
		return err
	}
	rows := pack("statistics", version, stats.Pack(packBytes))
	for i := range rows {
		rows[i].chunks, rows[i].langs = stats.Chunks(), strings.Join(stats.Langs(), " ")
	}
	rows = append(rows, pack("vocabulary", vocabularyVersion(version), words.Pack(packBytes))...)
	if err := r.upsertTerms(ctx, rows); err != nil {
		return err
	}
	// After a strong read every client sees the rows that the meta row will name.
	_, err = r.s.count(ctx, r.collection(termsKind), "", strong)
	return err
}

// recount counts the terms and the words of the chunks of a generation, row by row.
func (s *Store) recount(ctx context.Context, generation string) (*bm25.Statistics, *vocabulary.Vocabulary, error) {
	var terms bm25.Counter
	var words vocabulary.Counter
	// Milvus Lite fails to read the sparse vectors of no rows (2.5.1).
	n, err := s.count(ctx, s.collection(generation, chunksKind), "", session)
	if err != nil {
		return nil, nil, err
	}
	if n > 0 {
		for row, err := range list(ctx, s, s.collection(generation, chunksKind), chunkColumns.only("id", "title", "section", "text", "lang", "sparse"), "", maxTextRows) {
			if err != nil {
				return nil, nil, err
			}
			terms.Add(row.terms.Dims, row.Lang)
			words.Add(row.Title + "\n" + row.Section + "\n" + row.Text)
		}
	}
	return terms.Statistics(), words.Vocabulary(), nil
}

func (r *run) upsertTerms(ctx context.Context, rows []termsRow) error {
	return upsert(ctx, r.s, r.collection(termsKind), termsColumns, rows)
}
