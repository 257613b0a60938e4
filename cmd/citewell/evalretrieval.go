package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/eval"
)

// evalModes are the values of eval retrieval --mode.
var evalModes = []string{string(retrieve.Hybrid), string(retrieve.Dense), string(retrieve.Sparse), string(eval.RRF)}

// A retrievalRun is the measurement of one mode.
type retrievalRun struct {
	Mode    string       `json:"mode"`
	Notice  string       `json:"notice,omitempty"` // why another mode was used
	Metrics eval.Metrics `json:"metrics"`
	Rows    []eval.Row   `json:"rows,omitempty"`
}

// A retrievalResult is the output of eval retrieval --json. The first mode is at
// its top level.
type retrievalResult struct {
	retrievalRun
	Documents   int            `json:"documents"`
	Questions   int            `json:"questions"`
	Chunks      int            `json:"chunks"`
	Settings    evalSettings   `json:"settings"`
	Others      []retrievalRun `json:"others,omitempty"` // of further modes
	Comparisons []comparison   `json:"comparisons,omitempty"`
}

// A comparison holds the differences between two runs and their significance.
type comparison struct {
	Before  string            `json:"before"`
	After   string            `json:"after"`
	Metrics []eval.Difference `json:"metrics"`
}

// evalRetrieval measures retrieval.
func (a *app) evalRetrieval(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	wanted, err := a.thresholds(a.data != "")
	if err != nil {
		return err
	}
	before, err := readRun(a.compare)
	if err != nil {
		return err
	}
	d, err := evalset.Read(a.data)
	if err != nil {
		return err
	}
	s, err := a.openEvalIndex(ctx, d.Documents)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var reports []*eval.Report
	for _, mode := range a.modes {
		rep, err := eval.Evaluate(ctx, d, s, eval.Options{Mode: retrieve.Mode(mode), Ks: a.ks, Progress: a.counter("questions asked, " + mode)})
		if err != nil {
			return err
		}
		a.notice(rep.Notice)
		reports = append(reports, rep)
	}
	result, err := a.retrievalResult(s, reports, before)
	if err != nil {
		return err
	}
	if err := a.printRetrieval(result, reports); err != nil {
		return err
	}
	return missedThresholds(wanted, "", reports[0].Metrics)
}

// readRun reads the output of an earlier eval retrieval --json --rows. It returns
// nil if file is empty.
func readRun(file string) (*eval.Report, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--compare: %w", err)
	}
	r := &eval.Report{}
	if err := json.Unmarshal(b, r); err != nil || len(r.Rows) == 0 {
		return nil, fmt.Errorf("--compare: %s holds no questions: create it with citewell eval retrieval --json --rows", file)
	}
	return r, nil
}

// retrievalResult combines the reports, and compares the first one with the others
// and with an earlier run, if there is one.
func (a *app) retrievalResult(s *evalIndex, reports []*eval.Report, before *eval.Report) (*retrievalResult, error) {
	var runs []retrievalRun
	for _, rep := range reports {
		run := retrievalRun{Mode: rep.Mode, Notice: rep.Notice, Metrics: rep.Metrics}
		if a.rows {
			run.Rows = rep.Rows
		}
		runs = append(runs, run)
	}
	first := reports[0]
	result := &retrievalResult{retrievalRun: runs[0], Others: runs[1:], Documents: first.Documents, Questions: first.Questions, Chunks: s.chunks, Settings: s.setting}
	add := func(name string, rep *eval.Report) error {
		ds, err := eval.Compare(rep, first)
		result.Comparisons = append(result.Comparisons, comparison{name, first.Mode, ds})
		return err
	}
	for _, rep := range reports[1:] {
		if err := add(rep.Mode, rep); err != nil {
			return nil, err
		}
	}
	if before == nil {
		return result, nil
	}
	return result, add(a.compare, before)
}

func (a *app) printRetrieval(r *retrievalResult, reports []*eval.Report) error {
	if a.json {
		return a.printJSON(r)
	}
	out := errWriter{w: a.out}
	out.printf("%d documents, %d chunks, %d questions; %s\n\n", r.Documents, r.Chunks, r.Questions, r.Settings)
	if out.err != nil {
		return out.err
	}
	if err := eval.WriteTable(a.out, reports...); err != nil {
		return err
	}
	for _, c := range r.Comparisons {
		out.printf("\n%s after %s; p is the probability of such a difference by chance\n", c.After, c.Before)
		if out.err != nil {
			return out.err
		}
		if err := eval.WriteDifferences(a.out, c.Metrics); err != nil {
			return err
		}
	}
	return nil
}

// validateEval checks the flags of eval retrieval.
func (c *config) validateEval() error {
	var errs []error
	for _, m := range c.modes {
		if !slices.Contains(evalModes, m) {
			errs = append(errs, fmt.Errorf("--mode %q is unknown: choose %s", m, strings.Join(evalModes, ", ")))
		}
	}
	if len(c.modes) == 0 {
		errs = append(errs, errors.New("--mode is empty: choose "+strings.Join(evalModes, ", ")))
	}
	for _, k := range c.ks {
		if k < 1 || k > retrieve.MaxK {
			errs = append(errs, fmt.Errorf("-k %d is not within 1–%d", k, retrieve.MaxK))
		}
	}
	if len(c.ks) == 0 {
		errs = append(errs, errors.New("-k is empty: give numbers such as 3,5,10"))
	}
	return errors.Join(errs...)
}
