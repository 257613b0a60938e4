package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/internal/evalset"
)

func evalAskFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.questions, "questions", "", "CSV file with the columns question, expected (an address or a text of the page that answers) and unanswerable (yes or no)")
	f.BoolVar(&c.rows, "rows", false, "add each question that went wrong; with --json, all")
	minimumFlag(f, c)
	jsonFlag(f, c)
}

// evalAsk measures search and answers on the user's own index. It logs no questions.
func (a *app) evalAsk(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	if a.questions == "" {
		return asUsage(errors.New("--questions is missing: name a CSV file with the columns question, expected and unanswerable"))
	}
	wanted, err := a.thresholds(true)
	if err != nil {
		return asUsage(err)
	}
	questions, err := evalset.ReadAsked(a.questions)
	if err != nil {
		return err
	}
	p, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := a.openAnswerer(ctx, p); err != nil {
		return err
	}
	rep, err := eval.Ask(ctx, p.answerer, p.retriever, questions, a.k, a.counter("questions asked"))
	if err != nil {
		return err
	}
	return errors.Join(a.printAsk(rep), missedThresholds(wanted, "", rep.Metrics))
}

func (a *app) printAsk(r *eval.AskReport) error {
	rows := r.Rows
	if !a.rows {
		r.Rows = nil
	}
	if a.json {
		return a.printJSON(r)
	}
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "questions\t%d\nunanswerable\t%d\n", r.Questions, r.Unanswerable)
	for _, name := range r.Names() {
		fmt.Fprintf(out, "%s\t%.3f\n", name, r.Metrics[name])
	}
	if err := out.Flush(); err != nil || !a.rows {
		return err
	}
	w := errWriter{w: a.out}
	for _, row := range rows {
		if wrong := row.Wrong(); wrong != "" {
			w.printf("\nline %d: %s\n  %s\n", row.Line, row.Text, wrong)
			if row.Expected != "" {
				w.printf("  expected: %s\n  found: %s\n", oneLine(row.Expected), strings.Join(slices.Compact(row.Found), " "))
			}
		}
	}
	return w.err
}
