// Package bm25 turns a text into the sparse vector that BM25 scores it by.
//
// Call [Document]. The weight of a term holds no statistic of the collection,
//
//	tf·(k1+1) / (tf + k1·(1−b+b·len/avgdl))
//
// with a constant avgdl, so that a stored vector stays right whatever is
// ingested or deleted later; idf belongs to the query's vector.
package bm25

// A Sparse is a sparse vector: Weights[i] stands at dimension Dims[i]. Dims are
// in increasing order, without repetition.
type Sparse struct {
	Dims    []uint32
	Weights []float32
}
