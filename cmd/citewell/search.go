package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server"
)

func (a *app) search(cmd *cobra.Command, args []string) (err error) {
	ctx := cmd.Context()
	p, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	found, err := p.retriever.Retrieve(ctx, retrieve.Query{Text: args[0], K: a.k, Filter: a.filter()})
	if err != nil {
		return err
	}
	hits := found.Hits
	if a.json {
		return a.printJSON(server.FoundOf(found, false))
	}
	a.notice(found.Notice)
	a.notice(correctionNotice(found.Corrections))
	out := errWriter{w: a.out}
	for i, h := range hits {
		out.printf("%d. %.3f  %s\n   %s\n   %s\n", i+1, h.Score, heading(h.Title, h.Section), h.URL, preview(h.Text))
	}
	if len(hits) == 0 {
		out.printf("nothing found\n")
	}
	return out.err
}
