package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestCachedAnswers asks a server twice, before and after an ingestion by another process.
func TestCachedAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, page := filepath.Join(dir, "a.db"), filepath.Join(dir, "page.md")
	ingest := func(text string) {
		t.Helper()
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), []string{"ingest", "--milvus", db, "--embedder", "constant", page}, os.Getenv, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	ingest("# Keys\n\nA key opens a door.\n")
	base, stop := startServe(t, db, "--min-evidence", "0")
	defer func() {
		if err := stop(); err != nil {
			t.Errorf("serve ended with %v", err)
		}
	}()
	ids := map[any]bool{}
	ask := func(when string, cached any, text string) {
		t.Helper()
		status, got := post(t, base+"/v1/ask", `{"question": "What does a key open?"}`)
		if status != 200 || got["cached"] != cached || got["answer"] != text || ids[got["request_id"]] {
			t.Errorf("%s: %d %v, want %q, cached: %v", when, status, got, text, cached)
		}
		ids[got["request_id"]] = true
	}
	ask("first", nil, "A key opens a door. [1]")
	ask("again", true, "A key opens a door. [1]")
	for id := range ids {
		if status, got := post(t, base+"/v1/feedback", `{"request_id": "`+id.(string)+`", "vote": "up"}`); status != 200 {
			t.Errorf("feedback = %d %v", status, got)
		}
	}
	ingest("# Keys\n\nA key opens a safe.\n")
	ask("after the ingestion", nil, "A key opens a safe. [1]")
}
