package crawl_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"maps"
	"net/http"
	"path"
	"strings"
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

// vitePress is a page of VitePress, as far as it tells of other pages; that of version 2 has the
// names of pages in a file.
const (
	vitePress  = vitePressHead + `><p>Brew tea <a href="/tea/guide/brew.html">so</a><script>` + hashMap + `</script>`
	vitePress2 = vitePressHead + `><script type="module" src="/tea/assets/chunks/metadata.4f2b8c1d.js"></script><p>Brew tea <a href="/tea/guide/brew.html">so</a>`
	hashMap    = `window.__VP_HASH_MAP__=JSON.parse("{\"de_index.md\":\"Dht-79Lb\",\"guide_brew.md\":\"2mJ8_b_g\",\"guide_leaf.md\":\"DUol4WCB\",\"guide_old_pot.md\":\"BOFsqBlJ\",\"index.md\":\"Dem_GV_2\"}");` +
		`window.__VP_SITE_DATA__=JSON.parse("{\"lang\":\"en-US\",\"base\":\"/tea/\"}");`
	vitePressHead = `<!DOCTYPE html><title>Tea</title><script type="module" src="/tea/assets/app.Dk6XzZTL.js"></script>` +
		`<link rel="modulepreload" href="/tea/assets/chunks/theme.T70NdDfk.js"`
)

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
		{"index of VitePress", "/tea/", map[string]string{
			"/tea/": vitePress, "/tea/guide/brew.html": vitePress, "/tea/guide/leaf.html": "", "/tea/guide/old_pot.html": "", "/tea/de/": "",
			"/tea/assets/app.Dk6XzZTL.js":                          `<import{t as p}from"./chunks/theme.T70NdDfk.js";import{R as s}from"./chunks/framework.DWhWQUL2.js";`,
			"/tea/assets/chunks/theme.T70NdDfk.js":                 `<const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/chunks/VPLocalSearchBox.neuIu_Q4.js","assets/chunks/framework.DWhWQUL2.js"])))=>i.map(i=>d[i]);Ue(()=>import("./VPLocalSearchBox.neuIu_Q4.js"),__vite__mapDeps([0,1]))`,
			"/tea/assets/chunks/VPLocalSearchBox.neuIu_Q4.js":      `<import{u as an}from"./theme.T70NdDfk.js";const ln={de:()=>tt(()=>import("./@localSearchIndexde.rBQr4aBM.js"),[]),root:()=>tt(()=>import("./@localSearchIndexroot.BeohZzBp.js"),[])}`,
			"/tea/assets/chunks/@localSearchIndexroot.BeohZzBp.js": `<const e='{"documentCount":3,"nextId":3,"documentIds":{"0":"/tea/guide/brew.html#brew","1":"/tea/guide/old_pot.html#old-pot","2":"/tea/#tea"},"storedFields":{"0":{"title":"href","url":"/tea/no"}}}';export{e as default};`,
			"/tea/assets/chunks/@localSearchIndexde.rBQr4aBM.js":   `<const e='{"documentCount":1,"nextId":1,"documentIds":{"0":"/tea/de/#tee"}}';export{e as default};`}, js,
			"/tea/ /tea/guide/brew.html /tea/de/ /tea/guide/old_pot.html /tea/guide/leaf.html"},
		{"names of VitePress", "/tea/", map[string]string{
			"/tea/": vitePress, "/tea/guide/brew.html": vitePress, "/tea/guide/leaf.html": "", "/tea/de/": ""}, plain, "/tea/ /tea/guide/brew.html /tea/guide/leaf.html"},
		{"names of VitePress 2", "/tea/", map[string]string{
			"/tea/": vitePress2, "/tea/guide/brew.html": vitePress2, "/tea/guide/leaf.html": "", "/tea/de/": "",
			"/tea/assets/chunks/metadata.4f2b8c1d.js": "<" + hashMap}, "text/javascript", "/tea/ /tea/guide/brew.html /tea/guide/leaf.html"},
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

// TestUnclearNames crawls a site whose scripts name pages without their addresses.
func TestUnclearNames(t *testing.T) {
	t.Parallel()
	const app, chunk = "/tea/assets/app.Dk6XzZTL.js", "/tea/assets/chunks/theme.T70NdDfk.js"
	for _, tt := range []struct {
		name  string
		pages map[string]string
		visit string
		want  string // in the warnings; "" means there are none
	}{
		{"folders are not known", map[string]string{}, "/tea/ /tea/guide/brew.html /tea/guide/leaf.html", "such as de_index (2 in all)"},
		{"addresses with capitals", map[string]string{"/tea/guide/brew.html": "/tea/Pot.html", "/tea/Pot.html": ""}, "/tea/ /tea/guide/brew.html /tea/Pot.html", "such as de_index (3 in all)"},
		{"names with other letters", map[string]string{
			"/tea/": strings.Replace(vitePress, `{\"de_index.md\":\"Dht-79Lb\",`, `{\"guide_c__.md\":\"DDjAgY8O\",\"guide_grün.md\":\"BV237b7z\",`, 1), "/tea/guide/brew.html": "/tea/guide/c++.html",
			"/tea/guide/c++.html": "", "/tea/guide/gr%C3%BCn.html": ""}, "/tea/ /tea/guide/brew.html /tea/guide/c++.html /tea/guide/gr%C3%BCn.html /tea/guide/leaf.html", "such as guide_old_pot (1 in all)"},
		{"sitemap", map[string]string{"/tea/sitemap.xml": sitemapXML("/tea/")}, "/tea/ /tea/guide/brew.html", ""},
		{"script without index", map[string]string{app: `<const e={"url":"/tea/guide/no","href":"x.html"}`}, "/tea/ /tea/guide/brew.html /tea/guide/leaf.html", "such as de_index (2 in all)"},
		{"script that can't be read", map[string]string{app: `<import"./chunks/theme.T70NdDfk.js"`}, "/tea/ /tea/guide/brew.html /tea/guide/leaf.html", chunk + " can't be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pages := map[string]string{"/tea/": vitePress, "/tea/guide/brew.html": "", "/tea/guide/leaf.html": ""}
			maps.Copy(pages, tt.pages)
			w := newWeb(t, pages)
			w.head[app] = http.Header{"Content-Type": {"text/javascript"}}
			c := crawlWeb(t, w, "/tea/", crawl.Site{}, nil)
			c.wantPaths(t, tt.visit)
			said := strings.Join(c.summary.Warnings, "\n")
			if !strings.Contains(said, tt.want) || tt.want == "" && said != "" {
				t.Errorf("Warnings = %q, want %q", said, tt.want)
			}
		})
	}
}
