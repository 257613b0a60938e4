package eval

import (
	"cmp"
	"math"

	"github.com/citewell/citewell/answer/extractive"
)

// The fit maximises the likelihood of a right part among those of its question, by
// gradient ascent with a step for each weight (Adam). The settings change the result by
// less than the choice of sites does.
const (
	fitSteps   = 400
	fitRate    = 0.3
	fitDecay   = 0.9975 // of the rate, for each step
	fitPenalty = 0.002  // of the squares of the weights
	fitMean    = 0.9    // of earlier gradients in their mean
	fitSquare  = 0.99   // of earlier gradients in the mean of their squares

	minGain  = 0.3 // of the best part of a question, or the question tells nothing
	rightest = 0.8 // share of the best gain from which on a part is right
)

// fitWeights returns the weights by which the right parts of questions have the highest
// scores.
func fitWeights(rows []PartsRow, of func(PartsRow) []Part) extractive.Signals {
	var data [][]Part
	for _, r := range rows {
		if best(of(r)) >= minGain {
			data = append(data, of(r))
		}
	}
	n := len(extractive.Signals{}.Values())
	w, mean, square := make([]float64, n), make([]float64, n), make([]float64, n)
	rate := fitRate
	for step := 1; step <= fitSteps; step++ {
		g := make([]float64, n)
		for _, parts := range data {
			addGradient(g, parts, w)
		}
		for k := range w {
			slope := g[k]/float64(max(1, len(data))) - fitPenalty*w[k]
			mean[k] = fitMean*mean[k] + (1-fitMean)*slope
			square[k] = fitSquare*square[k] + (1-fitSquare)*slope*slope
			m, s := mean[k]/(1-math.Pow(fitMean, float64(step))), square[k]/(1-math.Pow(fitSquare, float64(step)))
			w[k] += rate * m / (math.Sqrt(s) + tiny)
		}
		rate *= fitDecay
	}
	return extractive.SignalsOf(w)
}

const tiny = 1e-9

func best(parts []Part) float64 {
	most := 0.0
	for _, p := range parts {
		most = max(most, p.Gain)
	}
	return most
}

// addGradient adds the gradient of the logarithm of the probability that one of the right
// parts is chosen.
func addGradient(g []float64, parts []Part, w []float64) {
	scores, highest := make([]float64, len(parts)), math.Inf(-1)
	for i, p := range parts {
		scores[i] = dot(p.Signals.Values(), w)
		highest = max(highest, scores[i])
	}
	all, right, least := 0.0, 0.0, rightest*best(parts)
	for i, p := range parts {
		scores[i] = math.Exp(scores[i] - highest)
		all += scores[i]
		if p.Gain >= least {
			right += scores[i]
		}
	}
	for i, p := range parts {
		d := -scores[i] / all
		if p.Gain >= least && right > 0 {
			d += scores[i] / right
		}
		for k, v := range p.Signals.Values() {
			g[k] += d * v
		}
	}
}

func compareScores(a, b Part, weights extractive.Signals) int {
	w := weights.Values()
	return cmp.Compare(dot(a.Signals.Values(), w), dot(b.Signals.Values(), w))
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
