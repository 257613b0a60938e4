package milvus

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
)

// maxRows is the most rows a search of Milvus returns.
const maxRows = 16_384

// slack is how far the score of an engine, which sums in float32, may lie from
// ours: 4e-7 was the most in 384 dimensions (2026-11).
const slack = 1e-5

// Search implements [retrieve.Searcher]. The engine says which windows are near;
// their scores and their order are computed here, from the stored vectors.
func (s *Store) Search(ctx context.Context, vec embed.Vector, k int, f retrieve.Filter) ([]retrieve.Hit, error) {
	var hits []retrieve.Hit
	err := checkQuery(k, f)
	if err == nil {
		err = s.onActive(ctx, func(row *metaRow) (err error) {
			hits, err = s.search(ctx, row, vec, k, f)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("milvus: search %s: %w", s.config.Name, err)
	}
	return hits, nil
}

func checkQuery(k int, f retrieve.Filter) error {
	if k < 1 || k > maxRows {
		return fmt.Errorf("%w: k is %d, not within 1–%d", retrieve.ErrQuery, k, maxRows)
	}
	return f.Validate()
}

// search finds k chunks. A window whose chunk is not there, because it is being
// deleted, is skipped and made up for.
func (s *Store) search(ctx context.Context, row *metaRow, vec embed.Vector, k int, f retrieve.Filter) ([]retrieve.Hit, error) {
	if err := retrieve.CheckVector(vec, row.Fingerprint.Dim); err != nil {
		return nil, fmt.Errorf("%w: %w", retrieve.ErrQuery, err)
	}
	for need := k; ; {
		near, err := s.nearest(ctx, row, vec, need, f)
		if err != nil {
			return nil, err
		}
		hits, err := s.hits(ctx, row, near)
		if err != nil {
			return nil, err
		}
		if len(hits) >= k || len(near) < need {
			return hits[:min(k, len(hits))], nil
		}
		need += max(k-len(hits), need/2+1)
	}
}

// A near is a chunk that is near a question, with the score of its best window.
type near struct {
	id    string
	score float64
}

// nearest returns the need chunks nearest to vec, or fewer if the index holds
// fewer (or if 16 384 windows are not enough to tell).
func (s *Store) nearest(ctx context.Context, row *metaRow, vec embed.Vector, need int, f retrieve.Filter) ([]near, error) {
	for limit := min(max(2*need, need+16), maxRows); ; limit = min(4*limit, maxRows) {
		rows, floor, err := s.windows(ctx, row, vec, limit, f)
		if err != nil {
			return nil, err
		}
		best := map[string]float64{}
		for _, r := range rows {
			if old, ok := best[r.id]; !ok || r.score > old {
				best[r.id] = r.score
			}
		}
		found := make([]near, 0, len(best))
		for id, score := range best {
			found = append(found, near{id, score})
		}
		slices.SortFunc(found, func(a, b near) int {
			return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.id, b.id))
		})
		found = found[:min(need, len(found))]
		// What was not seen scores floor at most, so a chunk above it is in its
		// place for certain.
		if limit == maxRows || len(found) == need && found[need-1].score > floor+slack || floor == below {
			return found, nil
		}
	}
}

// below is a floor that no score reaches: all rows were seen.
const below = -2

// windows returns up to limit windows that are nearest to vec and pass the
// filter, and the most that a window may score that was not returned.
func (s *Store) windows(ctx context.Context, row *metaRow, vec embed.Vector, limit int, f retrieve.Filter) ([]near, float64, error) {
	fp := row.Fingerprint
	param := searchParam{}
	if ix := indexes[fp.Index]; ix.search != nil {
		param = ix.search(limit)
	}
	res, err := s.client.Search(ctx, s.collection(row.Active, windowsKind), nil, filterExpr(f),
		[]string{"chunk_id", "source", "lang", "url", "dense"}, []entity.Vector{entity.FloatVector(vec)}, "dense",
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
	rows := make([]near, 0, n)
	for i := range n {
		if f.Match(t.str("source", i), t.str("url", i), t.str("lang", i)) {
			if v := t.vec("dense", i); len(v) == len(vec) {
				rows = append(rows, near{t.str("chunk_id", i), retrieve.Cosine(vec, v)})
			}
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

// hits fetches the chunks, in order; those that are not there are left out.
func (s *Store) hits(ctx context.Context, row *metaRow, found []near) ([]retrieve.Hit, error) {
	// A reply of 64 MB fails; 500 texts of 65 535 bytes are half of it.
	const part = 500
	chunks := make(map[string]retrieve.Chunk, len(found))
	for some := range slices.Chunk(found, part) {
		ids := make([]string, len(some))
		for i, n := range some {
			ids[i] = n.id
		}
		err := s.byKeys(ctx, s.collection(row.Active, chunksKind), ids, append([]string{"text"}, chunkFields...), bounded, func(t *table, i int) {
			c := t.chunk(i)
			c.Text = t.str("text", i)
			chunks[c.ID] = c
		})
		if err != nil {
			return nil, err
		}
	}
	hits := make([]retrieve.Hit, 0, len(found))
	for _, n := range found {
		if c, ok := chunks[n.id]; ok {
			hits = append(hits, retrieve.Hit{Chunk: c, Score: n.score})
		}
	}
	return hits, nil
}

// chunkFields are the columns of a chunk besides its key and its text.
var chunkFields = []string{"url", "title", "section", "anchor", "ordinal", "start", "end", "source", "lang",
	"flags", "content_hash", "modified", "crawled_at", "windows"}

// chunk returns row i as a chunk without text.
func (t *table) chunk(i int) retrieve.Chunk {
	return retrieve.Chunk{
		ID: t.str("id", i), URL: t.str("url", i), Title: t.str("title", i), Section: t.str("section", i),
		Anchor: t.str("anchor", i), Ordinal: int(t.num("ordinal", i)), Start: int(t.num("start", i)),
		End: int(t.num("end", i)), Source: t.str("source", i), Lang: t.str("lang", i), Flags: t.str("flags", i),
		ContentHash: t.str("content_hash", i), Modified: t.time("modified", i), CrawledAt: t.time("crawled_at", i),
	}
}

func (t *table) time(name string, i int) time.Time { return time.UnixMicro(t.num(name, i)).UTC() }
