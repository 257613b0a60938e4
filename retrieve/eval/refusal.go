package eval

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
)

// RefusalOptions say what is measured.
type RefusalOptions struct {
	Mode        retrieve.Mode         // "" means hybrid
	MinEvidence float64               // a question with less evidence is refused; 0 means [retrieve.DefaultMinEvidence]
	Progress    func(done, total int) // called after each question; may be nil
}

// A RefusalRow is the result of one question.
type RefusalRow struct {
	ID       string  `json:"id"`
	Text     string  `json:"question"`
	Absent   bool    `json:"absent"` // the index does not hold its answer
	Evidence float64 `json:"evidence"`
	Refused  bool    `json:"refused"`
	// Signals are those of the candidate with the strongest evidence.
	Signals retrieve.Signals `json:"signals"`
}

// A Point is a threshold with the shares of questions that it refuses.
type Point struct {
	MinEvidence   float64 `json:"min_evidence"`
	Refused       float64 `json:"refused"`        // of the questions whose answer is absent
	FalseRefusals float64 `json:"false_refusals"` // of the others
}

// A RefusalReport is the result of one run.
type RefusalReport struct {
	Mode       string  `json:"mode"`
	Answerable int     `json:"answerable"` // questions
	Absent     int     `json:"absent"`
	Metrics    Metrics `json:"metrics"` // refused, answered (1 − false refusals), auc
	Now        Point   `json:"now"`     // with the threshold in use
	// Best is the largest threshold with at most 3 % of false refusals.
	Best   Point        `json:"best"`
	Curve  []Point      `json:"curve,omitempty"` // from few refusals to many
	Rows   []RefusalRow `json:"rows,omitempty"`
	Notice string       `json:"notice,omitempty"`
}

// maxFalseRefusals is the largest share of false refusals that Best allows.
const maxFalseRefusals = 0.03

// Refusal asks a retriever questions whose answer its index holds, and others whose
// answer it lacks, and measures how well the evidence tells them apart.
func Refusal(ctx context.Context, r retrieve.Finder, answerable, absent []evalset.Question, o RefusalOptions) (*RefusalReport, error) {
	if len(answerable) == 0 || len(absent) == 0 {
		return nil, fmt.Errorf("eval: there are %d questions with an answer and %d without: both are needed", len(answerable), len(absent))
	}
	minEvidence := cmp.Or(o.MinEvidence, retrieve.DefaultMinEvidence)
	rep := &RefusalReport{Mode: string(cmp.Or(o.Mode, retrieve.Hybrid)), Answerable: len(answerable), Absent: len(absent)}
	for i, q := range slices.Concat(answerable, absent) {
		res, err := r.Retrieve(ctx, retrieve.Query{Text: q.Text, Mode: o.Mode})
		if err != nil {
			return nil, fmt.Errorf("eval: question %s: %w", q.ID, err)
		}
		rep.Notice = res.Notice
		rep.Rows = append(rep.Rows, RefusalRow{ID: q.ID, Text: q.Text, Absent: i >= len(answerable), Evidence: res.Evidence, Refused: res.Evidence < minEvidence, Signals: res.Signals})
		if o.Progress != nil {
			o.Progress(i+1, len(answerable)+len(absent))
		}
	}
	rep.measure(minEvidence)
	return rep, nil
}

// measure computes the report from its rows.
func (r *RefusalReport) measure(minEvidence float64) {
	var with, without []float64
	thresholds := []float64{0, 1}
	for _, row := range r.Rows {
		if row.Absent {
			without = append(without, row.Evidence)
		} else {
			with = append(with, row.Evidence)
		}
		thresholds = append(thresholds, row.Evidence)
	}
	slices.Sort(with)
	slices.Sort(without)
	slices.Sort(thresholds)
	at := func(t float64) Point {
		return Point{MinEvidence: t, Refused: shareBelow(without, t), FalseRefusals: shareBelow(with, t)}
	}
	for _, t := range slices.Compact(thresholds) {
		p := at(t)
		r.Curve = append(r.Curve, p)
		if p.FalseRefusals <= maxFalseRefusals {
			r.Best = p
		}
	}
	r.Now = at(minEvidence)
	r.Metrics = Metrics{"refused": r.Now.Refused, "answered": 1 - r.Now.FalseRefusals, "auc": auc(with, without)}
}

// shareBelow returns the share of sorted values that are below t.
func shareBelow(sorted []float64, t float64) float64 {
	n, _ := slices.BinarySearch(sorted, t)
	return float64(n) / float64(len(sorted))
}

// auc returns the area under the ROC curve: how often a question with an answer has
// more evidence than one without, a tie counting half. Both are sorted.
func auc(with, without []float64) float64 {
	wins := 0.0
	for _, w := range with {
		first, _ := slices.BinarySearch(without, w)
		last := first
		for last < len(without) && without[last] == w {
			last++
		}
		wins += float64(first) + float64(last-first)/2
	}
	return wins / float64(len(with)) / float64(len(without))
}
