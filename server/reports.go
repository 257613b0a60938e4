package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
)

// Formats of [Reports].WriteGaps.
const (
	Markdown = "md"
	CSV      = "csv"
)

// Reports tell operators what was asked. A period reaches from now back; 0 means all.
type Reports interface {
	// Questions returns what was asked, newest first, without scores.
	Questions(ctx context.Context, period time.Duration) ([]state.Question, error)
	// Gaps groups the questions that the pages do not answer.
	Gaps(ctx context.Context, period time.Duration) (*gaps.Report, error)
	// WriteGaps writes these groups in a format.
	WriteGaps(ctx context.Context, w io.Writer, period time.Duration, format string) error
	// MarkGap marks questions of a group as done, or removes their marks.
	MarkGap(ctx context.Context, questions []string, done bool) error
}

const maxMarkedQuestions = 20 // of one request

// A gapMark is the body of POST /admin/gaps.
type gapMark struct {
	Questions []string `json:"questions"`
	Done      bool     `json:"done"`
}

// A markedGap is the answer to it.
type markedGap struct {
	Done bool `json:"done"`
}

const (
	reportTimeout = 3 * time.Minute // some thousand questions are embedded
	reportDays    = 30
	maxReportDays = 3650
)

// routeReports adds the routes of reports.
func (s *api) routeReports(r gin.IRoutes) {
	if s.Reports == nil {
		return
	}
	whole := s.byPeriod(func(ctx context.Context, period time.Duration) (any, error) { return s.Reports.Gaps(ctx, period) })
	get(r, adminPath+"gaps", func(g *gin.Context) {
		format := g.Query("format")
		if format == "" {
			whole(g)
			return
		}
		g.Header("Cache-Control", "no-store")
		if err := s.sendGaps(g, format); err != nil {
			s.fail(g, err)
		}
	})
	r.POST(adminPath+"gaps", allowBody(maxBodyBytes), s.handle(adminTimeout, s.markGap))
	get(r, adminPath+"usage", s.byPeriod(s.usage))
}

// markGap marks a group that has some questions as done.
func (s *api) markGap(r *http.Request) (any, error) {
	var in gapMark
	if err := decode(r, &in, fixes{form: `send an object such as {"questions": ["Is there SSO?"], "done": true}`}); err != nil {
		return nil, err
	}
	if len(in.Questions) == 0 || len(in.Questions) > maxMarkedQuestions {
		return nil, &problem.Error{Kind: problem.BadQuery, Message: "the number of questions is not within 1 and 20", Fix: "send the examples of one group"}
	}
	return markedGap{in.Done}, s.Reports.MarkGap(r.Context(), in.Questions, in.Done)
}

// byPeriod returns a handler that reports on the period that a request asks for.
func (s *api) byPeriod(report func(ctx context.Context, period time.Duration) (any, error)) gin.HandlerFunc {
	whole := s.handle(reportTimeout, func(r *http.Request) (any, error) {
		period, err := periodOf(r)
		if err != nil {
			return nil, err
		}
		return report(r.Context(), period)
	})
	return func(g *gin.Context) {
		g.Header("Cache-Control", "no-store")
		whole(g)
	}
}

// periodOf returns the period that a request asks for.
func periodOf(r *http.Request) (time.Duration, error) {
	days := reportDays
	if query := r.URL.Query(); query.Has("days") {
		var err error
		if days, err = strconv.Atoi(query.Get("days")); err != nil || days < 0 || days > maxReportDays {
			return 0, &problem.Error{Kind: problem.BadQuery, Message: "invalid days (want a number from 0 to 3650)", Fix: "leave it out, or send a number such as ?days=7; 0 means all"}
		}
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// sendGaps sends the groups as a file.
func (s *api) sendGaps(g *gin.Context, format string) error {
	media := map[string]string{Markdown: "text/markdown; charset=utf-8", CSV: "text/csv; charset=utf-8"}[format]
	if media == "" {
		return &problem.Error{Kind: problem.BadQuery, Message: "unknown format (want md or csv)", Fix: "leave it out for JSON"}
	}
	period, err := periodOf(g.Request)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(g.Request.Context(), reportTimeout)
	defer cancel()
	var b bytes.Buffer
	if err := s.Reports.WriteGaps(ctx, &b, period, format); err != nil {
		return err
	}
	g.Header("Content-Disposition", `attachment; filename="gaps.`+format+`"`)
	g.Data(http.StatusOK, media, b.Bytes())
	return nil
}

// A usageReport is the answer to GET /admin/usage.
type usageReport struct {
	Days []dayUsage `json:"days"` // oldest first, without gaps
}

// A dayUsage is what was asked on a day.
type dayUsage struct {
	Day        string `json:"day"` // as 2006-01-02, in UTC
	Questions  int    `json:"questions"`
	Unanswered int    `json:"unanswered"` // of these, without an answer
	Tokens     int    `json:"tokens"`     // of the model
}

// usage counts the questions of each day.
func (s *api) usage(ctx context.Context, period time.Duration) (any, error) {
	questions, err := s.Reports.Questions(ctx, period)
	if err != nil {
		return nil, err
	}
	out := usageReport{Days: []dayUsage{}}
	if len(questions) == 0 {
		return out, nil
	}
	first := state.DayOf(questions[len(questions)-1].AskedAt)
	for day := first; day <= state.DayOf(questions[0].AskedAt); day++ {
		out.Days = append(out.Days, dayUsage{Day: time.Unix(day*24*60*60, 0).UTC().Format(time.DateOnly)})
	}
	for _, q := range questions {
		d := &out.Days[state.DayOf(q.AskedAt)-first]
		d.Questions++
		if !q.Answered {
			d.Unanswered++
		}
		d.Tokens += q.Tokens["prompt_tokens"] + q.Tokens["completion_tokens"]
	}
	return out, nil
}
