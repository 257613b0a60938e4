package answer

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

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
			said := p.Text
			if p.First {
				said = p.Term + " " + said // It is said of the term, which the answer names.
			}
			out = append(out, candidate{hit: i, text: t, passage: p,
				terms: terms(said, h.Lang), heading: terms(heading+" "+p.Term, h.Lang)})
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

// A weighted term has a weight.
type weighted struct {
	term   string
	weight float64
}

// A query is what sentences are scored by.
type query struct {
	terms     []weighted // of the question that the sentences hold, in order
	total     float64
	whatIs    string          // what a definition is asked of, in lower case; "" if none is
	subject   map[string]bool // terms of whatIs that sentences hold
	code, row bool            // it asks for what code, or a table, may hold
	words     map[string]bool // of the question
}

// newQuery weighs the terms of a question by how rare they are among the
// sentences.
func newQuery(question, lang string, cs []candidate) query {
	q := query{subject: make(map[string]bool), words: make(map[string]bool),
		code: codeQuestion.MatchString(question), row: rowQuestion.MatchString(question)}
	if m := whatIs.FindStringSubmatch(strings.ToLower(strings.TrimSpace(question))); m != nil && !valueOf.MatchString(strings.TrimSpace(m[1])) {
		q.whatIs = strings.TrimSpace(m[1])
	}
	for w := range strings.FieldsSeq(question) {
		q.words[bare(w)] = true
	}
	subject := terms(q.whatIs, lang)
	for _, t := range slices.Sorted(maps.Keys(terms(question, lang))) {
		df := 0
		for _, c := range cs {
			if c.terms[t] || c.heading[t] {
				df++
			}
		}
		if df > 0 {
			w := math.Log(1 + (float64(len(cs)-df)+0.5)/(float64(df)+0.5))
			if subject[t] {
				w *= subjectWeight
				q.subject[t] = true
			}
			q.terms = append(q.terms, weighted{t, w})
			q.total += w
		}
	}
	return q
}

var (
	codeQuestion = regexp.MustCompile(`(?i)\b(commands?|syntax|snippet|install|import)\b`)
	rowQuestion  = regexp.MustCompile(`(?i)\b(flags?|options?|parameters?|arguments?|defaults?|values?|status|codes?|limits?|which|how many|how much)\b`)
	whatIs       = regexp.MustCompile(`^(?:what|who)(?:'s|’s| is| was| does)(?: an?| the)?((?: [^\s?]+){1,4}?)(?: (?:of|in|for|on|with|to|used|mean|do)\b.*)?[?.!\s]*$`)
	valueOf      = regexp.MustCompile(`^(?:one|some|any|key|main|best|default|maximum|minimum|max|min)\b`)
	article      = regexp.MustCompile(`^["“'‘*]*(?:(?:the|an?) )?["“'‘*]*`)
	copula       = regexp.MustCompile(`^s?["”’*]?(?:\s*\([^)]*\))?,?\s+(?:is|are|was|were|refers? to|means?|describes?|denotes?|stands for|allows?|lets?|enables?|provides?)\b`)
)

// defines reports whether s begins by saying what subject is.
func defines(s, subject string) bool {
	s = article.ReplaceAllString(strings.ToLower(s), "")
	rest, ok := strings.CutPrefix(s, subject)
	return ok && copula.MatchString(rest)
}

// names reports whether the question names one of the terms that a block explains:
// options and settings, with what stands in brackets behind them or alone.
func (q query) names(term string) bool {
	for t := range strings.SplitSeq(term, ", ") {
		name, rest, _ := strings.Cut(strings.TrimSpace(t), " ")
		if name = bare(name); q.words[name] && (rest == "" || strings.ContainsAny(name, "_-.") || strings.ContainsAny(rest[:1], "([<=")) {
			return true
		}
	}
	return false
}

// bare returns a word without the marks around it, and in lower case unless it is
// an option, such as -x or -X.
func bare(word string) string {
	word = strings.Trim(word, "`*\"'“”‘’,;:?!()[]<>")
	if strings.HasPrefix(word, "-") {
		return word
	}
	return strings.ToLower(word)
}

// share returns the part of the question's weight that the terms hold, those
// that were said before at half.
func (q query) share(terms, said map[string]bool) float64 {
	if q.total == 0 {
		return 0
	}
	sum := 0.0
	for _, t := range q.terms {
		switch {
		case terms[t.term] && said[t.term]:
			sum += t.weight / 2
		case terms[t.term]:
			sum += t.weight
		}
	}
	return sum / q.total
}

// The weights of a sentence's score. They were set by hand on question sets of
// two documentation sites in November 2026, coarsely, so that no set is fitted.
const (
	headingWeight = 0.35 // of the share of the question in the headings above
	rankWeight    = 0.60 // of the chunk's rank
	defineWeight  = 0.60 // of beginning with "X is", when asked what X is, and of what stands below X
	leadWeight    = 0.05 // of being the first of its block
	partPenalty   = 0.30 // for what is no whole sentence
	codePenalty   = 0.5  // for code and rows, when not asked for
	shortPenalty  = 0.25 // for fewer than shortTerms terms
	shortTerms    = 4
	askPenalty    = 0.40 // for a question, which answers none
	longPenalty   = 0.30 // for more than longWords words
	longWords     = 60
	tooManyWords  = 120  // are no sentence, but something that lost its form
	subjectWeight = 1.5  // of the terms that name what a definition is asked of
	titlePenalty  = 0.30 // for words that are capitalised throughout
)

// score says how well c answers q, given that the terms in said are said.
func (q query) score(c candidate, n int, said map[string]bool) float64 {
	p := c.passage
	s := q.share(c.terms, said) + headingWeight*q.share(c.heading, nil)
	s += rankWeight * (1 - float64(c.hit)/float64(n))
	if q.whatIs != "" && defines(p.Text, q.whatIs) || p.First && q.names(p.Term) {
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
		s -= askPenalty
	}
	if len(strings.Fields(p.Text)) > longWords {
		s -= longPenalty
	}
	if p.Kind == cite.Prose && titled(p.Text) {
		s -= titlePenalty
	}
	return s
}

// titled reports whether s is written as a title, a name or a reference is: most
// of its long words begin with a capital letter.
func titled(s string) bool {
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
