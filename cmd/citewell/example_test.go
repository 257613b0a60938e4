package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/internal/trace/tracetest"
)

// A lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// observed is a server whose log, metrics and spans are read.
type observed struct {
	base  string
	log   lockedBuffer
	seen  map[string]bool // lines of the metrics that were there before
	names *strings.Replacer
	out   strings.Builder
}

// metrics returns the lines of the metrics that are new: counters and numbers of
// observations, not times and sizes.
func (o *observed) metrics(t *testing.T) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.base+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var fresh []string
	for l := range strings.Lines(string(b)) {
		name, _, _ := strings.Cut(l, "{")
		if !strings.HasPrefix(l, "citewell_") || strings.HasSuffix(name, "_bucket") || strings.HasSuffix(name, "_bytes") || strings.HasSuffix(name, "_sum") || strings.Contains(name, "_sum ") ||
			strings.HasSuffix(l, " 0\n") || strings.Contains(l, "/metrics") || strings.Contains(l, "/v1/ingest/:id") || o.seen[l] {
			continue
		}
		o.seen[l] = true
		fresh = append(fresh, l)
	}
	return strings.Join(fresh, "")
}

// varying matches what differs between two runs in a line of the log.
var varying = regexp.MustCompile(`"(time|trace_id|span_id|job|request_id)":"[^"]*"|"(ms)":[0-9.]+`)

// step does one thing, and writes the lines of log and metrics that come of it.
func (o *observed) step(t *testing.T, title string, do func()) {
	t.Helper()
	before := len(o.log.String())
	do()
	metrics := o.metrics(t)
	var lines strings.Builder
	for l := range strings.Lines(o.log.String()[before:]) {
		if strings.HasPrefix(l, "{") && !strings.Contains(l, `"/v1/ingest/:id"`) && !strings.Contains(l, `"/metrics"`) {
			lines.WriteString(varying.ReplaceAllStringFunc(l, func(found string) string {
				name, _, _ := strings.Cut(found, ":")
				if name == `"ms"` {
					return name + ":…"
				}
				return name + `:"…"`
			}))
		}
	}
	o.out.WriteString("\n" + title + "\n\nLines of the log:\n\n```\n" + lines.String() + "```\n\nLines of the metrics that are new, without times and sizes:\n\n```\n" + metrics + "```\n")
}

// stagesInOrder are the stages as the work goes on.
var stagesInOrder = []string{"POST", "job", "ingest", "GET", "extract", "chunk", "embed_chunks", "store", "commit",
	"answer", "retrieval", "embed_question", "search_dense", "search_words", "read_chunks", "rank", "prompt", "chat", "check_quotes"}

// TestOperationsExample holds the example in docs/operations.md to a server that ingests a
// site, answers a question and refuses one, and whose spans a collector takes.
func TestOperationsExample(t *testing.T) {
	t.Parallel()
	pages := testFiles(t, "site.txtar")
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Header.Get("Traceparent") != "" {
			t.Error("a site that is crawled is told of the trace")
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page)) // the client sees what is missing
	}))
	defer site.Close()
	emulated := llmtest.Emulate(t, emulate.Config{})
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Traceparent") != "" {
			t.Error("a model is told of the trace")
		}
		emulated.ServeHTTP(w, r)
	}))
	defer model.Close()
	spans := tracetest.New(t)
	env := map[string]string{"CITEWELL_TOKEN": testToken, "OTEL_EXPORTER_OTLP_ENDPOINT": spans.URL, "OPENAI_API_KEY": llmtest.Key, "OPENAI_BASE_URL": model.URL + "/v1"}
	host := strings.TrimPrefix(model.URL, "http://")
	o := &observed{seen: map[string]bool{}, names: strings.NewReplacer(site.URL, "https://docs.example.com", strings.TrimPrefix(site.URL, "http://"), "docs.example.com",
		"server.address=127.0.0.1 server.port="+host[strings.LastIndex(host, ":")+1:], "server.address=api.example.com server.port=443",
		" server.address=127.0.0.1 server.port="+site.URL[strings.LastIndex(site.URL, ":")+1:], "")}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--milvus", filepath.Join(t.TempDir(), "example.db"), "--embedder", "constant", "--addr", "127.0.0.1:0", "--allow-private", "--min-evidence", "0",
			"--model", "o1", "--api", "chat", "--address-limit", "1/minute", "--log-format", "json"}, func(name string) string { return env[name] }, io.Discard, &o.log)
	}()
	for o.base == "" {
		select {
		case err := <-done:
			t.Fatalf("serve ended: %v\n%s", err, o.log.String())
		case <-time.After(10 * time.Millisecond):
		}
		if _, after, ok := strings.Cut(o.log.String(), "ask at "); ok {
			o.base = strings.TrimSuffix(askAt.FindString(after), "/")
		}
	}
	o.metrics(t)
	o.step(t, "### An ingestion of two pages: `POST /v1/ingest`", func() {
		if job := startJob(t, o.base, `{"targets":["`+site.URL+`/docs/"]}`); job["state"] != "done" {
			t.Fatalf("the job ends as %v", job)
		}
	})
	const question = `{"question":"How do I install Kettle?","k":2}`
	ask := func(want int) {
		t.Helper()
		if status, got := send(t, http.MethodPost, o.base+"/v1/ask", question, ""); status != want {
			t.Fatalf("POST /v1/ask = %d %v, want %d", status, got, want)
		}
	}
	o.step(t, "### A question: `POST /v1/ask`", func() { ask(http.StatusOK) })
	o.step(t, "### A question that is refused: `POST /v1/ask`, over a limit", func() { ask(http.StatusTooManyRequests) })
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	o.out.WriteString("\n### The spans of all three\n\n```\n" + spans.Tree(stagesInOrder, func(key string) bool { return key == "citewell.job" || key == "citewell.request_id" }) + "```\n")
	got := o.names.Replace(o.out.String())

	for _, secret := range []string{"install Kettle", testToken, llmtest.Key} {
		if strings.Contains(got, secret) {
			t.Errorf("%q is in logs, metrics or spans", secret)
		}
	}
	compareTable(t, "operations.md", "example", got)
}
