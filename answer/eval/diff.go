package eval

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
)

// A Side is one of the two indexes that [Diff] compares.
type Side struct {
	Index    stale.Index
	Answerer Answerer // without a model
}

// A Loss is an answer that an index no longer gives.
type Loss struct {
	Question  string           `json:"question"`
	RequestID string           `json:"request_id"`
	AskedAt   time.Time        `json:"asked_at"`         // last time
	Refused   string           `json:"refused"`          // why the pages no longer answer the question; "" if they do
	Quotes    []stale.Citation `json:"quotes,omitempty"` // that are no longer on their pages
}

// A DiffReport is the result of [Diff].
type DiffReport struct {
	Replayed int    `json:"replayed"` // answered questions, each wording once
	Unread   int    `json:"unread"`   // whose text is not logged: only their quotes are looked for
	Lost     []Loss `json:"lost"`
}

// Diff replays the answered ones of logged questions, newest first, on another index. It
// returns those that lose quotes of their answer, or are no longer answered, although the
// index that was asked still has and answers them. progress may be nil.
func Diff(ctx context.Context, questions []state.Question, asked, other Side, progress func(done, total int)) (*DiffReport, error) {
	latest := stale.Latest(questions)
	lost, err := lostQuotes(ctx, asked, other, latest)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	rep := &DiffReport{Replayed: len(latest), Lost: []Loss{}}
	for i, q := range latest {
		loss := Loss{Question: q.Question, RequestID: q.RequestID, AskedAt: q.AskedAt, Quotes: lost[q.ID]}
		if q.Question == "" || strings.HasPrefix(q.Question, state.HashMark) {
			rep.Unread++
			loss.Question = ""
		} else if loss.Refused, err = refused(ctx, asked, other, q); err != nil {
			return nil, fmt.Errorf("eval: the question %q: %w", q.Question, err)
		}
		if loss.Refused != "" || loss.Quotes != nil {
			rep.Lost = append(rep.Lost, loss)
		}
		if progress != nil {
			progress(i+1, len(latest))
		}
	}
	return rep, nil
}

// lostQuotes returns the quotes that one index has and the other lacks, by the id of
// their question.
func lostQuotes(ctx context.Context, asked, other Side, questions []state.Question) (map[string][]stale.Citation, error) {
	type quote struct {
		id string
		n  int
	}
	before := map[quote]bool{} // lost already
	out := map[string][]stale.Citation{}
	for i, side := range []Side{asked, other} {
		found, err := stale.Find(ctx, side.Index, questions)
		if err != nil {
			return nil, err
		}
		for _, q := range found {
			for _, c := range q.Citations {
				switch key := (quote{q.ID, c.N}); {
				case c.Reason == stale.Moved || before[key]:
				case i == 0:
					before[key] = true
				default:
					out[q.ID] = append(out[q.ID], c)
				}
			}
		}
	}
	return out, nil
}

// refused returns why the other index does not answer a question that the first one
// answers; "" if it does, or the first one does not either.
func refused(ctx context.Context, asked, other Side, q state.Question) (string, error) {
	text := q.Question
	if q.Standalone != "" {
		text = q.Standalone
	}
	question := answer.Question{Text: text, Filter: retrieve.Filter{Source: q.Source, URLPrefix: q.URLPrefix, Lang: q.Lang}}
	now, err := other.Answerer.Answer(ctx, question)
	if err != nil || now.Answered {
		return "", err
	}
	before, err := asked.Answerer.Answer(ctx, question)
	if err != nil || !before.Answered {
		return "", err
	}
	return now.Reason, nil
}
