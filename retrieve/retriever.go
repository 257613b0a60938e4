package retrieve

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/citewell/citewell/embed"
)

// Limits of [Retriever.Retrieve].
const (
	DefaultK      = 5
	MaxK          = 50
	MaxQueryRunes = 8_000 // about 2000 tokens: a question, not a document
)

// A Config says what a [Retriever] works with. Both fields are required.
type Config struct {
	Embedder embed.Embedder // must be the one the index was made with
	Searcher Searcher
}

// A Retriever finds chunks for questions. It is safe for concurrent use.
type Retriever struct {
	embedder embed.Embedder
	searcher Searcher
}

// New returns a Retriever.
func New(c Config) (*Retriever, error) {
	if c.Embedder == nil || c.Searcher == nil {
		return nil, errors.New("retrieve: New needs an embedder and a searcher")
	}
	return &Retriever{embedder: c.Embedder, searcher: c.Searcher}, nil
}

// Retrieve returns the k chunks nearest to the question, best first; k = 0 means
// [DefaultK].
//
// An empty question, a question longer than [MaxQueryRunes], a k outside
// 1–[MaxK] and a filter that is not valid give [ErrQuery]. An index made by another embedder gives a
// [*MismatchError], also when the dimensions agree.
func (r *Retriever) Retrieve(ctx context.Context, question string, k int, f Filter) ([]Hit, error) {
	if k == 0 {
		k = DefaultK
	}
	switch {
	case strings.TrimSpace(question) == "":
		return nil, fmt.Errorf("%w: the question is empty", ErrQuery)
	case len([]rune(question)) > MaxQueryRunes:
		return nil, fmt.Errorf("%w: the question is longer than %d characters", ErrQuery, MaxQueryRunes)
	case k < 1 || k > MaxK:
		return nil, fmt.Errorf("%w: k is %d, not within 1–%d", ErrQuery, k, MaxK)
	}
	if err := f.Validate(); err != nil {
		return nil, err
	}
	fp, err := r.searcher.Fingerprint(ctx)
	if err != nil {
		return nil, err
	}
	if fp.Model != r.embedder.Model() {
		asked := fp
		asked.Model = r.embedder.Model()
		return nil, &MismatchError{Have: fp, Asked: asked}
	}
	vecs, err := r.embedder.Embed(ctx, []string{question}, embed.Query)
	if err != nil {
		return nil, fmt.Errorf("retrieve: embed question: %w", err)
	}
	return r.searcher.Search(ctx, vecs[0], k, f)
}
