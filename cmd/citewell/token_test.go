package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/nginxtest"
)

// TestToken checks that a server makes its token once, and that behind a plain proxy
// nobody else ingests or extracts: to the server, such a request comes from this
// machine.
func TestToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, file := filepath.Join(dir, "token.db"), filepath.Join(dir, defaultTokenFile)
	base, printed, stop := startServeEnv(t, noEnv, db)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(b))
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(printed, file+": "+token) || len(token) < 24 {
		t.Errorf("the token %q is in a file of mode %v (%v), and printed is\n%s", token, info.Mode(), err, printed)
	}
	proxy := "http://" + nginxtest.Start(t, "location / { proxy_pass "+base+"; }")
	const wipe = `{"targets":["https://stranger.example/"],"rebuild":true}`
	for _, address := range []string{base, proxy} {
		for _, tt := range []struct{ method, path, body string }{
			{"POST", "/v1/ingest", wipe}, {"GET", "/v1/ingest", ""}, {"DELETE", "/v1/ingest/x", ""}, {"POST", "/v1/extract", `{"text":"x"}`},
		} {
			if status, got := send(t, tt.method, address+tt.path, tt.body, ""); status != http.StatusUnauthorized {
				t.Errorf("a stranger's %s %s%s = %d %v, want 401", tt.method, address, tt.path, status, got)
			}
		}
	}
	if _, got := send(t, "GET", proxy+"/v1/ingest", "", token); len(got["jobs"].([]any)) != 0 {
		t.Errorf("a stranger has started jobs: %v", got)
	}
	if status, got := send(t, "POST", proxy+"/v1/ingest", `{"targets":["http://127.0.0.1:1/"]}`, token); status != http.StatusAccepted {
		t.Errorf("POST with the token = %d %v, want 202", status, got)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	// The second start keeps the token and does not print it; it warns if others can read it.
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	base, printed, stop = startServeEnv(t, noEnv, db, "--anonymous=false")
	if strings.Contains(printed, token) || !strings.Contains(printed, "is in "+file) || !strings.Contains(printed, "chmod 600") {
		t.Errorf("at the second start, printed is\n%s", printed)
	}
	if status, _ := send(t, "GET", base+"/v1/ingest", "", token); status != http.StatusOK {
		t.Errorf("the first token at the second start = %d", status)
	}

	// Asking now needs a key, which may be made and removed while the server runs.
	keys := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), append(append([]string{"keys"}, args...), "--milvus", db), noEnv, &out, io.Discard); err != nil {
			t.Fatalf("keys %s: %v", args, err)
		}
		return strings.TrimSpace(out.String())
	}
	search := func(secret string, want int) {
		t.Helper()
		var status int
		for range 40 { // the server reads its keys once a second
			if status, _ = send(t, "POST", base+"/v1/search", `{"query":"x"}`, secret); status == want {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("a search = %d, want %d", status, want)
	}
	search("", http.StatusUnauthorized)
	secret := keys("add", "wiki", "--scope", "search", "--expires", "90d")
	search(secret, http.StatusConflict) // nothing is ingested
	if status, got := send(t, "POST", base+"/v1/ask", `{"question":"x"}`, secret); status != http.StatusForbidden {
		t.Errorf("a question with a key for searches = %d %v, want 403", status, got)
	}
	second := keys("rotate", "wiki")
	search(second, http.StatusConflict)
	search(secret, http.StatusConflict)
	if list := keys("list"); strings.Count(list, "wiki") != 2 || strings.Contains(list, secret) {
		t.Errorf("keys list =\n%s", list)
	}
	keys("rm", "wiki")
	search(second, http.StatusUnauthorized)
	if log := keys("log", "--json"); !strings.Contains(log, `"action":"remove key","object":"wiki"`) || !strings.Contains(log, `"action":"add key"`) {
		t.Errorf("keys log =\n%s", log)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// TestTokenFaults checks that each fault of the token file is told with its fix, and
// that the file is left alone.
func TestTokenFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	short := filepath.Join(dir, "short")
	if err := os.WriteFile(short, []byte("abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, file, want string }{
		{"pipe that nobody writes to", pipe, "is empty"},
		{"device without end", "/dev/zero", "/dev/zero is larger than"},
		{"too short", short, "holds no token of 16 to 256 letters"},
		{"folder", dir, "is a directory.*--token-file"},
		{"no folder", filepath.Join(dir, "none", "token"), "no such file or directory.*CITEWELL_TOKEN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &app{err: os.Stderr}
			a.tokenFile = tt.file
			if _, err := a.openToken(); err == nil || !regexp.MustCompile(tt.want).MatchString(err.Error()) {
				t.Errorf("openToken = %v, want %q", err, tt.want)
			}
		})
	}
	if b, err := os.ReadFile(short); err != nil || string(b) != "abc\n" {
		t.Errorf("the file is now %q, %v", b, err)
	}
}

// TestTokenPlace checks where the token is kept.
func TestTokenPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ milvus, state, file, want string }{
		{"./citewell.db", "", "", "citewell.token"},
		{"/data/a.db", "", "", "/data/citewell.token"},
		{"/data/a.db", "/state/s.db", "", "/state/citewell.token"},
		{"/data/a.db", "postgres://db/x", "", "/data/citewell.token"},
		{"http://milvus:19530", "postgres://db/x", "", "citewell.token"},
		{"http://milvus:19530", "", "/run/secrets/t", "/run/secrets/t"},
	} {
		a := &app{}
		a.milvus, a.state, a.tokenFile = tt.milvus, tt.state, tt.file
		if got := a.tokenPath(); got != tt.want {
			t.Errorf("with --milvus %q --state %q --token-file %q the token is in %s, want %s", tt.milvus, tt.state, tt.file, got, tt.want)
		}
	}
}
