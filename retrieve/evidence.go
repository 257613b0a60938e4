package retrieve

import (
	"context"
	"math"
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
	// Words is the share of the question's terms that the candidate holds, by idf.
	// Two rare terms that no chunk holds are added to the question, since a chunk
	// may hold all terms of a short question by chance.
	Words float64
	// Phrases is the share of the question's pairs of adjacent terms that the
	// candidate holds, by idf.
	Phrases float64
	// Named means that the question is one or two terms, such as "What is a
	// fingerprint?", and that the candidate repeats them: it is about what they
	// name. Words and Nearness can't show that for such a short question.
	Named bool

	found    bool // whether there is a candidate
	dense    bool // whether Nearness is known
	weighted bool // whether idf is known
}

// shortQueryPadding is how many rare terms [Signals].Words adds to each question.
const shortQueryPadding = 2

// signalsAmong is how many of the candidates, best first, are looked at.
const maxSignalCandidates = 10

// startBaseline finds the score baseline while the search runs, and sends it. On an
// error it sends none, and the words alone make the evidence: the search itself
// reports what is wrong with the index.
func (r *Retriever) startBaseline(ctx context.Context, ix index.Info, m Mode) <-chan scoreBaseline {
	out := make(chan scoreBaseline, 1)
	if m == Sparse {
		close(out)
		return out
	}
	go func() {
		defer close(out)
		if b, err := r.baseline(ctx, ix); err == nil {
			out <- b
		}
	}()
	return out
}

// signals returns the signals of a finished search.
func (s *search) signals(b scoreBaseline) Signals {
	var best Signals
	n := 0
	for _, c := range s.candidates {
		st := s.chunks[c.id]
		if st == nil {
			continue
		}
		if n++; n > maxSignalCandidates {
			break
		}
		sig := Signals{found: true, weighted: s.stats != nil}
		sig.Nearness, sig.dense = b.nearness(c.dense)
		text := c.tokenized(st)
		share, pairs := s.question.Match(text)
		length := s.question.Length(st.Lang)
		if share > 0 {
			sig.Words, sig.Phrases = share*length/(length+shortQueryPadding), pairs
		}
		sig.Named = repeatsName(s.query.Text, text, st.Lang)
		if sig.evidence() > best.evidence() {
			best = sig
		}
	}
	return best
}

const (
	maxNameTerms = 2 // in a question that is a name
	minNameCount = 2 // of each term, in a chunk about what they name
)

// repeatsName reports whether the question is one or two terms that text repeats.
func repeatsName(question string, text bm25.Tokens, lang string) bool {
	terms := slices.Compact(slices.Sorted(slices.Values(bm25.Terms(question, lang))))
	return 0 < len(terms) && len(terms) <= maxNameTerms &&
		!slices.ContainsFunc(terms, func(t string) bool { return text.Count(t) < minNameCount })
}

// DefaultMinEvidence is the evidence below which a question should not be
// answered. With it, the fifteen indexes below refused 97.9 % of the questions
// about other indexes (each at least 95.0 %) and 2.7 % of the questions about
// themselves, measured with weights fitted without that index.
const DefaultMinEvidence = 0.5

// evidence returns how likely the index holds the answer.
func (s Signals) evidence() float64 {
	w := wordWeights
	switch {
	case !s.found:
		return 0
	case s.dense && s.weighted:
		w = allWeights
	case s.dense:
		w = nearnessWeights
	}
	e := 1 / (1 + math.Exp(-(w.bias + w.nearness*s.Nearness + w.words*s.Words + w.phrases*s.Phrases)))
	if s.Named {
		return max(e, DefaultMinEvidence)
	}
	return e
}

// evidenceWeights turn signals into a probability, by a logistic function.
type evidenceWeights struct{ bias, nearness, words, phrases float64 }

// The weights were fitted on 2026-11-22 by logistic regression, with
// all-MiniLM-L6-v2 and chunks of 2000 characters, on fifteen indexes of 13 to
// 1061 chunks: the documentation of a model's API, of a web framework, of an HTTP
// client, of a language and its memory model, of writing libraries, and of
// Citewell; six collections of essays, reports and minutes; two posts of a blog;
// an encyclopedia. 1476 questions have their answer in their index, 8212 were put
// to an index about another subject. Each index has the same weight, and so have
// its answerable and its unanswerable questions together.
//
// Three indexes were not part of the fit: functions in Go, functions in Python, and
// manual pages. They refused 2.0, 7.7 and 0.7 % of the questions about themselves
// and 97.2, 97.5 and 99.0 % of the others. Words alone tell less: their bias is set
// so that 3 % of the answerable questions are refused, and then 77 % of the others
// are.
var (
	allWeights      = evidenceWeights{-7.49, 15.41, 16.72, 2.50}
	nearnessWeights = evidenceWeights{-7.55, 12.91, 12.23, 3.38} // without statistics: all terms have the same weight
	wordWeights     = evidenceWeights{-3.56, 0, 19.52, 7.80}     // without cosines, or if they carry no meaning
)
