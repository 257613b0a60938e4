package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/citewell/citewell/internal/state"
)

// Limits of POST /v1/feedback.
const (
	maxFeedbackBytes = 16 << 10
	maxCommentRunes  = 2000
	feedbackTimeout  = 20 * time.Second // longer than the state waits for another process that writes
)

// A Voter keeps what readers say of answers.
type Voter interface {
	// Vote keeps what is said of the answer to a request, in the place of what was
	// said of it before: 1 for it, -1 against it, 0 for a comment alone. The error
	// is [state.ErrNotFound] if no such answer is known.
	Vote(ctx context.Context, requestID string, vote int, comment string) error
}

// votes are the values of "vote"; it may be left out where there is a comment.
var votes = map[string]int{"up": 1, "down": -1, "": 0}

// feedback takes what a reader says of an answer. Whoever may ask may say it.
func (s *api) feedback(r *http.Request) (any, error) {
	if s.Voter == nil {
		return nil, &publicError{Code: "no_feedback", Message: "this server keeps no feedback", Fix: "start it without --log-questions off", status: http.StatusConflict}
	}
	var in struct {
		RequestID string `json:"request_id"`
		Vote      string `json:"vote"`
		Comment   string `json:"comment"`
	}
	if err := decode(r, &in); err != nil {
		var p *publicError
		if errors.As(err, &p) {
			p.Fix = cmp.Or(map[string]string{"body_too_large": fmt.Sprintf("send a comment of at most %d characters", maxCommentRunes)}[p.Code],
				`send an object such as {"request_id": "…", "vote": "up"}`)
		}
		return nil, err
	}
	vote, ok := votes[in.Vote]
	var wrong string
	switch {
	case !ok:
		wrong = `"vote" is neither "up" nor "down"`
	case vote == 0 && in.Comment == "":
		wrong = `there is neither a "vote" nor a "comment"`
	case utf8.RuneCountInString(in.Comment) > maxCommentRunes:
		wrong = fmt.Sprintf("the comment is longer than %d characters", maxCommentRunes)
	case !goodID.MatchString(in.RequestID):
		wrong = `"request_id" is not that of an answer`
	}
	if wrong != "" {
		return nil, &publicError{Code: "bad_feedback", Message: wrong, Fix: `send an object such as {"request_id": "…", "vote": "up"}`, status: http.StatusBadRequest}
	}
	err := s.Voter.Vote(r.Context(), in.RequestID, vote, in.Comment)
	if errors.Is(err, state.ErrNotFound) {
		return nil, &publicError{Code: "no_such_answer", Message: "no answer with this request_id is known", Fix: `send the "request_id" of an answer of this server; old ones may be deleted`,
			status: http.StatusNotFound, cause: err}
	}
	if err != nil {
		return nil, err
	}
	return map[string]string{"request_id": in.RequestID, "vote": in.Vote}, nil
}
