// Package retrieve finds the chunks that answer a question.
//
// Call [Retriever.Retrieve]. It asks a [Searcher], which Milvus implements, for the
// nearest vectors and the best BM25 matches, fuses both scores, and estimates how
// likely the index holds the answer: the evidence. What an index holds is
// described in [github.com/citewell/citewell/retrieve/index].
package retrieve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/lru"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A Config says what a [Retriever] works with.
type Config struct {
	Embedder embed.Embedder // required; must be the one the index was made with
	Searcher Searcher       // required
	Reranker Reranker       // orders the candidates; nil means that their scores do
	Mode     Mode           // of queries without a mode; "" means Hybrid
	// FlaggedWeight multiplies the score of a chunk with Flags. It is at most 1;
	// 0 means [DefaultFlaggedWeight].
	FlaggedWeight float64
	// EmbedTimeout limits the embedding of a question; 0 means 4 s.
	EmbedTimeout time.Duration
	// RequireVectors makes a hybrid search fail if the question can't be embedded,
	// as a dense one does. It is for measurements.
	RequireVectors bool
	// CacheDir is a folder for the vectors of the off-topic questions that the index is
	// compared with; "" embeds them for each Retriever.
	CacheDir string
	Log      *slog.Logger // nil discards all
}

// A Retriever finds chunks for questions. It is safe for concurrent use.
type Retriever struct {
	embedder      embed.Embedder
	searcher      Searcher
	reranker      Reranker
	mode          Mode
	flaggedWeight float64
	embedTimeout  time.Duration
	needsVectors  bool // of Config.RequireVectors
	log           *slog.Logger
	calibration   *calibration
	texts         textCache
	tokens        *lru.Cache[bm25.Tokens] // of chunks
}

// maxTokensBytes is room for the tokens of about 6 000 chunks of 2 000 characters.
const maxTokensBytes = 8 << 20

// A Finder finds chunks for questions: a [Retriever], or one behind limits.
type Finder interface {
	// Retrieve finds as [Retriever.Retrieve] does.
	Retrieve(ctx context.Context, q Query) (*Result, error)
}

var _ Finder = (*Retriever)(nil)

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
	if c.EmbedTimeout < 0 {
		return nil, fmt.Errorf("retrieve: the limit of an embedding, %v, is negative", c.EmbedTimeout)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Retriever{embedder: c.Embedder, searcher: c.Searcher, reranker: c.Reranker, mode: c.Mode,
		flaggedWeight: cmp.Or(c.FlaggedWeight, DefaultFlaggedWeight), embedTimeout: cmp.Or(c.EmbedTimeout, defaultEmbedTimeout),
		needsVectors: c.RequireVectors, log: c.Log, calibration: newCalibration(c.CacheDir, c.Log), tokens: lru.New[bm25.Tokens](maxTokensBytes)}, nil
}

// Retrieve returns the q.K best chunks for a question.
//
// The error is [ErrQuery] for an empty question, a question longer than
// [MaxQueryRunes], a K outside 1–[MaxK], an unknown mode and an invalid filter. It
// is an [*index.MismatchError] for an index made by another embedder, even of the
// same dimension, or with an analyser or schema that this program does not read.
//
// If the engine has no sparse vectors, a hybrid search becomes a dense one and
// Result.Notice says so; a sparse search gives [ErrQuery].
//
// If the question can't be embedded within Config.EmbedTimeout, a hybrid search
// becomes a sparse one and Result.Notice says so; a search that needs vectors
// gives [ErrEmbedder].
func (r *Retriever) Retrieve(ctx context.Context, q Query) (res *Result, err error) {
	ctx, span := trace.Start(ctx, "retrieval")
	defer func() { span.End(err) }()
	if res, err = r.retrieve(ctx, q); err == nil {
		span.Text("citewell.mode", string(res.Mode))
		span.Number("citewell.hits", len(res.Hits))
	}
	return res, err
}

func (r *Retriever) retrieve(ctx context.Context, q Query) (*Result, error) {
	q.Mode = cmp.Or(q.Mode, r.mode)
	if err := q.complete(); err != nil {
		return nil, err
	}
	ix, vec, embedErr, err := r.prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	l := q.languages(ix)
	var corrections []Correction
	if !l.differ() { // else no page holds its words
		q.Text, corrections = correct(q.Text, ix)
	}
	if len(corrections) > 0 && vec != nil {
		vec, embedErr = r.embedQuestion(ctx, q.Text)
	}
	res, err := r.chooseMode(ctx, q, ix, embedErr)
	if err != nil {
		return nil, err
	}
	res.Question, res.Corrections, res.Words = q.Text, corrections, wordsOf(withSeparable(q.Text, l, ix), ix)
	if ix.Fingerprint.Schema < index.SchemaVersion {
		res.Notice = strings.TrimPrefix(res.Notice+"; "+olderIndex, "; ")
	}
	s := search{searcher: r.searcher, query: q, mode: res.Mode, stats: ix.Statistics, vector: vec, flaggedWeight: r.flaggedWeight, tokens: r.tokens}
	s.question = s.stats.Question(withSeparable(q.Text, l, ix), q.Filter.Lang)
	ctx, cancel := context.WithCancel(ctx)
	s.baseline = r.startBaseline(ctx, ix, l, res.Mode)
	defer func() {
		cancel()
		s.baseline() // no goroutine outlives the call
	}()
	// If a rebuild replaced the index between two calls, none of the candidates
	// exists any more: search once again.
	for range 2 {
		if err = s.run(ctx); err != nil {
			return nil, err
		}
		if len(s.candidates) == 0 || len(s.missing) < len(s.candidates) {
			break
		}
	}
	s.judge(s.baseline(), res)
	if res.Mode != Sparse {
		res.near = r.nearness(vec, s.baseline().scale)
	}
	s.demoteFlagged()
	if err := r.reorder(ctx, &s, res); err != nil {
		return nil, err
	}
	s.diversify()
	res.Candidates = s.results()
	for _, c := range res.Candidates {
		if c.Kept {
			res.Hits = append(res.Hits, c.Hit)
		}
	}
	return res, nil
}

// olderIndex is the notice of an index of an older form.
const olderIndex = "an earlier release made the index, without the versions of its pages: rebuild it (ingest --rebuild)"

// validateFingerprint returns an error unless the index was made with this
// embedder, this program's analyser, and a schema that it reads.
func (r *Retriever) validateFingerprint(fp index.Fingerprint) error {
	return CanSearch(fp, r.embedder.Model())
}

// CanSearch returns an [*index.MismatchError] unless this program can search an index
// with the embedder of that model.
func CanSearch(fp index.Fingerprint, model string) error {
	asked := fp
	asked.Model = model
	if fp.Schema < index.ReadableSchema || fp.Schema > index.SchemaVersion {
		asked.Schema = index.SchemaVersion
	}
	if fp.Analyser != "" { // an index without sparse vectors has none
		asked.Analyser = bm25.Analyser
	}
	if asked != fp {
		return &index.MismatchError{Have: fp, Asked: asked}
	}
	return nil
}
