package milvus

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"
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
	if len(p.Terms.Dims) > 0 && s.engine.sparse {
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
	fp, vec, f := row.Fingerprint, p.Vector, p.Filter
	param := searchParam{}
	if ix := indexes[fp.Index]; ix.search != nil {
		param = ix.search(limit)
	}
	res, err := s.client.Search(ctx, s.collection(row.Active, windowsKind), nil, filterExpr(f),
		filterFields(f, "chunk_id"), []entity.Vector{entity.FloatVector(vec)}, "dense",
		entity.MetricType(fp.Metric), limit, param, bounded)
	if err != nil {
		return nil, 0, err
	}
	// The SDK reports a decoding failure in the result, not as its error. Where
	// nothing is found there is no result, or one that lacks its columns, which
	// the SDK takes for such a failure.
	if len(res) == 0 || res[0].ResultCount == 0 {
		return nil, below, nil
	}
	if err := res[0].Err; err != nil {
		return nil, 0, err
	}
	t := &table{rs: res[0].Fields}
	n := t.len("chunk_id")
	rows := make([]scoredRow, 0, n)
	for i := range n {
		if t.matches(f, i) {
			rows = append(rows, scoredRow{t.str("chunk_id", i), cosine(fp.Metric, res[0].Scores[i])})
		}
	}
	floor := float64(below)
	if n >= limit && len(res[0].Scores) == n {
		floor = cosine(fp.Metric, res[0].Scores[n-1])
	}
	return rows, floor, t.err
}

// cosine turns the score of an engine for vectors of unit length into a cosine.
func cosine(metric string, score float32) float64 {
	if entity.MetricType(metric) == entity.L2 {
		return 1 - float64(score)/2 // the score is the square of the distance
	}
	return float64(score)
}

// sparse returns the p.Depth chunks of the best BM25 scores, and their floor.
func (s *Store) sparse(ctx context.Context, row *metaRow, p retrieve.Probe) ([]retrieve.Match, float64, error) {
	vec, err := entity.NewSliceSparseEmbedding(p.Terms.Dims, p.Terms.Weights)
	if err != nil {
		return nil, 0, err
	}
	res, err := s.client.Search(ctx, s.collection(row.Active, chunksKind), nil, filterExpr(p.Filter), filterFields(p.Filter, "id"),
		[]entity.Vector{vec}, "sparse", entity.IP, p.Depth, searchParam{}, bounded)
	if err != nil {
		return nil, 0, err
	}
	if len(res) == 0 || res[0].ResultCount == 0 {
		return nil, 0, nil
	}
	if err := res[0].Err; err != nil {
		return nil, 0, err
	}
	t := &table{rs: res[0].Fields}
	var rows []scoredRow
	for i, score := range res[0].Scores {
		if score > placeholderWeight && t.matches(p.Filter, i) {
			rows = append(rows, scoredRow{t.str("id", i), float64(score)})
		}
	}
	ms := group(rows)
	if len(res[0].Scores) < p.Depth {
		return ms, 0, t.err
	}
	return ms, float64(res[0].Scores[p.Depth-1]), t.err
}

// filterFields returns fields with those that [table.matches] reads.
func filterFields(f retrieve.Filter, fields ...string) []string {
	if f == (retrieve.Filter{}) {
		return fields
	}
	return append(fields, "source", "lang", "url")
}

// matches checks what the engine says passes the filter.
func (t *table) matches(f retrieve.Filter, i int) bool {
	return f == (retrieve.Filter{}) || f.Match(t.str("source", i), t.str("url", i), t.str("lang", i))
}

// Chunks implements [retrieve.Searcher].
func (s *Store) Chunks(ctx context.Context, ids []string) ([]index.Stored, error) {
	// A reply of 64 MB fails; 500 texts of 65 535 bytes are half of it.
	const part = 500
	var out []index.Stored
	err := s.onActive(ctx, func(row *metaRow) error {
		out = make([]index.Stored, 0, len(ids))
		for some := range slices.Chunk(ids, part) {
			err := s.byKeys(ctx, s.collection(row.Active, chunksKind), some, append([]string{"text"}, chunkFields...), bounded, func(t *table, i int) {
				c := index.Stored{Chunk: t.chunk(i), Windows: int(t.num("windows", i))}
				c.Text = t.str("text", i)
				out = append(out, c)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("milvus: read chunks of %s: %w", s.config.Name, err)
	}
	return out, nil
}

// chunkFields are the columns of a chunk besides its key and its text.
var chunkFields = []string{"url", "title", "section", "anchor", "ordinal", "start", "end", "source", "lang",
	"flags", "content_hash", "modified", "crawled_at", "windows"}

// chunk returns row i as a chunk without text.
func (t *table) chunk(i int) index.Chunk {
	return index.Chunk{
		ID: t.str("id", i), URL: t.str("url", i), Title: t.str("title", i), Section: t.str("section", i),
		Anchor: t.str("anchor", i), Ordinal: int(t.num("ordinal", i)), Start: int(t.num("start", i)),
		End: int(t.num("end", i)), Source: t.str("source", i), Lang: t.str("lang", i), Flags: t.str("flags", i),
		ContentHash: t.str("content_hash", i), Modified: t.time("modified", i), CrawledAt: t.time("crawled_at", i),
	}
}

func (t *table) time(name string, i int) time.Time { return time.UnixMicro(t.num(name, i)).UTC() }
