package retrieve

import (
	"cmp"
	"context"
	"slices"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// Signals are what the evidence for an answer is computed from: what the question
// and one of the best candidates have in common. Of these candidates it is the one
// with the strongest evidence.
type Signals struct {
	// Nearness is the candidate's cosine, on a scale where 0 is what off-topic
	// questions reach in this index, and 1 is higher by the difference between a
	// question's cosines with its own and with another's answer.
	Nearness float64
	// Words is the share of the question's content words, by weight, that the
	// candidate holds near each other, or in its title and section.
	Words float64
	// Apart is how much the question depends on a word that other chunks hold, but the
	// candidate not near the others: the decisiveness of that word, ApartWord, less if
	// such words are less than half of what decides the question; 0 if there is none.
	Apart     float64
	ApartWord string
	// Absent means that the question has a name that no chunk holds.
	Absent bool

	languages languages
	found     bool // whether there is a candidate
	dense     bool // whether Nearness is known
	weighted  bool // whether the weights of words are known
}

// maxSignalCandidates is how many of the candidates, best first, are looked at.
const maxSignalCandidates = 10

// The distances, in terms without stop words, within which words are near each other.
// Of 6 to 2000, 9 to 15 separated words that never meet best, for the share of words
// all did equally well (5 sites, 2026-11-28).
const (
	nearTerms = 40
	meetTerms = 12

	// A long question tells more than a passage says in one place: for each word more
	// than meetWords, the distance grows by meetTermsMore.
	meetWords     = 3
	meetTermsMore = 6
)

// startBaseline finds the score baseline while the search runs. The function that it
// returns waits for it. On an error the cosines have their usual scale, and the words
// alone make the evidence: the search itself reports what is wrong with the index.
func (r *Retriever) startBaseline(ctx context.Context, ix index.Info, l languages, m Mode) func() scoreBaseline {
	if m == Sparse {
		return func() scoreBaseline { return scoreBaseline{languages: l} }
	}
	b, done := scoreBaseline{languages: l, scale: 1}, make(chan struct{})
	go func() {
		defer close(done)
		if measured, err := r.baseline(ctx, ix, l); err == nil {
			b = measured
		}
	}()
	return func() scoreBaseline { <-done; return b }
}

// judge sets the signals of a finished search, those of each candidate, and the
// evidence. It takes words for held that a candidate holds in parts.
func (s *search) judge(b scoreBaseline, res *Result) {
	var judged []*scored
	for _, c := range s.candidates {
		if st := s.chunks[c.id]; st != nil && len(judged) < maxSignalCandidates {
			judged = append(judged, c)
			c.places = placesOf(res.Words, s.tokenized(c, st), bm25.Tokenize(heading(st.Chunk), st.Lang), st.Lang)
		}
	}
	isAbsent := false
	for i := range res.Words {
		w := &res.Words[i]
		w.Absent = w.Absent && !slices.ContainsFunc(judged, func(c *scored) bool { return len(c.places[i].at) > 0 })
		isAbsent = isAbsent || w.Absent && w.Name
	}
	for _, c := range judged {
		c.signals = Signals{Absent: isAbsent, languages: b.languages, found: true, weighted: s.stats != nil}
		c.signals.Nearness, c.signals.dense = b.nearness(c.dense)
		c.signals.match(res.Words, c.places)
		if res.Signals == (Signals{}) || c.signals.evidence() > res.Signals.evidence() {
			res.Signals = c.signals
		}
		res.OnSubject = max(res.OnSubject, c.signals.onSubject())
	}
	res.Evidence = res.Signals.evidence()
}

// match sets what follows from the places of the question's words in the candidate.
func (s *Signals) match(words []Word, places []places) {
	share, sum := 0.0, 0.0
	for i, isNear := range together(words, places, nearTerms, func(w Word) float64 { return w.Weight }) {
		sum += words[i].Weight
		if isNear {
			share += words[i].Weight
		}
	}
	if sum > 0 {
		s.Words = share / sum
	}
	missing, all := 0.0, 0.0
	distance := meetTerms + meetTermsMore*max(0, len(words)-meetWords)
	for i, isNear := range together(words, places, distance, func(w Word) float64 { return w.decides }) {
		all += words[i].decides
		if isNear {
			continue
		}
		missing += words[i].decides
		if words[i].decides > s.Apart {
			s.Apart, s.ApartWord = words[i].decides, words[i].Text
		}
	}
	if s.Apart > 0 {
		s.Apart *= min(1, 2*missing/all)
	}
}

// places are where a text holds a word.
type places struct {
	at        []int // terms
	inHeading bool
}

// placesOf returns the places of each word in a text, which begins with a heading.
func placesOf(words []Word, text, heading bm25.Tokens, lang string) []places {
	out := make([]places, len(words))
	for i, w := range words {
		out[i] = places{w.heldBy(text, lang), len(w.heldBy(heading, lang)) > 0}
	}
	return out
}

// together reports for each word whether it is in the heading, or in the run of terms
// that holds the words of the most weight.
func together(words []Word, in []places, terms int, weight func(Word) float64) []bool {
	type place struct{ at, word int }
	var all []place
	for i, p := range in {
		for _, at := range p.at {
			if !p.inHeading {
				all = append(all, place{at, i})
			}
		}
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.word, b.word)) })
	counts := make([]int, len(words)) // of the words in the run all[first:i+1]
	sum, most, first, from, to := 0.0, -1.0, 0, 0, 0
	for i, p := range all {
		if counts[p.word]++; counts[p.word] == 1 {
			sum += weight(words[p.word])
		}
		for ; all[first].at <= p.at-terms; first++ {
			if counts[all[first].word]--; counts[all[first].word] == 0 {
				sum -= weight(words[all[first].word])
			}
		}
		if sum > most+tiny {
			most, from, to = sum, first, i+1
		}
	}
	out := make([]bool, len(words))
	for i, p := range in {
		out[i] = p.inHeading
	}
	for _, p := range all[from:to] {
		out[p.word] = true
	}
	return out
}

// tiny is less than any difference of two sums of weights that is not one of rounding.
const tiny = 1e-9
