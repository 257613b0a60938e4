package milvus

import (
	"context"
	"errors"
	"fmt"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve"
)

// Recall is the share of an exact search's results that the vector index finds.
type Recall struct {
	Index     string  // its type
	Questions int     // number of vectors that were searched for; they are stored ones
	K         int     // nearest windows that were compared for each
	Recall    float64 // within 0–1
}

// maxExactWindows is the most windows that Recall compares one by one.
const maxExactWindows = 2_000_000

// Recall compares the vector index with an exact search. It searches for that many of
// the stored vectors and compares the k nearest windows of each. A FLAT index has a
// recall of 1. Without an index the error is [index.ErrNoIndex]; an index without
// vectors is an error too.
func (s *Store) Recall(ctx context.Context, questions, k int) (Recall, error) {
	var r Recall
	err := s.onActive(ctx, func(row *metaRow) (err error) {
		r, err = s.recall(ctx, row, questions, k)
		return err
	})
	if err != nil {
		return Recall{}, fmt.Errorf("milvus: compare the index of %s: %w", s.config.Name, err)
	}
	return r, nil
}

func (s *Store) recall(ctx context.Context, row *metaRow, questions, k int) (Recall, error) {
	if questions < 1 || k < 1 || k > 1000 {
		return Recall{}, fmt.Errorf("%w: %d questions, k %d: want 1 at least, and k at most 1000", retrieve.ErrQuery, questions, k)
	}
	n, err := s.count(ctx, s.collection(row.Active, windowsKind), "", bounded)
	if err != nil {
		return Recall{}, err
	}
	if n == 0 || n > maxExactWindows {
		return Recall{}, fmt.Errorf("it has %d windows, not within 1–%d", n, maxExactWindows)
	}
	vecs, err := s.sample(ctx, row, n, min(questions, n))
	if err != nil {
		return Recall{}, err
	}
	exact, err := s.exact(ctx, row, vecs, k)
	if err != nil {
		return Recall{}, err
	}
	r := Recall{Index: row.Fingerprint.Index, Questions: len(vecs), K: min(k, n)}
	found, all := 0, 0
	for i, v := range vecs {
		ids, err := s.approximate(ctx, row, v, k)
		if err != nil {
			return Recall{}, err
		}
		for _, m := range exact[i] {
			all++
			if ids[m.id] {
				found++
			}
		}
	}
	if all == 0 {
		return Recall{}, errors.New("its vectors were deleted meanwhile")
	}
	r.Recall = float64(found) / float64(all)
	return r, nil
}

// vectorsOf calls f for the vector of each window.
func (s *Store) vectorsOf(ctx context.Context, row *metaRow, f func(id string, v embed.Vector)) error {
	for w, err := range list(ctx, s, s.collection(row.Active, windowsKind), windowColumns.only("id", "dense"), "", listLimit) {
		if err != nil {
			return err
		}
		f(w.id, w.vec)
	}
	return nil
}

// sample returns want of n vectors. Keys are hashes, so every m-th row is a fair sample.
func (s *Store) sample(ctx context.Context, row *metaRow, n, want int) ([]embed.Vector, error) {
	var vecs []embed.Vector
	seen := 0
	err := s.vectorsOf(ctx, row, func(_ string, v embed.Vector) {
		if seen%max(1, n/want) == 0 && len(vecs) < want {
			vecs = append(vecs, append(embed.Vector(nil), v...))
		}
		seen++
	})
	return vecs, err
}

// A neighbour is a window near a question.
type neighbour struct {
	id    string
	score float64
}

// exact returns the k nearest windows of each vector, by comparing all.
func (s *Store) exact(ctx context.Context, row *metaRow, vecs []embed.Vector, k int) ([][]neighbour, error) {
	best := make([][]neighbour, len(vecs)) // each in order, best first
	err := s.vectorsOf(ctx, row, func(id string, v embed.Vector) {
		for i, q := range vecs {
			b, score := best[i], embed.Cosine(q, v)
			if len(b) == k && score <= b[k-1].score {
				continue
			}
			at := len(b)
			for at > 0 && b[at-1].score < score {
				at--
			}
			b = append(b, neighbour{})
			copy(b[at+1:], b[at:])
			b[at] = neighbour{id, score}
			best[i] = b[:min(k, len(b))]
		}
	})
	return best, err
}

// approximate returns the keys of the k windows that the index finds.
func (s *Store) approximate(ctx context.Context, row *metaRow, v embed.Vector, k int) (map[string]bool, error) {
	ids := map[string]bool{}
	cs := windowColumns.only("id")
	r, err := s.engine.search(ctx, s.collection(row.Active, windowsKind), denseSearch(row.Fingerprint, v, k, "", cs.names()))
	if err != nil {
		return nil, err
	}
	for w, err := range cs.each(r) {
		if err != nil {
			return nil, err
		}
		ids[w.id] = true
	}
	return ids, nil
}
