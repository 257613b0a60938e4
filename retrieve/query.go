package retrieve

import (
	"fmt"
	"strings"

	"github.com/citewell/citewell/internal/problem"
)

// ErrQuery means that a query is invalid. Callers use errors.Is.
var ErrQuery error = problem.BadQuery

// Limits of [Retriever.Retrieve].
const (
	DefaultK      = 5
	MaxK          = 50
	MaxQueryRunes = 8_000 // about 2000 tokens: a question, not a document
)

// A Mode says which scores a search uses.
type Mode string

const (
	Hybrid Mode = "hybrid" // both, fused; what "" means
	Dense  Mode = "dense"  // the cosine of embeddings alone
	Sparse Mode = "sparse" // BM25 alone
)

var errMode = fmt.Errorf("the mode is not %s, %s or %s", Dense, Sparse, Hybrid)

// Valid reports whether m is a mode or "".
func (m Mode) Valid() bool { return m == "" || m == Hybrid || m == Dense || m == Sparse }

// A Query is a question to a [Retriever].
type Query struct {
	Text   string
	K      int // hits wanted; 0 means DefaultK
	Filter Filter
	Mode   Mode // "" means Config.Mode
	// NoRerank leaves the order to the scores, so that no reranker is told of Text.
	NoRerank bool
}

// complete fills in the defaults and validates the query.
func (q *Query) complete() error {
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
