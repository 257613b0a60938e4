package main

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"os"
	"strings"
	"testing"
)

// TestOlderFiles opens an index and a state of 2026-11-22 (schema 3): what they hold is
// listed, and whoever searches is told the command that converts the index.
func TestOlderFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	z, err := zip.OpenReader("testdata/schema3.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	// Questions belong to the index at an absolute path.
	db, err := sql.Open("sqlite", "file:"+dir+"/citewell.state.db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE questions SET index_name = ?", dir+"/citewell.db citewell"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	of := []string{"--milvus", dir + "/citewell.db", "--embedder", "constant"}
	for _, tt := range []struct {
		name string
		args []string
		fail bool
		want string // in the output, or in the error
	}{
		{"pages", []string{"pages", "--milvus", of[1]}, false, "4 pages: 3 indexed, 1 needs script"},
		{"the state", []string{"stale", "--since", "36500d", "--milvus", of[1]}, false, "1 question logged for this index"},
		{"doctor", append([]string{"doctor"}, of...), true, "FAIL  index      another release made the index"},
		{"search", append([]string{"search", "kettle"}, of...), true, "citewell ingest --rebuild"},
		{"ingestion", append([]string{"ingest", dir + "/pages"}, of...), true, "citewell ingest --rebuild"},
		{"backup", []string{"backup", dir + "/backup.zip", "--milvus", of[1]}, true, "citewell ingest --rebuild"},
		{"rebuild", append([]string{"ingest", dir + "/pages", "--rebuild", "--yes"}, of...), false, "3 indexed"},
		{"search afterwards", append([]string{"search", "kettle"}, of...), false, "Kettle"},
	} {
		var out bytes.Buffer
		err := run(t.Context(), tt.args, noEnv, &out, &out)
		if err != nil {
			out.WriteString(message(err))
		}
		if (err != nil) != tt.fail || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: error %v, want one: %t, and %q in\n%s", tt.name, err, tt.fail, tt.want, &out)
		}
	}
}
