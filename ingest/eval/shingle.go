package eval

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

const (
	shingleWords = 4
	resamples    = 1000
)

// An outcome compares the shingles of two texts: the shares that are in both, in
// the extracted text only and in the true one only. Their sum is 1, or 0 if both
// texts are empty.
type outcome struct {
	both, extra, missing float64
	isSame               bool // whether all words are
}

func (o outcome) precision() float64 {
	switch {
	case o.extra == 0 && o.missing == 0:
		return 1
	case o.both == 0 && o.extra == 0:
		return 0
	}
	return o.both / (o.both + o.extra)
}

func (o outcome) recall() float64 {
	switch {
	case o.extra == 0 && o.missing == 0:
		return 1
	case o.both == 0 && o.missing == 0:
		return 0
	}
	return o.both / (o.both + o.missing)
}

// compare compares an extracted text with the true one.
func compare(truth, got string) outcome {
	want, have := words(truth), words(got)
	o := outcome{isSame: slices.Equal(want, have)}
	a, b := shingles(want), shingles(have)
	for s, n := range a {
		m := b[s]
		o.both += float64(min(n, m))
		o.missing += float64(max(0, n-m))
		o.extra += float64(max(0, m-n))
	}
	for s, m := range b {
		if _, ok := a[s]; !ok {
			o.extra += float64(m)
		}
	}
	if sum := o.both + o.extra + o.missing; sum > 0 {
		o.both, o.extra, o.missing = o.both/sum, o.extra/sum, o.missing/sum
	}
	return o
}

// words returns the runs of letters, numbers and underscores, which is what \w
// matches in Python.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

// shingles counts the runs of four words; fewer words are one run.
func shingles(words []string) map[string]int {
	out := map[string]int{}
	for i := 0; i < max(1, len(words)-shingleWords+1); i++ {
		if run := words[i:min(i+shingleWords, len(words))]; len(run) > 0 {
			out[strings.Join(run, " ")]++
		}
	}
	return out
}

// measure returns the metrics of all pages.
func measure(outcomes []outcome) ExtractionMetrics {
	m := means(outcomes)
	// A fixed seed: the same pages and texts give the same deviations.
	random := rand.New(rand.NewPCG(1, 2))
	var f1, precision, recall, accuracy []float64
	sample := make([]outcome, len(outcomes))
	for range resamples {
		for i := range sample {
			sample[i] = outcomes[random.IntN(len(outcomes))]
		}
		s := means(sample)
		f1, precision = append(f1, s.F1), append(precision, s.Precision)
		recall, accuracy = append(recall, s.Recall), append(accuracy, s.Accuracy)
	}
	m.F1Std, m.PrecisionStd, m.RecallStd, m.AccuracyStd = deviation(f1), deviation(precision), deviation(recall), deviation(accuracy)
	return m
}

// means returns the metrics without deviations. A page without extracted text has
// no say in the precision, one without true text none in the recall.
func means(outcomes []outcome) ExtractionMetrics {
	var precision, recall []float64
	same := 0.0
	for _, o := range outcomes {
		if o.both+o.extra > 0 {
			precision = append(precision, o.precision())
		}
		if o.both+o.missing > 0 {
			recall = append(recall, o.recall())
		}
		if o.isSame {
			same++
		}
	}
	m := ExtractionMetrics{Precision: mean(precision), Recall: mean(recall), Accuracy: ratio(same, float64(len(outcomes)))}
	m.F1 = harmonic(m.Precision, m.Recall)
	return m
}

func harmonic(a, b float64) float64 { return ratio(2*a*b, a+b) }

// deviation returns the sample standard deviation.
func deviation(values []float64) float64 {
	center, sum := mean(values), 0.0
	for _, v := range values {
		sum += (v - center) * (v - center)
	}
	return math.Sqrt(ratio(sum, float64(len(values)-1)))
}
