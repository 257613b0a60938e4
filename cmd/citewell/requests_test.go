package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/citewell/citewell/server/apidoc/apidoctest"
)

// testFiles returns the files of an archive in the top-level testdata, by name.
func testFiles(t *testing.T, name string) map[string]string {
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

// examples returns the examples of the description that a server gives of itself, by path,
// and a function that compares its reply to a request with that description.
func examples(t *testing.T, base string) (map[string]string, func(method, path, body string)) {
	t.Helper()
	call := func(method, path, body, accept string) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Authorization": {"Bearer " + testToken}, "Content-Type": {"application/json"}, "Accept": {accept}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, b
	}
	_, description := call(http.MethodGet, "/openapi.json", "", "")
	checker, err := apidoctest.New(description)
	if err != nil {
		t.Fatal(err)
	}
	return checker.Examples(), func(method, path, body string) {
		t.Helper()
		accepts := []string{"application/json", "text/event-stream"}
		if path == "/mcp" {
			accepts = []string{"application/json, text/event-stream"}
		}
		for _, accept := range accepts {
			res, reply := call(method, path, body, accept)
			if err := checker.Check(method, path, []byte(body), res.StatusCode, res.Header, reply); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestRequests sends the examples of the description to a server with an index: it ingests
// the site, answers from it, and counts the vote. All replies are as described.
func TestRequests(t *testing.T) {
	t.Parallel()
	pages := testFiles(t, "site.txtar")
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
	base, stop := startServe(t, filepath.Join(t.TempDir(), "requests.db"), "--allow-private", "--min-evidence", "0", "--publish-texts")
	requests, described := examples(t, base)
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
	for path, body := range requests {
		described(http.MethodPost, path, strings.ReplaceAll(body, "https://e.example", site.URL))
	}
	for _, path := range []string{"/healthz", "/readyz", "/v1/models", "/v1/models/citewell", "/v1/page", "/v1/ingest", "/v1/ingest/" + job["id"].(string), "/v1/ingest/none", "/llms.txt",
		"/p/none.md", "/openapi.json", "/SKILL.md", "/", "/app.js", "/widget.js", "/style.css", "/icon.svg", "/logo",
		"/admin/", "/admin.js", "/admin.css", "/admin/session", "/admin/sources", "/admin/pages", "/admin/keys", "/admin/gaps", "/admin/usage", "/admin/stale", "/admin/votes", "/admin/ingest"} {
		described(http.MethodGet, path, "")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
