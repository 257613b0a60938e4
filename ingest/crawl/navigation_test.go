package crawl_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"net/http"
	"path"
	"testing"

	"github.com/citewell/citewell/ingest/crawl"
)

// packedScript returns a script that holds data as TypeDoc writes it.
func packedScript(t *testing.T, data string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return `window.navigationData = "data:application/octet-stream;base64,` + base64.StdEncoding.EncodeToString(b.Bytes()) + `"`
}

// TestHiddenPages crawls sites whose pages no link leads to, twice: the second crawl, with what
// is known of the first, visits the same pages.
func TestHiddenPages(t *testing.T) {
	t.Parallel()
	const plain, js = "text/plain", "text/javascript"
	for _, tt := range []struct {
		name, start string
		pages       map[string]string
		kind        string // of the file of navigation
		want        string
	}{
		{"index of Sphinx", "/docs/", map[string]string{
			"/docs/": `<script src="_static/documentation_options.js?v=1"></script><a href="a.html">a</a>`, "/docs/a.html": "", "/docs/b/": "", "/docs/b/c.html": "",
			"/docs/searchindex.js": `<Search.setIndex({"alltitles":{"x.html":[]},"docnames":["a","b/c","b/index","index"],"filenames":["a.rst"]})`}, js, "/docs/ /docs/a.html /docs/b/c.html /docs/b/"},
		{"index of Sphinx, with folders", "/", map[string]string{
			"/": `<script src="_static/doctools.js"></script><a href="a/">a</a>`, "/a/": `<script src="../_static/doctools.js"></script>`, "/b/": "",
			"/searchindex.js": `<Search.setIndex({docnames:["a","b/index","index"]})`}, js, "/ /a/ /b/"},
		{"index of MkDocs", "/", map[string]string{
			"/": `<script src="assets/javascripts/bundle.0a1b2c3d.min.js"></script>`, "/guide/": "",
			"/search/search_index.json": `<{"docs":[{"location":"","text":"\"location\":\"no/\""},{"location":"guide/","text":"x"},{"location":"guide/#part","text":"x"}]}`}, "application/json", "/ /guide/"},
		{"index of Docusaurus", "/docs/", map[string]string{
			"/docs/": `<script src="/docs/assets/js/runtime~main.0a1b2c3d.js" defer></script>`, "/docs/intro": "",
			"/docs/search-index.json": `<[{"documents":[{"i":1,"t":"Intro","u":"/docs/intro","b":[]},{"i":2,"t":"Part","u":"/docs/intro","h":"#part"}]}]`}, "application/json", "/docs/ /docs/intro"},
		{"index that is not there", "/", map[string]string{"/": `<script src="search/main.js"></script><a href="a">a</a>`, "/a": ""}, plain, "/ /a"},
		{"sitemap before an index", "/", map[string]string{
			"/": `<script src="search/main.js"></script>`, "/a": "", "/b": "", "/sitemap.xml": sitemapXML("/a"), "/search/search_index.json": `<{"docs":[{"location":"b"}]}`}, plain, "/ /a"},
		{"list of DocFX in JSON", "/", map[string]string{
			"/": `<meta property="docfx:tocrel" content="toc.html">`, "/a/b.html": "", "/toc.json": `<{"items":[{"name":"A","href":"a/b.html","topicHref":"a\/b.html"}]}`}, "application/json", "/ /a/b.html"},
		{"navigation of TypeDoc", "/api/", map[string]string{
			"/api/": `<script async src="assets/navigation.js"></script>`, "/api/classes/Pot.html": "",
			"/api/assets/navigation.js": packedScript(t, `[{"text":"Pot","kind":128,"path":"classes/Pot.html"}]`)}, js, "/api/ /api/classes/Pot.html"},
		{"llms.txt", "/docs/", map[string]string{
			"/docs/": "/docs/a", "/docs/a": "", "/docs/b": "", "/docs/c": "", "/llms.txt": "<# Tea\n\n- [B](/docs/b.md)\n- [C](/docs/c)\n- [D](/blog/d)\n"}, plain, "/docs/ /docs/a /docs/b /docs/c"},
		{"llms.txt that is a page", "/", map[string]string{"/": "/a", "/a": "", "/llms.txt": "<p>Tea <a href='/b'>b</a>", "/b": ""}, "text/html", "/ /a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWeb(t, tt.pages)
			for at := range tt.pages {
				if file := path.Ext(at); file == ".js" || file == ".json" || file == ".txt" {
					w.head[at] = http.Header{"Content-Type": {tt.kind}}
				}
			}
			c := crawlWeb(t, w, tt.start, crawl.Site{}, nil)
			c.wantPaths(t, tt.want)
			w.once(t)
			again := crawlWeb(t, w, tt.start, crawl.Site{}, c.memory())
			if len(again.summary.Gone) > 0 || again.summary.Unsure > 0 || len(again.visits) != len(c.visits) {
				t.Errorf("again: visits %s, gone %q", again.paths(), again.summary.Gone)
			}
		})
	}
}
