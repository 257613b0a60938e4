package main

import (
	"context"
	"io"
	"time"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server"
)

// reports is the [server.Reports] of a log and an index.
type reports struct {
	db      *state.DB
	indexID string
	gaps    gaps.Config
}

var _ server.Reports = reports{}

// Questions implements [server.Reports].
func (r reports) Questions(ctx context.Context, period time.Duration) ([]state.Question, error) {
	return questionsWithin(ctx, r.db, r.indexID, period)
}

// Gaps implements [server.Reports].
func (r reports) Gaps(ctx context.Context, period time.Duration) (*gaps.Report, error) {
	found, _, err := r.find(ctx, period)
	return found, err
}

func (r reports) find(ctx context.Context, period time.Duration) (found *gaps.Report, asked int, err error) {
	questions, err := r.Questions(ctx, period)
	if err != nil {
		return nil, 0, err
	}
	c := r.gaps
	if c.Done, err = r.db.GapMarks(ctx, r.indexID); err != nil {
		return nil, 0, err
	}
	found, err = gaps.Find(ctx, c, questions)
	return found, len(questions), err
}

// MarkGap implements [server.Reports].
func (r reports) MarkGap(ctx context.Context, questions []string, done bool) error {
	marks := make([]string, len(questions))
	for i, q := range questions {
		marks[i] = gaps.Mark(q)
	}
	return r.db.MarkGaps(ctx, r.indexID, marks, done)
}

// WriteGaps implements [server.Reports].
func (r reports) WriteGaps(ctx context.Context, w io.Writer, period time.Duration, format string) error {
	found, asked, err := r.find(ctx, period)
	switch {
	case err != nil:
		return err
	case format == server.CSV:
		return gapsCSV(w, found)
	}
	return gapsMarkdown(w, found, asked, span(period))
}

// operators returns what the page for operators stands on.
func (a *app) operators(p *parts, db *state.DB) server.Operators {
	r := reports{db, a.indexID(), gaps.Config{Embedder: p.embedder, Retriever: p.retriever, MinEvidence: a.minEvidence}}
	return server.Operators{Sessions: db, Issuer: db, Reports: r, Reviews: reviews{r, p.store}}
}
