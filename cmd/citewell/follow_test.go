package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed/e5"
	"github.com/citewell/citewell/embed/modelfile/modelfiletest"
)

// TestServeFollows checks that a server searches with the model of the index, whatever
// another process makes the index with meanwhile.
func TestServeFollows(t *testing.T) {
	modelfiletest.Folder(t, e5.Source)
	dir := t.TempDir()
	db, page := filepath.Join(dir, "a.db"), filepath.Join(dir, "lampe.md")
	if err := os.WriteFile(page, []byte("# Lampe\n\nDie Lampe wird jeden Montag gereinigt, und das Öl darin ist danach zu erneuern.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	base, stop := startServe(t, db, "--embedder", "local")
	defer func() {
		if err := stop(); err != nil {
			t.Errorf("serve ended with %v", err)
		}
	}()
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"chosen by pages", nil},
		{"rebuilt with the other", []string{"--rebuild", "--embed-model", "all-MiniLM-L6-v2"}},
		{"and back", []string{"--rebuild"}},
	} {
		args := append([]string{"ingest", "--milvus", db, page}, tt.args...)
		if err := run(t.Context(), args, os.Getenv, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		status, body := post(t, base+"/v1/search", `{"query":"Wann wird die Lampe gereinigt?"}`)
		if status != 200 || !strings.Contains(fmt.Sprint(body), "lampe.md") {
			t.Errorf("%s: search = %d %v, want the page", tt.name, status, body)
		}
		if status, parts := readyz(t, base); status != 200 {
			t.Errorf("%s: readyz = %d, %v", tt.name, status, parts)
		}
	}
}
