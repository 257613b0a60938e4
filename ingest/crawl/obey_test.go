package crawl_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/crawl/robots"
	"github.com/citewell/citewell/ingest/crawl/sitemap"
)

// TestCrawlRobots checks what a crawl makes of robots.txt.
func TestCrawlRobots(t *testing.T) {
	site := func(robots string) map[string]string {
		return map[string]string{"/": "/a /private/x /private/open", "/a": "/r", "/r": "301 /private/y", "/private/x": "", "/private/y": "", "/private/open": "",
			"/robots.txt": robots, "/robots2.txt": "User-agent: *\nDisallow: /a"}
	}
	const rules = "User-agent: citewell\nDisallow: /private/\nAllow: /private/open\nUser-agent: *\nDisallow: /"
	for _, tt := range []struct {
		name, robots string
		ignore       bool
		want         string
		disallowed   int
		status       int
	}{
		{"rules", rules, false, "/ /a /private/open", 2, 200},
		{"ignored", rules, true, "/ /a /private/x /private/open /private/y", 0, 200},
		{"404", "404", false, "/ /a /private/x /private/open /private/y", 0, 404},
		{"403", "403", false, "/ /a /private/x /private/open /private/y", 0, 403},
		{"500 ignored", "500", true, "/ /a /private/x /private/open /private/y", 0, 500},
		{"redirect", "302 /robots2.txt", false, "/ /private/x /private/open", 1, 200},
		{"redirect to another host", "302 http://other.example/robots.txt", false, "/ /a /private/x /private/open /private/y", 0, 302},
		{"circle", "302 /robots.txt", false, "/ /a /private/x /private/open /private/y", 0, 302},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t, site(tt.robots))
			c := crawlWeb(t, w, "/", crawl.Site{Options: crawl.Options{IgnoreRobots: tt.ignore}}, nil)
			c.wantPaths(t, tt.want)
			s := c.summary
			if s.Disallowed != tt.disallowed || len(s.DisallowedExamples) != tt.disallowed || s.RobotsStatus != tt.status || s.RobotsURL != w.URL+"/robots.txt" {
				t.Errorf("Summary = %+v, want %d disallowed, status %d", s, tt.disallowed, tt.status)
			}
			if tt.disallowed > 0 && (w.count("/private/y") != 0 || !strings.Contains(s.DisallowedExamples[0], " by Disallow: /")) {
				t.Errorf("examples = %q, and %d requests for one", s.DisallowedExamples, w.count("/private/y"))
			}
			w.once(t, "/robots.txt")
		})
	}
}

// TestCrawlLongRobots checks that of a robots.txt that is too long the beginning
// counts.
func TestCrawlLongRobots(t *testing.T) {
	w := newWeb(t, map[string]string{"/": "/a /b", "/a": "", "/b": "",
		"/robots.txt": "User-agent: *\nDisallow: /a\n" + strings.Repeat("# more\n", robots.MaxBytes/7) + "Disallow: /b\n"})
	crawlWeb(t, w, "/", crawl.Site{}, nil).wantPaths(t, "/ /b")
}

// TestCrawlEmptiedByRobots checks that a robots.txt that forbids most of a site
// is told of.
func TestCrawlEmptiedByRobots(t *testing.T) {
	w := newWeb(t, map[string]string{"/": "/a /b", "/robots.txt": "User-agent: *\nDisallow: /\nAllow: /$"})
	c := crawlWeb(t, w, "/", crawl.Site{}, nil)
	c.wantPaths(t, "/")
	if len(c.summary.Warnings) != 1 || !strings.Contains(c.summary.Warnings[0], "robots.txt forbids 2 addresses, and 1 documents are left") {
		t.Errorf("Warnings = %q", c.summary.Warnings)
	}
}

