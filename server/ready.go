package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/index"
)

const readyTimeout = 3 * time.Second // of all parts together

// A Part is a part of the service whose state GET /readyz reports.
type Part struct {
	Name     string
	Optional bool // whether the server is ready without it
	// State returns the state of the part, such as "ok". With an error, it is
	// "failed". State must be cheap and end with its context.
	State func(context.Context) (string, error)
	// Details returns what else is reported of the part, as JSON. It may be nil, and may
	// return nil.
	Details func() any
}

// States of a [Part].
const (
	StateOK      = "ok"
	StateFailed  = "failed"
	StateNone    = "none"    // not configured
	StateUnknown = "unknown" // not used yet
)

// alive is the reply of a process that runs.
type alive struct {
	Status string `json:"status"`
}

// alivePaths are the routes that tell that the process runs.
var alivePaths = []string{"/healthz", "/livez"}

// routeHealth adds the routes by which a supervisor watches the process.
func (s *api) routeHealth(r *gin.Engine) {
	for _, path := range alivePaths {
		get(r, path, func(g *gin.Context) { g.JSON(http.StatusOK, alive{"ok"}) })
	}
	get(r, "/readyz", s.ready)
}

// ready reports the state of the store and of [Config.Parts]. The status is 503 if one
// of them has failed that is not optional.
func (s *api) ready(g *gin.Context) {
	ctx, cancel := context.WithTimeout(g.Request.Context(), readyTimeout)
	defer cancel()
	store := Part{Name: "store", State: func(ctx context.Context) (string, error) { return StateOK, s.Ready(ctx) }}
	parts := append([]Part{store}, s.Parts...)
	states, errs := make([]string, len(parts)), make([]error, len(parts))
	var wg sync.WaitGroup
	for i, p := range parts {
		wg.Go(func() { states[i], errs[i] = p.State(ctx) })
	}
	wg.Wait()
	body, reply := gin.H{}, gin.H{}
	var failed error
	for i, p := range parts {
		if errs[i] != nil {
			states[i] = StateFailed
			s.Log.Warn("not ready", "part", p.Name, "optional", p.Optional, "err", errs[i])
		}
		if errs[i] != nil && !p.Optional && failed == nil {
			failed = errs[i]
		}
		body[p.Name] = states[i]
		if p.Details != nil {
			if d := p.Details(); d != nil {
				reply[p.Name] = d
			}
		}
	}
	reply["status"], reply["parts"] = "ready", body
	if failed == nil {
		g.JSON(http.StatusOK, reply)
		return
	}
	if problem.Of(failed).Code == problem.Timeout.Code { // it would advise a smaller question
		failed = errors.Join(index.ErrUnavailable, failed)
	}
	g.Header("Retry-After", "2")
	reply["status"], reply["error"], reply["request_id"] = "not ready", problem.Of(failed), g.GetString(requestIDKey)
	g.JSON(http.StatusServiceUnavailable, reply)
}
