package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server/openai"
	"github.com/citewell/citewell/server/proof"
	"github.com/citewell/citewell/server/sse"
	"github.com/citewell/citewell/server/web"
)

// api is the state that all routes share.
type api struct {
	Config
	crossOrigin  *http.CrossOriginProtection
	site         *web.Site
	contents     contents
	keys         *keyring       // nil without Config.Keys
	proofs       *proof.Checker // nil without Config.ProofOfWork
	namesNoProxy sync.Once      // whether the log tells of a proxy that is not trusted
	openAI       *openai.API    // answers the routes of OpenAI's API
	refused      refusals
}

// handle adapts a handler. It limits the time and the body of the request, and
// encodes the result or the error.
func (s *api) handle(limit time.Duration, h func(*http.Request) (any, error)) gin.HandlerFunc {
	return func(g *gin.Context) {
		ctx := g.Request.Context()
		if limit > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, limit)
			defer cancel()
		}
		limitBody(g)
		result, err := h(g.Request.WithContext(ctx))
		if err != nil {
			s.fail(g, err)
			return
		}
		g.JSON(http.StatusOK, result)
	}
}

// retryAfter gives the seconds after which a client may try again, by status.
var retryAfter = map[int]string{
	http.StatusServiceUnavailable: "2",
	http.StatusTooManyRequests:    "10", // jobs and turns are long
}

// fail sends the public part of an error, as an event if a stream has begun. It logs
// the cause of a server error.
func (s *api) fail(g *gin.Context, err error) {
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(g.Request.Context()), problem.Stopping) {
		err = problem.Stopping
	}
	p := problem.Of(err)
	if s.Metrics != nil {
		s.Metrics.Failed(p.Code)
	}
	g.Set(errorCodeKey, p.Code)
	switch {
	case errors.Is(err, problem.Overloaded):
		s.refused.add(s.Log)
	case p.Status >= 500:
		s.Log.ErrorContext(g.Request.Context(), "request failed", "request_id", g.GetString(requestIDKey), "code", p.Code, "err", err)
	}
	body := gin.H{"error": p, "request_id": g.GetString(requestIDKey)}
	if g.Writer.Written() {
		_ = http.NewResponseController(g.Writer).SetWriteDeadline(time.Now().Add(sse.SendTimeout)) // as for other events
		if err := sse.Write(g.Writer, "error", body); err != nil {
			s.Log.Debug("the client went away", "request_id", g.GetString(requestIDKey), "err", err)
		}
		return
	}
	if openai.Serves(g.Request.URL.Path) && s.openAI != nil {
		g.Abort()
		s.openAI.Fail(g.Writer, g.Request, err)
		return
	}
	if errors.Is(err, problem.ProofRequired) {
		s.challenge(g)
	}
	if p.After > 0 {
		g.Header("Retry-After", strconv.Itoa(int(p.After.Seconds())))
	} else if after := retryAfter[p.Status]; after != "" {
		g.Header("Retry-After", after)
	}
	g.AbortWithStatusJSON(p.Status, body)
}

// validateK returns k, or 0 if it is absent. An explicit 0 is an error.
func validateK(k *int) (int, error) {
	if k == nil {
		return 0, nil
	}
	if *k < 1 || *k > retrieve.MaxK {
		return 0, fmt.Errorf("%w: k is %d, not within 1–%d", retrieve.ErrQuery, *k, retrieve.MaxK)
	}
	return *k, nil
}
