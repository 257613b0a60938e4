package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/eval"
)

// evalFit fits the weights of the evidence on the questions of sites.
func (a *app) evalFit(cmd *cobra.Command, _ []string) error {
	wanted, err := a.thresholds(a.data != "")
	if err != nil {
		return err
	}
	sites, err := a.evalSites()
	if err != nil {
		return err
	}
	rows, err := onSites(cmd.Context(), a, sites, func(ctx context.Context, s *evalIndex, site evalset.Site) ([]eval.FitRow, error) {
		return eval.Signals(ctx, s.retriever, site, sites)
	})
	if err != nil {
		return err
	}
	rep := eval.Fit(rows)
	metrics := map[string]float64{}
	for _, k := range rep.Kinds {
		metrics[string(k.Stratum)+".refused"], metrics[string(k.Stratum)+".answered"] = k.HeldOut, 1-k.HeldOut
	}
	return errors.Join(a.printFit(rep), missedThresholds(wanted, "", metrics))
}

func (a *app) printFit(r *eval.FitReport) error {
	if !a.rows {
		r.Rows = nil
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
	return out.Flush()
}
