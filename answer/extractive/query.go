package extractive

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/retrieve/bm25"
)

// A weightedTerm is a term of the question with its weight.
type weightedTerm struct {
	term   string
	weight float64
}

// A query is a question prepared for scoring.
type query struct {
	terms     []weightedTerm // of the question, if a sentence holds them; sorted
	total     float64
	whatIs    string          // what the question asks to define, in lower case, or ""
	subject   map[string]bool // terms of whatIs, if a sentence holds them
	code, row bool            // code, or a row of a table, may answer it
	words     map[string]bool // of the question
}

// subjectWeight is the factor for terms in what a question asks to define. It was
// set like the weights of a score.
const subjectWeight = 1.5

// newQuery weighs the terms of a question by how rare they are among the
// candidates.
func newQuery(question, lang string, cs []candidate) query {
	q := query{subject: make(map[string]bool), words: make(map[string]bool),
		code: codeQuestion.MatchString(question), row: rowQuestion.MatchString(question)}
	if m := whatIs.FindStringSubmatch(strings.ToLower(strings.TrimSpace(question))); m != nil && !valueOf.MatchString(strings.TrimSpace(m[1])) {
		q.whatIs = strings.TrimSpace(m[1])
	}
	for w := range strings.FieldsSeq(question) {
		q.words[trimWord(w)] = true
	}
	subject := bm25.TermSet(q.whatIs, lang)
	for _, t := range slices.Sorted(maps.Keys(bm25.TermSet(question, lang))) {
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
			q.terms = append(q.terms, weightedTerm{t, w})
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

// namesTerm reports whether the question names a term that a block explains. Of
// options and settings, the name alone counts, without what follows in
// brackets.
func (q query) namesTerm(term string) bool {
	for t := range strings.SplitSeq(term, ", ") {
		name, rest, _ := strings.Cut(strings.TrimSpace(t), " ")
		if name = trimWord(name); q.words[name] && (rest == "" || strings.ContainsAny(name, "_-.") || strings.ContainsAny(rest[:1], "([<=")) {
			return true
		}
	}
	return false
}

// trimWord returns a word without surrounding punctuation. It is in lower case
// unless it is an option such as -x or -X.
func trimWord(word string) string {
	word = strings.Trim(word, "`*\"'“”‘’,;:?!()[]<>")
	if strings.HasPrefix(word, "-") {
		return word
	}
	return strings.ToLower(word)
}

// share returns the share of the question's weight that the terms hold. Terms
// in said count half.
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
