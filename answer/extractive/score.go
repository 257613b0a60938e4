package extractive

import (
	"strings"
	"unicode"

	"github.com/citewell/citewell/answer/cite"
)

// The weights of a sentence's score. They were set by hand on question sets of
// two documentation sites in November 2026, coarsely, so that no set is fitted.
const (
	headingWeight   = 0.35 // of the share of the question in the headings above
	rankWeight      = 0.60 // of the chunk's rank
	defineWeight    = 0.60 // of beginning with "X is", when asked what X is, and of what stands below X
	leadWeight      = 0.05 // of being the first of its block
	partPenalty     = 0.30 // for what is no whole sentence
	codePenalty     = 0.5  // for code and rows, when not asked for
	shortPenalty    = 0.25 // for fewer than shortTerms terms
	shortTerms      = 4
	questionPenalty = 0.40 // for a question, which answers none
	longPenalty     = 0.30 // for more than longWords words
	longWords       = 60
	tooManyWords    = 120  // are no sentence, but something that lost its form
	subjectWeight   = 1.5  // of the terms that name what a definition is asked of
	titlePenalty    = 0.30 // for words that are capitalised throughout
)

// score says how well c answers q, given that the terms in said are said.
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

// isTitleCase reports whether s is written as a title, a name or a reference is: most
// of its long words begin with a capital letter.
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
