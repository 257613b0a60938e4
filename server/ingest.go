package server

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/sse"
)

const (
	ingestTimeout = 30 * time.Second // to start, show or cancel a job, not to run it
	maxJobs       = 100              // in one page of the list
)

// An Ingester runs ingestion jobs, one after the other. The command provides it,
// since fetching and reading sites is the task of other packages. Each method
// returns [state.ErrNotFound] if no job has the id.
type Ingester interface {
	// Start queues the job that the body of a request describes. decode decodes the
	// body into a value and rejects unknown fields. The error is that of decode,
	// [problem.BadIngestion] or [state.ErrFull].
	Start(ctx context.Context, decode func(into any) error) (state.Job, error)
	Job(ctx context.Context, id string) (state.Job, error)
	// Jobs returns at most limit jobs, newest first, starting after the job with the
	// id after; "" means from the newest.
	Jobs(ctx context.Context, after string, limit int) ([]state.Job, error)
	// Cancel stops a job, or returns [state.ErrOver].
	Cancel(ctx context.Context, id string) (state.Job, error)
	// Watch yields the job's current state and every change. It ends when the job
	// is over, ctx ends, an error occurs, or the runner stops.
	Watch(ctx context.Context, id string) iter.Seq2[state.Job, error]
}

// routeIngest adds the routes of jobs.
func (s *api) routeIngest(r gin.IRoutes) {
	r.POST("", s.handleJob(func(g *gin.Context, r *http.Request) (int, any, error) {
		j, err := s.startJob(r)
		if err == nil {
			g.Header("Location", arrivalOf(g.Request.Context()).prefix+g.FullPath()+"/"+j.ID)
		}
		return http.StatusAccepted, j, err
	}))
	get(r, "", s.handleJob(func(_ *gin.Context, r *http.Request) (int, any, error) {
		list, err := s.listJobs(r)
		return http.StatusOK, list, err
	}))
	one := s.handleJob(func(g *gin.Context, r *http.Request) (int, any, error) {
		j, err := s.Ingester.Job(r.Context(), g.Param("id"))
		return http.StatusOK, j, err
	})
	get(r, "/:id", func(g *gin.Context) {
		// HEAD waits for no event.
		if g.Request.Method == http.MethodGet && g.NegotiateFormat(gin.MIMEJSON, sse.MIME) == sse.MIME {
			s.watchJob(g)
			return
		}
		one(g)
	})
	r.DELETE("/:id", s.handleJob(func(g *gin.Context, r *http.Request) (int, any, error) {
		j, err := s.Ingester.Cancel(r.Context(), g.Param("id"))
		if j.State.Over() {
			return http.StatusOK, j, err
		}
		return http.StatusAccepted, j, err // it is still stopping
	}))
}

// handleJob adapts a handler that returns its own status.
func (s *api) handleJob(h func(*gin.Context, *http.Request) (int, any, error)) gin.HandlerFunc {
	return func(g *gin.Context) {
		ctx, cancel := context.WithTimeout(g.Request.Context(), ingestTimeout)
		defer cancel()
		limitBody(g)
		r := g.Request.WithContext(ctx)
		if s.Ingester == nil {
			s.fail(g, problem.NoIngestion)
			return
		}
		status, result, err := h(g, r)
		if err != nil {
			s.fail(g, jobError(err))
			return
		}
		g.Header("Cache-Control", "no-store")
		g.JSON(status, result)
	}
}

// jobError replaces [state.ErrNotFound] by [problem.NoSuchJob].
func jobError(err error) error {
	if errors.Is(err, state.ErrNotFound) {
		return &problem.Error{Kind: problem.NoSuchJob, Cause: err}
	}
	return err
}

func (s *api) startJob(r *http.Request) (state.Job, error) {
	return s.Ingester.Start(r.Context(), func(into any) error {
		return decode(r, into, fixes{form: `send an object such as {"targets": ["https://docs.example.com/"]}`, length: "name fewer targets"})
	})
}

// A jobList is the answer to GET /v1/ingest.
type jobList struct {
	Jobs []state.Job `json:"jobs"`           // newest first
	Next string      `json:"next,omitempty"` // value of ?after= for the next page; "" on the last
}

func (s *api) listJobs(r *http.Request) (jobList, error) {
	n := maxJobs
	if query := r.URL.Query(); query.Has("limit") {
		var err error
		if n, err = strconv.Atoi(query.Get("limit")); err != nil || n < 1 || n > maxJobs {
			return jobList{}, &problem.Error{Kind: problem.BadQuery, Message: "invalid limit (want a number from 1 to 100)", Fix: "leave it out, or send a number such as ?limit=20"}
		}
	}
	jobs, err := s.Ingester.Jobs(r.Context(), r.FormValue("after"), n)
	if err != nil {
		return jobList{}, err
	}
	list := jobList{Jobs: append([]state.Job{}, jobs...)}
	if len(jobs) == n {
		list.Next = jobs[n-1].ID
	}
	return list, nil
}

// watchJob sends a job as server-sent events: progress at every change, done at the
// end. Each event contains the job as GET returns it.
func (s *api) watchJob(g *gin.Context) {
	if s.Ingester == nil {
		s.fail(g, problem.NoIngestion)
		return
	}
	if err := s.streamJob(g, g.Param("id")); err != nil {
		s.fail(g, jobError(err))
	}
}

// streamJob sends a job until it is over. After it returns, nothing is sent.
func (s *api) streamJob(g *gin.Context, id string) error {
	st := sse.New(g.Writer, s.Heartbeat, "running")
	stop := st.Start()
	defer func() { _ = stop() }() // the job goes on without the client
	for j, err := range s.Ingester.Watch(g.Request.Context(), id) {
		if err != nil {
			return err
		}
		if j.State.Over() {
			return st.Send("done", j)
		}
		if err := st.Send("progress", j); err != nil {
			return err
		}
	}
	return problem.Stopping
}
