package retrieve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Reranker reads question and passage together, which tells more than comparing
// what was made of each, and takes longer. Package rerank has clients of services
// that do.
//
// Rerank returns how well each text answers the query, more is better, in the
// order of the texts. Model returns what it is called.
type Reranker interface {
	Rerank(ctx context.Context, query string, texts []string) ([]float64, error)
	Model() string
}

// rerank orders the candidates by a reranker, and those it finds equal by their
// scores.
func (s *search) rerank(ctx context.Context, r Reranker) error {
	var there []*scored
	var texts []string
	for _, c := range s.candidates {
		if st := s.chunks[c.id]; st != nil {
			there, texts = append(there, c), append(texts, strings.TrimSpace(heading(st.Chunk)+"\n\n"+st.Text))
		}
	}
	if len(there) == 0 {
		return nil
	}
	scores, err := r.Rerank(ctx, s.query.Text, texts)
	if err != nil {
		return err
	}
	if len(scores) != len(there) || slices.ContainsFunc(scores, math.IsNaN) {
		return errors.New("the reranker returned no score for each text")
	}
	for i, c := range there {
		c.reranked = s.weigh(c, scores[i])
	}
	slices.SortFunc(there, func(a, b *scored) int {
		return cmp.Or(cmp.Compare(b.reranked, a.reranked), cmp.Compare(b.fused, a.fused), strings.Compare(a.id, b.id))
	})
	s.candidates, s.reranked = there, true
	return nil
}

// reorder lets the reranker order what a search found. If it fails, the order
// stays and the result says so.
func (r *Retriever) reorder(ctx context.Context, s *search, res *Result) error {
	if r.reranker == nil {
		return nil
	}
	err := s.rerank(ctx, r.reranker)
	switch {
	case err == nil:
		res.Reranker = r.reranker.Model()
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		notice := fmt.Sprintf("not reranked: %s", err)
		if res.Notice != "" {
			notice = res.Notice + "; " + notice
		}
		res.Notice = notice
	}
	return nil
}
