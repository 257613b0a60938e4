package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A line is a task, with the figure that is wanted.
type line struct {
	name string
	unit string // "…/s" is a rate, of which more is better; of all else less is better
	ours string // what Citewell does
	peer string // what is measured beside it; "" for nothing
	want limit

	// pair returns how to measure both sides once. peer is nil if the line has none.
	pair func(ctx context.Context, b *bench) (ours, peer measure, err error)
}

// A measure runs a task once and returns its figure.
type measure func(context.Context) (float64, error)

// A limit is what the figure may be at most, or at least if it is a rate: factor
// times the figure of the peer, plus a constant. The zero limit is none.
type limit struct{ factor, plus float64 }

func (l limit) of(peer float64) float64 { return l.factor*peer + l.plus }

func (l line) rate() bool { return strings.HasSuffix(l.unit, "/s") }

// wanted describes the limit.
func (l line) wanted() string {
	if l.want == (limit{}) {
		return "—"
	}
	var terms []string
	switch {
	case l.want.factor == 1:
		terms = append(terms, "peer")
	case l.want.factor != 0:
		terms = append(terms, fmt.Sprintf("%.3g × peer", l.want.factor))
	}
	if l.want.plus != 0 {
		terms = append(terms, fmt.Sprintf("%.3g %s", l.want.plus, l.unit))
	}
	if l.rate() {
		return "≥ " + strings.Join(terms, " + ")
	}
	return "≤ " + strings.Join(terms, " + ")
}

// A side is the figures of one side of a line.
type side struct {
	Runs   []float64 `json:"runs"`
	Best   float64   `json:"best"` // the least, or of rates the greatest
	Median float64   `json:"median"`
}

// A result is a line as measured.
type result struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	Task   string  `json:"task"`
	Versus string  `json:"versus,omitempty"`
	Ours   side    `json:"ours"`
	Peer   *side   `json:"peer,omitempty"`
	Wanted string  `json:"wanted"`
	Share  float64 `json:"share,omitempty"` // median of the runs' figures, each divided by its limit
	Met    *bool   `json:"met,omitempty"`
	Error  string  `json:"error,omitempty"` // why the line was not measured
}

// measureAll measures the lines that the options choose. What a line lacks, such as a
// peer that can't be installed, is in its result. An interrupt leaves the lines so far.
func measureAll(ctx context.Context, b *bench, o options) ([]result, error) {
	var out []result
	for _, l := range lines() {
		if ctx.Err() != nil {
			break
		}
		if !o.only.MatchString(l.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", l.name)
		r := result{Name: l.name, Unit: l.unit, Task: l.ours, Versus: l.peer, Wanted: l.wanted()}
		if err := l.measure(ctx, b, o.runs, &r); err != nil {
			r.Error = err.Error()
			fmt.Fprintf(os.Stderr, "%s: %v\n", l.name, err)
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, errors.New("no line has such a name")
	}
	return out, nil
}

// measure runs both sides once to warm up and then in turns.
func (l line) measure(ctx context.Context, b *bench, runs int, r *result) error {
	defer b.endLine()
	ours, peer, err := l.pair(ctx, b)
	if err != nil {
		return err
	}
	var a, p []float64
	sides := []struct {
		run measure
		to  *[]float64
	}{{ours, &a}, {peer, &p}}
	if peer == nil {
		sides = sides[:1]
	}
	for range runs + 1 {
		for _, s := range sides {
			v, err := s.run(ctx)
			if err != nil {
				return err
			}
			*s.to = append(*s.to, v)
		}
		slices.Reverse(sides)
	}
	l.judge(a[1:], p[min(1, len(p)):], r)
	return nil
}

// judge fills the figures of a result from those of the runs, ours and the peer's.
func (l line) judge(ours, peer []float64, r *result) {
	r.Ours = l.sideOf(ours)
	if len(peer) > 0 {
		s := l.sideOf(peer)
		r.Peer = &s
	}
	if l.want == (limit{}) {
		return
	}
	shares := make([]float64, len(ours))
	for i, v := range ours {
		shares[i] = v / l.want.plus
		if len(peer) > 0 {
			shares[i] = v / l.want.of(peer[i])
		}
	}
	r.Share = median(shares)
	met := r.Share <= 1
	if l.rate() {
		met = r.Share >= 1
	}
	r.Met = &met
}

func (l line) sideOf(runs []float64) side {
	s := side{Runs: runs, Best: slices.Min(runs), Median: median(runs)}
	if l.rate() {
		s.Best = slices.Max(runs)
	}
	return s
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
