package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// end follows a job's events until it is over and returns it.
func end(t *testing.T, address string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+testToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var event string
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case name == "event":
			event = value
		case name == "data" && event == "done":
			var job map[string]any
			if err := json.Unmarshal([]byte(value), &job); err != nil {
				t.Fatal(err)
			}
			return job
		}
	}
	t.Fatalf("the events of %s end without done: %v", address, lines.Err())
	return nil
}

func startJob(t *testing.T, base, body string) map[string]any {
	t.Helper()
	status, job := post(t, base+"/v1/ingest", body)
	if status != http.StatusAccepted {
		t.Fatalf("POST /v1/ingest %s = %d %v, want 202", body, status, job)
	}
	return end(t, base+"/v1/ingest/"+job["id"].(string))
}

// TestServeIngests checks that a server crawls what a request asks for, but not
// in private networks unless it was told so, and what its file lists.
func TestServeIngests(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(badSite())
	defer site.Close()
	dir := t.TempDir()
	db := filepath.Join(dir, "jobs.db")

	base, stop := startServe(t, db)
	job := startJob(t, base, `{"targets":["`+site.URL+`/keys.html"]}`)
	if job["state"] != "failed" || !strings.Contains(job["error"].(string), "not public") {
		t.Errorf("a loopback address that a request names: job %v, want failed: not public", job)
	}
	if status, got := post(t, base+"/v1/ingest", `{"targets":["/etc/passwd"]}`); status != http.StatusBadRequest {
		t.Errorf("POST of a file = %d %v, want 400", status, got)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	file := filepath.Join(dir, "sites.yaml")
	conf := "sources:\n  - name: keys\n    start: " + site.URL + "/keys.html\n    source: manual\n    max_depth: 0\n"
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	base, stop = startServe(t, db, "--config", file, "--recrawl", "24h")
	job = startJob(t, base, `{"configured":"keys"}`)
	report, _ := job["report"].(map[string]any)
	if job["state"] != "done" || report["indexed"].(float64)+report["unchanged"].(float64) != 1 {
		t.Errorf("the configured site: job %v, want done with one page", job)
	}
	status, got := post(t, base+"/v1/search", `{"query":"key","filter":{"source":"manual"}}`)
	if hits, _ := got["hits"].([]any); status != http.StatusOK || len(hits) != 1 {
		t.Errorf("search after the job = %d %v, want one hit", status, got)
	}
	if err := stop(); err != nil {
		t.Errorf("serve ended with %v", err)
	}

	// A server that starts again knows its jobs.
	base, stop = startServe(t, db)
	_, got = send(t, http.MethodGet, base+"/v1/ingest", "", testToken)
	if jobs, _ := got["jobs"].([]any); len(jobs) < 2 {
		t.Errorf("jobs after a restart: %v, want the two that ran", got)
	}
	if err := stop(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
}