// TestCrawlRedirects checks where redirects lead to and what is said of them.
func TestCrawlRedirects(t *testing.T) {
	other := newWeb(t, map[string]string{"/": ""})
	for _, tt := range []struct {
		name  string
		start string
		pages map[string]string
		want  string
		why   string // in the error of the last visit
	}{
		{"to a page", "/", map[string]string{"/": "/a", "/a": "301 /b", "/b": ""}, "/ /b", ""},
		{"to a page that comes later", "/", map[string]string{"/": "/a /b", "/a": "301 /b", "/b": ""}, "/ /b", ""},
		{"to a page that came before", "/", map[string]string{"/": "/b /a", "/a": "301 /b", "/b": ""}, "/ /b", ""},
		{"several hops", "/", map[string]string{"/": "/a /b /c", "/a": "301 /b", "/b": "302 /c", "/c": "307 /d", "/d": ""}, "/ /d", ""},
		{"slash at the end", "/", map[string]string{"/": "/a /a/ /b/ /b", "/a": "301 /a/", "/a/": "", "/b/": "301 /b", "/b": ""}, "/ /a/ /b", ""},
		{"out of scope", "/d/", map[string]string{"/d/": "/d/a /d/b", "/d/a": "301 /e", "/e": "", "/d/b": ""}, "/d/ /d/b", ""},
		{"another host", "/", map[string]string{"/": "/a", "/a": "301 " + other.URL + "/?secret"}, "/ /a=301", "it redirects to " + other.URL + "/, on another host"},
		{"circle", "/", map[string]string{"/": "/a", "/a": "302 /b", "/b": "302 /a"}, "/ /a=failed", "form a loop"},
		{"to itself", "/", map[string]string{"/": "/a", "/a": "302 /a"}, "/ /a=failed", "form a loop"},
		{"too many", "/", map[string]string{"/": "/0", "/0": "302 /1", "/1": "302 /2", "/2": "302 /3", "/3": "302 /4", "/4": "302 /5", "/5": "302 /6",
			"/6": "302 /7", "/7": "302 /8", "/8": "302 /9", "/9": "302 /10", "/10": "302 /11", "/11": ""}, "/ /0=failed", "more than 10 redirects"},
		{"off the web", "/", map[string]string{"/": "/a", "/a": "302 ftp://x/"}, "/ /a=302", "neither http nor https"},
		{"with a user", "/", map[string]string{"/": "/a", "/a": "302 http://u:p@127.0.0.1/"}, "/ /a=302", "user name"},
		{"without Location", "/", map[string]string{"/": "/a", "/a": "302"}, "/ /a=302", "instead of a page"},
		{"of the start", "/", map[string]string{"/": "302 /en/", "/en/": "/en/a /", "/en/a": ""}, "/en/ /en/a", ""},
		{"of the start out of scope", "/latest/", map[string]string{"/latest/": "302 /v2/", "/v2/": "/v2/a /latest/", "/v2/a": ""}, "/v2/ /v2/a", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t, tt.pages)
			c := crawlWeb(t, w, tt.start, crawl.Site{}, nil)
			c.wantPaths(t, tt.want)
			w.once(t)
			if last := c.visits[len(c.visits)-1]; tt.why != "" && (last.Err == nil || !strings.Contains(last.Err.Error(), tt.why) || strings.Contains(last.Err.Error(), "secret")) {
				t.Errorf("error = %v, want %q", last.Err, tt.why)
			}
		})
	}
	if len(other.hits) != 0 {
		t.Errorf("the other host was asked for %v", other.hits)
	}
}

// TestCrawlContentLocation checks that a document that names its other form is
// the one of that form.
func TestCrawlContentLocation(t *testing.T) {
	w := newWeb(t, map[string]string{"/": "/a /a/ /b/ /b", "/a": "1", "/a/": "2", "/b": "3", "/b/": "4"})
	w.head["/a"] = http.Header{"Content-Location": {"/a/"}}
	w.head["/b"] = http.Header{"Content-Location": {"/other"}}
	crawlWeb(t, w, "/", crawl.Site{Concurrency: 1}, nil).wantPaths(t, "/ /a/ /b/ /b")
	if w.count("/a/") != 0 {
		t.Error("the other form was asked for as well")
	}
}

