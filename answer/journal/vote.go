package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
)

// ErrState means that feedback can't be stored now. Callers use errors.Is.
var ErrState error = problem.StateUnavailable

// voteTimeout is how long a reader waits for the state. A vote is stored later if that
// takes longer.
const voteTimeout = 600 * time.Millisecond

// addWaiting adds n to the number of queued questions of a request.
func (j *Journal) addWaiting(requestID string, n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waiting[requestID] += n
	if j.waiting[requestID] == 0 {
		delete(j.waiting, requestID)
	}
}

// isWaiting reports whether a question of a request is queued.
func (j *Journal) isWaiting(requestID string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.waiting[requestID] > 0
}

// Vote records a reader's vote on the answer to a request. It replaces the reader's
// vote before. The error is [state.ErrNotFound] if the request is unknown, and
// [ErrState] if the vote can be neither stored nor queued.
//
// Votes are written in the order of the questions and votes before them. Vote waits a
// moment for that, and then returns while the vote is still queued.
func (j *Journal) Vote(ctx context.Context, requestID string, vote int, comment string) error {
	limited, cancel := context.WithTimeout(ctx, voteTimeout)
	defer cancel()
	if !j.isWaiting(requestID) {
		if _, err := j.find(limited, requestID); errors.Is(err, state.ErrNotFound) || ctx.Err() != nil {
			return err
		} else if err != nil {
			return fmt.Errorf("journal: vote: %w: %w", ErrState, err)
		}
	}
	written := make(chan error, 1)
	if !j.enqueue(func(ctx context.Context) { written <- j.recordVote(ctx, requestID, vote, comment, limited) }) {
		return fmt.Errorf("journal: vote: %w: the queue is full, or the program is shutting down", ErrState)
	}
	select {
	case err := <-written:
		return err
	case <-limited.Done():
		return ctx.Err()
	}
}

// recordVote writes a vote. If the reader is gone by then, an error is logged.
func (j *Journal) recordVote(ctx context.Context, requestID string, vote int, comment string, reader context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	id, err := j.find(ctx, requestID)
	if err == nil {
		_, err = j.config.State.SetFeedback(ctx, state.Feedback{QuestionID: id, Vote: vote, Comment: comment})
	}
	if err != nil && reader.Err() != nil {
		j.config.Log.Warn("feedback is lost", "err", err)
	}
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		err = fmt.Errorf("journal: vote: %w: %w", ErrState, err)
	}
	return err
}

// find returns the id of the newest question of a request.
func (j *Journal) find(ctx context.Context, requestID string) (string, error) {
	if requestID == "" {
		return "", state.ErrNotFound
	}
	found, err := j.config.State.Questions(ctx, state.QuestionFilter{Index: j.config.Index, RequestID: requestID, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", state.ErrNotFound
	}
	return found[0].ID, nil
}
