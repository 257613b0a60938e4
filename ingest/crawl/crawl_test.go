package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
)

// TestCrawl visits small sites.
func TestCrawl(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start string
		site  crawl.Site
		pages map[string]string
		want  string
	}{
		{"breadth first", "/", crawl.Site{}, map[string]string{"/": "/b /a", "/b": "/c /a", "/a": "/d", "/c": "", "/d": "/"}, "/ /b /a /c /d"},
		{"fragments, index.html and tracking", "/", crawl.Site{},
			map[string]string{"/": "/#x /index.html /?utm_source=x /a#y /a?gclid=1 /d/index.html /d/", "/a": "", "/d/": ""}, "/ /a /d/"},
		{"start with index.html", "/d/index.html", crawl.Site{}, map[string]string{"/d/": "/d/a.html /d/index.html /e", "/d/a.html": "/d/"}, "/d/ /d/a.html"},
		{"scope of a folder", "/docs/", crawl.Site{}, map[string]string{"/docs/": "/ /docs/a /docsy /docs", "/docs/a": ""}, "/docs/ /docs/a"},
		{"scope of a name", "/docs", crawl.Site{}, map[string]string{"/docs": "/ /docs/a /docsy", "/docs/a": ""}, "/docs /docs/a"},
		{"include and exclude", "/", crawl.Site{Options: crawl.Options{Include: []string{"/a/**"}, Exclude: []string{"/a/x*"}}},
			map[string]string{"/": "/a/1 /b /a/x1", "/a/1": "/a/2 /b", "/a/2": ""}, "/ /a/1 /a/2"},
		{"not found", "/", crawl.Site{}, map[string]string{"/": "/gone /b", "/b": ""}, "/ /gone=404 /b"},
		{"max pages", "/", crawl.Site{Options: crawl.Options{MaxPages: 3}}, map[string]string{"/": "/no /a /b /c", "/a": "", "/b": "", "/c": ""}, "/ /no=404 /a /b"},
		{"max depth", "/", crawl.Site{Options: crawl.Options{MaxDepth: new(1)}}, map[string]string{"/": "/a", "/a": "/b", "/b": ""}, "/ /a"},
		{"no links", "/", crawl.Site{Options: crawl.Options{MaxDepth: new(0)}}, map[string]string{"/": "/a", "/a": "", "/sitemap.xml": sitemapXML("/a")}, "/"},
		{"frames", "/", crawl.Site{}, map[string]string{
			"/": `<frameset><frame src="l.html"><frame src="r.html"></frameset>`, "/l.html": `<a href="index.html?p/T.html">T</a>`, "/r.html": `<iframe src="i">`, "/i": "",
		}, "/ /l.html /r.html /i"},
		{"meta refresh", "/", crawl.Site{}, map[string]string{"/": `<meta http-equiv="refresh" content="0; url=/new/">`, "/new/": ""}, "/ /new/"},
		{"other languages", "/", crawl.Site{}, map[string]string{"/": `<link rel="alternate" hreflang="de" href="/de/"><link rel="alternate" type="text/markdown" href="/index.md">`, "/de/": ""}, "/ /de/"},
		{"the same in Markdown", "/", crawl.Site{}, map[string]string{
			"/":  `<link rel="alternate" type="text/markdown" href="/index.md"><a href="/index.md">Markdown</a><a href="/a">a</a><a href="/a.md">a</a><a href="/b.md">b</a>`,
			"/a": `<link rel="alternate" type="text/markdown" href="/a.md">`, "/index.md": "", "/a.md": "", "/b.md": "",
		}, "/ /a /b.md"},
		{"navigation in another file", "/", crawl.Site{}, map[string]string{
			"/": `<meta property="docfx:tocrel" content="toc.html"><a href="toc.html">Contents</a>`, "/toc.html": `<ul><li><a href="a/">A</a></li></ul>`,
			"/a/": `<meta name="docfx:navrel" content="../toc.html"><meta name="docfx:tocrel" content="toc.html">`, "/a/toc.html": `<a href="b.html">B</a>`, "/a/b.html": "",
		}, "/ /a/ /a/b.html"},
		{"navigation in a script of Doxygen", "/", crawl.Site{}, map[string]string{
			"/": `<script type="text/javascript" src="menudata.js"></script>`, "/menudata.js": `<var menudata={children:[{text:"Main Page",url:"index.html"},{text:"Classes",url:"annotated.html",children:[{text:"Index",url:'classes.html#a'}]}]}`,
			"/annotated.html": "", "/classes.html": "",
		}, "/ /annotated.html /classes.html"},
		{"nofollow", "/", crawl.Site{}, map[string]string{"/": "/a /b", "/a": `<meta name="robots" content="nofollow"><a href="/c">c</a>`, "/b": `<a rel="nofollow" href="/d">d</a>`}, "/ /a /b"},
		{"slash at the end, the same bytes", "/", crawl.Site{}, map[string]string{"/": "/a /a/ /b/ /b", "/a": "x", "/a/": "x", "/b": "y", "/b/": "z"}, "/ /a /b/ /b"},
		{"query, the same bytes", "/", crawl.Site{}, map[string]string{"/": "/a /a?x=1 /a?x=2", "/a": "x", "/a?x=1": "x", "/a?x=2": "y"}, "/ /a /a?x=2"},
		{"canonical address in scope", "/", crawl.Site{}, map[string]string{"/": `<link rel="canonical" href="/c">`, "/c": ""}, "/ /c"},
		{"other hosts", "/", crawl.Site{}, map[string]string{"/": "http://other.example/x https://127.0.0.1:1/y /a", "/a": ""}, "/ /a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t, tt.pages)
			crawlWeb(t, w, tt.start, tt.site, nil).wantPaths(t, tt.want)
			w.once(t)
		})
	}
}

