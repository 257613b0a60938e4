package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/internal/state"
)

// tableFlags registers how a list is printed.
func tableFlags(f *pflag.FlagSet, c *config) {
	f.BoolVar(&c.csv, "csv", false, "print CSV with a header")
	jsonFlag(f, c)
}

func sinceFlag(f *pflag.FlagSet, c *config) {
	f.Var(&c.since, "since", "only questions of this time until now, such as 30d or 12h (0: all)")
}

// stale lists the answered questions whose sources have changed.
func (a *app) stale(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	questions, err := a.logged(ctx)
	if err != nil {
		return err
	}
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	found, err := stale.Check(ctx, store, questions)
	if err != nil {
		return err
	}
	return a.printStale(found, len(questions))
}

// logged returns what is logged of the index, the newest first, as far as --since
// reaches back. It makes no log where there is none.
func (a *app) logged(ctx context.Context) (all []state.Question, err error) {
	if dsn := a.stateDSN(); !state.IsPostgres(dsn) {
		if _, err := os.Stat(dsn); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("no question is logged in %s: ask and serve log them; name their log with --state", dsn)
		}
	}
	db, err := state.Open(ctx, state.Config{DSN: a.stateDSN()})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	f := state.QuestionFilter{Index: a.indexID(), Limit: state.MaxLimit}
	if a.since != 0 {
		f.From = time.Now().Add(-time.Duration(a.since))
	}
	for {
		page, err := db.Questions(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range page {
			page[i].Scores = nil // the larger part of a row, and nobody asks for it
		}
		all = append(all, page...)
		if len(page) < state.MaxLimit {
			return all, nil
		}
		f.After = page[len(page)-1].ID
	}
}

func (a *app) printStale(found []stale.Question, asked int) error {
	switch {
	case a.json:
		return a.eachJSON(len(found), func(i int) any { return found[i] })
	case a.csv:
		records := [][]string{{"question", "asked_at", "times", "request_id", "n", "reason", "url", "quote", "verified", "chunk_id"}}
		for _, q := range found {
			for _, c := range q.Citations {
				records = append(records, []string{q.Question, q.AskedAt.UTC().Format(time.RFC3339), strconv.Itoa(q.Times), q.RequestID,
					strconv.Itoa(c.N), c.Reason, c.URL, c.Quote, strconv.FormatBool(c.Verified), c.ChunkID})
			}
		}
		return csv.NewWriter(a.out).WriteAll(records)
	}
	out := errWriter{w: a.out}
	for _, q := range found {
		out.printf("%s\n    answered %s%s\n", orUnknown(q.Question), q.AskedAt.Local().Format("2006-01-02 15:04"), times(q.Times))
		for _, c := range q.Citations {
			out.printf("    [%d] %s: %s\n        “%s”\n", c.N, c.Reason, c.URL, oneLine(c.Quote))
		}
	}
	if out.err == nil && len(found) == 0 {
		a.say("of %s to this index that are logged, every answer rests on what it holds now", plural(asked, "question"))
	}
	return out.err
}

// eachJSON prints n values, one a line.
func (a *app) eachJSON(n int, row func(i int) any) error {
	for i := range n {
		if err := a.printJSON(row(i)); err != nil {
			return err
		}
	}
	return nil
}

// orUnknown returns a question's words, or that they are not kept.
func orUnknown(question string) string {
	if question == "" {
		return "(the words of the question are not kept)"
	}
	return oneLine(question)
}

func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", %d times in all", n)
}
