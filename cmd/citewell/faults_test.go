package main

import (
	"bytes"
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/citewell/citewell/embed/provider/providertest"
	"github.com/citewell/citewell/internal/state"
)

// maxFaultWait is how long a request may wait for a part that fails: less than what it
// waited before that was bounded, and more than what a busy machine adds.
const maxFaultWait = 14 * time.Second

// TestEmbeddingServiceFails checks a server whose embedding service fails or hangs
// after the pages were ingested.
func TestEmbeddingServiceFails(t *testing.T) {
	t.Parallel()
	const works, fails, hangs = 0, 1, 2
	var fault atomic.Int32
	end := make(chan struct{})
	service := providertest.NewServer(t, "ollama")
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
		var requests sync.WaitGroup // each waits for the service
		for _, tt := range []struct {
			path, body string
			want       int
		}{
			{"/v1/search", `{"query":"key"}`, http.StatusOK},
			{"/v1/ask", `{"question":"key"}`, http.StatusOK},
			{"/v1/search", `{"query":"key","mode":"dense"}`, http.StatusServiceUnavailable},
			{"/v1/ask", `{"question":"key","mode":"dense"}`, http.StatusServiceUnavailable},
		} {
			requests.Go(func() {
				start := time.Now()
				resp, err := http.Post(base+tt.path, "application/json", strings.NewReader(tt.body))
				if err != nil {
					t.Error(err)
					return
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
			})
		}
		requests.Wait()
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// lockState locks the state by another connection, as a backup or a stopped process
// does, until the returned function is called.
func lockState(t *testing.T, file string, statements ...string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return func() { _ = db.Close() }
}

// TestStateLocked checks that a locked state delays no answer and no start of a server,
// and no feedback; what was asked and voted meanwhile is stored later.
func TestStateLocked(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(badSite())
	defer site.Close()
	dir := t.TempDir()
	db, file := filepath.Join(dir, "locked.db"), filepath.Join(dir, state.DefaultFile)
	if err := run(t.Context(), []string{"ingest", "--milvus", db, "--embedder", "constant", site.URL + "/keys.html"}, noEnv, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	ask := []string{"ask", "--milvus", db, "--embedder", "constant", "--min-evidence", "0", "How often should I rotate a key?"}
	if err := run(t.Context(), ask, noEnv, io.Discard, io.Discard); err != nil { // makes the state
		t.Fatal(err)
	}
	unlock := lockState(t, file, "BEGIN IMMEDIATE")
	start := time.Now()
	base, stop := startServe(t, db, "--min-evidence", "0")
	if d := time.Since(start); d > maxFaultWait {
		t.Errorf("with a locked state, serve starts after %v", d)
	}
	start = time.Now()
	_, got := post(t, base+"/v1/ask", `{"question":"How often should I rotate a key?"}`)
	id, _ := got["request_id"].(string)
	if d := time.Since(start); got["answered"] != true || id == "" || d > maxFaultWait {
		t.Errorf("with a locked state, the answer after %v is %v", d, got)
	}
	for _, tt := range []struct {
		id     string
		status int
	}{{id, http.StatusOK}, {"unknown", http.StatusNotFound}} {
		start := time.Now()
		status, got := post(t, base+"/v1/feedback", `{"request_id":"`+tt.id+`","vote":"up"}`)
		if d := time.Since(start); status != tt.status || d > maxFaultWait {
			t.Errorf("feedback on %s with a locked state = %d %v after %v, want %d without waiting for the lock", tt.id, status, got, d, tt.status)
		}
	}
	unlock()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	log, err := state.Open(t.Context(), state.Config{DSN: file})
	if err != nil {
		t.Fatal(err)
	}
	all, err := log.Questions(t.Context(), state.QuestionFilter{RequestID: id})
	if err != nil || len(all) != 1 || all[0].Up != 1 {
		t.Errorf("stored is %+v, %v, want the question with its vote", all, err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}

	// Of a file that only one process may open, the command line prints the answer, and then the warning.
	defer lockState(t, file, "PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE", "DELETE FROM feedback")()
	var stdout, stderr bytes.Buffer
	start = time.Now()
	if err := run(t.Context(), ask, noEnv, &stdout, &stderr); err != nil || !strings.Contains(stdout.String(), "[1]") || !strings.Contains(stderr.String(), "another process has locked") {
		t.Errorf("ask = %v\n%s%s", err, &stdout, &stderr)
	}
	if d := time.Since(start); d > maxFaultWait {
		t.Errorf("ask takes %v", d)
	}
}
