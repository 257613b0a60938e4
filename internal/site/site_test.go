package site

import (
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/citewell/citewell/docs"
)

// get returns what the site answers on a path.
func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://docs.example.com"+path, nil))
	return w
}

// parse returns the elements of a page in document order.
func parse(t *testing.T, body string) []*html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestHandlerLinks(t *testing.T) {
	for _, prefix := range []string{"/", "/docs/"} {
		t.Run(prefix, func(t *testing.T) {
			h, paths, err := Handler(prefix)
			if err != nil {
				t.Fatal(err)
			}
			ids := map[string]map[string]bool{}
			links := map[string][]string{}
			for _, path := range paths {
				w := get(t, h, path)
				if w.Code != http.StatusOK {
					t.Fatalf("GET %s = %d", path, w.Code)
				}
				ids[path] = map[string]bool{}
				for _, n := range parse(t, w.Body.String()) {
					if id := attr(n, "id"); id != "" {
						if ids[path][id] {
							t.Errorf("%s: id %q is there twice", path, id)
						}
						ids[path][id] = true
					}
					for _, key := range []string{"href", "src"} {
						if v := attr(n, key); v != "" {
							links[path] = append(links[path], v)
						}
					}
				}
			}
			for path, all := range links {
				for _, link := range all {
					checkLink(t, h, ids, prefix, path, link)
				}
			}
		})
	}
}

// checkLink reports a link of a page that leads nowhere within the site.
func checkLink(t *testing.T, h http.Handler, ids map[string]map[string]bool, prefix, path, link string) {
	t.Helper()
	base := &url.URL{Path: path}
	u, err := base.Parse(link)
	switch {
	case err != nil:
		t.Errorf("%s: link %q: %v", path, link, err)
	case u.Host != "", u.Path == "/" && prefix != "/", u.Path == "/widget.js": // elsewhere, and the page to ask and its widget
	case ids[u.Path] == nil:
		if w := get(t, h, u.Path); w.Code != http.StatusOK {
			t.Errorf("%s: link %q = %d", path, link, w.Code)
		}
	case u.Fragment != "" && !ids[u.Path][u.Fragment]:
		t.Errorf("%s: link %q: the page has no such id", path, link)
	}
}

func TestHandlerPages(t *testing.T) {
	h, paths, err := Handler("/docs/")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 8 || paths[0] != "/docs/" {
		t.Errorf("paths = %q", paths)
	}
	for _, path := range paths {
		w := get(t, h, path)
		if got, want := w.Header().Get("Content-Type"), "text/html; charset=utf-8"; got != want {
			t.Errorf("%s: Content-Type = %q, want %q", path, got, want)
		}
		count := map[string]int{}
		for _, n := range parse(t, w.Body.String()) {
			count[n.Data]++
			if n.Data == "html" && attr(n, "lang") != "en" {
				t.Errorf("%s: lang = %q, want en", path, attr(n, "lang"))
			}
			// The server's content security policy forbids both.
			if n.Data == "style" || attr(n, "style") != "" || (n.Data == "script" && attr(n, "src") == "") {
				t.Errorf("%s: inline style or script in <%s>", path, n.Data)
			}
			if strings.HasPrefix(attr(n, "class"), "language-") && n.Data != "code" {
				t.Errorf("%s: class %q on <%s>", path, attr(n, "class"), n.Data)
			}
		}
		for _, want := range []string{"h1", "main", "aside", "article"} {
			if count[want] != 1 {
				t.Errorf("%s: %d elements <%s>, want 1", path, count[want], want)
			}
		}
		if strings.Contains(w.Body.String(), "<!-- raw HTML omitted -->") {
			t.Errorf("%s: the Markdown holds raw HTML, which the site leaves out", path)
		}
	}
}

func TestHandlerOtherFiles(t *testing.T) {
	h, paths, err := Handler("/docs/")
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Locs []string `xml:"url>loc"`
	}
	if err := xml.Unmarshal(get(t, h, "/docs/sitemap.xml").Body.Bytes(), &set); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, p := range paths {
		want = append(want, "http://docs.example.com"+p)
	}
	if diff := cmp.Diff(want, set.Locs); diff != "" {
		t.Errorf("sitemap (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		path     string
		status   int
		location string
	}{
		{"/docs/robots.txt", 200, ""},
		{"/docs/site.css", 200, ""},
		{"/docs/milvus", 301, "/docs/milvus/"},
		{"/docs/nowhere/", 404, ""},
		{"/docs/../milvus.md", 404, ""},
	} {
		w := get(t, h, tt.path)
		if w.Code != tt.status || w.Header().Get("Location") != tt.location {
			t.Errorf("GET %s = %d to %q, want %d to %q", tt.path, w.Code, w.Header().Get("Location"), tt.status, tt.location)
		}
	}
}

func TestHandlerConditional(t *testing.T) {
	h, _, err := Handler("/")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/milvus/", nil)
	r.Header.Set("If-None-Match", get(t, h, "/milvus/").Header().Get("ETag"))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusNotModified {
		t.Errorf("status = %d, want 304", w.Code)
	}
}

func TestHandlerPrefix(t *testing.T) {
	for _, prefix := range []string{"", "docs/", "/docs"} {
		if _, _, err := Handler(prefix); err == nil {
			t.Errorf("Handler(%q): no error", prefix)
		}
	}
}

func TestOrderNamesEveryPage(t *testing.T) {
	files, err := fs.Glob(docs.Files, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range docs.Order {
		want = append(want, name+".md")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("docs.Order and the files differ (-order +files):\n%s", diff)
	}
}

func TestRenderNeedsTitle(t *testing.T) {
	if _, err := render("/", "x", []byte("text alone")); err == nil {
		t.Error("a page without heading was accepted")
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, "https://example.com/docs/"); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		t.Helper()
		b, err := fs.ReadFile(os.DirFS(dir), name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, want := range map[string]string{
		"index.html":        `src="/docs/images/flow.svg"`,
		"milvus/index.html": `data-index="/docs/search.json"`,
		"llms.txt":          "](https://example.com/docs/milvus/): ",
		"sitemap.xml":       "<loc>https://example.com/docs/milvus/</loc>",
		"images/flow.svg":   "</svg>",
		"images/growth.svg": "</svg>",
	} {
		if !strings.Contains(read(name), want) {
			t.Errorf("%s has no %q", name, want)
		}
	}
	if strings.Contains(read("index.html"), "widget.js") {
		t.Error("a page without a server has the widget")
	}
	for _, base := range []string{"/docs/", "https://example.com/docs"} {
		if err := Write(dir, base); err == nil {
			t.Errorf("Write(%q): no error", base)
		}
	}
}

func TestSearchIndex(t *testing.T) {
	h, _, err := Handler("/docs/")
	if err != nil {
		t.Fatal(err)
	}
	var parts []struct{ URL, Page, Title, Text string }
	if err := json.Unmarshal(get(t, h, "/docs/search.json").Body.Bytes(), &parts); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, p := range parts {
		path, id, _ := strings.Cut(p.URL, "#")
		if !strings.Contains(get(t, h, path).Body.String(), `id="`+id+`"`) {
			t.Errorf("%s leads nowhere", p.URL)
		}
		found = found || p.URL == "/docs/#how-it-works" && strings.Contains(p.Text, "Embed the question with the same model.")
	}
	if !found {
		t.Error("no part is the one on how it works, with its text")
	}
}
