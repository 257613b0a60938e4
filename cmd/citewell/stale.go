package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/answer/stale"
)

// stale lists the answered questions whose sources have changed.
func (a *app) stale(cmd *cobra.Command, _ []string) (err error) {
	ctx := cmd.Context()
	questions, err := a.loggedQuestions(ctx)
	if err != nil {
		return err
	}
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	found, err := stale.Find(ctx, store, questions)
	if err != nil {
		return err
	}
	return a.printStale(found, len(questions))
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
		a.say("%s logged for this index: every answer is up to date", plural(asked, "question"))
	}
	return out.err
}

// orUnknown returns the text of a question, or a note that it is not kept.
func orUnknown(question string) string {
	if question == "" {
		return "(the text of the question is not logged)"
	}
	return oneLine(question)
}

func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", %d times in all", n)
}
