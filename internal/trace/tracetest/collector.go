// Package tracetest receives spans in tests, as a collector does.
package tracetest

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A Collector collects spans over OTLP. It is safe for concurrent use.
type Collector struct {
	URL string // for OTEL_EXPORTER_OTLP_ENDPOINT

	mu        sync.Mutex
	spans     []*otlp.Span
	resources []*common.KeyValue
}

// New returns a collector that listens until the test ends.
func New(t *testing.T) *Collector {
	t.Helper()
	c := &Collector{}
	srv := httptest.NewServer(http.HandlerFunc(c.receive))
	t.Cleanup(srv.Close)
	c.URL = srv.URL
	return c
}

// receive accepts what an exporter posts, by OTLP over HTTP.
func (c *Collector) receive(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	b, err := io.ReadAll(body)
	var got collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(b, &got)
	}
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf":
		http.NotFound(w, r)
		return
	}
	c.Add(&got)
}

// Add adds the spans of a request.
func (c *Collector) Add(r *collector.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range r.GetResourceSpans() {
		c.resources = rs.GetResource().GetAttributes()
		for _, ss := range rs.GetScopeSpans() {
			c.spans = append(c.spans, ss.GetSpans()...)
		}
	}
}

// Spans returns the spans so far, in the order of their beginning.
func (c *Collector) Spans() []*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Clone(c.spans)
	slices.SortStableFunc(out, func(a, b *otlp.Span) int {
		return int(int64(a.GetStartTimeUnixNano()) - int64(b.GetStartTimeUnixNano()))
	})
	return out
}

// Resource returns an attribute of what has sent the spans.
func (c *Collector) Resource(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return value(c.resources, key)
}

// Tree returns the spans with their attributes, one on each line below its parent. Spans
// of one parent are in the order of the first words of their names in order, then by what
// their lines hold: what runs at the same time begins in any order. Hide reports whether the
// value of an attribute is left out.
func (c *Collector) Tree(order []string, hide func(key string) bool) string {
	spans, known := c.Spans(), map[string]bool{}
	for _, s := range spans {
		known[string(s.GetSpanId())] = true
	}
	children := map[string][]*otlp.Span{}
	for _, s := range spans {
		p := string(s.GetParentSpanId())
		if !known[p] {
			p = "" // what called is not ours
		}
		children[p] = append(children[p], s)
	}
	var below func(parent, indent string) string
	below = func(parent, indent string) string {
		type entry struct {
			place int
			text  string
		}
		var all []entry
		for _, s := range children[parent] {
			word, _, _ := strings.Cut(s.GetName(), " ")
			all = append(all, entry{slices.Index(order, word), indent + line(s, hide) + "\n" + below(string(s.GetSpanId()), indent+"  ")})
		}
		slices.SortStableFunc(all, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.place, b.place), strings.Compare(a.text, b.text))
		})
		var out strings.Builder
		for _, e := range all {
			out.WriteString(e.text)
		}
		return out.String()
	}
	return below("", "")
}

// line returns a span without those below it.
func line(s *otlp.Span, hide func(key string) bool) string {
	out := s.GetName()
	for _, kv := range s.GetAttributes() {
		v := text(kv.GetValue())
		if hide != nil && hide(kv.GetKey()) {
			v = "…"
		}
		out += " " + kv.GetKey() + "=" + v
	}
	return out
}

// Attribute returns the value of an attribute of a span; "" if it has none.
func Attribute(s *otlp.Span, key string) string { return value(s.GetAttributes(), key) }

func value(attrs []*common.KeyValue, key string) string {
	i := slices.IndexFunc(attrs, func(kv *common.KeyValue) bool { return kv.GetKey() == key })
	if i < 0 {
		return ""
	}
	return text(attrs[i].GetValue())
}

// text returns a value as text.
func text(v *common.AnyValue) string {
	switch x := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return x.StringValue
	case *common.AnyValue_IntValue:
		return fmt.Sprint(x.IntValue)
	case *common.AnyValue_BoolValue:
		return fmt.Sprint(x.BoolValue)
	case *common.AnyValue_ArrayValue:
		var all []string
		for _, e := range x.ArrayValue.GetValues() {
			all = append(all, text(e))
		}
		return strings.Join(all, ",")
	}
	return ""
}
