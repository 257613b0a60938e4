package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
)

// A FitRow is a question with the signals of its candidates.
type FitRow struct {
	Site    string             `json:"site"`
	Stratum evalset.Stratum    `json:"stratum"`
	Text    string             `json:"question"`
	Signals []retrieve.Signals `json:"signals"` // of the best candidates
}

// Signals asks a retriever on the pages of a site the site's questions, and those of
// other sites that are off the subject of every site.
func Signals(ctx context.Context, r retrieve.Finder, site evalset.Site, others []evalset.Site) ([]FitRow, error) {
	questions := slices.Clone(site.Questions)
	for _, o := range others {
		for _, q := range o.Questions {
			if o.Name != site.Name && q.Stratum == evalset.OffSubject {
				questions = append(questions, q)
			}
		}
	}
	var rows []FitRow
	for _, q := range questions {
		res, err := r.Retrieve(ctx, retrieve.Query{Text: q.Text})
		if err != nil {
			return nil, fmt.Errorf("eval: question %s: %w", q.ID, err)
		}
		row := FitRow{Site: site.Name, Stratum: q.Stratum, Text: q.Text}
		for _, c := range res.Candidates {
			if c.Signals != (retrieve.Signals{}) {
				row.Signals = append(row.Signals, c.Signals)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// A Refused is the share of a kind of question that was refused.
type Refused struct {
	Stratum   evalset.Stratum `json:"stratum"`
	Questions int             `json:"questions"`
	HeldOut   float64         `json:"held_out"` // by gates that were fitted without the question's site
	Fitted    float64         `json:"fitted"`   // by gates that were fitted on all sites
}

// A FitReport is the result of a fit.
type FitReport struct {
	Gates Gates     `json:"gates"` // fitted on all sites
	Kinds []Refused `json:"kinds"`
	Rows  []FitRow  `json:"rows,omitempty"`
}

// Fit fits the gates on all sites, and judges the fit on each site by gates that were
// fitted on the others.
func Fit(rows []FitRow) *FitReport {
	rep := &FitReport{Gates: FitGates(rows), Rows: rows}
	without := map[string]Gates{}
	for _, r := range rows {
		if _, ok := without[r.Site]; !ok {
			without[r.Site] = FitGates(slices.DeleteFunc(slices.Clone(rows), func(o FitRow) bool { return o.Site == r.Site }))
		}
	}
	for _, kind := range evalset.Strata() {
		k := Refused{Stratum: kind}
		for _, r := range rows {
			if r.Stratum != kind {
				continue
			}
			k.Questions++
			if without[r.Site].Refuses(r) {
				k.HeldOut++
			}
			if rep.Gates.Refuses(r) {
				k.Fitted++
			}
		}
		if n := float64(k.Questions); n > 0 {
			k.HeldOut, k.Fitted = k.HeldOut/n, k.Fitted/n
			rep.Kinds = append(rep.Kinds, k)
		}
	}
	return rep
}
