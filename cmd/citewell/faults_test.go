package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/citewell/citewell/embed/embedtest"
)

// maxFaultWait is how long a request may wait for a part that fails.
const maxFaultWait = 5 * time.Second

// TestEmbeddingServiceFails checks a server whose embedding service fails or hangs
// after the pages were ingested.
func TestEmbeddingServiceFails(t *testing.T) {
	const works, fails, hangs = 0, 1, 2
	var fault atomic.Int32
	end := make(chan struct{})
	service := embedtest.NewServer(t, "ollama")
	t.Cleanup(func() { close(end) })
	service.Fail = func(_ int, w http.ResponseWriter) bool {
		switch fault.Load() {
		case fails:
			w.WriteHeader(http.StatusInternalServerError)
		case hangs:
			<-end
		}
		return fault.Load() != works
	}
	env := func(name string) string {
		if name == "OLLAMA_HOST" {
			return service.URL
		}
		return withToken(name)
	}
	site := httptest.NewServer(badSite())
	defer site.Close()
	db := filepath.Join(t.TempDir(), "embed.db")
	var stderr bytes.Buffer
	if err := run(t.Context(), []string{"ingest", "--milvus", db, "--embedder", "ollama", site.URL + "/keys.html"}, env, io.Discard, &stderr); err != nil {
		t.Fatalf("ingest: %v\n%s", err, &stderr)
	}
	base, _, stop := startServeEnv(t, env, db, "--embedder", "ollama")
	for name, set := range map[string]int32{"fails": fails, "hangs": hangs} {
		fault.Store(set)
		for _, tt := range []struct {
			path, body string
			want       int
		}{
			{"/v1/search", `{"query":"key"}`, http.StatusOK},
			{"/v1/ask", `{"question":"key"}`, http.StatusOK},
			{"/v1/search", `{"query":"key","mode":"dense"}`, http.StatusServiceUnavailable},
			{"/v1/ask", `{"question":"key","mode":"dense"}`, http.StatusServiceUnavailable},
		} {
			start := time.Now()
			resp, err := http.Post(base+tt.path, "application/json", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			d := time.Since(start)
			told := strings.Contains(string(body), `"notice":"words only`)
			if tt.want != http.StatusOK {
				told = strings.Contains(string(body), `"embedder_unavailable"`) && resp.Header.Get("Retry-After") != ""
			}
			if resp.StatusCode != tt.want || !told || d > maxFaultWait {
				t.Errorf("the service %s: %s %s = %d after %v, want %d\n%s", name, tt.path, tt.body, resp.StatusCode, d, tt.want, body)
			}
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
