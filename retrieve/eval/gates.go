package eval

import (
	"slices"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
)

// A Gate is a logistic function of signals, as [retrieve.Signals] has them.
type Gate struct {
	Bias     float64 `json:"bias"`
	Nearness float64 `json:"nearness"`
	Words    float64 `json:"words"`
	Apart    float64 `json:"apart"`
}

// Gates are the fitted weights of the evidence, as package retrieve uses them.
type Gates struct {
	Subject  Gate `json:"subject"`
	Words    Gate `json:"words"` // in place of Subject if cosines are unknown
	Together Gate `json:"together"`
}

// What the gates may refuse, as shares of questions.
const (
	offSubject       = 0.985 // of those off the subject, at least, if answerable ones allow
	falseOffSubject  = 0.01  // of answerable ones, by the gate of the subject at most
	falseByWords     = 0.03  // of answerable ones, without cosines
	falseApart       = 0.01  // of answerable ones, by the gate of words that stand apart
	steepness        = 20    // of a gate, by nearness: 0.1 above the bound is an evidence of 0.88
	steepnessByWords = 10    // of a gate without nearness
	maxRatio         = 0.6   // of the weights of words and of nearness
	ratioStep        = 0.05
)

// FitGates fits the gates, each to one kind of question that the pages do not answer.
// For the subject, it takes the ratio of the two weights that ranks most pairs of an
// answerable question and one off the subject rightly.
func FitGates(rows []FitRow) Gates {
	var ratios []float64
	best := 0.0
	for r := 0.0; r <= maxRatio; r += ratioStep {
		known, off := scores(rows, Gate{Nearness: 1, Words: r}, evalset.OffSubject)
		switch a := auc(known, off); {
		case a > best:
			best, ratios = a, []float64{r}
		case a == best:
			ratios = append(ratios, r)
		}
	}
	subject := Gate{Nearness: steepness}
	if len(ratios) > 0 {
		subject.Words = steepness * ratios[len(ratios)/2]
	}
	return Gates{
		Subject:  placed(rows, subject, evalset.OffSubject, falseOffSubject),
		Words:    placed(rows, Gate{Words: steepnessByWords}, evalset.OffSubject, falseByWords),
		Together: placed(rows, Gate{Apart: -steepnessByWords}, evalset.AbsentPair, falseApart),
	}
}

// placed returns a gate with the bias at which it refuses the share most of answerable
// questions or, if that is enough to refuse the others, halfway to that bound.
func placed(rows []FitRow, g Gate, kind evalset.Stratum, most float64) Gate {
	known, others := scores(rows, g, kind)
	if len(known) == 0 || len(others) == 0 {
		return g
	}
	bound := known[int(most*float64(len(known)))]
	if enough := others[int(offSubject*float64(len(others)))]; enough < bound {
		bound = (bound + enough) / 2
	}
	g.Bias = -bound
	return g
}

// scores returns the scores of the answerable questions and of those of a kind, sorted.
// Questions with an absent name are left out: other rules refuse them.
func scores(rows []FitRow, g Gate, kind evalset.Stratum) (known, others []float64) {
	for _, r := range rows {
		if len(r.Signals) == 0 || r.Signals[0].Absent && r.Stratum.Answerable() {
			continue
		}
		score := g.score(r.Signals[0])
		for _, s := range r.Signals[1:] {
			score = max(score, g.score(s))
		}
		if r.Stratum.Answerable() {
			known = append(known, score)
		} else if r.Stratum == kind {
			others = append(others, score)
		}
	}
	slices.Sort(known)
	slices.Sort(others)
	return known, others
}

// score returns the logit of a candidate: 0 is the bound.
func (g Gate) score(s retrieve.Signals) float64 {
	return g.Bias + g.Nearness*s.Nearness + g.Words*s.Words + g.Apart*s.Apart
}

// Refuses reports whether the gates refuse a question.
func (g Gates) Refuses(r FitRow) bool {
	return !slices.ContainsFunc(r.Signals, func(s retrieve.Signals) bool {
		return g.Subject.score(s) >= 0 && g.Together.score(s) >= 0 && !s.Absent
	})
}
