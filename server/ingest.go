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
)

const (
	ingestTimeout = 30 * time.Second // to start, show or cancel a job, not to run it
	maxJobs       = 100              // of one page of the list
)

// An Ingester brings sites into the index, one job after the other. What fetches
// and reads them is not this package's, so it is wired from outside. Each method
// returns [state.ErrNotFound] for an id of no job.
type Ingester interface {
	// Start queues the job that the body of a request describes: decode reads it
	// strictly into a value. The error is that of decode,
	// [problem.BadIngestion] or [state.ErrFull].
	Start(ctx context.Context, decode func(into any) error) (state.Job, error)
	Job(ctx context.Context, id string) (state.Job, error)
	// Jobs returns at most limit jobs, the newest first, after the one of the id.
	Jobs(ctx context.Context, after string, limit int) ([]state.Job, error)
	// Cancel stops a job, or returns [state.ErrOver].
	Cancel(ctx context.Context, id string) (state.Job, error)
	// Watch yields the job as it is and at every change. It ends with the job,
	// with ctx or an error, or when jobs are run no more.
	Watch(ctx context.Context, id string) iter.Seq2[state.Job, error]
}

// routeIngest adds the routes of jobs.
func (s *api) routeIngest(r *gin.Engine) {
	r.POST("/v1/ingest", s.handleJob(func(g *gin.Context, r *http.Request) (int, any, error) {
		j, err := s.startJob(r)
		if err == nil {
			g.Header("Location", "/v1/ingest/"+j.ID)
		}
		return http.StatusAccepted, j, err
	}))
	r.GET("/v1/ingest", s.handleJob(func(_ *gin.Context, r *http.Request) (int, any, error) {
		list, err := s.listJobs(r)
		return http.StatusOK, list, err
	}))
	one := s.handleJob(func(g *gin.Context, r *http.Request) (int, any, error) {
		j, err := s.Ingester.Job(r.Context(), g.Param("id"))
		return http.StatusOK, j, err
	})
	r.GET("/v1/ingest/:id", func(g *gin.Context) {
		if g.NegotiateFormat(gin.MIMEJSON, mimeStream) == mimeStream {
			s.watchJob(g)
			return
		}
		one(g)
	})
	r.DELETE("/v1/ingest/:id", s.handleJob(func(g *gin.Context, r *http.Request) (int, any, error) {
		j, err := s.Ingester.Cancel(r.Context(), g.Param("id"))
		if j.State.Over() {
			return http.StatusOK, j, err
		}
		return http.StatusAccepted, j, err // it winds up
	}))
}

// handleJob adapts a handler that gives its own status.
func (s *api) handleJob(h func(*gin.Context, *http.Request) (int, any, error)) gin.HandlerFunc {
	return func(g *gin.Context) {
		ctx, cancel := context.WithTimeout(g.Request.Context(), ingestTimeout)
		defer cancel()
		limitBody(g)
		r := g.Request.WithContext(ctx)
		if err := s.mayIngest(r); err != nil {
			s.fail(g, err)
			return
		}
		status, result, err := h(g, r)
		if err != nil {
			s.fail(g, ofJobs(err))
			return
		}
		g.Header("Cache-Control", "no-store")
		g.JSON(status, result)
	}
}

// mayIngest refuses requests from elsewhere, and all if nothing is ingested.
func (s *api) mayIngest(r *http.Request) error {
	if err := onLoopback(r); err != nil {
		return err
	}
	if s.Ingester == nil {
		return problem.NoIngestion
	}
	return nil
}

// ofJobs says of an unknown id that it is that of a job.
func ofJobs(err error) error {
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
	Jobs []state.Job `json:"jobs"`           // the newest first
	Next string      `json:"next,omitempty"` // for ?after= of the next page; "" at the end
}

func (s *api) listJobs(r *http.Request) (jobList, error) {
	n := maxJobs
	if v := r.FormValue("limit"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil || n < 1 || n > maxJobs {
			return jobList{}, &problem.Error{Kind: problem.BadQuery, Message: "limit is not a number from 1 to 100", Fix: "leave it out, or send such as ?limit=20"}
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

// watchJob sends a job as server-sent events: progress at every change, done at
// the end. Both hold the job as GET shows it.
func (s *api) watchJob(g *gin.Context) {
	err := s.mayIngest(g.Request)
	if err == nil {
		err = s.tellJob(g, g.Param("id"))
	}
	if err != nil {
		s.fail(g, ofJobs(err))
	}
}

// tellJob sends a job until it is over. Nothing is sent once it returns.
func (s *api) tellJob(g *gin.Context, id string) error {
	st := s.newStream(g, "running")
	defer st.keepAlive()()
	for j, err := range s.Ingester.Watch(g.Request.Context(), id) {
		if err != nil {
			return err
		}
		if j.State.Over() {
			return st.send("done", j)
		}
		if err := st.send("progress", j); err != nil {
			return err
		}
	}
	return problem.Stopping
}
