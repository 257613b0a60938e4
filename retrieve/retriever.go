package retrieve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// Limits of [Retriever.Retrieve].
const (
	DefaultK      = 5
	MaxK          = 50
	MaxQueryRunes = 8_000 // about 2000 tokens: a question, not a document
)

// A Config says what a [Retriever] works with.
type Config struct {
	Embedder embed.Embedder // required; must be the one the index was made with
	Searcher Searcher       // required
	Reranker Reranker       // orders what was found; nil means that its scores do
	Mode     Mode           // of questions that name none; "" means Hybrid
	// FlaggedWeight is what the score of a chunk with Flags is multiplied by, at
	// most 1; 0 means [DefaultFlaggedWeight].
	FlaggedWeight float64
}

// A Retriever finds chunks for questions. It is safe for concurrent use.
type Retriever struct {
	embedder      embed.Embedder
	searcher      Searcher
	reranker      Reranker
	mode          Mode
	flaggedWeight float64
	calibration   *calibration
}

// New returns a Retriever.
func New(c Config) (*Retriever, error) {
	if c.Embedder == nil || c.Searcher == nil {
		return nil, errors.New("retrieve: New needs an embedder and a searcher")
	}
	if !c.Mode.Valid() {
		return nil, fmt.Errorf("retrieve: %w", errMode)
	}
	if !(c.FlaggedWeight >= 0 && c.FlaggedWeight <= 1) { // NaN, too
		return nil, fmt.Errorf("retrieve: the weight %v of flagged chunks is not within 0–1", c.FlaggedWeight)
	}
	return &Retriever{embedder: c.Embedder, searcher: c.Searcher, reranker: c.Reranker, mode: c.Mode,
		flaggedWeight: cmp.Or(c.FlaggedWeight, DefaultFlaggedWeight), calibration: newCalibration()}, nil
}

// Retrieve returns the q.K best chunks for a question.
//
// An empty question, a question longer than [MaxQueryRunes], a K outside
// 1–[MaxK], a mode that there is not and a filter that is not valid give
// [ErrQuery]. An index made by another embedder, or one that is stored or
// analysed in another way than this program's, gives an [*index.MismatchError], also
// when the dimensions agree.
//
// Where the engine has no sparse vectors, a hybrid search is a dense one, and
// Result.Notice says so; a sparse one gives [ErrQuery].
func (r *Retriever) Retrieve(ctx context.Context, q Query) (*Result, error) {
	q.Mode = cmp.Or(q.Mode, r.mode)
	if err := q.check(); err != nil {
		return nil, err
	}
	ix, vec, err := r.prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	res := &Result{Mode: q.Mode}
	if ix.Statistics == nil && q.Mode != Dense {
		if q.Mode == Sparse {
			return nil, fmt.Errorf("%w: there is no sparse search: %s", ErrQuery, ix.Lacks)
		}
		res.Mode, res.Notice = Dense, "dense search only: "+ix.Lacks
	}
	s := search{searcher: r.searcher, query: q, mode: res.Mode, stats: ix.Statistics, vector: vec, flaggedWeight: r.flaggedWeight}
	s.question = s.stats.Question(q.Text, q.Filter.Lang)
	ctx, cancel := context.WithCancel(ctx)
	back := r.behind(ctx, ix, res.Mode)
	defer func() {
		cancel()
		<-back // nothing runs on behind the caller
	}()
	// Where a rebuild replaced the index between two calls, nothing of what was
	// found is there any more: it is looked for once again.
	for range 2 {
		if err = s.run(ctx); err != nil {
			return nil, err
		}
		if len(s.candidates) == 0 || len(s.lost) < len(s.candidates) {
			break
		}
	}
	res.Signals = s.signals(<-back)
	res.Evidence = res.Signals.evidence()
	s.demote()
	if err := r.reorder(ctx, &s, res); err != nil {
		return nil, err
	}
	s.spread()
	res.Candidates = s.results()
	for _, c := range res.Candidates {
		if c.Kept {
			res.Hits = append(res.Hits, c.Hit)
		}
	}
	return res, nil
}

