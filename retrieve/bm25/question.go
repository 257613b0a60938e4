package bm25

import (
	"math"
	"slices"
)

// A Question is an analysed question, weighted by the [Statistics] of a collection.
type Question struct {
	vector    Sparse
	analyses  map[string]analysed // by language
	unseenIDF float64             // idf of a term that no chunk holds
}

// An analysed question is its terms in one language, by dimension.
type analysed struct {
	idf     map[uint32]float64
	sum     float64               // of idf
	pairs   map[[2]uint32]float64 // terms that follow each other, with the smaller idf of the two
	pairSum float64
}

// Question analyses text in the language of the tag lang or, if lang is empty, in
// each language of the collection's chunks: a question does not tell its language.
func (s *Statistics) Question(text, lang string) Question {
	langs := []string{lang}
	if lang == "" && s != nil && len(s.langs) > 0 {
		langs = s.langs
	}
	q := Question{analyses: map[string]analysed{}, unseenIDF: math.Log(1 + (float64(s.Chunks())+0.5)/0.5)}
	asked := map[uint32]bool{}
	for _, l := range langs {
		l = knownSubtag(l)
		if _, ok := q.analyses[l]; !ok {
			q.analyses[l] = s.analyse(text, l)
		}
		for d := range q.analyses[l].idf {
			if !asked[d] && s.Count(d) > 0 {
				q.vector.Dims = append(q.vector.Dims, d)
			}
			asked[d] = true
		}
	}
	slices.Sort(q.vector.Dims)
	for _, d := range q.vector.Dims {
		q.vector.Weights = append(q.vector.Weights, float32(s.IDF(d)))
	}
	return q
}

func (s *Statistics) analyse(text, lang string) analysed {
	a := analysed{idf: map[uint32]float64{}, pairs: map[[2]uint32]float64{}}
	dims := Tokenize(text, lang).dims
	for i, d := range dims {
		if _, ok := a.idf[d]; !ok {
			a.idf[d] = s.IDF(d)
			a.sum += a.idf[d]
		}
		if i == 0 {
			continue
		}
		pair := [2]uint32{dims[i-1], d}
		if _, ok := a.pairs[pair]; !ok {
			a.pairs[pair] = min(a.idf[pair[0]], a.idf[d])
			a.pairSum += a.pairs[pair]
		}
	}
	return a
}

// Tokens are the terms of a text, in order.
type Tokens struct {
	lang string // as knownSubtag returns it
	dims []uint32
}

// Tokenize returns the terms of a text in the language of the tag lang.
func Tokenize(text, lang string) Tokens {
	terms := Terms(text, lang)
	dims := make([]uint32, len(terms))
	for i, t := range terms {
		dims[i] = dimension(t)
	}
	return Tokens{knownSubtag(lang), dims}
}

// Count returns how often a term of [Terms] occurs.
func (t Tokens) Count(term string) int {
	n, dim := 0, dimension(term)
	for _, d := range t.dims {
		if d == dim {
			n++
		}
	}
	return n
}

// Vector returns the idf of each term that some chunk holds. Its inner product with
// a chunk's vector is the chunk's BM25 score.
func (q Question) Vector() Sparse { return q.vector }

// Length returns the length of the question in the language of the tag lang: the sum
// of its terms' idf, in units of the idf of a term that no chunk holds.
func (q Question) Length(lang string) float64 {
	if q.unseenIDF <= 0 {
		return 0
	}
	return q.analyses[knownSubtag(lang)].sum / q.unseenIDF
}

// Match returns the share of the question's terms that a text holds, and the share of
// its pairs of adjacent terms. Both are weighted by idf, a pair by the smaller idf of
// the two, and within 0–1. Terms that no chunk holds count too. For a question
// without pairs, their share is 0.
func (q Question) Match(text Tokens) (terms, pairs float64) {
	a, ok := q.analyses[text.lang]
	if !ok {
		return 0, 0
	}
	dims := text.dims
	seen := make(map[uint32]bool, len(a.idf))
	var seenPairs map[[2]uint32]bool
	for i, d := range dims {
		idf, asked := a.idf[d]
		if !asked {
			continue
		}
		if !seen[d] {
			seen[d] = true
			terms += idf
		}
		if i == 0 {
			continue
		}
		pair := [2]uint32{dims[i-1], d}
		if w, ok := a.pairs[pair]; ok && !seenPairs[pair] {
			if seenPairs == nil {
				seenPairs = map[[2]uint32]bool{}
			}
			seenPairs[pair] = true
			pairs += w
		}
	}
	return share(terms, a.sum), share(pairs, a.pairSum)
}

func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, part/whole)
}
