package eval

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A Difference compares two runs by one metric.
type Difference struct {
	Metric string  `json:"metric"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// P is the p-value: the probability of a difference as large, in either
	// direction, by chance alone. Below 0.05 the difference counts as real.
	P float64 `json:"p"`
}

// resamples is the number of bootstrap samples. The seed is constant, so that a
// comparison is reproducible to the digit.
const resamples = 10_000

// Compare compares two runs over the same questions, metric by metric, by a paired
// bootstrap: it resamples the questions with replacement, and P is twice the share
// of samples whose mean difference does not have the sign of the measured one.
// Metrics and questions that only one run has are left out.
func Compare(before, after *Report) ([]Difference, error) {
	old := map[string]Metrics{}
	for _, r := range before.Rows {
		old[r.ID] = r.Metrics
	}
	pairs := map[string][][2]float64{}
	for _, r := range after.Rows {
		for name, v := range r.Metrics {
			if b, ok := old[r.ID][name]; ok {
				pairs[name] = append(pairs[name], [2]float64{b, v})
			}
		}
	}
	if len(pairs) == 0 {
		return nil, errors.New("eval: the two runs have no question and metric in common")
	}
	var out []Difference
	for _, name := range slices.SortedFunc(maps.Keys(pairs), ByMetric) {
		out = append(out, difference(name, pairs[name]))
	}
	return out, nil
}

func difference(name string, pairs [][2]float64) Difference {
	d := Difference{Metric: name}
	deltas := make([]float64, len(pairs))
	for i, p := range pairs {
		d.Before += p[0] / float64(len(pairs))
		d.After += p[1] / float64(len(pairs))
		deltas[i] = p[1] - p[0]
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var below, above int // samples whose mean difference is ≤ 0, and ≥ 0
	for range resamples {
		sum := 0.0
		for range deltas {
			sum += deltas[rnd.IntN(len(deltas))]
		}
		if sum <= 0 {
			below++
		}
		if sum >= 0 {
			above++
		}
	}
	d.P = min(1, 2*float64(min(below, above))/resamples)
	return d
}

// ByMetric orders "recall@3" before "recall@10", and by name.
func ByMetric(a, b string) int {
	an, ak, _ := strings.Cut(a, "@")
	bn, bk, _ := strings.Cut(b, "@")
	ai, _ := strconv.Atoi(ak)
	bi, _ := strconv.Atoi(bk)
	return cmp.Or(strings.Compare(an, bn), cmp.Compare(ai, bi))
}

// WriteTable writes the means of each report on one line.
func WriteTable(w io.Writer, reports ...*Report) error {
	names := map[string]bool{}
	for _, r := range reports {
		for name := range r.Metrics {
			names[name] = true
		}
	}
	columns := slices.SortedFunc(maps.Keys(names), ByMetric)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "mode\t%s\t\n", strings.Join(columns, "\t"))
	for _, r := range reports {
		fmt.Fprintf(tw, "%s\t", r.Mode)
		for _, c := range columns {
			fmt.Fprintf(tw, "%.3f\t", r.Metrics[c])
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

// WriteDifferences writes the result of [Compare], one line for each metric.
func WriteDifferences(w io.Writer, ds []Difference) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "metric\tbefore\tafter\tdifference\tp\t")
	for _, d := range ds {
		fmt.Fprintf(tw, "%s\t%.3f\t%.3f\t%+.3f\t%.4f\t\n", d.Metric, d.Before, d.After, d.After-d.Before, d.P)
	}
	return tw.Flush()
}