// prepare embeds the question, and at the same time asks what the index is.
func (r *Retriever) prepare(ctx context.Context, q Query) (index.Info, embed.Vector, error) {
	var ix index.Info
	var vecs []embed.Vector
	var indexErr, embedErr error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		ix, indexErr = r.searcher.Index(gctx)
		if indexErr == nil {
			indexErr = r.check(ix.Fingerprint)
		}
		return indexErr
	})
	if q.Mode != Sparse {
		vecs, embedErr = r.embedder.Embed(gctx, []string{q.Text}, embed.Query)
		if embedErr == nil && len(vecs) != 1 {
			embedErr = errors.New("the embedder returned another number of vectors")
		}
	}
	if err := g.Wait(); err != nil { // what the index is comes first: it says why an embedder may not fit
		return index.Info{}, nil, err
	}
	if embedErr != nil {
		return index.Info{}, nil, fmt.Errorf("retrieve: embed question: %w", embedErr)
	}
	if len(vecs) == 0 {
		return ix, nil, nil
	}
	return ix, vecs[0], nil
}

// check returns an error unless an index fits the embedder and this program.
func (r *Retriever) check(fp index.Fingerprint) error {
	asked := fp
	asked.Model, asked.Schema = r.embedder.Model(), index.SchemaVersion
	if fp.Analyser != "" { // an index may be made without sparse vectors
		asked.Analyser = bm25.Analyser
	}
	if asked != fp {
		return &index.MismatchError{Have: fp, Asked: asked}
	}
	return nil
}

// A Mode says which sides a search has.
type Mode string

const (
	Hybrid Mode = "hybrid" // both, fused; what "" means
	Dense  Mode = "dense"  // nearness of meaning: the vectors alone
	Sparse Mode = "sparse" // words: BM25 alone
)

var errMode = fmt.Errorf("the mode is not %s, %s or %s", Dense, Sparse, Hybrid)

// Valid reports whether there is such a mode, or none is named.
func (m Mode) Valid() bool { return m == "" || m == Hybrid || m == Dense || m == Sparse }

// A Query is a question to a [Retriever].
type Query struct {
	Text   string
	K      int // hits wanted; 0 means DefaultK
	Filter Filter
	Mode   Mode // "" means Config.Mode
}

// check fills in the defaults.
func (q *Query) check() error {
	if q.K == 0 {
		q.K = DefaultK
	}
	if q.Mode == "" {
		q.Mode = Hybrid
	}
	switch {
	case strings.TrimSpace(q.Text) == "":
		return fmt.Errorf("%w: the question is empty", ErrQuery)
	case len([]rune(q.Text)) > MaxQueryRunes:
		return fmt.Errorf("%w: the question is longer than %d characters", ErrQuery, MaxQueryRunes)
	case q.K < 1 || q.K > MaxK:
		return fmt.Errorf("%w: k is %d, not within 1–%d", ErrQuery, q.K, MaxK)
	case !q.Mode.Valid():
		return fmt.Errorf("%w: %w", ErrQuery, errMode)
	}
	return q.Filter.Validate()
}

// A Result is what was found for a question.
type Result struct {
	Hits       []Hit       // best first, at most K
	Candidates []Candidate // what was compared, the hits among it, best first
	Mode       Mode        // in which the search was done
	Notice     string      // why that is not the mode that was asked for, or why it was not reranked; "" if all is as wanted
	Reranker   string      // what ordered the hits; "" if their scores did
	Evidence   float64     // how likely the index holds the answer, 0–1; see [Signals]
	Signals    Signals     // what Evidence is made of
}

// A Candidate is a chunk that was compared with others.
type Candidate struct {
	Hit
	Title   float64 // share of the question's terms in title and section, by idf
	Phrases float64 // share of its pairs of terms in title and text, by idf
	Kept    bool    // whether it is among the hits
	Why     string  // why it was kept or dropped, for a person
}
