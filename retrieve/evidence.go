package retrieve

import (
	"context"
	"math"
)

// Signals are what the evidence for an answer is made of.
type Signals struct {
	// Nearness is the cosine of the chunk nearest to the question, on a scale on
	// which 0 is what questions on other subjects find in this index, and 1 is
	// nearer by as much as a question is to its answer.
	Nearness float64
	// Words is the share of the question's terms that the chunk with most of them
	// holds, by idf, as if the question had two rare terms more that no chunk
	// holds: of a short question a chunk holds all of its terms by chance.
	Words float64
	// Phrases is the share of the question's pairs of terms in the chunk with
	// most of them, by idf.
	Phrases float64

	found, dense bool // whether there is anything; whether Nearness is known
}

// moreTerms is how many rare terms Words adds to each question.
const moreTerms = 2

// wordsAmong is how many of the candidates, best first, Words and Phrases look
// at.
const wordsAmong = 10

// behind finds the background while the search runs, and sends it. If it can't be
// found, which a search of the same index would have told, or an embedder that
// is out of reach now, there is none, and the words decide alone.
func (r *Retriever) behind(ctx context.Context, ix Index, m Mode) <-chan background {
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
	sig := Signals{found: len(s.candidates) > len(s.lost)}
	sig.Nearness, sig.dense = b.nearness(s.best)
	n := 0
	for _, c := range s.candidates {
		st := s.chunks[c.id]
		if st == nil {
			continue
		}
		if n++; n > wordsAmong {
			break
		}
		share, pairs := s.question.Held(st.heading()+"\n"+st.Text, st.Lang)
		length := s.question.Length(st.Lang)
		sig.Words = max(sig.Words, share*length/(length+moreTerms))
		sig.Phrases = max(sig.Phrases, pairs)
	}
	return sig
}

// DefaultMinEvidence is the evidence below which a question is better not
// answered.
const DefaultMinEvidence = 0.5

// evidence returns how likely the index holds the answer.
func (s Signals) evidence() float64 {
	if !s.found {
		return 0
	}
	w := byWords
	if s.dense {
		w = byAll
	}
	return 1 / (1 + math.Exp(-(w.bias + w.nearness*s.Nearness + w.words*s.Words + w.phrases*s.Phrases)))
}

// A weighing makes a probability of signals.
type weighing struct{ bias, nearness, words, phrases float64 }

// The weights were fitted on 2026-11-22 by logistic regression, for as many
// questions with an answer as without one, each index counting alike. A question
// without an answer is one put to another index than its own.
var (
	byAll   = weighing{-8.14, 16.6, 12.95, 3.15}
	byWords = weighing{-5.01, 0, 17.97, 8.09} // without cosines that mean something
)
