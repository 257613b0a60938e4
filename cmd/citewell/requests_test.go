package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// archive returns the files of an archive in the top-level testdata, by name.
func archive(t *testing.T, name string) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("../../testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// TestRequests sends the requests that the tests of the server use to a server with an
// index: it ingests the site, answers from it, and counts the vote.
func TestRequests(t *testing.T) {
	t.Parallel()
	pages := archive(t, "site.txtar")
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page)) // the client sees what is missing
	}))
	defer site.Close()
	requests := archive(t, "requests.txtar")
	base, stop := startServe(t, filepath.Join(t.TempDir(), "requests.db"), "--allow-private", "--min-evidence", "0")
	request := func(path, old, new string, want int) map[string]any {
		t.Helper()
		status, got := post(t, base+path, strings.ReplaceAll(requests[path], old, new))
		if status != want {
			t.Fatalf("POST %s = %d %v, want %d", path, status, got, want)
		}
		return got
	}

	job := request("/v1/ingest", "https://e.example", site.URL, http.StatusAccepted)
	if job = end(t, base+"/v1/ingest/"+job["id"].(string)); job["state"] != "done" {
		t.Fatalf("the job ends as %v", job)
	}
	hits := request("/v1/search", "", "", http.StatusOK)["hits"].([]any)
	if len(hits) == 0 || hits[0].(map[string]any)["url"] != site.URL+"/docs/brewing.html" {
		t.Errorf("search finds %v, want the page about brewing", hits)
	}
	answer := request("/v1/ask", "", "", http.StatusOK)
	if text, _ := answer["answer"].(string); answer["answered"] != true || !strings.Contains(text, "Assam") {
		t.Errorf("the answer is %v", answer)
	}
	request("/v1/feedback", "r-1", answer["request_id"].(string), http.StatusOK)
	if got := request("/v1/extract", "", "", http.StatusConflict); got["error"].(map[string]any)["code"] != "no_model" {
		t.Errorf("extract without a model = %v, want no_model", got)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
