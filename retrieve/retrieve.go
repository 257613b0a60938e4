// Package retrieve finds the chunks that answer a question.
//
// Call [Retriever.Retrieve]. It asks a [Searcher], which Milvus implements, for the
// nearest vectors and the best words, fuses both scores, and weighs how likely the
// hits hold the answer: the evidence. What an index holds is described in
// [github.com/citewell/citewell/retrieve/index].
package retrieve

import (
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/index"
)

// ErrQuery means that the caller asked for something that can't be searched.
// Callers use errors.Is.
var ErrQuery error = problem.BadQuery

// A Hit is a chunk that was found. Hits are ordered by Score, which in a dense
// search is Dense, in a sparse one Sparse, in a hybrid one Fused, and Rerank
// where a reranker had the last word.
type Hit struct {
	index.Chunk
	Score float64
	// Dense is the cosine of the question and the chunk's best window, whatever
	// metric the index uses. Of a chunk that only BM25 found it is the least
	// cosine of those that were found: the chunk's own is that at most.
	Dense float64
	// Sparse is the BM25 score, from 0. Of a chunk that is not among those that
	// BM25 found it is their least score, or 0 if they were all that have one.
	Sparse float64
	// Fused is what both make together with the words of title and text, within
	// about 0 to 1.25. 0 unless the search was a hybrid one.
	Fused                 float64
	Rerank                float64 // what a reranker gave it; 0 unless Result.Reranker names one
	DenseRank, SparseRank int     // place among the chunks that the side found, from 1; 0 if it did not
}
