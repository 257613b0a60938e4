package answer

import (
	"math"
	"regexp"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A candidate is a sentence that an extractive answer may quote.
type candidate struct {
	hit     int // its chunk, as ranked
	text    *cite.Text
	passage cite.Passage
	terms   map[string]bool
	heading map[string]bool // terms of the headings above it
	score   float64
	matches bool // it holds a term of the question
}

// candidates returns the sentences of the chunks, each once: what overlapping
// chunks share is left to the better one.
func candidates(hits []retrieve.Hit) []candidate {
	var out []candidate
	seen := make(map[string]bool)
	for i, h := range hits {
		t := cite.Parse(h.Text, h.Start > 0)
		for _, p := range t.Sentences() {
			if seen[p.Text] {
				continue
			}
			seen[p.Text] = true
			heading := p.Heading
			if heading == "" {
				heading = h.Section[strings.LastIndex(h.Section, " > ")+1:]
			}
			out = append(out, candidate{hit: i, text: t, passage: p,
				terms: terms(p.Text, h.Lang), heading: terms(heading, h.Lang)})
		}
	}
	return out
}

func terms(s, lang string) map[string]bool {
	m := make(map[string]bool)
	for _, t := range bm25.Terms(s, lang) {
		m[t] = true
	}
	return m
}

// A query is what sentences are scored by.
type query struct {
	terms  map[string]float64 // weight of each term of the question that the sentences hold
	total  float64
	whatIs string // what a definition is asked of, in lower case; "" if none is
	code   bool   // it asks for a command, a value or the like
}

// newQuery weighs the terms of a question by how rare they are among the
// sentences.
func newQuery(question, lang string, cs []candidate) query {
	q := query{terms: make(map[string]float64), code: codeQuestion.MatchString(question)}
	for t := range terms(question, lang) {
		df := 0
		for _, c := range cs {
			if c.terms[t] || c.heading[t] {
				df++
			}
		}
		if df > 0 {
			w := math.Log(1 + (float64(len(cs)-df)+0.5)/(float64(df)+0.5))
			q.terms[t] = w
			q.total += w
		}
	}
	if m := whatIs.FindStringSubmatch(strings.ToLower(strings.TrimSpace(question))); m != nil {
		q.whatIs = m[1]
	}
	return q
}

var (
	codeQuestion = regexp.MustCompile(`(?i)\b(commands?|flags?|options?|parameters?|arguments?|syntax|code|snippet|example|default|value|header|status|install|import|run)\b`)
	whatIs       = regexp.MustCompile(`^(?:what|who)(?:'s|’s| is| are| was| were| does) (?:an? |the )?(.+?)(?: (?:of|in|for|on|with|to|used|mean|do)\b.*)?[?.!\s]*$`)
	copula       = regexp.MustCompile(`^s?["”’*]?(?:\s*\([^)]*\))?,?\s+(?:is|are|was|were|refers? to|means?|describes?|denotes?|stands for|allows?|lets?|enables?|provides?)\b`)
)

// defines says whether s begins by saying what subject is.
func defines(s, subject string) bool {
	s = strings.ToLower(s)
	i := strings.Index(s, subject)
	return subject != "" && i >= 0 && i <= 30 && copula.MatchString(s[i+len(subject):])
}

// share returns the part of the question's weight that the terms hold, those
// that were said before at half.
func (q query) share(terms, said map[string]bool) float64 {
	if q.total == 0 {
		return 0
	}
	sum := 0.0
	for t, w := range q.terms {
		if terms[t] {
			if said[t] {
				w /= 2
			}
			sum += w
		}
	}
	return sum / q.total
}

// The weights of a sentence's score. They were set by hand on question sets of
// two documentation sites in November 2026, coarsely, so that no set is fitted.
const (
	headingWeight = 0.35 // of the share of the question in the headings above
	rankWeight    = 0.30 // of the chunk's rank
	defineWeight  = 0.60 // of beginning with "X is", when asked what X is
	leadWeight    = 0.05 // of being the first of its block
	partPenalty   = 0.30 // for what is no whole sentence
	codePenalty   = 0.35 // for code and rows, when not asked for
	shortPenalty  = 0.25 // for fewer than shortTerms terms
	shortTerms    = 4
)

// score says how well c answers q, given that the terms in said are said.
func (q query) score(c candidate, n int, said map[string]bool) float64 {
	p := c.passage
	s := q.share(c.terms, said) + headingWeight*q.share(c.heading, nil)
	s += rankWeight * (1 - float64(c.hit)/float64(n))
	if q.whatIs != "" && defines(p.Text, q.whatIs) {
		s += defineWeight
	}
	if p.First {
		s += leadWeight
	}
	switch {
	case p.Kind == cite.Prose && !p.Whole:
		s -= partPenalty
	case p.Kind != cite.Prose && !q.code:
		s -= codePenalty
	}
	if len(c.terms) < shortTerms {
		s -= shortPenalty
	}
	return s
}

// nearest returns the sentence of a chunk that has most of claim.
func nearest(claim string, h retrieve.Hit, t *cite.Text) (cite.Passage, bool) {
	cs := candidates([]retrieve.Hit{h})
	q := newQuery(claim, h.Lang, cs)
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
