// Package otlp sends the stages that package trace records to a collector of OpenTelemetry.
package otlp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/citewell/citewell/internal/trace"
)

// Variables that decide whether and where spans are sent. OpenTelemetry's SDK reads the
// others from the environment of the process: headers, certificates, sampling, attributes
// of the resource.
const (
	varEndpoint       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	varTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	varProtocol       = "OTEL_EXPORTER_OTLP_PROTOCOL"
	varTracesProtocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	varExporter       = "OTEL_TRACES_EXPORTER"
	varDisabled       = "OTEL_SDK_DISABLED"
)

// Protocols of OTLP that this program speaks.
const (
	protocolHTTP = "http/protobuf"
	protocolGRPC = "grpc"
)

// flushTimeout is how long a process that ends waits for a collector to take the last spans.
const flushTimeout = 3 * time.Second

// Open returns a context whose stages are sent as spans, if the environment names a
// collector; else ctx itself, and nothing is dialled. Who calls it calls end when the work is
// done. Version is that of the program. That a collector does not take spans is logged, and
// changes nothing else.
func Open(ctx context.Context, getenv func(string) string, version string, log *slog.Logger) (traced context.Context, end func(), err error) {
	exporter, err := newExporter(ctx, getenv)
	if exporter == nil || err != nil {
		return ctx, func() {}, err
	}
	// What the environment says of the service replaces what stands before it.
	res, err := resource.New(ctx, resource.WithAttributes(semconv.ServiceName("citewell"), semconv.ServiceVersion(version)), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return ctx, func() {}, fmt.Errorf("otlp: attributes of the resource: %w", err)
	}
	p := sdk.NewTracerProvider(sdk.WithBatcher(&quiet{SpanExporter: exporter, log: log}), sdk.WithResource(res))
	end = func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		_ = p.Shutdown(last) // quiet has logged it
	}
	return trace.With(ctx, p), end, nil
}

// newExporter returns what sends spans; nil if the environment does not ask for it.
func newExporter(ctx context.Context, getenv func(string) string) (sdk.SpanExporter, error) {
	exporter := getenv(varExporter)
	switch {
	case strings.EqualFold(getenv(varDisabled), "true") || exporter == "none":
		return nil, nil
	case exporter != "" && exporter != "otlp":
		return nil, fmt.Errorf("%s is %q: want otlp or none", varExporter, exporter)
	}
	name, endpoint := varTracesEndpoint, getenv(varTracesEndpoint)
	if endpoint == "" {
		name, endpoint = varEndpoint, getenv(varEndpoint)
	}
	if endpoint == "" && exporter == "" {
		return nil, nil
	}
	protocolName, protocol := varTracesProtocol, getenv(varTracesProtocol)
	if protocol == "" {
		protocolName, protocol = varProtocol, cmp.Or(getenv(varProtocol), protocolHTTP)
	}
	if protocol != protocolHTTP && protocol != protocolGRPC {
		return nil, fmt.Errorf("%s is %q: want %s or %s", protocolName, protocol, protocolHTTP, protocolGRPC)
	}
	if endpoint != "" {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("%s is not an address such as http://localhost:4318", name)
		}
		if name == varEndpoint && protocol == protocolHTTP {
			endpoint = u.JoinPath("v1", "traces").String()
		}
	}
	if protocol == protocolGRPC {
		var opts []otlptracegrpc.Option
		if endpoint != "" {
			opts = append(opts, otlptracegrpc.WithEndpointURL(endpoint))
		}
		return otlptracegrpc.New(ctx, opts...)
	}
	var opts []otlptracehttp.Option
	if endpoint != "" {
		opts = append(opts, otlptracehttp.WithEndpointURL(endpoint))
	}
	return otlptracehttp.New(ctx, opts...)
}

// A quiet exporter logs when a collector begins to refuse spans, and when it takes them
// again.
type quiet struct {
	sdk.SpanExporter
	log    *slog.Logger
	failed atomic.Bool
}

// ExportSpans implements [sdk.SpanExporter]. It returns no error.
func (q *quiet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := q.SpanExporter.ExportSpans(ctx, spans)
	switch before := q.failed.Swap(err != nil); {
	case err != nil && !before:
		q.log.WarnContext(ctx, "the collector takes no spans", "lost", len(spans), "err", err)
	case err == nil && before:
		q.log.InfoContext(ctx, "the collector takes spans again")
	}
	return nil
}
