package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/eval"
)

func evalRefusalFlags(f *pflag.FlagSet, c *config) {
	f.StringArrayVar(&c.folders, "data", nil, "folder with evaluation data; repeatable: each index is asked the questions of all folders and should refuse those of the others")
	f.BoolVar(&c.rows, "rows", false, "with --json, add the evidence of each question and the results at each threshold")
	minimumFlag(f, c)
	jsonFlag(f, c)
	sizeFlags(f, c)
	indexFlags(f, c)
}

// A refusalIndex is the measurement on the index of one folder.
type refusalIndex struct {
	Data string `json:"data"`
	*eval.RefusalReport
}

// A refusalResult is the output of eval refusal --json.
type refusalResult struct {
	Metrics     eval.Metrics   `json:"metrics"` // means over the indexes
	MinEvidence float64        `json:"min_evidence"`
	Indexes     []refusalIndex `json:"indexes"`
}

// evalRefusal measures how well the evidence separates questions that an index
// answers from other questions.
func (a *app) evalRefusal(cmd *cobra.Command, _ []string) error {
	wanted, err := a.thresholds(len(a.folders) > 0)
	if err != nil {
		return err
	}
	sets := make([]*evalset.Dataset, len(a.folders))
	absent := make([][]evalset.Question, len(a.folders))
	for i, dir := range a.folders {
		if sets[i], err = evalset.Read(dir); err != nil {
			return err
		}
		if absent[i], err = evalset.ReadAbsent(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if len(absent[i]) == 0 && len(a.folders) == 1 {
			return fmt.Errorf("there are no questions to refuse: name another folder with a second --data, or put them into %s/absent.jsonl, with _id and text", dir)
		}
	}
	result := refusalResult{Metrics: eval.Metrics{}, MinEvidence: max(0, a.minEvidence)}
	var missed []error
	for i, dir := range a.folders {
		for j, other := range sets {
			if j != i {
				absent[i] = append(absent[i], other.Questions...)
			}
		}
		rep, err := a.measureRefusal(cmd.Context(), sets[i], absent[i], dir)
		if err != nil {
			return err
		}
		result.Indexes = append(result.Indexes, refusalIndex{dir, rep})
		for name, v := range rep.Metrics {
			result.Metrics[name] += v / float64(len(a.folders))
		}
		missed = append(missed, missedThresholds(wanted, dir, rep.Metrics))
	}
	return errors.Join(append(missed, a.printRefusal(result))...)
}

// measureRefusal measures refusals on one index.
func (a *app) measureRefusal(ctx context.Context, d *evalset.Dataset, absent []evalset.Question, dir string) (_ *eval.RefusalReport, err error) {
	s, err := a.openEvalIndex(ctx, d.Documents)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rep, err := eval.Refusal(ctx, s, d.Questions, absent, eval.RefusalOptions{Mode: retrieve.Mode(a.mode), MinEvidence: a.minEvidence, Progress: a.counter("questions asked of " + dir)})
	if err != nil {
		return nil, err
	}
	a.notice(rep.Notice)
	if !a.rows {
		rep.Rows, rep.Curve = nil, nil
	}
	return rep, nil
}

func (a *app) printRefusal(r refusalResult) error {
	if a.json {
		return a.printJSON(r)
	}
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "index of\tanswerable\tothers\trefused\tfalse refusals\tAUC\tat 3 %% false refusals\n")
	for _, x := range r.Indexes {
		fmt.Fprintf(out, "%s\t%d\t%d\t%.1f %%\t%.1f %%\t%.4f\t%.1f %% refused, with %.3f\n", x.Data, x.Answerable, x.Absent, 100*x.Now.Refused, 100*x.Now.FalseRefusals,
			x.Metrics["auc"], 100*x.Best.Refused, x.Best.MinEvidence)
	}
	fmt.Fprintf(out, "mean\t\t\t%.1f %%\t%.1f %%\t%.4f\n", 100*r.Metrics["refused"], 100*(1-r.Metrics["answered"]), r.Metrics["auc"])
	fmt.Fprintf(out, "\nA question with less evidence than %.3f is refused (--min-evidence).\n", r.MinEvidence)
	return out.Flush()
}
