package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/embed/e5"
	"github.com/citewell/citewell/embed/modelfile/modelfiletest"
	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/internal/pgtest"
	"github.com/citewell/citewell/internal/start"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{milvustest.With(pgtest.With(m))}, map[string]func(){"citewell": main})
}

// tests let the garbage collector run in the process of the tests, too.
type tests struct{ testscript.TestingM }

func (t tests) Run() int {
	start.Done()
	return t.TestingM.Run()
}

// TestScripts runs the program as a user does: one process per command, a real
// Milvus Lite and the real embedding model, pages over HTTP.
func TestScripts(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(badSite())
	t.Cleanup(srv.Close)
	emulation, err := emulate.Handler(emulate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	model := httptest.NewServer(emulation)
	t.Cleanup(model.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Condition: func(name string) (bool, error) {
			if name != "multilingual" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return modelfiletest.Has(e5.Source), nil
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CACHE_HOME", cache)
			e.Setenv("SITE", srv.URL)
			e.Setenv("CLOSED", closed.URL)
			e.Setenv("MODEL", model.URL)
			docs := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(e.WorkDir, "site")))) // of the script's own
			e.Defer(docs.Close)
			e.Setenv("DOCS", docs.URL)
			e.Setenv("TMPDIR", e.Getenv("WORK"))
			program, err := exec.LookPath("citewell")
			if err != nil {
				return err
			}
			e.Setenv("CITEWELL", program) // for scripts that empty the PATH
			for _, name := range []string{"CITEWELL_MODEL_DIR", "CITEWELL_MILVUS_LITE", "HTTPS_PROXY", "HTTP_PROXY", "PIP_CONFIG_FILE"} {
				e.Setenv(name, os.Getenv(name))
			}
			return nil
		},
	})
}

// badSite is a site with everything that goes wrong on sites, and two good pages.
func badSite() http.Handler {
	mux := http.NewServeMux()
	page := func(path, contentType, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			fmt.Fprint(w, body)
		})
	}
	const html = "text/html; charset=utf-8"
	page("/keys.html", html, `<html lang="en"><head><title>Keys</title></head><body><nav>Home Keys About</nav><main><h1 id="keys">Keys</h1>
<p>A key opens the door of the archive.</p><h2 id="rotation">Rotation</h2><p>Rotate a key every ninety days with the command below.</p>
<pre><code class="language-sh">archive rotate --all</code></pre></main></body></html>`)
	page("/doors.html", html, `<html lang="de"><head><title>Türen</title></head><body><main><h1>Türen</h1><p>Eine Tür hat ein Schloss und zwei Angeln.</p></main></body></html>`)
	page("/empty.html", html, `<html><head><title>Nothing</title></head><body><div id="app"></div><script>render()</script></body></html>`)
	page("/image.png", "image/png", "\x89PNG\r\n\x1a\n")
	page("/sjis.html", "text/html; charset=Shift_JIS", "<html><head><title>x</title></head><body><main><p>\x93\xfa\x96{\x8c\xea\x82\xcc\x83y\x81[\x83W</p></main></body></html>")
	page("/latin.html", "text/html", "<html><head><meta charset=windows-1252><title>x</title></head><body><main><p>caf\xe9 \x96 \x80 5</p></main></body></html>")
	page("/unlabelled.html", "", "<html><head><title>x</title></head><body><main><p>Fünf Türen ohne Kopfzeile</p></main></body></html>")
	mux.HandleFunc("GET /loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop2", http.StatusFound) })
	mux.HandleFunc("GET /loop2", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("GET /huge.html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", html)
		w.Header().Set("Content-Length", strconv.Itoa(100<<20))
		chunk := strings.Repeat("<p>more and more</p>\n", 5_000)
		for range 100 << 20 / len(chunk) {
			if _, err := fmt.Fprint(w, chunk); err != nil {
				return
			}
		}
	})
	// A reranker to whom only the roof counts.
	mux.HandleFunc("POST /tei/rerank", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Texts []string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out := []map[string]any{}
		for i, text := range in.Texts {
			score := 0.25
			if strings.Contains(text, "slate") {
				score = 0.75
			}
			out = append(out, map[string]any{"index": i, "score": score})
		}
		_ = json.NewEncoder(w).Encode(out) // the client sees what is missing
	})
	// A model service that knows no key.
	mux.HandleFunc("POST /openai/chat/completions", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`)
	})
	return mux
}
