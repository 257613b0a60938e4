package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var askAt = regexp.MustCompile(`http://[^/ ]+`)

// startServe runs "citewell serve" in this process and returns its address and
// what ends it.
func startServe(t *testing.T, db string, args ...string) (base string, stop func() error) {
	t.Helper()
	base, _, stop = startServeEnv(t, withToken, db, args...)
	return base, stop
}

// testToken is the token of servers in tests, withToken an environment that has it.
const testToken = "test-token-of-32-characters-0000"

func withToken(name string) string {
	if name == "CITEWELL_TOKEN" {
		return testToken
	}
	return ""
}

// startServeEnv is startServe with an environment. It also returns what the server
// prints before it can be asked.
func startServeEnv(t *testing.T, env func(string) string, db string, args ...string) (base, printed string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		args := append([]string{"serve", "--milvus", db, "--embedder", "constant", "--addr", "127.0.0.1:0"}, args...)
		err := run(ctx, args, env, io.Discard, w)
		_ = w.CloseWithError(io.EOF)
		done <- err
	}()
	stop = func() error {
		cancel()
		return <-done
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := askAt.FindString(lines.Text()); m != "" && strings.HasPrefix(lines.Text(), "ask at") {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return m, printed, stop
		}
		printed += lines.Text() + "\n"
	}
	t.Fatalf("serve ended: %v\n%s", <-done, printed)
	return "", "", nil
}

func noEnv(string) string { return "" }

// post sends a request with testToken.
func post(t *testing.T, url, body string) (int, map[string]any) {
	t.Helper()
	return send(t, http.MethodPost, url, body, testToken)
}

// send sends a request with a token, "" for none.
func send(t *testing.T, method, url, body, token string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body) // until the server is done with the request
	return resp.StatusCode, got
}

// TestServeSeesIngest checks that a running server finds what another process's
// ingestion reported, at once, also after the index was made anew.
func TestServeSeesIngest(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(badSite())
	defer site.Close()
	db := filepath.Join(t.TempDir(), "shared.db")
	base, stop := startServe(t, db)

	if status, got := post(t, base+"/v1/search", `{"query":"key"}`); status != http.StatusConflict {
		t.Errorf("search of an empty store = %d %v, want 409 no_index", status, got)
	}
	ingest := func(args ...string) {
		t.Helper()
		var stderr bytes.Buffer
		args = append([]string{"ingest", "--milvus", db, "--embedder", "constant"}, args...)
		if err := run(t.Context(), args, noEnv, io.Discard, &stderr); err != nil {
			t.Fatalf("ingest: %v\n%s", err, &stderr)
		}
	}
	count := func() int {
		t.Helper()
		status, got := post(t, base+"/v1/search", `{"query":"key","k":50}`)
		hits, _ := got["hits"].([]any)
		if status != http.StatusOK {
			t.Errorf("search = %d %v", status, got)
		}
		return len(hits)
	}
	ingest(site.URL + "/keys.html")
	if n := count(); n != 1 {
		t.Errorf("after the first page the server finds %d chunks, want 1", n)
	}
	ingest(site.URL + "/doors.html")
	if n := count(); n != 2 {
		t.Errorf("after the second page the server finds %d chunks, want 2", n)
	}
	ingest("--rebuild", "--yes", "--size", "40", "--overlap", "0", site.URL+"/keys.html")
	if n := count(); n < 3 {
		t.Errorf("after a rebuild with small chunks the server finds %d chunks, want more than 2", n)
	}
	resp, err := http.Get(base + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("readyz = %d", resp.StatusCode)
	}
	if err := stop(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

// TestMetrics asks a server, and reads its metrics with a key and at their own address.
func TestMetrics(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "m.db")
	base, printed, stop := startServeEnv(t, withToken, db, "--metrics-addr", "127.0.0.1:0")
	resp, err := http.Post(base+"/v1/search", "application/json", strings.NewReader(`{"query":"kettle"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	own := askAt.FindString(printed)
	if own == "" {
		t.Fatalf("no address of metrics in %q", printed)
	}
	for _, tt := range []struct {
		url, key string
		status   int
	}{{base, "", 401}, {base, testToken, 200}, {own, "", 200}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.key != "" {
			r.Header.Set("Authorization", "Bearer "+tt.key)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := `citewell_errors_total{code="no_index"} 1`; err != nil || resp.StatusCode != tt.status || tt.status == 200 && !strings.Contains(string(body), want) {
			t.Errorf("GET %s/metrics = %d, %v, want %d with %s:\n%s", tt.url, resp.StatusCode, err, tt.status, want, body)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("serve = %v", err)
	}
}
