package eval

import (
	"cmp"
	"math"
	"slices"

	"github.com/citewell/citewell/retrieve/bm25"
)

// A ranking finds chunks by BM25.
type ranking struct {
	lang     string
	chunks   int
	postings map[uint32][]posting
}

// A posting is the weight of a term in a chunk.
type posting struct {
	chunk  int
	weight float64
}

func newRanking(chunks []placed, lang string) *ranking {
	r := &ranking{lang: lang, chunks: len(chunks), postings: map[uint32][]posting{}}
	for i, c := range chunks {
		v := bm25.Document(c.text, lang)
		for j, dim := range v.Dims {
			r.postings[dim] = append(r.postings[dim], posting{i, float64(v.Weights[j])})
		}
	}
	return r
}

// best returns the indexes of the k chunks with the highest scores, best first.
// Chunks of equal score keep their order.
func (r *ranking) best(question string, k int) []int {
	scores := make([]float64, r.chunks)
	for _, dim := range bm25.Document(question, r.lang).Dims {
		df := float64(len(r.postings[dim]))
		idf := math.Log(1 + (float64(r.chunks)-df+0.5)/(df+0.5))
		for _, p := range r.postings[dim] {
			scores[p.chunk] += idf * p.weight
		}
	}
	order := make([]int, r.chunks)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order[:min(k, len(order))]
}
