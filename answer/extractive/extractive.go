// Package extractive chooses the sentences of pages that answer a question.
//
// Call [Choose] for an answer without a model, and [Nearest] for the sentence that
// backs a claim. Sentences are quoted as they are: nothing is written.
package extractive

import "github.com/citewell/citewell/answer/cite"

// A Passage is what to quote from sources[Source].
type Passage struct {
	Source int
	cite.Passage
}

// Choose returns one to four sentences that answer the question, in the order
// of their pages, with adjacent ones joined. It returns none if no sentence
// holds a word of the question. There is at least one source; the best comes
// first.
func Choose(question string, sources []*cite.Source) []Passage {
	cs := candidates(sources)
	q := newQuery(question, sources[0].Lang, cs)
	var out []Passage
	for _, c := range passages(cs, choose(q, cs, len(sources)), sources) {
		out = append(out, Passage{c.hit, c.passage})
	}
	return out
}

// Nearest returns the sentence of a source that shares most with a claim, or
// false if the source shows no sentence.
func Nearest(claim string, s *cite.Source) (cite.Passage, bool) {
	cs := candidates([]*cite.Source{s})
	q := newQuery(claim, s.Lang, cs)
	best := -1
	var most float64
	for i, c := range cs {
		if s := q.score(c, 1, nil); best < 0 || s > most {
			best, most = i, s
		}
	}
	if best < 0 {
		return cite.Passage{}, false
	}
	return cs[best].passage, true
}
