package trace

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

type requestIDKey struct{}

// requestID is the key of the request's id in lines of the log.
const requestID = "request_id"

// WithRequestID returns a context of the request with an id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request of ctx, or "" if there is none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Log returns a handler that adds request_id, trace_id and span_id to the lines that are
// logged with the context of a request or a stage.
func Log(h slog.Handler) slog.Handler { return logHandler{h} }

type logHandler struct{ slog.Handler }

// Handle implements [slog.Handler].
func (l logHandler) Handle(ctx context.Context, r slog.Record) error {
	id, sc := RequestID(ctx), trace.SpanContextFromContext(ctx)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == requestID {
			id = "" // the line has it
		}
		return id != ""
	})
	if id == "" && !sc.IsValid() {
		return l.Handler.Handle(ctx, r)
	}
	r = r.Clone()
	if id != "" {
		r.AddAttrs(slog.String(requestID, id))
	}
	if sc.IsValid() {
		r.AddAttrs(slog.String("trace_id", sc.TraceID().String()), slog.String("span_id", sc.SpanID().String()))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (l logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (l logHandler) WithGroup(name string) slog.Handler { return logHandler{l.Handler.WithGroup(name)} }
