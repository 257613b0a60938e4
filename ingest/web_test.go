package ingest_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/retrieve/index"
)

// A web is a static site on a server that knows ETags, and whose pages can
// change.
type web struct {
	url  string
	mu   sync.Mutex
	file map[string]string // by path; /a/index.html is served at /a/ too
	down map[string]int    // status to answer with, by path; "*" means all paths
	head map[string]http.Header
	asks map[string]int // requests, by path
	not  int            // answers with 304
	full int            // answers with 200
	tags bool           // ETags are sent
}

func newWeb(t testing.TB) *web {
	t.Helper()
	w := &web{file: map[string]string{}, down: map[string]int{}, head: map[string]http.Header{}, asks: map[string]int{}, tags: true}
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asks[r.URL.Path]++
	for _, p := range []string{r.URL.Path, "*"} {
		if status := w.down[p]; status != 0 {
			if to := w.head[p].Get("Location"); to != "" {
				if path, _, _ := strings.Cut(to, "?"); path == r.URL.Path {
					continue
				}
				rw.Header().Set("Location", strings.ReplaceAll(to, "PATH", r.URL.Path))
			}
			rw.WriteHeader(status)
			return
		}
	}
	body, ok := w.file[r.URL.Path]
	if strings.HasSuffix(r.URL.Path, "/") {
		body, ok = w.file[r.URL.Path+"index.html"]
	}
	if !ok {
		http.NotFound(rw, r)
		return
	}
	for k, v := range w.head[r.URL.Path] {
		rw.Header()[k] = v
	}
	if w.tags {
		rw.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body)))[:20]+`"`)
	}
	if r.Header.Get("If-None-Match") != "" {
		w.not++ // taken back below if it does not match
		w.full--
	}
	w.full++
	name := r.URL.Path
	if strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	rec := &status{ResponseWriter: rw}
	http.ServeContent(rec, r, name, time.Time{}, bytes.NewReader([]byte(body)))
	if r.Header.Get("If-None-Match") != "" && rec.code != http.StatusNotModified {
		w.not--
		w.full++
	}
}

// A status remembers the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// set changes a file; an empty one is removed.
func (w *web) set(path, body string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.file[path] = body
	if body == "" {
		delete(w.file, path)
	}
}

// fail makes a path answer with a status; 0 ends that.
func (w *web) fail(path string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[path] = status
}

// counts returns the answers so far, and resets the counts.
func (w *web) counts() (full, not int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	full, not = w.full, w.not
	w.full, w.not = 0, 0
	clear(w.asks)
	return full, not
}

// page returns a page with links.
func page(title, text string, links ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<html lang=en><head><title>%s</title></head><body><nav>", title)
	for _, l := range links {
		fmt.Fprintf(&b, "<a href=%q>%s</a> ", l, l)
	}
	fmt.Fprintf(&b, "</nav><main><h1>%s</h1><p>%s</p></main></body></html>", title, text)
	return b.String()
}

// rows returns the manifest as lines "/path decision reason", sorted; reasons
// only of what is not failed, without the server's address.
func rows(t *testing.T, w *web, store ingest.Store) []string {
	t.Helper()
	var lines []string
	err := store.EachPage(t.Context(), func(p index.Page) error {
		line := p.URL + " " + p.Decision
		switch p.Decision {
		case index.DecisionDuplicate, index.DecisionNoindex, index.DecisionScript:
			line += " " + p.Reason
		case index.DecisionIndexed:
			if p.Chunks < 1 || p.TextRunes < 1 || p.ContentHash == "" || p.Title == "" {
				t.Errorf("row %+v of an indexed page lacks something", p)
			}
		default:
			if p.Reason == "" {
				t.Errorf("row %+v has no reason", p)
			}
		}
		if p.Decision != index.DecisionIndexed && p.Chunks != 0 {
			t.Errorf("row %+v has chunks", p)
		}
		chunks, err := store.ChunksOf(t.Context(), p.URL)
		if err != nil || len(chunks) != p.Chunks {
			t.Errorf("%s has %d chunks (%v), its row says %d", p.URL, len(chunks), err, p.Chunks)
		}
		lines = append(lines, strings.ReplaceAll(line, w.url, ""))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// openSite serves the site of an archive and returns its start and its golden rows.
func openSite(t *testing.T, file string) (w *web, start string, want []string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w = newWeb(t)
	for _, f := range archive.Files {
		switch data := string(f.Data); f.Name {
		case "start":
			start = w.url + strings.TrimSpace(data)
		case "want":
			want = strings.Split(strings.TrimSpace(data), "\n")
		default:
			w.file[strings.TrimPrefix(f.Name, "site")] = data
		}
	}
	return w, start, want
}
