package crawl_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
)

// TestCrawlAgain crawls a site, changes it, and crawls it again with what the
// first crawl left.
func TestCrawlAgain(t *testing.T) {
	before := map[string]string{"/": "/hub /other", "/hub": "/a /b", "/other": "/a /c", "/a": "", "/b": "", "/c": ""}
	for _, tt := range []struct {
		name   string
		change map[string]string // "gone" takes a page away
		site   crawl.Site
		want   string // visits
		gone   string
		unsure int
		full   string // pages asked for in full although they have not changed
	}{
		{"nothing", nil, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b=304 /c=304", "", 0, ""},
		{"a page changed", map[string]string{"/a": "new"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a /b=304 /c=304", "", 0, ""},
		{"a page is new", map[string]string{"/other": "/a /c /d", "/d": ""}, crawl.Site{}, "/=304 /hub=304 /other /a=304 /b=304 /c=304 /d", "", 0, ""},
		{"a page is gone, its link too", map[string]string{"/b": "gone", "/hub": "/a"}, crawl.Site{}, "/=304 /hub /other=304 /a=304 /c=304", "/b", 0, ""},
		{"a page is gone, its link is not", map[string]string{"/b": "gone"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b=404 /c=304", "/b", 0, ""},
		{"410", map[string]string{"/b": "410"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b=410 /c=304", "/b", 0, ""},
		{"a page is linked from elsewhere alone", map[string]string{"/hub": "/b"}, crawl.Site{}, "/=304 /hub /other=304 /b=304 /c=304 /a=304", "", 0, "/ /other"},
		{"nothing leads to a page", map[string]string{"/hub": "/a"}, crawl.Site{}, "/=304 /hub /other=304 /a=304 /c=304", "/b", 0, "/ /other /a /c"},
		{"a page fails", map[string]string{"/b": "500"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b=500 /c=304", "", 1, ""},
		{"a page is forbidden", map[string]string{"/b": "403"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b=403 /c=304", "", 1, ""},
		{"the site is partly down", map[string]string{"/hub": "503", "/b": "gone", "/other": "/c"}, crawl.Site{},
			"/=304 /hub=503 /other /c=304 /a=304 /b=404", "/b", 2, ""},
		{"a page moved", map[string]string{"/b": "301 /a"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /c=304", "/b", 0, ""},
		{"a page moved, unlinked", map[string]string{"/b": "301 /a", "/hub": "/a"}, crawl.Site{}, "/=304 /hub /other=304 /a=304 /c=304", "/b", 0, ""},
		{"a page moved away for a time", map[string]string{"/b": "302 http://other.example/"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b=302 /c=304", "", 1, ""},
		{"a page moved away for good", map[string]string{"/b": "301 http://other.example/"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b=301 /c=304", "/b", 0, ""},
		{"a page may no longer be fetched", map[string]string{"/robots.txt": "User-agent: *\nDisallow: /b"}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /c=304", "/b", 0, ""},
		{"as many pages as the limit, and one unlinked", map[string]string{"/hub": "/b"}, crawl.Site{Options: crawl.Options{MaxPages: 5}},
			"/=304 /hub /other=304 /b=304 /c=304", "", 1, "/ /other"},
		{"the limit is lower", nil, crawl.Site{Options: crawl.Options{MaxPages: 3}}, "/=304 /hub=304 /other=304", "", 3, ""},
		{"the depth is less", nil, crawl.Site{Options: crawl.Options{MaxDepth: new(1)}}, "/=304 /hub=304 /other=304 /a=304 /b=304 /c=304", "", 3, ""},
		{"the start alone", nil, crawl.Site{Options: crawl.Options{MaxDepth: new(0)}}, "/=304", "", 0, ""},
		{"another scope", nil, crawl.Site{Options: crawl.Options{Exclude: []string{"/other"}}}, "/=304 /hub=304 /a=304 /b=304 /c=304", "", 0, ""},
		{"another scope, and a page is gone", map[string]string{"/c": "gone"}, crawl.Site{Options: crawl.Options{Exclude: []string{"/other"}}}, "/=304 /hub=304 /a=304 /b=304 /c=404", "/c", 0, ""},
		{"another scope, and nothing leads to a page", map[string]string{"/hub": "/a"}, crawl.Site{Options: crawl.Options{Exclude: []string{"/other"}}},
			"/=304 /hub /a=304 /c=304", "/b", 0, "/ /a /c"},
		{"slash added", map[string]string{"/b": "301 /b/", "/b/": ""}, crawl.Site{}, "/=304 /hub=304 /other=304 /a=304 /b/ /c=304", "/b", 0, ""},
		{"the other form of a page is linked too", map[string]string{"/other": "/a /c /b/", "/b/": ""}, crawl.Site{}, "/=304 /hub=304 /other /a=304 /b=304 /c=304", "", 0, ""},
		{"sitemap down", map[string]string{"/sitemap.xml": "500", "/hub": "/a"}, crawl.Site{}, "/=304 /hub /other=304 /a=304 /c=304 /b=304", "", 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t, maps.Clone(before))
			first := crawlWeb(t, w, "/", crawl.Site{}, nil)
			first.wantPaths(t, "/ /hub /other /a /b /c")
			for p, content := range tt.change {
				w.pages[p] = content
				if content == "gone" {
					delete(w.pages, p)
				}
			}
			w.hits = map[string]int{}
			c := crawlWeb(t, w, "/", tt.site, first.memory())
			c.wantPaths(t, tt.want)
			w.once(t, strings.Fields(tt.full)...)
			for p := range strings.FieldsSeq(tt.full) {
				if w.count(p) != 2 {
					t.Errorf("%s was asked for %d times, want twice", p, w.count(p))
				}
			}
			var gone []string
			for _, g := range c.summary.Gone {
				u, _ := url.Parse(g)
				gone = append(gone, u.Path)
			}
			if got := strings.Join(gone, " "); got != tt.gone || c.summary.Unsure != tt.unsure {
				t.Errorf("Gone = %q, Unsure = %d; want %q, %d", got, c.summary.Unsure, tt.gone, tt.unsure)
			}
			if n := strings.Count(tt.want, "304"); c.summary.NotModified != n {
				t.Errorf("NotModified = %d, want %d", c.summary.NotModified, n)
			}
		})
	}
}

// TestCrawlNewerInSitemap checks that a page is fetched without conditions if the
// sitemap says that it is newer than what is known, whatever its ETag says.
func TestCrawlNewerInSitemap(t *testing.T) {
	w := newWeb(t, map[string]string{"/": "", "/old": "", "/new": ""})
	first := crawlWeb(t, w, "/", crawl.Site{}, nil)
	w.pages["/sitemap.xml"] = sitemapXML("{host}/old", "{host}/new", "{host}/future")
	first = crawlWeb(t, w, "/", crawl.Site{}, first.memory())
	date := func(d time.Duration) string {
		return "</loc><lastmod>" + time.Now().Add(d).UTC().Format(time.RFC3339) + "</lastmod>"
	}
	w.pages["/future"] = ""
	first = crawlWeb(t, w, "/", crawl.Site{}, first.memory())
	w.pages["/sitemap.xml"] = strings.NewReplacer("old</loc>", "old"+date(-time.Hour), "new</loc>", "new"+date(time.Hour), "future</loc>", "future"+date(1000*time.Hour)).
		Replace(w.pages["/sitemap.xml"])
	crawlWeb(t, w, "/", crawl.Site{}, first.memory()).wantPaths(t, "/=304 /old=304 /new /future=304")
}

// TestCrawlValidators checks what is sent, and what a 304 keeps.
func TestCrawlValidators(t *testing.T) {
	w := newWeb(t, map[string]string{"/": ""})
	const date = "Mon, 01 Jun 2026 10:00:00 GMT"
	w.head["/"] = http.Header{"Last-Modified": {date}}
	first := crawlWeb(t, w, "/", crawl.Site{}, nil)
	delete(w.head, "/")
	w.asked = nil
	c := crawlWeb(t, w, "/", crawl.Site{}, first.memory())
	c.wantPaths(t, "/=304")
	if h := w.asked[1]; h.Get("If-None-Match") != first.visits[0].Response.ETag || h.Get("If-Modified-Since") != date || w.asked[0].Get("If-None-Match") != "" {
		t.Errorf("headers = %v", w.asked)
	}
	got, want := c.visits[0].Response, first.visits[0].Response
	if got.Body != nil || got.FetchedAt.Before(want.FetchedAt) {
		t.Errorf("Response = %+v, want none of the old one's body, and a new time", got)
	}
	if diff := cmp.Diff([]string{want.URL, want.ETag, want.LastModified}, []string{got.URL, got.ETag, got.LastModified}); diff != "" {
		t.Errorf("Response of a 304 (-want +got):\n%s", diff)
	}
	// A server that answers 304 where nothing was asked is at fault.
	w.pages["/"] = "304"
	if c := crawlWeb(t, w, "/", crawl.Site{}, nil); c.err == nil || !strings.Contains(c.err.Error(), "the server answers 304") {
		t.Errorf("Crawl = %v, want an error", c.err)
	}
}
