package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
)

// A Part is a part of a page that may answer a question, and how well it does.
type Part struct {
	Signals   extractive.Signals `json:"signals"`
	RightPage bool               `json:"right_page"`
	Whole     bool               `json:"whole"` // of a right page, with all that is expected
	// Gain is the share of what is expected that a part of a right page holds, less if
	// it is longer than 1.5 times the passage that answers; 0 on another page.
	Gain float64 `json:"gain"`
}

// A PartsRow is an answerable question with the parts that compete to answer it.
type PartsRow struct {
	Site    string          `json:"site"`
	Stratum evalset.Stratum `json:"stratum"`
	Text    string          `json:"question"`
	Words   []Part          `json:"words"`   // rated without vectors
	Vectors []Part          `json:"vectors"` // rated with vectors; empty if they are unknown
}

// Parts asks a retriever the questions that the pages of a site answer.
func Parts(ctx context.Context, r retrieve.Finder, s evalset.Site) ([]PartsRow, error) {
	var rows []PartsRow
	for _, q := range s.Questions {
		if !q.Stratum.Answerable() {
			continue
		}
		found, err := r.Retrieve(ctx, retrieve.Query{Text: q.Text})
		if err != nil {
			return nil, fmt.Errorf("eval: question %s: %w", q.ID, err)
		}
		row := PartsRow{Site: s.Name, Stratum: q.Stratum, Text: q.Text}
		if hits := found.Compared(); len(hits) > 0 {
			sources := cite.Sources(hits)
			row.Words = rateParts(s, q, sources, extractive.Parts(found.Question, sources, nil))
			row.Vectors = rateParts(s, q, sources, extractive.Parts(found.Question, sources, func(texts []string) []float64 { return found.Nearness(ctx, texts) }))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// rateParts compares each part with what is expected.
func rateParts(s evalset.Site, q evalset.SiteQuestion, sources []*cite.Source, parts []extractive.Part) []Part {
	var out []Part
	for _, p := range parts {
		rated := Part{Signals: p.Signals, RightPage: s.Answers(q, sources[p.Source].URL)}
		text := p.Text.Markdown(p.Blocks, func(s string) string { return s })
		held := 0
		for _, group := range q.Must {
			if holdsOneOf(normalise(text), group) {
				held++
			}
		}
		rated.Whole = rated.RightPage && held == len(q.Must)
		if rated.RightPage && held > 0 {
			ratio := float64(words(text)) / float64(max(q.BlockWords, minPassageWords))
			rated.Gain = float64(held) / float64(len(q.Must)) * max(minBrevity, min(1, briefRatio/ratio))
		}
		out = append(out, rated)
	}
	return out
}

// minBrevity is what a long part gains at least, as a share of that of a brief one.
const minBrevity = 0.3

// A PartsResult is how well the best part by some weights answers.
type PartsResult struct {
	Name      string  `json:"name"` // of the signals, and of the questions
	Questions int     `json:"questions"`
	RightPage float64 `json:"right_page"` // share of the questions
	Whole     float64 `json:"whole"`
}

// A PartsReport is the result of a fit of the weights of parts.
type PartsReport struct {
	Words   extractive.Signals `json:"words"` // weights, if vectors are unknown
	Vectors extractive.Signals `json:"vectors"`
	Results []PartsResult      `json:"results"` // on each site, by weights that were fitted on the others
	Rows    []PartsRow         `json:"rows,omitempty"`
}

// FitParts fits the weights of the parts on all sites, and judges the fit on each site by
// weights that were fitted on the others.
func FitParts(rows []PartsRow) *PartsReport {
	rep := &PartsReport{Rows: rows}
	for _, of := range []struct {
		name    string
		parts   func(PartsRow) []Part
		weights *extractive.Signals
	}{
		{"words", func(r PartsRow) []Part { return r.Words }, &rep.Words},
		{"vectors", func(r PartsRow) []Part { return r.Vectors }, &rep.Vectors},
	} {
		*of.weights = fitWeights(rows, of.parts)
		without := map[string]extractive.Signals{}
		results := map[evalset.Stratum]*PartsResult{}
		for _, r := range rows {
			if _, ok := without[r.Site]; !ok {
				without[r.Site] = fitWeights(slices.DeleteFunc(slices.Clone(rows), func(o PartsRow) bool { return o.Site == r.Site }), of.parts)
			}
			if results[r.Stratum] == nil {
				results[r.Stratum] = &PartsResult{Name: of.name + ", " + string(r.Stratum)}
			}
			results[r.Stratum].add(of.parts(r), without[r.Site])
		}
		for _, s := range evalset.Strata() {
			if res := results[s]; res != nil {
				res.RightPage, res.Whole = res.RightPage/float64(res.Questions), res.Whole/float64(res.Questions)
				rep.Results = append(rep.Results, *res)
			}
		}
	}
	return rep
}

// add counts a question whose answer is the part with the highest score.
func (r *PartsResult) add(parts []Part, weights extractive.Signals) {
	r.Questions++
	if len(parts) == 0 {
		return
	}
	best := slices.MaxFunc(parts, func(a, b Part) int { return compareScores(a, b, weights) })
	if best.RightPage {
		r.RightPage++
	}
	if best.Whole {
		r.Whole++
	}
}