// A file of navigation is read once, and what can't be read is said once.
func TestNavigation(t *testing.T) {
	w := newWeb(t, map[string]string{"/": `<script src="dist/sidebar_items-1.js"></script><script src="toc.js"></script><a href="/b">b</a>`, "/b": `<script src="toc.js"></script>`,
		"/dist/sidebar_items-1.js": `<`, "/readme.html": "", "/Tea.Pot.html": "", "/x.html": ""})
	w.pages["/dist/sidebar_items-1.js"] = `sidebarNodes={"extras":[{"group":"","id":"readme","title":"Tea"}],"modules":[{"id":"Tea.Pot","deprecated":false}]};`
	w.head["/dist/sidebar_items-1.js"] = http.Header{"Content-Type": {"text/plain"}}
	w.pages["/toc.js"] = `this.innerHTML = '<ol class="chapter"><li><a href="x.html">X</a></li></ol>';`
	w.head["/toc.js"] = http.Header{"Content-Type": {"text/plain"}}
	c := crawlWeb(t, w, "/", crawl.Site{}, nil)
	c.wantPaths(t, "/ /b /readme.html /Tea.Pot.html /x.html")
	w.once(t)
	if len(c.summary.Warnings) > 0 {
		t.Errorf("Warnings = %q", c.summary.Warnings)
	}
	w = newWeb(t, map[string]string{"/": `<meta name="docfx:tocrel" content="toc.html"><a href="/b">b</a>`, "/b": `<meta name="docfx:tocrel" content="toc.html">`})
	if c := crawlWeb(t, w, "/", crawl.Site{}, nil); len(c.summary.Warnings) != 1 || !strings.Contains(c.summary.Warnings[0], "/toc.html can't be read") {
		t.Errorf("Warnings = %q", c.summary.Warnings)
	}
	w = newWeb(t, map[string]string{"/": `<div id="app">Tea</div><script src="app.js"></script>`})
	if c := crawlWeb(t, w, "/", crawl.Site{}, nil); len(c.summary.Warnings) != 1 || !strings.Contains(c.summary.Warnings[0], "a script may write the navigation") {
		t.Errorf("Warnings = %q", c.summary.Warnings)
	}
}

