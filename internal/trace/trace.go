// Package trace records where the time of a question or an ingestion goes: as spans of
// OpenTelemetry, and for the metrics of a server.
//
// [With] and [Observe] return a context that records: every [Start] with a context that
// stems from it begins a stage. Without a recorder in the context, Start returns a
// nil [Span] and takes no memory. All methods of a nil Span do nothing.
//
// Names of attributes are those of OpenTelemetry's semantic conventions 1.41.0. No span
// holds a question, a prompt, an answer, a key or the text of an error: of an error it
// has the code that the API has for it.
package trace

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/citewell/citewell/internal/problem"
)

// Names of the attributes that several packages set.
const (
	Operation     = string(semconv.GenAIOperationNameKey)
	Provider      = string(semconv.GenAIProviderNameKey)
	Model         = string(semconv.GenAIRequestModelKey)
	MaxTokens     = string(semconv.GenAIRequestMaxTokensKey)
	Streamed      = string(semconv.GenAIRequestStreamKey)
	Dimension     = string(semconv.GenAIEmbeddingsDimensionCountKey)
	ResponseModel = string(semconv.GenAIResponseModelKey)
	FinishReasons = string(semconv.GenAIResponseFinishReasonsKey)
	InputTokens   = string(semconv.GenAIUsageInputTokensKey)
	CachedTokens  = string(semconv.GenAIUsageCacheReadInputTokensKey)
	OutputTokens  = string(semconv.GenAIUsageOutputTokensKey)
	Reasoning     = string(semconv.GenAIUsageReasoningOutputTokensKey)
	URL           = string(semconv.URLFullKey)
	Status        = string(semconv.HTTPResponseStatusCodeKey)
	serverAddress = string(semconv.ServerAddressKey)
	serverPort    = string(semconv.ServerPortKey)
)

// A recorder is what stages are recorded with. Either field may be nil.
type recorder struct {
	tracer  trace.Tracer
	observe func(stage string, took time.Duration, err error)
}

type recorderKey struct{}

// recorderOf returns the recorder of ctx; the zero one if there is none.
func recorderOf(ctx context.Context) (r recorder, ok bool) {
	r, ok = ctx.Value(recorderKey{}).(recorder)
	return r, ok
}

// Observe returns a context whose stages call observe when they end. It is safe to call
// concurrently if observe is.
func Observe(ctx context.Context, observe func(stage string, took time.Duration, err error)) context.Context {
	r, _ := recorderOf(ctx)
	r.observe = observe
	return context.WithValue(ctx, recorderKey{}, r)
}

// With returns a context whose stages are spans of a provider.
func With(ctx context.Context, p trace.TracerProvider) context.Context {
	r, _ := recorderOf(ctx)
	r.tracer = p.Tracer("github.com/citewell/citewell")
	return context.WithValue(ctx, recorderKey{}, r)
}

// A Span is a stage that has begun. One goroutine at a time may use it.
type Span struct {
	recorder
	stage string
	begun time.Time
	span  trace.Span // not nil; it may record nothing
	err   error
}

// A Kind says what a stage is for others.
type Kind = trace.SpanKind

// The kinds of stages that are not internal to this program.
const (
	Client = trace.SpanKindClient // a call of a service
	Server = trace.SpanKindServer // a request that is served
)

// Start begins a stage, within the stage of ctx if it has one. Names of stages are words
// of the program, never of a caller: metrics are labelled by them. The caller must call
// [Span.End].
func Start(ctx context.Context, stage string, kind ...Kind) (context.Context, *Span) {
	r, ok := recorderOf(ctx)
	if !ok {
		return ctx, nil
	}
	s := &Span{recorder: r, stage: stage, begun: time.Now(), span: trace.SpanFromContext(context.Background())}
	if r.tracer != nil {
		k := trace.SpanKindInternal
		if len(kind) > 0 {
			k = kind[0]
		}
		ctx, s.span = r.tracer.Start(ctx, stage, trace.WithSpanKind(k))
	}
	return ctx, s
}

// End ends the stage. Each error that is not nil counts as in [Span.Fail].
func (s *Span) End(errs ...error) {
	if s == nil {
		return
	}
	for _, err := range errs {
		s.Fail(err)
	}
	if s.observe != nil {
		s.observe(s.stage, time.Since(s.begun), s.err)
	}
	s.span.End()
}

// Fail marks the stage as failed, by the code of err alone. A nil error changes nothing.
func (s *Span) Fail(err error) {
	if s == nil || err == nil {
		return
	}
	s.err = err
	code := problem.Of(err).Code
	s.span.SetAttributes(semconv.ErrorTypeKey.String(code))
	s.span.SetStatus(codes.Error, code)
}

// Rename gives the span another name than that of its stage.
func (s *Span) Rename(name string) {
	if s != nil {
		s.span.SetName(name)
	}
}

// Text sets an attribute, unless value is empty.
func (s *Span) Text(key, value string) {
	if s != nil && value != "" {
		s.span.SetAttributes(attribute.String(key, value))
	}
}

// Texts sets an attribute with several values, unless the first is empty.
func (s *Span) Texts(key string, values ...string) {
	if s != nil && len(values) > 0 && values[0] != "" {
		s.span.SetAttributes(attribute.StringSlice(key, values))
	}
}

// Number sets an attribute.
func (s *Span) Number(key string, value int) {
	if s != nil {
		s.span.SetAttributes(attribute.Int(key, value))
	}
}

// Truth sets an attribute.
func (s *Span) Truth(key string, value bool) {
	if s != nil {
		s.span.SetAttributes(attribute.Bool(key, value))
	}
}
