package extractive

import (
	"strings"
	"unicode"

	"github.com/citewell/citewell/answer/cite"
)

// The weights of a sentence's score. They were set by hand on question sets of
// two documentation sites in November 2026, coarsely, so that no set is fitted.
const (
	headingWeight   = 0.35 // times the share of the question in the headings above
	rankWeight      = 0.60 // times the rank of the chunk
	defineWeight    = 0.60 // if asked what X is: for "X is …", and for the text below the term X
	leadWeight      = 0.05 // for the first sentence of a block
	partPenalty     = 0.30 // for an incomplete sentence
	codePenalty     = 0.5  // for code and rows, when not asked for
	shortPenalty    = 0.25 // for fewer than shortTerms terms
	shortTerms      = 4
	questionPenalty = 0.40 // for a question
	longPenalty     = 0.30 // for more than longWords words
	longWords       = 60
	tooManyWords    = 120  // is not a sentence, but text that lost its structure
	titlePenalty    = 0.30 // for a title, a name or a reference
)

// score returns how well c answers q, if the terms in said are covered already.
func (q query) score(c candidate, n int, said map[string]bool) float64 {
	p := c.passage
	s := q.share(c.terms, said) + headingWeight*q.share(c.heading, nil)
	s += rankWeight * (1 - float64(c.hit)/float64(n))
	if q.whatIs != "" && defines(p.Text, q.whatIs) || p.First && q.namesTerm(p.Term) {
		s += defineWeight
	}
	if p.First {
		s += leadWeight
	}
	switch {
	case p.Kind == cite.Prose && !p.Whole:
		s -= partPenalty
	case p.Kind == cite.Code && !q.code, p.Kind == cite.Row && !q.row && !q.code:
		s -= codePenalty
	}
	if len(c.terms) < shortTerms {
		s -= shortPenalty
	}
	if strings.HasSuffix(p.Text, "?") || strings.HasSuffix(p.Text, "？") {
		s -= questionPenalty
	}
	if len(strings.Fields(p.Text)) > longWords {
		s -= longPenalty
	}
	if p.Kind == cite.Prose && isTitleCase(p.Text) {
		s -= titlePenalty
	}
	return s
}

// isTitleCase reports whether most long words of s start with a capital letter,
// as in a title, a name or a reference.
func isTitleCase(s string) bool {
	long, capital := 0, 0
	for w := range strings.FieldsSeq(s) {
		if rs := []rune(strings.TrimFunc(w, unicode.IsPunct)); len(rs) > 3 && unicode.IsLetter(rs[0]) {
			long++
			if unicode.IsUpper(rs[0]) {
				capital++
			}
		}
	}
	return long > 2 && capital*5 > long*3
}
