package trace

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// Request begins the stage of a request. If the request has a header traceparent, the
// trace that it names is continued. The caller must call [Span.Answered].
func Request(r *http.Request) (context.Context, *Span) {
	ctx := r.Context()
	if rec, ok := recorderOf(ctx); ok && rec.tracer != nil {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	}
	return Start(ctx, "request", Server)
}

// A Reply is what is known of a request when it is answered.
type Reply struct {
	Method    string
	Route     string // its pattern; "" means that there is none
	Status    int
	RequestID string
	Code      string // of the error; "" means none
}

// Answered ends the stage of a request.
func (s *Span) Answered(r Reply) {
	if s == nil {
		return
	}
	s.span.SetName("HTTP") // neither the method nor the address may be one of ours
	if r.Route != "" {
		s.span.SetName(r.Method + " " + r.Route)
		s.span.SetAttributes(semconv.HTTPRequestMethodKey.String(r.Method), semconv.HTTPRoute(r.Route))
	}
	s.span.SetAttributes(semconv.HTTPResponseStatusCode(r.Status))
	s.Text("citewell.request_id", r.RequestID)
	s.Text("citewell.error", r.Code)
	if r.Status >= http.StatusInternalServerError {
		s.span.SetAttributes(semconv.ErrorTypeKey.String(cmp.Or(r.Code, strconv.Itoa(r.Status))))
		s.span.SetStatus(codes.Error, r.Code)
	}
	s.observe = nil // requests are counted by themselves
	s.End()
}

// Peer sets the service that is called, whose host may have a port.
func (s *Span) Peer(hostport string) {
	if s == nil {
		return
	}
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	s.Text(serverAddress, host)
	if n, err := strconv.Atoi(port); err == nil {
		s.Number(serverPort, n)
	}
}
