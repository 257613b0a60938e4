package eval_test

import (
	"fmt"
	"testing"

	answereval "github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/internal/evalset"
)

// The weights choose what their signals separate, on sites that the fit did not see, too.
func TestFitParts(t *testing.T) {
	var rows []answereval.PartsRow
	for i := range 30 {
		noise := float64(i%7) / 10
		right := answereval.Part{Signals: extractive.Signals{Words: 0.5, Near: 0.6, Rank: noise}, RightPage: true, Whole: true, Gain: 1}
		wordy := answereval.Part{Signals: extractive.Signals{Words: 0.8, Near: 0.2, Rank: 0.6 - noise}}
		r := answereval.PartsRow{Site: fmt.Sprint(i % 3), Stratum: evalset.Paraphrase, Words: []answereval.Part{wordy, right}, Vectors: []answereval.Part{wordy, right}}
		if i%2 == 0 { // by words, the other part is better
			r.Words[0], r.Words[1] = answereval.Part{Signals: wordy.Signals, RightPage: true, Whole: true, Gain: 1}, answereval.Part{Signals: right.Signals}
			r.Words[0].Signals.Near, r.Words[1].Signals.Near = 0, 0
		}
		rows = append(rows, r)
	}
	rep := answereval.FitParts(rows)
	if w := rep.Vectors; !(w.Near > 1 && w.Near > w.Words && w.Place == 0) {
		t.Errorf("weights = %+v, want most for what is near", w)
	}
	found := false
	for _, r := range rep.Results {
		if r.Name == "vectors, paraphrase" {
			found = r.Questions == 30 && r.RightPage == 1 && r.Whole == 1
		}
	}
	if !found {
		t.Errorf("results = %+v, want every question answered", rep.Results)
	}
}
