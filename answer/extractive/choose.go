package extractive

import (
	"cmp"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/cite"
)

const (
	maxSentences = 4   // in an answer
	goodEnough   = 0.5 // share of the best sentence's score that another must have
	tooAlike     = 0.7 // share of common terms from which a sentence is redundant
	nextBonus    = 0.3 // for a sentence that follows a chosen one
)

// choose returns the indices of the sentences to quote, best first. Each is the
// best one, given the sentences chosen before.
func choose(q query, cs []candidate, n int) []int {
	var chosen []int
	said := make(map[string]bool)
	var first, share float64 // of the first sentence
	isNamed := false         // it explains a term that the question names: sentences on other terms are excluded
	for len(chosen) < maxSentences {
		best := -1
		var most float64
		for i, c := range cs {
			if slices.Contains(chosen, i) || !c.isQuotable(q) || repeats(cs, chosen, c) || isNamed && c.passage.Under != "" && !q.namesTerm(c.passage.Under) {
				continue
			}
			s := q.score(c, n, said)
			if slices.ContainsFunc(chosen, func(j int) bool { return follows(cs[j], c) }) {
				s += nextBonus
			} else if q.share(c.terms, nil) < goodEnough*share {
				continue // only its position is good
			}
			if best < 0 || s > most {
				best, most = i, s
			}
		}
		if best < 0 || len(chosen) > 0 && most < goodEnough*first {
			break
		}
		if len(chosen) == 0 {
			first, share, isNamed = most, q.share(cs[best].terms, nil), q.namesTerm(cs[best].passage.Term)
		}
		chosen = append(chosen, best)
		for t := range cs[best].terms {
			said[t] = true
		}
	}
	return chosen
}

// isQuotable reports whether c can answer q at all: it shares terms with the
// question and is more than a name.
func (c candidate) isQuotable(q query) bool {
	isNamed := q.namesTerm(c.passage.Term) // such as -x, which may have no terms
	if !isNamed && (q.share(c.terms, nil)+q.share(c.heading, nil) == 0 ||
		len(q.subject) > 0 && !intersect(q.subject, c.terms) && !intersect(q.subject, c.heading)) {
		return false
	}
	if len(strings.Fields(c.passage.Text)) > tooManyWords {
		return false
	}
	return c.passage.Whole || c.passage.Kind != cite.Prose || len(c.terms) >= shortTerms
}

// intersect reports whether two sets of terms have a common one.
func intersect(a, b map[string]bool) bool {
	for t := range a {
		if b[t] {
			return true
		}
	}
	return false
}

// follows reports whether b starts where a ends.
func follows(a, b candidate) bool {
	return a.text == b.text && a.passage.Block == b.passage.Block && b.passage.Start >= a.passage.End && b.passage.Start-a.passage.End <= 4
}

// repeats reports whether c says the same as a chosen sentence.
func repeats(cs []candidate, chosen []int, c candidate) bool {
	return slices.ContainsFunc(chosen, func(i int) bool {
		n := 0
		for t := range c.terms {
			if cs[i].terms[t] {
				n++
			}
		}
		return float64(n) >= tooAlike*float64(min(len(c.terms), len(cs[i].terms)))
	})
}

// passages sorts the chosen sentences by page and position, the page of the
// best one first, and joins adjacent ones.
func passages(cs []candidate, chosen []int, sources []*cite.Source) []candidate {
	page := make(map[string]int) // URL → order of appearance
	for _, i := range chosen {
		url := sources[cs[i].hit].URL
		if _, ok := page[url]; !ok {
			page[url] = len(page)
		}
	}
	sorted := make([]candidate, len(chosen))
	for k, i := range chosen {
		sorted[k] = cs[i]
	}
	slices.SortFunc(sorted, func(a, b candidate) int {
		sa, sb := sources[a.hit], sources[b.hit]
		return cmp.Or(cmp.Compare(page[sa.URL], page[sb.URL]), cmp.Compare(sa.Start+a.passage.Start, sb.Start+b.passage.Start))
	})
	var out []candidate
	for _, c := range sorted {
		if k := len(out) - 1; k >= 0 && follows(out[k], c) {
			out[k].passage = c.text.Join(out[k].passage, c.passage)
			continue
		}
		out = append(out, c)
	}
	return out
}
