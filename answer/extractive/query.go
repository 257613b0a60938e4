package extractive

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/language"
	"github.com/citewell/citewell/retrieve/bm25"
)

// maxTerms is how many terms of a question count: one bit of a mask each.
const maxTerms = 64

// A mask is a set of the question's terms.
type mask uint64

// A query is a question prepared for scoring.
type query struct {
	bit     map[string]map[string]int // by language and term: which bit of a mask the term is
	n       int                       // number of terms
	weights [maxTerms]float64
	total   float64
	forms   map[form]bool
	isName  bool // it is only the name of what it asks for
	words   []string
}

// newQuery returns a question in the languages of the sources, without weights.
func newQuery(question string, langs map[string]bool) *query {
	q := &query{bit: map[string]map[string]int{}}
	asked := languagesOf(question, langs)
	var told []string
	q.forms, told = formsOf(question, asked)
	words := withoutWords(question, told, asked)
	if _, joined, ok := language.Separable(question); ok && slices.Contains(asked, "de") {
		words = append(words, joined) // without weight if no page has it
	}
	for _, w := range words {
		q.words = append(q.words, strings.Trim(w, trimmed))
	}
	if size(question) <= nameWords && len(q.forms) == 0 {
		q.forms[what], q.isName = true, true
	}
	byWord := map[string]int{} // one bit for a word, whatever its stem in a language
	for lang := range langs {
		at := map[string]int{}
		for i, w := range words {
			for j, t := range bm25.Terms(w, lang) {
				if _, ok := at[t]; ok {
					continue
				}
				key := string(rune(i)) + string(rune(j))
				b, ok := byWord[key]
				if !ok {
					if q.n == maxTerms {
						continue
					}
					b, byWord[key] = q.n, q.n
					q.n++
				}
				at[t] = b
			}
		}
		q.bit[lang] = at
	}
	return q
}

// trimmed are the marks around a word that do not belong to it.
const trimmed = "`*\"'“”‘’,;:?!.()[]¿¡؟？！。"

// nameWords is how many words a question has at most that is only a name.
const nameWords = 2

// mask returns the question's terms among the terms of a text.
func (q *query) mask(terms []string, lang string) mask {
	var m mask
	at := q.bit[lang]
	for _, t := range terms {
		if b, ok := at[t]; ok {
			m |= 1 << b
		}
	}
	return m
}

// weigh sets the weights of the terms by how rare they are among the blocks. A term
// that none holds has no weight.
func (q *query) weigh(blocks []mask) {
	var df [maxTerms]int
	for _, m := range blocks {
		for m != 0 {
			df[bits.TrailingZeros64(uint64(m))]++
			m &= m - 1
		}
	}
	n := float64(len(blocks))
	for t, d := range df[:q.n] {
		if d > 0 {
			q.weights[t] = math.Log(1 + (n-float64(d)+0.5)/(float64(d)+0.5))
			q.total += q.weights[t]
		}
	}
}

// share returns the share of the question's weight that a mask holds.
func (q *query) share(m mask) float64 {
	if q.total == 0 {
		return 0
	}
	sum := 0.0
	for m != 0 {
		sum += q.weights[bits.TrailingZeros64(uint64(m))]
		m &= m - 1
	}
	return sum / q.total
}
