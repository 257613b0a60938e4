package milvus

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// maxRows is the most rows a search of Milvus returns.
const maxRows = 16_384

// slack is how far the score of an engine, which sums in float32, may lie from
// the true one: 4e-7 was the most in 384 dimensions (2026-11).
const slack = 1e-5

// Search implements [retrieve.Searcher]. The two sides are searched at the same
// time. The scores are the engine's: to read the vectors back and compute them
// anew took as long as the search (10 000 chunks, 2026-11).
func (s *Store) Search(ctx context.Context, p retrieve.Probe) (retrieve.Found, error) {
	var found retrieve.Found
	err := p.Check()
	if err == nil {
		err = s.onActive(ctx, func(row *metaRow) (err error) {
			found, err = s.search(ctx, row, p)
			return err
		})
	}
	if err != nil {
		return retrieve.Found{}, fmt.Errorf("milvus: search %s: %w", s.config.Name, err)
	}
	return found, nil
}

func (s *Store) search(ctx context.Context, row *metaRow, p retrieve.Probe) (retrieve.Found, error) {
	found := retrieve.Found{DenseFloor: -1}
	g, ctx := errgroup.WithContext(ctx)
	if p.Vector != nil {
		if err := embed.ValidateVector(p.Vector, row.Fingerprint.Dim); err != nil {
			return found, fmt.Errorf("%w: %w", retrieve.ErrQuery, err)
		}
		g.Go(func() (err error) {
			found.Dense, found.DenseFloor, err = s.nearest(ctx, row, p)
			return err
		})
	}
	if len(p.Terms.Dims) > 0 && s.can.sparse {
		g.Go(func() (err error) {
			found.Sparse, found.SparseFloor, err = s.sparse(ctx, row, p)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return retrieve.Found{}, err
	}
	return found, nil
}

// windowsAChunk is how many windows the nearest chunks have among the nearest
// windows, about: with so many rows for each chunk wanted a second search is rare.
const windowsAChunk = 3

// nearest returns the p.Depth chunks nearest to p.Vector, or fewer if the index holds
// fewer (or if 16 384 windows are not enough to tell), and their floor.
func (s *Store) nearest(ctx context.Context, row *metaRow, p retrieve.Probe) ([]retrieve.Match, float64, error) {
	for limit := min(windowsAChunk*p.Depth+16, maxRows); ; limit = min(4*limit, maxRows) {
		rows, floor, err := s.windows(ctx, row, p, limit)
		if err != nil {
			return nil, 0, err
		}
		found := group(rows)
		some := found[:min(p.Depth, len(found))]
		// What was not seen scores floor at most, so a chunk above it is in its
		// place for certain.
		switch {
		case floor == below && len(some) == len(found):
			return some, -1, nil
		case limit == maxRows || floor == below || len(some) == p.Depth && some[len(some)-1].Score > floor+slack:
			return above(some, rows), some[len(some)-1].Score, nil
		}
	}
}

// A scoredRow is a row that a search found, with the key of its chunk.
type scoredRow struct {
	id    string
	score float64
}

// group returns the chunks of rows with their scores, in order.
func group(rows []scoredRow) []retrieve.Match {
	at := map[string]int{}
	var ms []retrieve.Match
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

// above counts of the chunks' windows only those that score as the last chunk
// or more, so that the count does not depend on how many rows were asked for.
func above(ms []retrieve.Match, rows []scoredRow) []retrieve.Match {
	floor := ms[len(ms)-1].Score
	kept := group(slices.DeleteFunc(slices.Clone(rows), func(r scoredRow) bool { return r.score < floor }))
	return kept[:min(len(ms), len(kept))]
}

// below is a floor that no score reaches: all rows were seen.
const below = -2

// windows returns up to limit windows that are nearest to vec and pass the
// filter, and the most that a window may score that was not returned.
func (s *Store) windows(ctx context.Context, row *metaRow, p retrieve.Probe, limit int) ([]scoredRow, float64, error) {
	fp, f := row.Fingerprint, p.Filter
	cs := windowColumns.only(filterFields(f, "chunk_id")...)
	r, err := s.engine.search(ctx, s.collection(row.Active, windowsKind), denseSearch(fp, p.Vector, limit, filterExpr(f), cs.names()))
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
		if set(&w, i); matches(f, w.source, w.url, w.lang) {
			rows = append(rows, scoredRow{w.chunkID, cosine(fp.Metric, score)})
		}
	}
	if r.rows < limit {
		return rows, below, nil
	}
	return rows, cosine(fp.Metric, r.scores[r.rows-1]), nil
}

// denseSearch returns the search for the limit windows that are nearest to v.
func denseSearch(fp index.Fingerprint, v embed.Vector, limit int, expr string, fields []string) search {
	q := search{field: "dense", dense: v, metric: fp.Metric, limit: limit, expr: expr, fields: fields}
	if ix := indexes[fp.Index]; ix.search != nil {
		q.params = ix.search(limit)
	}
	return q
}

// cosine turns the score of an engine for vectors of unit length into a cosine.
func cosine(metric string, score float32) float64 {
	if metric == "L2" {
		return 1 - float64(score)/2 // the score is the square of the distance
	}
	return float64(score)
}

// sparse returns the p.Depth chunks of the best BM25 scores, and their floor.
func (s *Store) sparse(ctx context.Context, row *metaRow, p retrieve.Probe) ([]retrieve.Match, float64, error) {
	cs := chunkColumns.only(filterFields(p.Filter, "id")...)
	r, err := s.engine.search(ctx, s.collection(row.Active, chunksKind), search{
		field: "sparse", sparse: p.Terms, metric: "IP", limit: p.Depth, expr: filterExpr(p.Filter), fields: cs.names(),
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
		if set(&c, i); score > placeholderWeight && matches(p.Filter, c.Source, c.URL, c.Lang) {
			rows = append(rows, scoredRow{c.ID, float64(score)})
		}
	}
	ms := group(rows)
	if r.rows < p.Depth {
		return ms, 0, nil
	}
	return ms, float64(r.scores[p.Depth-1]), nil
}

// filterFields returns fields with those that [matches] compares.
func filterFields(f retrieve.Filter, fields ...string) []string {
	if f == (retrieve.Filter{}) {
		return fields
	}
	return append(fields, "source", "lang", "url")
}

// matches reports whether a row that the engine found passes the filter.
func matches(f retrieve.Filter, source, url, lang string) bool {
	return f == (retrieve.Filter{}) || f.Match(source, url, lang)
}

// Chunks implements [retrieve.Searcher].
func (s *Store) Chunks(ctx context.Context, ids []string) ([]index.Stored, error) {
	var out []index.Stored
	err := s.onActive(ctx, func(row *metaRow) error {
		out = make([]index.Stored, 0, len(ids))
		for some := range slices.Chunk(ids, maxTextRows) {
			for c, err := range byKeys(ctx, s, s.collection(row.Active, chunksKind), shownColumns, some, bounded) {
				if err != nil {
					return err
				}
				out = append(out, index.Stored{Chunk: c.Chunk, Windows: c.windows})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("milvus: read chunks of %s: %w", s.config.Name, err)
	}
	return out, nil
}
