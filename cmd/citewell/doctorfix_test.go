package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// editIndex waits until no Milvus Lite has the file open, and runs a statement on a
// table of the index.
func editIndex(t *testing.T, file, table, statement string) {
	t.Helper()
	f, err := os.Open(filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".lock.start"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var name string
	if err := db.QueryRow("SELECT name FROM sqlite_master WHERE name LIKE 'citewell\\_g%\\_" + table + `' ESCAPE '\'`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	res, err := db.Exec(fmt.Sprintf(statement, `"`+name+`"`))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("%s changed %d rows, %v, want 1", statement, n, err)
	}
}

// TestDoctorFix damages an index in each way: doctor notices it, doctor --fix fixes it,
// and the next ingestion stores again what is missing, also of a page that has not
// changed.
func TestDoctorFix(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if r.URL.Path != "/" && r.URL.Path != "/two" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, "<html><body><main><h1>Keys of %s</h1><p>A key at %[1]s opens a door, and it is made of iron.</p><a href=/two>two</a></main></body></html>", r.URL.Path)
	}))
	t.Cleanup(site.Close) // after the parallel subtests
	for _, tt := range []struct {
		name, table, statement string
		says                   string
	}{
		{"chunk without its window", "windows", "DELETE FROM %[1]s WHERE id = (SELECT min(id) FROM %[1]s)", "1 chunk without all windows, of 1 page"},
		{"window without its chunk", "chunks", "DELETE FROM %[1]s WHERE id = (SELECT min(id) FROM %[1]s)", "1 window without a chunk"},
		{"two rows of a chunk", "chunks", "INSERT INTO %[1]s (milvus_id, data) SELECT milvus_id, data FROM %[1]s LIMIT 1", "1 row with the key of another row"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := filepath.Join(t.TempDir(), "a.db")
			citewell := func(args ...string) (string, error) {
				var out bytes.Buffer
				err := run(t.Context(), append(args, "--milvus", db, "--embedder", "constant"), noEnv, &out, io.Discard)
				return out.String(), err
			}
			expect := func(want string, wantErr bool, args ...string) {
				t.Helper()
				if out, err := citewell(args...); (err != nil) != wantErr || !strings.Contains(out, want) {
					t.Errorf("citewell %s = %v, want %q in it:\n%s", args, err, want, out)
				}
			}
			if out, err := citewell("ingest", site.URL+"/"); err != nil {
				t.Fatalf("ingest: %v\n%s", err, out)
			}
			expect("2 pages, 2 chunks, 2 windows", false, "doctor")
			editIndex(t, db, tt.table, tt.statement)
			expect(tt.says, true, "doctor")
			expect("deleted "+tt.says, false, "doctor", "--fix")
			expect("every chunk has its windows", false, "doctor")
			if out, err := citewell("ingest", site.URL+"/"); err != nil {
				t.Fatalf("ingest: %v\n%s", err, out)
			}
			expect("2 pages, 2 chunks, 2 windows", false, "doctor")
		})
	}
}
