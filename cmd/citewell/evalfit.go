package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	answereval "github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/eval"
)

// evalFit fits the weights of the evidence and those of the parts of answers without a
// model, on the questions of sites.
func (a *app) evalFit(cmd *cobra.Command, _ []string) error {
	wanted, err := a.thresholds(a.data != "")
	if err != nil {
		return err
	}
	sites, err := a.evalSites()
	if err != nil {
		return err
	}
	var parts []answereval.PartsRow
	rows, err := onSites(cmd.Context(), a, sites, func(ctx context.Context, s *evalIndex, site evalset.Site) ([]eval.FitRow, error) {
		of, err := answereval.Parts(ctx, s.retriever, site)
		if err != nil {
			return nil, err
		}
		parts = append(parts, of...)
		return eval.Signals(ctx, s.retriever, site, sites)
	})
	if err != nil {
		return err
	}
	rep := fitReport{eval.Fit(rows), answereval.FitParts(parts)}
	metrics := map[string]float64{}
	for _, k := range rep.Kinds {
		metrics[string(k.Stratum)+".refused"], metrics[string(k.Stratum)+".answered"] = k.HeldOut, 1-k.HeldOut
	}
	return errors.Join(a.printFit(rep), missedThresholds(wanted, "", metrics))
}

// A fitReport holds what was fitted.
type fitReport struct {
	*eval.FitReport
	Parts *answereval.PartsReport `json:"parts"`
}

func (a *app) printFit(r fitReport) error {
	if !a.rows {
		r.Rows, r.Parts.Rows = nil, nil
	}
	if a.json {
		return a.printJSON(r)
	}
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "weights\tbias\tnearness\twords\tapart\n")
	for _, g := range []struct {
		name string
		eval.Gate
	}{{"subjectGate", r.Gates.Subject}, {"wordsGate", r.Gates.Words}, {"togetherGate", r.Gates.Together}} {
		fmt.Fprintf(out, "%s\t%.2f\t%.2f\t%.2f\t%.2f\n", g.name, g.Bias, g.Nearness, g.Words, g.Apart)
	}
	fmt.Fprintf(out, "\nrefused\tquestions\tsite held out\tfitted\n")
	for _, k := range r.Kinds {
		fmt.Fprintf(out, "%s\t%d\t%.1f %%\t%.1f %%\n", k.Stratum, k.Questions, 100*k.HeldOut, 100*k.Fitted)
	}
	fmt.Fprintf(out, "\nweights\t%s\n", strings.Join(extractive.SignalNames(), "\t"))
	for _, w := range []struct {
		name string
		of   extractive.Signals
	}{{"byWords", r.Parts.Words}, {"byNearness", r.Parts.Vectors}} {
		fmt.Fprint(out, w.name)
		for _, v := range w.of.Values() {
			fmt.Fprintf(out, "\t%.2f", v)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "\nbest part, site held out\tquestions\tright page\twhole\n")
	for _, p := range r.Parts.Results {
		fmt.Fprintf(out, "%s\t%d\t%.1f %%\t%.1f %%\n", p.Name, p.Questions, 100*p.RightPage, 100*p.Whole)
	}
	return out.Flush()
}
