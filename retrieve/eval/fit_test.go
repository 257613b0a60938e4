package eval_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/eval"
)

// The fitted gates separate what their signals separate, on sites that the fit did not
// see, too.
func TestFit(t *testing.T) {
	var rows []eval.FitRow
	add := func(kind evalset.Stratum, n int, s retrieve.Signals) {
		for i := range n {
			x := s
			x.Nearness += 0.1 * math.Sin(float64(i))
			far := retrieve.Signals{Nearness: x.Nearness - 1, Apart: 1, Absent: x.Absent}
			rows = append(rows, eval.FitRow{Site: fmt.Sprint(i % 3), Stratum: kind, Signals: []retrieve.Signals{far, x}})
		}
	}
	add(evalset.Known, 200, retrieve.Signals{Nearness: 0.6, Words: 0.9, Apart: 0.1})
	add(evalset.Paraphrase, 100, retrieve.Signals{Nearness: 0.4, Words: 0.5, Apart: 0.3})
	add(evalset.AbsentName, 50, retrieve.Signals{Nearness: 0.6, Words: 0.9, Absent: true})
	add(evalset.AbsentPair, 50, retrieve.Signals{Nearness: 0.6, Words: 0.7, Apart: 0.9})
	add(evalset.OffSubject, 50, retrieve.Signals{Nearness: 0, Words: 0.1})
	rep := eval.Fit(rows)
	for _, k := range rep.Kinds {
		want := 1.0
		if k.Stratum.Answerable() {
			want = 0
		}
		if math.Abs(k.HeldOut-want) > 0.05 || math.Abs(k.Fitted-want) > 0.05 {
			t.Errorf("%s: refused %.3f, held out %.3f, want %v", k.Stratum, k.Fitted, k.HeldOut, want)
		}
	}
	if g := rep.Gates.Subject; !(g.Nearness > 0 && g.Words >= 0 && g.Apart == 0) {
		t.Errorf("gate of the subject = %+v", g)
	}
	if g := rep.Gates.Together; !(g.Apart < 0 && g.Nearness == 0) {
		t.Errorf("gate of words that stand apart = %+v", g)
	}
}
