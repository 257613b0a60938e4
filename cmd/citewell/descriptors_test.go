//go:build linux || darwin

package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// TestOutOfDescriptors opens more connections than a server may have files open. The
// server says so, goes on, and answers when there is room again.
func TestOutOfDescriptors(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(badSite())
	defer site.Close()
	db := filepath.Join(t.TempDir(), "files.db")
	l, err := lite.Open(t.Context(), lite.Config{File: db, Dir: milvustest.LiteDir(t)}) // without the limit
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := run(t.Context(), []string{"ingest", "--milvus", db, "--embedder", "constant", site.URL + "/keys.html"}, noEnv, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}

	const limit = "64"
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "ulimit -n "+limit+` && exec citewell "$@"`, "sh",
		"serve", "--milvus", db, "--embedder", "constant", "--min-evidence", "0", "--addr", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	lines, base := bufio.NewScanner(stderr), ""
	var printed bytes.Buffer
	for base == "" && lines.Scan() {
		printed.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "ask at") {
			base = askAt.FindString(lines.Text())
		}
	}
	if base == "" {
		t.Fatalf("serve ended: %v\n%s", cmd.Wait(), &printed)
	}
	told := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for once := true; lines.Scan(); {
			printed.WriteString(lines.Text() + "\n")
			if once && strings.Contains(lines.Text(), "too many open files") {
				once = false
				close(told)
			}
		}
	}()

	// ask asks by a connection that stays open, or by a new one.
	keeps := &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
	closes := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	ask := func(when string, client *http.Client) {
		t.Helper()
		resp, err := client.Post(base+"/v1/ask", "application/json", strings.NewReader(`{"question":"How often should I rotate a key?"}`))
		if err != nil {
			t.Fatalf("a question %s = %v", when, err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"answered":true`)) {
			t.Errorf("a question %s = %d %s, %v", when, resp.StatusCode, body, err)
		}
	}
	ask("before", keeps)
	var idle []net.Conn
	for range 100 { // more than fit; the others wait to be accepted
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		idle = append(idle, conn)
	}
	select {
	case <-told:
	case <-ended:
		t.Fatalf("serve ended with %d connections: %v\n%s", len(idle), cmd.Wait(), &printed)
	case <-time.After(time.Minute):
		t.Fatal("the server does not say that it has too many files open")
	}
	ask("by an open connection", keeps)
	for _, conn := range idle {
		conn.Close()
	}
	ask("when there is room again", closes)
	keeps.CloseIdleConnections()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ended
	if err := cmd.Wait(); err != nil || bytes.Contains(printed.Bytes(), []byte("panic")) {
		t.Errorf("serve ended with %v\n%s", err, &printed)
	}
}
