package retrieve

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/lru"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A search is the state of one call of [Retriever.Retrieve].
type search struct {
	searcher      Searcher
	query         Query
	mode          Mode
	stats         *bm25.Statistics
	question      bm25.Question
	vector        embed.Vector
	flaggedWeight float64
	baseline      func() scoreBaseline
	tokens        *lru.Cache[bm25.Tokens] // of chunks

	candidates []*scored                // best first
	chunks     map[string]*index.Stored // of the candidates, by ID
	missing    map[string]bool          // IDs of candidates that no longer exist
	reranked   bool                     // whether a reranker ordered the candidates
}

// run finds the candidates, fetches the best of them and sorts them.
func (s *search) run(ctx context.Context) error {
	p := Probe{Filter: s.query.Filter, Depth: Depth}
	if s.mode != Sparse {
		p.Vector = s.vector
	}
	if s.mode != Dense {
		p.Terms = s.question.Vector()
	}
	if s.mode != Hybrid {
		p.Depth = s.pool()
	}
	found, err := s.searcher.Search(ctx, p)
	if err != nil {
		return err
	}
	s.candidates, s.chunks, s.missing = merge(found), map[string]*index.Stored{}, map[string]bool{}
	f := newFusion(found, s.stats, s.baseline().scale)
	s.sort(func(c *scored) { f.score(c, 0) })
	n := min(s.pool(), len(s.candidates))
	rest := s.candidates[n:]
	s.candidates = s.candidates[:n:n]
	if err := s.fetch(ctx); err != nil {
		return err
	}
	if s.mode == Hybrid {
		if err := s.scoreByText(ctx, f); err != nil {
			return err
		}
	}
	return s.fill(ctx, f, preferenceOf(s.query.Text), rest)
}

// pool returns how many candidates are compared.
func (s *search) pool() int { return max(minPool, 2*s.query.K) }

// sort sets the score of each candidate by the mode, and sorts them.
func (s *search) sort(fuse func(*scored)) {
	for _, c := range s.candidates {
		switch s.mode {
		case Dense:
			c.fused = c.dense
		case Sparse:
			c.fused = c.sparse
		default:
			fuse(c)
		}
	}
	sortScored(s.candidates)
}

// fetch reads the candidates' chunks, and notes which no longer exist.
func (s *search) fetch(ctx context.Context) error {
	if len(s.candidates) == 0 {
		return nil
	}
	ids := make([]string, len(s.candidates))
	for i, c := range s.candidates {
		ids[i] = c.id
	}
	ctx, span := trace.Start(ctx, "read_chunks")
	span.Number("citewell.chunks", len(ids))
	chunks, err := s.searcher.Chunks(ctx, ids)
	span.End(err)
	if err != nil {
		return err
	}
	for i := range chunks {
		s.chunks[chunks[i].ID] = &chunks[i]
	}
	for _, id := range ids {
		if s.chunks[id] == nil {
			s.missing[id] = true
		}
	}
	return nil
}

// scoreByText scores the candidates again, by all of their windows and by the
// question's words in title and text.
func (s *search) scoreByText(ctx context.Context, f fusion) error {
	ctx, span := trace.Start(ctx, "rank")
	defer span.End()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, c := range s.candidates {
		st := s.chunks[c.id]
		if st == nil {
			continue
		}
		g.Go(func() error {
			c.title, _ = s.question.Match(bm25.Tokenize(heading(st.Chunk), st.Lang))
			_, c.pairs = s.question.Match(s.tokenized(c, st))
			f.score(c, st.Windows)
			c.fused *= s.plainness(st.Chunk)
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	sortScored(s.candidates)
	return nil
}

// heading returns the title and section path above a chunk.
func heading(c index.Chunk) string {
	if c.Section == "" || c.Section == c.Title {
		return c.Title
	}
	return c.Title + "\n" + c.Section
}

// tokenized returns the tokens of the candidate's chunk. They are kept for other
// questions, by hashes of the text, since a chunk's heading can change: tokenizing the candidates was a quarter of the processor time of a search
// (2026-11-28).
func (s *search) tokenized(c *scored, st *index.Stored) bm25.Tokens {
	if c.tokens == nil {
		above := heading(st.Chunk)
		key := fmt.Sprintf("%s %s %x %x", st.ID, st.Lang, maphash.String(textSeed, above), maphash.String(textSeed, st.Text))
		t, ok := s.tokens.Get(key)
		if !ok {
			t = bm25.Tokenize(above+"\n"+st.Text, st.Lang)
			s.tokens.Put(key, t, int64(4*t.Len()))
		}
		c.tokens = &t
	}
	return *c.tokens
}

var textSeed = maphash.MakeSeed()

// results returns the candidates, each with whether and why it was kept.
func (s *search) results() []Candidate {
	out := make([]Candidate, 0, len(s.candidates))
	for _, c := range s.candidates {
		st := s.chunks[c.id]
		if st == nil {
			continue
		}
		r := Candidate{Title: c.title, Phrases: c.pairs, Signals: c.signals, Hit: Hit{
			Chunk: st.Chunk, Score: c.fused, Dense: c.dense, Sparse: c.sparse, DenseRank: c.denseRank, SparseRank: c.sparseRank, Twins: c.twins,
		}}
		if s.mode == Hybrid {
			r.Fused = c.fused
		}
		if s.reranked {
			r.Score, r.Rerank = c.reranked, c.reranked
		}
		r.Kept = len(out) < s.query.K
		r.Why = why(len(out)+1, s.query.K, r)
		if c.isPromoted {
			r.Why += fmt.Sprintf("; moved up: %d hits of another page are above it", maxHitsPerPage)
		}
		out = append(out, r)
	}
	return out
}

// why explains whether the candidate at a place, from 1, was kept.
func why(place, k int, c Candidate) string {
	by := "found by vectors and words"
	switch {
	case c.SparseRank == 0:
		by = "found by vectors"
	case c.DenseRank == 0:
		by = "found by words"
	}
	if c.Flags != "" {
		by += ", flagged: " + c.Flags
	}
	if c.Kept {
		return fmt.Sprintf("%s; place %d of %d", by, place, k)
	}
	return fmt.Sprintf("%s; place %d, below the %d wanted", by, place, k)
}