// TestCrawlSitemaps checks what sitemaps lead to.
func TestCrawlSitemaps(t *testing.T) {
	other := newWeb(t, map[string]string{"/sitemap.xml": sitemapXML("/no")})
	index := func(locs ...string) string {
		return strings.NewReplacer("urlset", "sitemapindex", "url>", "sitemap>").Replace(sitemapXML(locs...))
	}
	for _, tt := range []struct {
		name, start string
		pages       map[string]string
		want        string
		urls        int
		warning     string
	}{
		{"before links", "/", map[string]string{"/": "/l", "/l": "", "/sitemap.xml": sitemapXML("{host}/b", "{host}/a", "{host}/"), "/a": "", "/b": "/l2", "/l2": ""}, "/ /b /a /l /l2", 3, ""},
		{"by robots.txt", "/", map[string]string{"/": "", "/robots.txt": "Sitemap: {host}/one.xml\nSitemap: /two.xml", "/one.xml": sitemapXML("{host}/a"), "/two.xml": sitemapXML("{host}/b"),
			"/sitemap.xml": sitemapXML("{host}/no"), "/a": "", "/b": ""}, "/ /a /b", 2, ""},
		{"index", "/", map[string]string{"/": "", "/sitemap.xml": index("{host}/1.xml", "{host}/2.xml", "{host}/1.xml", "{host}/sitemap.xml"),
			"/1.xml": sitemapXML("{host}/a"), "/2.xml": sitemapXML("{host}/b"), "/a": "", "/b": ""}, "/ /a /b", 2, ""},
		{"on another host", "/", map[string]string{"/": "", "/robots.txt": "Sitemap: " + other.URL + "/sitemap.xml"}, "/", 0, "is on another host: it is not read"},
		{"of another host", "/", map[string]string{"/": "/a", "/a": "", "/sitemap.xml": sitemapXML(other.URL+"/x", other.URL+"/y")}, "/ /a", 0, "names 2 addresses on another host"},
		{"out of scope", "/d/", map[string]string{"/d/": "/d/a", "/d/a": "", "/sitemap.xml": sitemapXML("{host}/x", "{host}/y")}, "/d/ /d/a", 0, "only links are followed"},
		{"in the folder of the start", "/d/", map[string]string{"/d/": "", "/d/a": "", "/d/sitemap.xml": sitemapXML("{host}/d/a")}, "/d/ /d/a", 1, ""},
		{"forbidden pages", "/", map[string]string{"/": "", "/robots.txt": "User-agent: *\nDisallow: /x", "/sitemap.xml": sitemapXML("{host}/x", "{host}/a"), "/a": ""}, "/ /a", 1, ""},
		{"a page instead", "/", map[string]string{"/": "", "/sitemap.xml": "<!doctype html><title>not here</title>"}, "/", 0, ""},
		{"broken", "/", map[string]string{"/": "", "/robots.txt": "Sitemap: /s.xml", "/s.xml": strings.ReplaceAll(sitemapXML("{host}/a", "{host}/b"), "</loc></url></urlset>", ""), "/a": ""}, "/ /a", 1, "is invalid"},
		{"missing", "/", map[string]string{"/": "", "/robots.txt": "Sitemap: /s.xml"}, "/", 0, "can't be read"},
		{"redirect", "/", map[string]string{"/": "", "/sitemap.xml": "301 /s.xml", "/s.xml": sitemapXML("{host}/a"), "/a": ""}, "/ /a", 1, ""},
		{"redirect to another host", "/", map[string]string{"/": "", "/sitemap.xml": "301 " + other.URL + "/sitemap.xml"}, "/", 0, ""},
		{"text", "/", map[string]string{"/": "", "/robots.txt": "Sitemap: s.txt", "/s.txt": "{host}/a\n", "/a": ""}, "/ /a", 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t, tt.pages)
			w.head["/s.txt"] = http.Header{"Content-Type": {"text/plain"}}
			c := crawlWeb(t, w, tt.start, crawl.Site{}, nil)
			c.wantPaths(t, tt.want)
			w.once(t)
			warnings := strings.Join(c.summary.Warnings, "; ")
			if c.summary.SitemapURLs != tt.urls || !strings.Contains(warnings, tt.warning) || (tt.warning == "") != (warnings == "") {
				t.Errorf("SitemapURLs = %d, warnings %q; want %d, %q", c.summary.SitemapURLs, warnings, tt.urls, tt.warning)
			}
		})
	}
	if len(other.hits) != 0 {
		t.Errorf("the other host was asked for %v", other.hits)
	}
}

// TestCrawlZippedSitemap checks that a sitemap may be a gzip file, and that one
// that unpacks to more than a sitemap may hold does no harm.
func TestCrawlZippedSitemap(t *testing.T) {
	zipped := func(text string) []byte {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.Bytes()
	}
	bomb := zipped(strings.Repeat(" ", sitemap.MaxBytes+1))
	w := newWeb(t, map[string]string{"/": "", "/a": "", "/robots.txt": "Sitemap: {host}/s.xml.gz\nSitemap: {host}/bomb.gz"})
	w.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/s.xml.gz":
			_, _ = rw.Write(zipped(sitemapXML("http://" + r.Host + "/a")))
		case "/bomb.gz":
			_, _ = rw.Write(bomb)
		default:
			w.ServeHTTP(rw, r)
		}
	})
	c := crawlWeb(t, w, "/", crawl.Site{}, nil)
	c.wantPaths(t, "/ /a")
	if want := []string{w.URL + "/s.xml.gz", w.URL + "/bomb.gz"}; !cmp.Equal(c.summary.Sitemaps, want) || len(c.summary.Warnings) != 1 {
		t.Errorf("Sitemaps = %v, warnings %q; want %v and one warning", c.summary.Sitemaps, c.summary.Warnings, want)
	}
}
