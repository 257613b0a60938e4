package answer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/retrieve"
)

const (
	maxSentences = 4   // of an extractive answer
	goodEnough   = 0.5 // part of the best sentence's score that another must have
	tooAlike     = 0.7 // share of common terms from which a sentence says nothing new
	nextBonus    = 0.3 // for going on where a chosen sentence ends
)

// extract answers with one to four sentences of the chunks, quoted as they are,
// in the order of their pages.
func extract(question string, hits []retrieve.Hit) *Answer {
	if len(hits) == 0 {
		return unanswered(Extractive, "no page matches the question", nil)
	}
	cs := candidates(hits)
	q := newQuery(question, hits[0].Lang, cs)
	chosen := choose(q, cs, len(hits))
	if len(chosen) == 0 {
		return unanswered(Extractive, "no sentence found holds a word of the question", hits)
	}
	ans := &Answer{Answered: true, Mode: Extractive}
	var b strings.Builder
	var before cite.Passage
	for i, g := range passages(cs, chosen, hits) {
		n := i + 1
		switch {
		case i == 0:
		case g.passage.Kind == cite.Prose && before.Kind == cite.Prose:
			b.WriteString(" ")
		default:
			b.WriteString("\n")
		}
		if t := g.passage.Term; t != "" {
			b.WriteString(strings.TrimRight(plain(t, hits), ":") + ": ")
		}
		fmt.Fprintf(&b, "%s [%d]", plainly(g.passage, hits), n)
		c := cited(n, g.hit, hits, g.passage)
		c.Verified, c.By = true, byServer
		ans.Citations = append(ans.Citations, c)
		before = g.passage
	}
	ans.Answer = b.String()
	ans.judge()
	return ans
}

// plainly returns a passage as the text of an answer: what would lead elsewhere
// or look like a citation is made harmless, as in what a model writes. The quote
// of the citation stays as the page shows it.
func plainly(p cite.Passage, hits []retrieve.Hit) string {
	if p.Kind == cite.Code && !strings.Contains(p.Text, "`") {
		return "`" + p.Text + "`"
	}
	return plain(p.Text, hits)
}

func plain(text string, hits []retrieve.Hit) string {
	d := newDraft(hits, nil)
	d.sources, d.at, d.line = 0, body, []byte("x") // amid a line: nothing begins there
	_ = errors.Join(d.write(text), d.close(false)) // only show fails
	return d.text.String()
}

// choose returns the indices of the sentences to quote, best first: each is the
// best there is, given what those before it say.
func choose(q query, cs []candidate, n int) []int {
	var chosen []int
	said := make(map[string]bool)
	var first, share float64 // of the first
	isNamed := false         // whether it explains a term that the question names: then no other is wanted
	for len(chosen) < maxSentences {
		best := -1
		var most float64
		for i, c := range cs {
			if slices.Contains(chosen, i) || !c.fits(q) || repeats(cs, chosen, c) || isNamed && c.passage.Under != "" && !q.names(c.passage.Under) {
				continue
			}
			s := q.score(c, n, said)
			if slices.ContainsFunc(chosen, func(j int) bool { return follows(cs[j], c) }) {
				s += nextBonus
			} else if q.share(c.terms, nil) < goodEnough*share {
				continue // what is good about it is its place alone
			}
			if best < 0 || s > most {
				best, most = i, s
			}
		}
		if best < 0 || len(chosen) > 0 && most < goodEnough*first {
			break
		}
		if len(chosen) == 0 {
			first, share, isNamed = most, q.share(cs[best].terms, nil), q.names(cs[best].passage.Term)
		}
		chosen = append(chosen, best)
		for t := range cs[best].terms {
			said[t] = true
		}
	}
	return chosen
}

// fits reports whether c can be quoted for q at all: it has to do with the question
// and is no mere name.
func (c candidate) fits(q query) bool {
	isNamed := q.names(c.passage.Term) // such as -x, whose letters may be no terms
	if !isNamed && (q.share(c.terms, nil)+q.share(c.heading, nil) == 0 ||
		len(q.subject) > 0 && !common(q.subject, c.terms) && !common(q.subject, c.heading)) {
		return false
	}
	if len(strings.Fields(c.passage.Text)) > tooManyWords {
		return false
	}
	return c.passage.Whole || c.passage.Kind != cite.Prose || len(c.terms) >= shortTerms
}

// common reports whether two sets of terms have one in common.
func common(a, b map[string]bool) bool {
	for t := range a {
		if b[t] {
			return true
		}
	}
	return false
}

// follows reports whether b goes on where a ends.
func follows(a, b candidate) bool {
	return a.text == b.text && a.passage.Block == b.passage.Block && b.passage.Start >= a.passage.End && b.passage.Start-a.passage.End <= 4
}

// repeats reports whether c says what a chosen sentence says.
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

// passages puts the chosen sentences into the order of their pages, the page of
// the best one first, and joins neighbours.
func passages(cs []candidate, chosen []int, hits []retrieve.Hit) []candidate {
	page := make(map[string]int) // URL → order of appearance
	for _, i := range chosen {
		url := hits[cs[i].hit].URL
		if _, ok := page[url]; !ok {
			page[url] = len(page)
		}
	}
	sorted := make([]candidate, len(chosen))
	for k, i := range chosen {
		sorted[k] = cs[i]
	}
	slices.SortFunc(sorted, func(a, b candidate) int {
		ha, hb := hits[a.hit], hits[b.hit]
		return cmp.Or(cmp.Compare(page[ha.URL], page[hb.URL]), cmp.Compare(ha.Start+a.passage.Start, hb.Start+b.passage.Start))
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
