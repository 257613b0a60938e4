package eval

import (
	"slices"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/eval"
)

// briefRatio is the largest number of words of a brief answer, as a multiple of the
// words of the passage that answers the question.
const briefRatio = 1.5

// A SiteGroup is the measurement of a group of questions, such as those of a
// stratum. Shares are within 0–1 and of all its questions, unless stated otherwise.
type SiteGroup struct {
	Name             string  `json:"name"`
	Answerable       bool    `json:"answerable"` // the pages answer its questions
	Questions        int     `json:"questions"`
	Refused          float64 `json:"refused"`            // without a model
	RefusedWithModel float64 `json:"refused_with_model"` // before a model was asked

	// Of questions that the pages answer, asked without a model.
	RightPage  float64 `json:"right_page"`  // the first citation is on a right page
	Whole      float64 `json:"whole"`       // of a right page, with all that is expected
	WholeBrief float64 `json:"whole_brief"` // and with at most 1.5 times the words of the passage
	Partial    float64 `json:"partial"`     // answered, but neither whole nor wrong
	Wrong      float64 `json:"wrong"`       // of another page, with nothing of what is expected
	Brief      float64 `json:"brief"`       // of the answers: at most 1.5 times the words of the passage
	Ratio      float64 `json:"ratio"`       // median over the answers: words divided by those of the passage

	// Of refused questions about a name that the pages do not hold: the share whose
	// reason names it.
	Named float64 `json:"named"`
}

// Names of the groups of all questions that the pages answer, and of all others.
const (
	Answerable   = "answerable"
	Unanswerable = "unanswerable"
)

// A SiteReport is the result of one run.
type SiteReport struct {
	Strata  []SiteGroup  `json:"strata"`  // and, last, [Answerable] and [Unanswerable]
	Sites   []SiteGroup  `json:"sites"`   // two of each site: "NAME answerable" and "NAME unanswerable"
	Metrics eval.Metrics `json:"metrics"` // of Strata, such as "known.whole"; higher is better
	Rows    []SiteRow    `json:"rows,omitempty"`
}

// NewSiteReport computes a report from rows.
func NewSiteReport(rows []SiteRow) *SiteReport {
	rep := &SiteReport{Rows: rows, Metrics: eval.Metrics{}}
	add := func(to *[]SiteGroup, name string, of func(SiteRow) bool) {
		var group []SiteRow
		for _, r := range rows {
			if of(r) {
				group = append(group, r)
			}
		}
		if len(group) > 0 {
			*to = append(*to, newSiteGroup(name, group))
		}
	}
	answerable := func(r SiteRow) bool { return r.Stratum.Answerable() }
	unanswerable := func(r SiteRow) bool { return !answerable(r) }
	for _, s := range evalset.Strata() {
		add(&rep.Strata, string(s), func(r SiteRow) bool { return r.Stratum == s })
	}
	add(&rep.Strata, Answerable, answerable)
	add(&rep.Strata, Unanswerable, unanswerable)
	var sites []string
	for _, r := range rows {
		if !slices.Contains(sites, r.Site) {
			sites = append(sites, r.Site)
		}
	}
	for _, s := range sites {
		add(&rep.Sites, s+" "+Answerable, func(r SiteRow) bool { return r.Site == s && answerable(r) })
		add(&rep.Sites, s+" "+Unanswerable, func(r SiteRow) bool { return r.Site == s && unanswerable(r) })
	}
	for _, g := range rep.Strata {
		g.addTo(rep.Metrics)
	}
	return rep
}

// addTo adds the metrics of g that have a threshold below which they are too low.
func (g SiteGroup) addTo(m eval.Metrics) {
	if !g.Answerable {
		m[g.Name+".refused"], m[g.Name+".refused_with_model"], m[g.Name+".named"] = g.Refused, g.RefusedWithModel, g.Named
		return
	}
	m[g.Name+".answered"], m[g.Name+".answered_with_model"] = 1-g.Refused, 1-g.RefusedWithModel
	m[g.Name+".right_page"], m[g.Name+".whole"], m[g.Name+".whole_brief"] = g.RightPage, g.Whole, g.WholeBrief
	m[g.Name+".not_wrong"], m[g.Name+".brief"] = 1-g.Wrong, g.Brief
}

func newSiteGroup(name string, rows []SiteRow) SiteGroup {
	g := SiteGroup{Name: name, Answerable: rows[0].Stratum.Answerable(), Questions: len(rows)}
	share := func(of func(SiteRow) bool, among func(SiteRow) bool) float64 {
		n, all := 0, 0
		for _, r := range rows {
			if !among(r) {
				continue
			}
			all++
			if of(r) {
				n++
			}
		}
		return float64(n) / float64(max(all, 1))
	}
	every := func(SiteRow) bool { return true }
	brief := func(r SiteRow) bool { return r.Ratio() <= briefRatio }
	sized := func(r SiteRow) bool { return !r.Refused && r.BlockWords > 0 }
	g.Refused = share(func(r SiteRow) bool { return r.Refused }, every)
	g.RefusedWithModel = share(func(r SiteRow) bool { return r.RefusedWithModel }, every)
	g.Named = share(func(r SiteRow) bool { return r.Named }, func(r SiteRow) bool { return r.Refused && r.Missing != "" })
	if !g.Answerable {
		return g
	}
	g.RightPage = share(func(r SiteRow) bool { return r.RightPage }, every)
	g.Whole = share(SiteRow.Whole, every)
	g.WholeBrief = share(func(r SiteRow) bool { return r.Whole() && brief(r) }, every)
	g.Wrong = share(SiteRow.Wrong, every)
	g.Partial = share(func(r SiteRow) bool { return !r.Refused && !r.Whole() && !r.Wrong() }, every)
	g.Brief = share(brief, sized)
	var ratios []float64
	for _, r := range rows {
		if sized(r) {
			ratios = append(ratios, r.Ratio())
		}
	}
	slices.Sort(ratios)
	if n := len(ratios); n > 0 {
		g.Ratio = (ratios[(n-1)/2] + ratios[n/2]) / 2
	}
	return g
}
