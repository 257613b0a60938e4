// Package bm25 turns a text into a sparse vector for BM25.
//
// Call [Document]. The weight of a term does not depend on the collection,
//
//	tf·(k1+1) / (tf + k1·(1−b+b·len/avgdl))
//
// with a constant avgdl, so that a stored vector stays valid whatever is ingested or
// deleted later; idf is in the query's vector.
//
// [Terms] is the analyser. To match words with a stored vector, analyse them by it,
// in the document's language.
package bm25

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Analyser is the version of how a text becomes a vector: the rules of [Terms], the
// hash of a term, and the constants of the weight. Change it when any of these
// changes: an index needs one version for all of its vectors.
const Analyser = "words-v2"

// The constants of the weight. On each of the corpora measured in November 2026
// these values were near the best, so they are not tuned to one of them.
const (
	k1    = 1.2
	b     = 0.75
	avgdl = 120 // terms in a chunk
)

// A Sparse is a sparse vector: Weights[i] stands at dimension Dims[i]. Dims are
// in increasing order, without repetition.
type Sparse struct {
	Dims    []uint32
	Weights []float32
}

// Validate returns an error unless each dimension has a weight, weights are
// positive numbers, and dimensions increase.
func (s Sparse) Validate() error {
	if len(s.Dims) != len(s.Weights) {
		return fmt.Errorf("it has %d dimensions of terms and %d weights", len(s.Dims), len(s.Weights))
	}
	for i, w := range s.Weights {
		if !(w > 0) || math.IsInf(float64(w), 0) {
			return errors.New("the weight of a term is not a positive number")
		}
		if i > 0 && s.Dims[i-1] >= s.Dims[i] {
			return errors.New("its terms are not in increasing order")
		}
	}
	return nil
}

// Document returns the vector of text, which is in the language of the tag lang
// (see [Terms]). A text without a term has an empty vector.
func Document(text, lang string) Sparse {
	terms := Terms(text, lang)
	if len(terms) == 0 {
		return Sparse{}
	}
	dims := make([]uint32, len(terms))
	for i, t := range terms {
		dims[i] = dimension(t)
	}
	slices.Sort(dims)
	norm := k1 * (1 - b + b*float64(len(terms))/avgdl)
	var s Sparse
	for i := 0; i < len(dims); {
		j := i + 1
		for j < len(dims) && dims[j] == dims[i] {
			j++
		}
		tf := float64(j - i)
		s.Dims = append(s.Dims, dims[i])
		s.Weights = append(s.Weights, float32(tf*(k1+1)/(tf+norm)))
		i = j
	}
	return s
}

// dimension returns the dimension of a term: its 32-bit FNV-1a hash, but never
// 2^32−1, which Milvus refuses. Of 100 000 terms about one shares its dimension with
// another. That costs a little precision; vectors need no vocabulary.
func dimension(term string) uint32 {
	h := uint32(2_166_136_261)
	for i := range len(term) {
		h = (h ^ uint32(term[i])) * 16_777_619
	}
	return min(h, math.MaxUint32-1)
}
