package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/metrics"
)

// routeMetrics adds what Prometheus reads, for those who have an admin key.
func (s *api) routeMetrics(r *gin.Engine) {
	if s.Metrics != nil {
		get(r.Group("", s.need(state.ScopeAdmin)), "/metrics", gin.WrapH(s.Metrics.Handler()))
	}
}

// count counts a request.
func (s *api) count(g *gin.Context) {
	if s.Metrics == nil {
		return
	}
	end := s.Metrics.Begin()
	defer func() { end(g.Request.Method, g.FullPath(), g.Writer.Status()) }()
	g.Next()
}

// ServeMetrics serves the metrics, the profiles of net/http/pprof on ln, and that the process runs, to everybody who
// reaches it, until ctx ends. It closes ln.
func ServeMetrics(ctx context.Context, ln net.Listener, m *metrics.Metrics) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	// The command line is not among the profiles: it may hold a secret.
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	for _, path := range alivePaths {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_ = json.NewEncoder(w).Encode(alive{"ok"}) // else the client went away
		})
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: defaultHeaderTimeout, ReadTimeout: time.Minute, WriteTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	if err := srv.Serve(ln); ctx.Err() == nil {
		return fmt.Errorf("server: metrics: %w", err)
	}
	return nil
}
