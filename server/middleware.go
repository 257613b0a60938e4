package server

import (
	"context"
	"fmt"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

const (
	requestIDHeader = "X-Request-ID"
	requestIDKey    = "request_id"
)

type requestIDContext struct{}

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
	g.Request = g.Request.WithContext(context.WithValue(g.Request.Context(), requestIDContext{}, id))
}

// RequestID returns the id of the request of ctx, or "" if there is none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDContext{}).(string)
	return id
}

// record logs each request when it is finished, without its query and body.
func (s *api) record(g *gin.Context) {
	start := time.Now()
	g.Next()
	by := "" // the name of the key
	if key := callerOf(g.Request.Context()).key; key != nil {
		by = key.Name
	}
	s.Log.Info("request", "request_id", g.GetString(requestIDKey), "method", g.Request.Method, "path", g.FullPath(),
		"status", g.Writer.Status(), "ms", time.Since(start).Milliseconds(), "key", by)
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