// A crawl sends back the cookies that the site sets, also where they let it in.
func TestCookies(t *testing.T) {
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, err := r.Cookie("tea")
		switch {
		case r.URL.Path == "/robots.txt" || r.URL.Path == "/sitemap.xml":
			http.NotFound(rw, r)
		case r.URL.Path == "/welcome":
			http.SetCookie(rw, &http.Cookie{Name: "tea", Value: "1", Path: "/"})
			http.Redirect(rw, r, "/", http.StatusFound)
		case err != nil:
			http.Redirect(rw, r, "/welcome", http.StatusFound)
		default:
			_, late := r.Cookie("late")
			if r.URL.Path == "/b" && late != nil {
				http.SetCookie(rw, &http.Cookie{Name: "late", Value: "1", Path: "/b"})
				http.Redirect(rw, r, "/b", http.StatusFound)
				return
			}
			rw.Header().Set("Content-Encoding", "none")
			_, _ = io.WriteString(rw, `<p>Tea</p><a href="/b">b</a>`+r.URL.Path)
		}
	}))
	t.Cleanup(srv.Close)
	f, err := crawl.New(crawl.Config{AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 2 { // No crawl has the cookies of another.
		_, err = f.Crawl(t.Context(), crawl.Site{Start: srv.URL + "/"}, nil, func(v crawl.Visit) error {
			got = append(got, strings.TrimPrefix(v.URL, srv.URL))
			return v.Err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"/", "/b", "/", "/b"}; !cmp.Equal(got, want) || asked.Load() != 18 {
		t.Errorf("visits = %q after %d requests, want %q after 18", got, asked.Load(), want)
	}
}

// TestCrawlTells checks what a visit says beside the document.
func TestCrawlTells(t *testing.T) {
	w := newWeb(t, map[string]string{
		"/":  "/a /r /n",
		"/a": `<link rel="canonical" href="https://other.example/a"><meta http-equiv="refresh" content="5;url=/b">`,
		"/b": "", "/r": "302 /c", "/c": `<link rel="canonical" href="/c?x">`,
		"/n": `<meta name="robots" content="noindex,nofollow"><a href="/never">x</a>`, "/c?x": "404",
	})
	w.head["/b"] = http.Header{"X-Robots-Tag": {"noindex"}}
	c := crawlWeb(t, w, "/", crawl.Site{}, nil)
	c.wantPaths(t, "/ /a /c /n /b /c?x=404")
	type told struct {
		Asked, From, Canonical, NoIndex string
		Depth                           int
		Notes                           []string
	}
	got := map[string]told{}
	for _, v := range c.visits {
		cut := func(s string) string { return strings.ReplaceAll(s, w.URL, "") }
		for i := range v.Notes {
			v.Notes[i] = cut(v.Notes[i])
		}
		got[cut(v.URL)] = told{cut(v.Asked), cut(v.DiscoveredFrom), cut(v.Canonical), v.NoIndex, v.Depth, v.Notes}
	}
	want := map[string]told{
		"/": {Asked: "/"},
		"/a": {Asked: "/a", From: "/", Depth: 1, Canonical: "https://other.example/a", Notes: []string{
			"it refreshes to /b", "its canonical address is on another host: https://other.example/a"}},
		"/b":   {Asked: "/b", From: "/a", Depth: 2, NoIndex: "X-Robots-Tag: noindex"},
		"/c":   {Asked: "/r", From: "/", Depth: 1, Canonical: "/c?x"},
		"/n":   {Asked: "/n", From: "/", Depth: 1, NoIndex: "meta robots: noindex", Notes: []string{"its links are not followed: meta robots: nofollow"}},
		"/c?x": {Asked: "/c?x", From: "/c", Depth: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("visits (-want +got):\n%s", diff)
	}
	if want := map[string]int{"other.example": 1}; !cmp.Equal(c.summary.ForeignHosts, want) {
		t.Errorf("ForeignHosts = %v, want %v", c.summary.ForeignHosts, want)
	}
	if c.summary.Failed != 1 || c.summary.Requests != 11 {
		t.Errorf("Summary = %+v, want 1 failure in 11 requests", c.summary)
	}
}

// TestCrawlOutOfScopeStart checks that a start that the globs leave out is
// fetched for its links alone.
func TestCrawlOutOfScopeStart(t *testing.T) {
	w := newWeb(t, map[string]string{"/": "/a/1", "/a/1": ""})
	c := crawlWeb(t, w, "/", crawl.Site{Options: crawl.Options{Include: []string{"/a/*"}}}, nil)
	c.wantPaths(t, "/ /a/1")
	if got := c.visits[0].NoIndex; !strings.Contains(got, "out of scope") || c.visits[1].NoIndex != "" {
		t.Errorf("NoIndex = %q, %q, want the start's alone", got, c.visits[1].NoIndex)
	}
}

// TestCrawlCut checks what is said of a site with more pages than the limit.
func TestCrawlCut(t *testing.T) {
	w := newWeb(t, map[string]string{"/": "/a /b", "/a": "", "/b": ""})
	for pages, want := range map[int]bool{2: true, 3: false} {
		c := crawlWeb(t, w, "/", crawl.Site{Options: crawl.Options{MaxPages: pages}}, nil)
		if c.err != nil || c.summary.Cut != want || len(c.visits) != pages {
			t.Errorf("MaxPages %d: Cut = %v after %s, %v; want %v", pages, c.summary.Cut, c.paths(), c.err, want)
		}
	}
	if n := w.count("/b"); n != 1 {
		t.Errorf("/b was asked for %d times, want once: beyond the limit nothing is fetched", n)
	}
}

// TestCrawlStart checks the errors of a start, with their fix, and that nothing
// was visited.
func TestCrawlStart(t *testing.T) {
	other := newWeb(t, map[string]string{"/": ""})
	for _, tt := range []struct {
		name, start string
		pages       map[string]string
		want        string // in the error
	}{
		{"404", "/", nil, "the server answers 404"},
		{"500", "/", map[string]string{"/": "500"}, "the server answers 500"},
		{"image", "/", map[string]string{"/": "<image>"}, "it is image/png"},
		{"forbidden by robots", "/", map[string]string{"/": "", "/robots.txt": "User-agent: *\nDisallow: /"}, "robots.txt does not allow it (Disallow: / (line 2)): ask the owner; --ignore-robots"},
		{"other host", "/", map[string]string{"/": "302 " + other.URL + "/"}, "on another host: crawl that address instead"},
		{"circle", "/", map[string]string{"/": "302 /a", "/a": "302 /"}, "the redirects form a loop"},
		{"user", "/", map[string]string{"/": "302 http://u:p@127.0.0.1/"}, "user name"},
		{"no address", "\x00", nil, "it is not a URL"},
		{"robots with 503", "/", map[string]string{"/": "", "/robots.txt": "503"}, "it answers 503, so nothing may be fetched"},
		{"robots with 429", "/", map[string]string{"/": "", "/robots.txt": "429"}, "it answers 429, so nothing may be fetched"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t, tt.pages)
			if tt.name == "image" {
				w.head["/"] = http.Header{"Content-Type": {"image/png"}}
			}
			c := crawlWeb(t, w, tt.start, crawl.Site{}, nil)
			if c.err == nil || !strings.Contains(c.err.Error(), tt.want) || len(c.visits) != 0 {
				t.Errorf("Crawl = %v after %q, want %q", c.err, c.paths(), tt.want)
			}
		})
	}
	if len(other.hits) != 0 {
		t.Errorf("the other host was asked for %v", other.hits)
	}
	c := crawlWith(t.Context(), newFetcher(t, crawl.Config{}), crawl.Site{Start: "http://127.0.0.1:1/"}, nil)
	if c.err == nil || !strings.Contains(c.err.Error(), "nothing listens on 127.0.0.1:1") {
		t.Errorf("Crawl of a closed port = %v", c.err)
	}
	c = crawlWith(t.Context(), newFetcher(t, crawl.Config{}), crawl.Site{Start: other.URL, Options: crawl.Options{Include: []string{"[a"}}}, nil)
	if c.err == nil || !strings.Contains(c.err.Error(), "glob") {
		t.Errorf("Crawl with a bad glob = %v", c.err)
	}
	c = crawlWith(t.Context(), newFetcher(t, crawl.Config{}), crawl.Site{Start: other.URL, Options: crawl.Options{MaxDepth: new(-1)}}, nil)
	if c.err == nil || !strings.Contains(c.err.Error(), "max_depth") || len(other.hits) != 0 {
		t.Errorf("Crawl with a negative depth = %v after %d requests", c.err, len(other.hits))
	}
}

// TestCrawlCanceled checks that a canceled crawl visits nothing more, and that
// the error of a visit ends the crawl.
func TestCrawlCanceled(t *testing.T) {
	pages := map[string]string{"/": ""}
	for i := range 200 {
		pages["/"] += fmt.Sprintf(" /%d", i)
		pages[fmt.Sprintf("/%d", i)] = ""
	}
	w := newWeb(t, pages)
	ctx, cancel := context.WithCancel(t.Context())
	f := newFetcher(t, crawl.Config{})
	visits := 0
	_, err := f.Crawl(ctx, crawl.Site{Start: w.URL}, nil, func(v crawl.Visit) error {
		if visits++; visits == 5 {
			cancel()
		}
		return v.Err
	})
	if !errors.Is(err, context.Canceled) || visits != 5 {
		t.Errorf("Crawl = %v after %d visits, want context.Canceled after 5", err, visits)
	}
	full := errors.New("disk full")
	_, err = f.Crawl(t.Context(), crawl.Site{Start: w.URL}, nil, func(crawl.Visit) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("Crawl = %v, want the error of visit", err)
	}
}

// TestCrawlGivesUp checks that a server that has gone away is not asked for
// every page.
func TestCrawlGivesUp(t *testing.T) {
	pages := map[string]string{"/": "", "/robots.txt": "User-agent: *"}
	for i := range 1000 {
		pages["/"] += fmt.Sprintf(" /%d", i)
	}
	w := newWeb(t, pages)
	w.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > 1 && r.URL.Path[1] >= '0' && r.URL.Path[1] <= '9' {
			w.mu.Lock()
			w.hits["lost"]++
			w.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		w.ServeHTTP(rw, r)
	})
	c := crawlWeb(t, w, "/", crawl.Site{}, nil)
	if c.err == nil || !strings.Contains(c.err.Error(), "the server seems to be down") || w.count("lost") > 200 {
		t.Errorf("Crawl = %v after %d requests, want to give up", c.err, w.count("lost"))
	}
}

// BenchmarkCrawl crawls 2000 pages of 20 KB.
func BenchmarkCrawl(b *testing.B) {
	const pages = 2000
	filler := strings.Repeat("<p>Lorem ipsum dolor sit amet, <code>consectetur</code> adipiscing elit.</p>\n", 260)
	site := tree(pages)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site(w, r)
		_, _ = io.WriteString(w, filler)
	}))
	defer srv.Close()
	f, err := crawl.New(crawl.Config{AllowPrivate: true})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Crawl(b.Context(), crawl.Site{Start: srv.URL}, nil, func(v crawl.Visit) error { return v.Err }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(pages*b.N)/b.Elapsed().Seconds(), "pages/s")
}
