package otlp_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/internal/trace/otlp"
	"github.com/citewell/citewell/internal/trace/tracetest"
)

// env returns a getenv of these variables.
func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// work does what a request does that fails in its second stage.
func work(ctx context.Context) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/ask?token=secret", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	ctx, request := trace.Request(r)
	defer request.Answered(trace.Reply{Method: http.MethodPost, Route: "/v1/ask", Status: http.StatusServiceUnavailable, RequestID: "r-1", Code: "store_unavailable"})
	_, s := trace.Start(ctx, "prompt")
	s.Number("citewell.sources", 3)
	s.End()
	_, s = trace.Start(ctx, "model", trace.Client)
	s.Rename("chat o1")
	s.Text(trace.Model, "o1")
	s.Text(trace.ResponseModel, "")
	s.Texts(trace.FinishReasons, "stop")
	s.Truth(trace.Streamed, true)
	s.Peer("models.example.com:8443")
	s.End(fmt.Errorf("%w: the secret text of an error", problem.StoreUnavailable))
}

const tree = `POST /v1/ask http.request.method=POST http.route=/v1/ask http.response.status_code=503 citewell.request_id=r-1 citewell.error=store_unavailable error.type=store_unavailable
  prompt citewell.sources=3
  chat o1 gen_ai.request.model=o1 gen_ai.response.finish_reasons=stop gen_ai.request.stream=true server.address=models.example.com server.port=8443 error.type=store_unavailable
`

// grpcCollector is a collector over gRPC.
type grpcCollector struct {
	collector.UnimplementedTraceServiceServer
	c *tracetest.Collector
}

// Export implements [collector.TraceServiceServer].
func (g grpcCollector) Export(_ context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	g.c.Add(r)
	return &collector.ExportTraceServiceResponse{}, nil
}

// TestExport sends spans by both protocols to collectors that decode them.
func TestExport(t *testing.T) {
	t.Parallel()
	overHTTP, overGRPC := tracetest.New(t), &tracetest.Collector{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer()
	collector.RegisterTraceServiceServer(srv, grpcCollector{c: overGRPC})
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(srv.Stop)
	for _, tt := range []struct {
		name string
		vars map[string]string
		c    *tracetest.Collector
	}{
		{"HTTP", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": overHTTP.URL}, overHTTP},
		{"gRPC", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://" + ln.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, overGRPC},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, end, err := otlp.Open(t.Context(), env(tt.vars), "v1.2.3", slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			work(ctx)
			end()
			if got := tt.c.Tree([]string{"prompt", "chat"}, nil); got != tree {
				t.Errorf("spans:\n%swant:\n%s", got, tree)
			}
			for _, s := range tt.c.Spans() {
				if got := fmt.Sprintf("%x", s.GetTraceId()); got != "0af7651916cd43dd8448eb211c80319c" {
					t.Errorf("%s is of trace %s, not of that of the caller", s.GetName(), got)
				}
				if strings.Contains(s.String(), "secret") {
					t.Errorf("the span has a text of the caller or of an error: %v", s)
				}
				if want := s.GetName() != "prompt"; (s.GetStatus().GetCode() == spans.Status_STATUS_CODE_ERROR) != want {
					t.Errorf("status of %s is %v, want an error: %t", s.GetName(), s.GetStatus(), want)
				}
			}
			if got := tt.c.Resource("service.name") + " " + tt.c.Resource("service.version"); got != "citewell v1.2.3" {
				t.Errorf("service %s, want citewell v1.2.3", got)
			}
		})
	}
}

// TestVariables checks which variables switch traces on, and which are refused.
func TestVariables(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		vars map[string]string
		on   bool
		err  string
	}{
		{"none", nil, false, ""},
		{"disabled", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, false, ""},
		{"no exporter", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"}, false, ""},
		{"usual endpoint", map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true, ""},
		{"no scheme", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, false, "OTEL_EXPORTER_OTLP_ENDPOINT is not an address"},
		{"other protocol", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, false, `OTEL_EXPORTER_OTLP_PROTOCOL is "http/json": want http/protobuf or grpc`},
		{"other protocol of traces", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"}, false, `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "http/json"`},
		{"other exporter", map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, false, "want otlp or none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, _, err := otlp.Open(t.Context(), env(tt.vars), "v0", slog.New(slog.DiscardHandler))
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("Open() = %v, want %q", err, tt.err)
			}
			if _, s := trace.Start(ctx, "answer"); (s != nil) != tt.on {
				t.Errorf("a stage is recorded: %t, want %t", s != nil, tt.on)
			}
		})
	}
}

// TestLog checks that lines have the ids of the trace, and that a collector that takes
// nothing is told of once.
func TestLog(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(down.Close)
	var out bytes.Buffer
	log := slog.New(trace.Log(slog.NewTextHandler(&out, nil))).With("service", "citewell")
	ctx, end, err := otlp.Open(t.Context(), env(map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": down.URL}), "v0", log)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	in, s := trace.Request(r)
	log.InfoContext(in, "within")
	log.InfoContext(ctx, "without")
	s.Answered(trace.Reply{})
	end()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "trace_id=0af7651916cd43dd8448eb211c80319c span_id=") || strings.Contains(lines[1], "trace_id") ||
		!strings.Contains(lines[2], "the collector takes no spans") {
		t.Errorf("lines:\n%s", out.String())
	}
}
