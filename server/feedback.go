package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
)

// Limits of POST /v1/feedback.
const (
	maxFeedbackBytes = 16 << 10
	maxCommentRunes  = 2000
	feedbackTimeout  = 20 * time.Second // longer than the state waits for a lock
)

// A Voter records readers' feedback on answers.
type Voter interface {
	// Vote records feedback on the answer to a request and replaces earlier feedback
	// on it. A vote is 1 for, -1 against, or 0 with only a comment. The error is
	// [state.ErrNotFound] if there is no such answer.
	Vote(ctx context.Context, requestID string, vote int, comment string) error
}

// votes are the values of "vote". It may be absent if there is a comment.
var votes = map[string]int{"up": 1, "down": -1, "": 0}

// A feedbackRequest is the body of POST /v1/feedback.
type feedbackRequest struct {
	RequestID string `json:"request_id"`
	Vote      string `json:"vote"`
	Comment   string `json:"comment"`
}

// A voteReply is the reply of POST /v1/feedback.
type voteReply struct {
	RequestID string `json:"request_id"`
	Vote      string `json:"vote"`
}

// feedback records a reader's feedback. Everybody who may ask may send it.
func (s *api) feedback(r *http.Request) (any, error) {
	if s.Voter == nil {
		return nil, problem.NoFeedback
	}
	var in feedbackRequest
	err := decode(r, &in, fixes{form: problem.BadFeedback.Fix, length: fmt.Sprintf("send a comment of at most %d characters", maxCommentRunes)})
	if err != nil {
		return nil, err
	}
	vote, ok := votes[in.Vote]
	var wrong string
	switch {
	case !ok:
		wrong = `"vote" must be "up" or "down"`
	case vote == 0 && in.Comment == "":
		wrong = `"vote" or "comment" must be given`
	case utf8.RuneCountInString(in.Comment) > maxCommentRunes:
		wrong = fmt.Sprintf("the comment is longer than %d characters", maxCommentRunes)
	case !validID.MatchString(in.RequestID):
		wrong = `"request_id" is invalid`
	}
	if wrong != "" {
		return nil, &problem.Error{Kind: problem.BadFeedback, Message: wrong}
	}
	err = s.Voter.Vote(r.Context(), in.RequestID, vote, in.Comment)
	if errors.Is(err, state.ErrNotFound) {
		return nil, &problem.Error{Kind: problem.NoSuchAnswer, Cause: err}
	}
	if err != nil {
		return nil, err
	}
	return voteReply{in.RequestID, in.Vote}, nil
}
