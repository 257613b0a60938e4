package milvus

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// maxRows is the most rows a search of Milvus returns.
const maxRows = 16_384

// scoreTolerance is the largest error of an engine's score, which sums in float32:
// 4e-7 was the largest seen in 384 dimensions (2026-11).
const scoreTolerance = 1e-5

// Search implements [retrieve.Searcher]. The dense and the sparse search run at the
// same time. The scores are the engine's: reading the vectors back to compute exact
// scores took as long as the search (10 000 chunks, 2026-11).
func (s *Store) Search(ctx context.Context, p retrieve.Probe) (retrieve.Found, error) {
	var found retrieve.Found
	err := p.Validate()
	if err == nil {
		err = s.onActive(ctx, func(row *metaRow) error {
			return s.inTime(ctx, func(ctx context.Context) (err error) {
				found, err = s.search(ctx, row, p)
				return err
			})
		})
	}
	if err != nil {
		return retrieve.Found{}, fmt.Errorf("milvus: search %s: %w", s.config.Name, err)
	}
	return found, nil
}

func (s *Store) search(ctx context.Context, row *metaRow, p retrieve.Probe) (retrieve.Found, error) {
	found := retrieve.Found{DenseFloor: -1}
	if p.Filter.Version != "" && row.Fingerprint.Schema < versionsSchema {
		return found, fmt.Errorf("%w: the index does not know the versions of its pages: rebuild it (ingest --rebuild)", retrieve.ErrQuery)
	}
	alsoIn, err := s.alsoIn(ctx, row, p.Filter.Version)
	if err != nil {
		return found, err
	}
	expr := filterExpr(p.Filter, alsoIn)
	g, ctx := errgroup.WithContext(ctx)
	if p.Vector != nil {
		if err := embed.ValidateVector(p.Vector, row.Fingerprint.Dim); err != nil {
			return found, fmt.Errorf("%w: %w", retrieve.ErrQuery, err)
		}
		g.Go(func() (err error) {
			ctx, span := trace.Start(ctx, "search_dense", trace.Client)
			found.Dense, found.DenseFloor, err = s.nearest(ctx, row, p, expr)
			span.End(err)
			return err
		})
	}
	if len(p.Terms.Dims) > 0 && s.can.sparse {
		g.Go(func() (err error) {
			ctx, span := trace.Start(ctx, "search_words", trace.Client)
			found.Sparse, found.SparseFloor, err = s.sparse(ctx, row, p, expr)
			span.End(err)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return retrieve.Found{}, err
	}
	return found, nil
}

// windowsPerChunk is about how many of the nearest windows belong to one of the
// nearest chunks. With that many rows per wanted chunk, a second search is rare.
const windowsPerChunk = 3

// nearest returns the p.Depth chunks nearest to p.Vector and their floor. It returns
// fewer chunks if the index holds fewer, or if maxRows windows belong to fewer.
func (s *Store) nearest(ctx context.Context, row *metaRow, p retrieve.Probe, expr string) ([]retrieve.Match, float64, error) {
	for limit := min(windowsPerChunk*p.Depth+16, maxRows); ; limit = min(4*limit, maxRows) {
		rows, floor, err := s.windows(ctx, row, p, expr, limit)
		if err != nil {
			return nil, 0, err
		}
		found := groupByChunk(rows)
		top := found[:min(p.Depth, len(found))]
		// Windows that were not returned score floor at most, so the place of a
		// chunk above it is certain.
		switch {
		case floor == noFloor && len(top) == len(found):
			return top, -1, nil
		case limit == maxRows || floor == noFloor || len(top) == p.Depth && top[len(top)-1].Score > floor+scoreTolerance:
			return countFromLast(top, rows), top[len(top)-1].Score, nil
		}
	}
}

// A scoredRow is a row that a search found.
type scoredRow struct {
	id    string // of its chunk
	score float64
}

// groupByChunk returns the chunks of rows with their scores, best first.
func groupByChunk(rows []scoredRow) []retrieve.Match {
	at := make(map[string]int, len(rows))
	ms := make([]retrieve.Match, 0, len(rows))
	for _, r := range rows {
		i, ok := at[r.id]
		if !ok {
			i = len(ms)
			at[r.id] = i
			ms = append(ms, retrieve.Match{ID: r.id, Score: r.score})
		}
		ms[i].Score = max(ms[i].Score, r.score)
		ms[i].Sum += r.score
		ms[i].Windows++
	}
	slices.SortFunc(ms, func(a, b retrieve.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return ms
}

// countFromLast counts only those windows of the chunks that score at least as the
// last chunk, so that the count does not depend on how many rows were asked for.
func countFromLast(ms []retrieve.Match, rows []scoredRow) []retrieve.Match {
	floor := ms[len(ms)-1].Score
	kept := groupByChunk(slices.DeleteFunc(slices.Clone(rows), func(r scoredRow) bool { return r.score < floor }))
	return kept[:min(len(ms), len(kept))]
}

// noFloor is lower than any score: all rows were returned.
const noFloor = -2

// windows returns up to limit windows that are nearest to p.Vector and pass the
// filter, and the highest score that a window may have that was not returned.
func (s *Store) windows(ctx context.Context, row *metaRow, p retrieve.Probe, expr string, limit int) ([]scoredRow, float64, error) {
	fp, f := row.Fingerprint, p.Filter
	cs := windowColumns.only(filterFields(f, "chunk_id")...)
	r, err := s.engine.search(ctx, s.collection(row.Active, windowsKind), denseSearch(fp, p.Vector, limit, expr, cs.names()))
	if err != nil {
		return nil, 0, err
	}
	set, err := cs.read(r)
	if err != nil {
		return nil, 0, err
	}
	rows := make([]scoredRow, 0, r.rows)
	var w windowRow
	for i, score := range r.scores {
		if set(&w, i); f.Match(index.Chunk{Source: w.source, URL: w.url, Lang: w.lang, Version: w.version, AlsoIn: w.alsoIn}) {
			rows = append(rows, scoredRow{w.chunkID, cosineOf(fp.Metric, score)})
		}
	}
	if r.rows < limit {
		return rows, noFloor, nil
	}
	return rows, cosineOf(fp.Metric, r.scores[r.rows-1]), nil
}

// denseSearch returns the search for the limit windows that are nearest to v.
func denseSearch(fp index.Fingerprint, v embed.Vector, limit int, expr string, fields []string) search {
	q := search{field: "dense", dense: v, metric: fp.Metric, limit: limit, expr: expr, fields: fields}
	if ix := indexes[fp.Index]; ix.search != nil {
		q.params = ix.search(limit)
	}
	return q
}

// cosineOf converts an engine's score of vectors of unit length to a cosine.
func cosineOf(metric string, score float32) float64 {
	if metric == "L2" {
		return 1 - float64(score)/2 // the score is the square of the distance
	}
	return float64(score)
}

// sparse returns the p.Depth chunks of the best BM25 scores, and their floor.
func (s *Store) sparse(ctx context.Context, row *metaRow, p retrieve.Probe, expr string) ([]retrieve.Match, float64, error) {
	cs := chunkColumns.only(filterFields(p.Filter, "id")...)
	r, err := s.engine.search(ctx, s.collection(row.Active, chunksKind), search{
		field: "sparse", sparse: p.Terms, metric: "IP", limit: p.Depth, expr: expr, fields: cs.names(),
	})
	if err != nil {
		return nil, 0, err
	}
	set, err := cs.read(r)
	if err != nil {
		return nil, 0, err
	}
	var rows []scoredRow
	var c chunkRow
	for i, score := range r.scores {
		if set(&c, i); score > placeholderWeight && p.Filter.Match(c.Chunk) {
			rows = append(rows, scoredRow{c.ID, float64(score)})
		}
	}
	ms := groupByChunk(rows)
	if r.rows < p.Depth {
		return ms, 0, nil
	}
	return ms, float64(r.scores[p.Depth-1]), nil
}

// alsoIn returns the values of the column also_in that hold the version. An index has
// few: one for each set of versions that share a text. Each query reads values that
// the ones before did not.
func (s *Store) alsoIn(ctx context.Context, row *metaRow, version string) ([]string, error) {
	if version == "" {
		return nil, nil
	}
	cs := chunkColumns.only("id", "also_in")
	known := []string{""}
	for {
		r, err := s.engine.query(ctx, s.collection(row.Active, chunksKind), "also_in not in ["+quoteAll(known)+"]", cs.names(), session, listLimit)
		if err != nil {
			return nil, err
		}
		before := len(known)
		for c, err := range cs.each(r) {
			if err != nil {
				return nil, err
			}
			if !slices.Contains(known, c.AlsoIn) {
				known = append(known, c.AlsoIn)
			}
		}
		if r.rows < listLimit || len(known) == before {
			return slices.DeleteFunc(known, func(set string) bool { return !index.HasVersion(set, version) }), nil
		}
	}
}

// filterFields returns fields, with those that [retrieve.Filter.Match] needs appended.
func filterFields(f retrieve.Filter, fields ...string) []string {
	if f.Version != "" {
		fields = append(fields, "version", "also_in")
	}
	if f == (retrieve.Filter{}) {
		return fields
	}
	return append(fields, "source", "lang", "url")
}

// Chunks implements [retrieve.Searcher].
func (s *Store) Chunks(ctx context.Context, ids []string) ([]index.Stored, error) {
	var out []index.Stored
	err := s.onActive(ctx, func(row *metaRow) error {
		return s.inTime(ctx, func(ctx context.Context) (err error) {
			out, err = s.chunks(ctx, row, ids)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("milvus: read chunks of %s: %w", s.config.Name, err)
	}
	return out, nil
}

func (s *Store) chunks(ctx context.Context, row *metaRow, ids []string) ([]index.Stored, error) {
	out := make([]index.Stored, 0, len(ids))
	for some := range slices.Chunk(ids, maxTextRows) {
		for c, err := range byKeys(ctx, s, s.collection(row.Active, chunksKind), chunkReadColumns.in(row.Fingerprint), some, bounded) {
			if err != nil {
				return nil, err
			}
			out = append(out, index.Stored{Chunk: c.Chunk, Windows: c.windows})
		}
	}
	return out, nil
}
