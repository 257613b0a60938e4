package retrieve

import (
	"context"
	"math"
	"slices"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// Signals are what the evidence for an answer is made of: what one of the best
// candidates has in common with the question, the one that they speak for most.
type Signals struct {
	// Nearness is its cosine, on a scale on which 0 is what questions on other
	// subjects find in this index, and 1 is nearer by as much as a question is to
	// its answer.
	Nearness float64
	// Words is the share of the question's terms that it holds, by idf, as if the
	// question had two rare terms more that no chunk holds: of a short question a
	// chunk holds all of its terms by chance.
	Words float64
	// Phrases is the share of the question's pairs of terms that it holds, by idf.
	Phrases float64
	// Named says that the question is a word or two, such as "What is a
	// fingerprint?", and that it repeats them: it is about what they name,
	// which neither words nor nearness tell of a question so short.
	Named bool

	found, dense, weighted bool // whether there is anything; whether Nearness, and how rare a term is, are known
}

// moreTerms is how many rare terms Words adds to each question.
const moreTerms = 2

// signalsAmong is how many of the candidates, best first, are looked at.
const signalsAmong = 10

// behind finds the background while the search runs, and sends it. If it can't be
// found, which a search of the same index would have told, or an embedder that
// is out of reach now, there is none, and the words decide alone.
func (r *Retriever) behind(ctx context.Context, ix index.Info, m Mode) <-chan background {
	out := make(chan background, 1)
	if m == Sparse {
		close(out)
		return out
	}
	go func() {
		defer close(out)
		if b, err := r.background(ctx, ix); err == nil {
			out <- b
		}
	}()
	return out
}

// signals returns the signals of a search that is done.
func (s *search) signals(b background) Signals {
	var best Signals
	n := 0
	for _, c := range s.candidates {
		st := s.chunks[c.id]
		if st == nil {
			continue
		}
		if n++; n > signalsAmong {
			break
		}
		sig := Signals{found: true, weighted: s.stats != nil}
		sig.Nearness, sig.dense = b.nearness(c.dense)
		text := c.tokenized(st)
		share, pairs := s.question.Match(text)
		length := s.question.Length(st.Lang)
		if share > 0 {
			sig.Words, sig.Phrases = share*length/(length+moreTerms), pairs
		}
		sig.Named = named(s.query.Text, text, st.Lang)
		if sig.evidence() > best.evidence() {
			best = sig
		}
	}
	return best
}

const (
	nameTerms = 2 // of a question, at most, for it to be a name
	repeated  = 2 // times that a chunk about it has each
)

// named reports whether a question is one or two terms that text repeats.
func named(question string, text bm25.Tokens, lang string) bool {
	terms := slices.Compact(slices.Sorted(slices.Values(bm25.Terms(question, lang))))
	return 0 < len(terms) && len(terms) <= nameTerms &&
		!slices.ContainsFunc(terms, func(t string) bool { return text.Count(t) < repeated })
}

// DefaultMinEvidence is the evidence below which a question is better not
// answered. With it the fifteen indexes below refused 97.9 % of the questions of
// others, none less than 95.0 %, and 2.7 % of their own, each with weights that
// had not seen it.
const DefaultMinEvidence = 0.5

// evidence returns how likely the index holds the answer.
func (s Signals) evidence() float64 {
	w := byWords
	switch {
	case !s.found:
		return 0
	case s.dense && s.weighted:
		w = byAll
	case s.dense:
		w = byNearness
	}
	e := 1 / (1 + math.Exp(-(w.bias + w.nearness*s.Nearness + w.words*s.Words + w.phrases*s.Phrases)))
	if s.Named {
		return max(e, DefaultMinEvidence)
	}
	return e
}

// A weighing makes a probability of signals.
type weighing struct{ bias, nearness, words, phrases float64 }

// The weights were fitted on 2026-11-22 by logistic regression, with
// all-MiniLM-L6-v2 and chunks of 2000 characters, on fifteen indexes of 13 to
// 1061 chunks: the documentation of a model's API, of a web framework, of an HTTP
// client, of a language and its memory model, of writing libraries, and of
// Citewell; six collections of essays, reports and minutes; two posts of a blog;
// an encyclopedia. 1476 questions have their answer in them, 8212 were put to
// another index of another subject. Each index counts alike, and in it answered
// and unanswered questions do.
//
// Unseen by the fit, the indexes of functions in Go and Python and of manual
// pages refused 2.0, 7.7 and 0.7 % of their own questions and 97.2, 97.5 and
// 99.0 % of others. The words alone tell less: their bias is set so that they
// refuse 3 % of the own questions, and then 77 % of the others.
var (
	byAll      = weighing{-7.49, 15.41, 16.72, 2.50}
	byNearness = weighing{-7.55, 12.91, 12.23, 3.38} // where all terms weigh the same, for want of statistics
	byWords    = weighing{-3.56, 0, 19.52, 7.80}     // where cosines are not there, or mean nothing
)
