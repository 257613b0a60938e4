package main

import (
	"context"
	"errors"
	"slices"
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
		v := server.Vote{At: fb.At, Vote: fb.Vote, Comment: fb.Comment, Question: q.Question, Answered: q.Answered, Mode: q.Mode, Cited: []string{}}
		for _, c := range q.Citations {
			if !slices.Contains(v.Cited, c.URL) {
				v.Cited = append(v.Cited, c.URL)
			}
		}
		votes = append(votes, v)
	}
	return votes, nil
}
