package server

import (
	"fmt"
	"regexp"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/citewell/citewell/internal/trace"
)

const (
	requestIDHeader = "X-Request-ID"
	requestIDKey    = "request_id"
	errorCodeKey    = "error_code" // of a request that failed
)

// validID matches request ids that a client may choose. They are written to the log.
var validID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identify sets the id of the request: the client's own if it is valid, else a new
// one.
func (s *api) identify(g *gin.Context) {
	id := g.GetHeader(requestIDHeader)
	if !validID.MatchString(id) {
		id = uuid.NewString()
	}
	g.Set(requestIDKey, id)
	g.Header(requestIDHeader, id)
	g.Request = g.Request.WithContext(trace.WithRequestID(g.Request.Context(), id))
}

// untraced are the routes that programs ask every few seconds.
var untraced = append(slices.Clone(health), "/metrics")

// trace records the request as a stage, within the trace of its caller if it names one.
func (s *api) trace(g *gin.Context) {
	if slices.Contains(untraced, g.FullPath()) {
		return
	}
	ctx, span := trace.Request(g.Request)
	g.Request = g.Request.WithContext(ctx)
	defer func() {
		span.Answered(trace.Reply{Method: g.Request.Method, Route: g.FullPath(), Status: g.Writer.Status(), RequestID: g.GetString(requestIDKey), Code: g.GetString(errorCodeKey)})
	}()
	g.Next()
}

// record logs each request when it is finished, without its query and body.
func (s *api) record(g *gin.Context) {
	start := time.Now()
	g.Next()
	by := "" // the name of the key
	if key := callerOf(g.Request.Context()).key; key != nil {
		by = key.Name
	}
	s.Log.InfoContext(g.Request.Context(), "request", "request_id", g.GetString(requestIDKey), "method", g.Request.Method, "path", g.FullPath(),
		"status", g.Writer.Status(), "ms", time.Since(start).Milliseconds(), "key", by, "code", g.GetString(errorCodeKey))
}

// recover turns a panic into an error of this request.
func (s *api) recover(g *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			s.fail(g, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	g.Next()
}

// secure sets the headers that restrict what a page may load and do.
func secure(g *gin.Context) {
	h := g.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
}
