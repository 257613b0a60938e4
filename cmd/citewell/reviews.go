package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server"
)

// reviews is the [server.Reviews] of a log and an index.
type reviews struct {
	reports
	index stale.Index
}

var _ server.Reviews = reviews{}

// Stale implements [server.Reviews].
func (r reviews) Stale(ctx context.Context, period time.Duration) ([]stale.Question, error) {
	questions, err := r.Questions(ctx, period)
	if err != nil {
		return nil, err
	}
	return stale.Find(ctx, r.index, questions)
}

// Votes implements [server.Reviews]. It returns the newest thousand.
func (r reviews) Votes(ctx context.Context, period time.Duration) (votes []server.Vote, err error) {
	all, err := r.db.Feedback(ctx, state.FeedbackFilter{From: startOf(period), Limit: state.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, fb := range all {
		q, err := r.db.Question(ctx, fb.QuestionID)
		switch {
		case errors.Is(err, state.ErrNotFound): // deleted meanwhile
			continue
		case err != nil:
			return nil, err
		case q.Index != r.indexID:
			continue
		}
		v := server.Vote{At: fb.At, Vote: fb.Vote, Comment: fb.Comment, Question: cmp.Or(q.Standalone, q.Question), Answered: q.Answered, Mode: q.Mode, Reason: q.Reason, Cited: []server.Cited{}}
		for _, c := range q.Citations {
			v.Cited = append(v.Cited, server.Cited{N: c.N, URL: c.URL, Quote: c.Quote, Verified: c.Verified})
		}
		votes = append(votes, v)
	}
	return votes, nil
}
