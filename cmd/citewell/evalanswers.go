package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/internal/evalset"
)

func evalAnswersFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.record, "record", "", "record requests to model and embedding services, and their replies, in this folder")
	f.StringVar(&c.replay, "replay", "", "replay replies that --record made from this folder: nothing is sent, no key is needed")
	f.BoolVar(&c.rows, "rows", false, "with --json, add the answer to each question")
	sizeFlags(f, c)
	indexFlags(f, c)
}

// replayedKey replaces missing API keys in a replay, which sends nothing.
const replayedKey = "replayed"

// withKeys returns a getenv in which every API key is set.
func withKeys(getenv func(string) string) func(string) string {
	return func(name string) string {
		if v := getenv(name); v != "" || !strings.HasSuffix(name, "_API_KEY") {
			return v
		}
		return replayedKey
	}
}

// evalAnswers measures answers to questions whose answers are known.
func (a *app) evalAnswers(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	wanted, err := a.thresholds(a.data != "")
	if err != nil {
		return err
	}
	d, err := evalset.Read(a.data)
	if err != nil {
		return err
	}
	tape, err := a.openCassette()
	if err != nil {
		return err
	}
	s, err := a.openEvalIndex(ctx, d.Documents)
	if err != nil {
		if tape != nil && tape.Err() != nil { // it says which request is missing
			return tape.Err()
		}
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	answerer, err := a.newAnswerer(ctx, s.parts, s)
	if err != nil {
		return err
	}
	r, err := eval.Evaluate(ctx, answerer, d.Questions, eval.Options{K: a.k, Cassette: tape, Progress: a.counter("questions asked")})
	if err != nil {
		return err
	}
	if a.replay != "" {
		if left, err := tape.Unused(); err != nil || len(left) > 0 {
			a.say("note: %d of the recorded replies in %s were not used", len(left), a.replay)
		}
	}
	return errors.Join(a.printAnswers(r), missedThresholds(wanted, "", r.Metrics))
}

// openCassette starts recording or replaying requests to services, as --record or
// --replay asks. It returns nil if neither is given.
func (a *app) openCassette() (tape *eval.Cassette, err error) {
	switch {
	case a.replay != "" && a.record != "":
		return nil, errors.New("--record and --replay can't be combined: record first, then replay")
	case a.replay != "":
		tape, err = eval.Replay(a.replay)
	case a.record != "":
		tape, err = eval.Record(a.record, http.DefaultTransport)
	}
	if err != nil {
		return nil, err
	}
	if tape != nil {
		a.transport = tape
	}
	return tape, nil
}

func (a *app) printAnswers(r *eval.Report) error {
	if !a.rows {
		r.Rows = nil
	}
	if a.json {
		return a.printJSON(r)
	}
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "questions\t%d\nanswers of a model\t%d\ncitations\t%d\ntokens\t%d\n", r.Questions, r.Generated, r.Citations, r.Tokens)
	for _, name := range slices.Sorted(maps.Keys(r.Metrics)) {
		fmt.Fprintf(out, "%s\t%.3f\n", name, r.Metrics[name])
	}
	return out.Flush()
}
