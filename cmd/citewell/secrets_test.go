package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretsOfAddresses checks that no command prints a password or a token of an
// address that fails, and that neither a server nor its files show those of a job.
func TestSecretsOfAddresses(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	host := strings.TrimPrefix(site.URL, "http://")
	dir := t.TempDir()
	db := filepath.Join(dir, "secrets.db")
	const secret = "5ecre7"
	user, query := "http://user:"+secret+"@"+host+"/", site.URL+"/a?lang=en&token="+secret+"&sig="+secret
	for _, args := range [][]string{
		{"ingest", "--milvus", db, "--embedder", "constant", "--json"}, {"chunks"}, {"rm", "--milvus", db},
		{"serve", "--addr", "127.0.0.1:0", "--embedder", "constant", "--milvus", db, "--state"},
		{"ingest", "--milvus", db, "--embedder", "constant", "x.html", "--base-url"}, {"ask", "question", "--embedder", "constant", "--milvus"},
	} {
		for _, address := range []string{user, query, "http://user:" + secret + "/x@" + host + "/", "postgres://user:" + secret + "@127.0.0.1:1/x?password=" + secret} {
			var out bytes.Buffer
			err := run(t.Context(), append(args, address), noEnv, &out, &out)
			if err == nil {
				t.Errorf("%s with %s does not fail:\n%s", args, address, &out)
				continue
			}
			if said := out.String() + message(err); strings.Contains(said, secret) {
				t.Errorf("%s with %s prints the secret:\n%s", args, address, said)
			}
		}
	}

	base, stop := startServe(t, db, "--allow-private")
	if status, got := post(t, base+"/v1/ingest", `{"targets":["`+user+`"]}`); status != http.StatusBadRequest || strings.Contains(got["error"].(map[string]any)["message"].(string), secret) {
		t.Errorf("POST of an address with a password = %d %v", status, got)
	}
	status, job := post(t, base+"/v1/ingest", `{"targets":["`+query+`"]}`)
	if targets := job["request"].(map[string]any)["targets"]; status != http.StatusAccepted || strings.Contains(targets.([]any)[0].(string), secret) {
		t.Errorf("POST of an address with a token = %d %v", status, job)
	}
	if got := end(t, base+"/v1/ingest/"+job["id"].(string)); got["state"] != "failed" || !strings.Contains(got["error"].(string), "404") || strings.Contains(got["error"].(string), "crawl:") {
		t.Errorf("the job ends as %v, want failed: 404, without names of packages", got)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "citewell.state.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no state: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s holds the secret of a job that has ended", file)
		}
	}
}
