package server

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer/stale"
)

// Reviews tell operators which answers need a look. A period reaches from now back; 0
// means all.
type Reviews interface {
	// Stale returns the questions whose answers cite text that has changed.
	Stale(ctx context.Context, period time.Duration) ([]stale.Question, error)
	// Votes returns what readers said of answers, newest first.
	Votes(ctx context.Context, period time.Duration) ([]Vote, error)
}

// A Vote is what a reader said of an answer. The log has no text of answers, but the
// quotes that they cite.
type Vote struct {
	At       time.Time `json:"at"`
	Vote     int       `json:"vote"` // 1 or -1; 0 for a comment alone
	Comment  string    `json:"comment,omitempty"`
	Question string    `json:"question"` // as it is understood without what was said before
	Answered bool      `json:"answered"`
	Mode     string    `json:"mode"`
	Reason   string    `json:"reason,omitempty"` // why there is no answer
	Cited    []Cited   `json:"cited"`
}

// Cited is a citation of an answer, as it is logged.
type Cited struct {
	N        int    `json:"n"`
	URL      string `json:"url"`
	Quote    string `json:"quote"`
	Verified bool   `json:"verified"`
}

// A staleList is the answer to GET /admin/stale.
type staleList struct {
	Questions []stale.Question `json:"questions"`
}

// A voteList is the answer to GET /admin/votes.
type voteList struct {
	Votes []Vote `json:"votes"`
}

// routeReviews adds the routes of reviews.
func (s *api) routeReviews(r gin.IRoutes) {
	if s.Reviews == nil {
		return
	}
	get(r, adminPath+"stale", s.byPeriod(func(ctx context.Context, period time.Duration) (any, error) {
		found, err := s.Reviews.Stale(ctx, period)
		return staleList{append([]stale.Question{}, found...)}, err
	}))
	get(r, adminPath+"votes", s.byPeriod(func(ctx context.Context, period time.Duration) (any, error) {
		found, err := s.Reviews.Votes(ctx, period)
		return voteList{append([]Vote{}, found...)}, err
	}))
}
