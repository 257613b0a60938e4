package retrieve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/trace"
)

// A Reranker scores question and passage together, which tells more than comparing
// their embeddings, and takes longer. Package rerank has clients of such services.
//
// Rerank returns how well each text answers the query, in the order of the texts;
// higher is better. Model returns the name of the model.
type Reranker interface {
	Rerank(ctx context.Context, query string, texts []string) ([]float64, error)
	Model() string
}

// rerank orders the candidates by a reranker, ties by their fused scores.
func (s *search) rerank(ctx context.Context, r Reranker) error {
	var existing []*scored
	var texts []string
	for _, c := range s.candidates {
		if st := s.chunks[c.id]; st != nil {
			existing, texts = append(existing, c), append(texts, strings.TrimSpace(heading(st.Chunk)+"\n\n"+st.Text))
		}
	}
	if len(existing) == 0 {
		return nil
	}
	ctx, span := trace.Start(ctx, "rerank", trace.Client)
	span.Text(trace.Model, r.Model())
	scores, err := r.Rerank(ctx, s.query.Text, texts)
	if span.End(err); err != nil {
		return err
	}
	if len(scores) != len(existing) || slices.ContainsFunc(scores, math.IsNaN) {
		return errors.New("the reranker did not return one score for each text")
	}
	for i, c := range existing {
		c.reranked = s.discountFlagged(c, scores[i])
	}
	slices.SortFunc(existing, func(a, b *scored) int {
		return cmp.Or(cmp.Compare(b.reranked, a.reranked), cmp.Compare(b.fused, a.fused), strings.Compare(a.id, b.id))
	})
	s.candidates, s.reranked = existing, true
	return nil
}

// reorder orders the candidates by the reranker. If that fails, the order stays and
// the result's Notice says so.
func (r *Retriever) reorder(ctx context.Context, s *search, res *Result) error {
	if r.reranker == nil || s.query.NoRerank {
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
