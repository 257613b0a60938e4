package crawl_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/citewell/citewell/ingest/crawl"
)

// made serves a site whose pages a function makes from their addresses; "" for none.
func made(t *testing.T, page func(at string) string) (site *httptest.Server, requests *atomic.Int32) {
	t.Helper()
	requests = new(atomic.Int32)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		body := page(r.URL.RequestURI())
		if body == "" || r.URL.Path == "/robots.txt" || r.URL.Path == "/sitemap.xml" {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte(body))
	}))
	t.Cleanup(srv.Close)
	return srv, requests
}

// links returns a link for each word.
func links(words string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(words) {
		fmt.Fprintf(&b, "<a href='%s'>%s</a> ", word, strings.Trim(word, "/0123456789"))
	}
	return b.String()
}

// last returns the last folder of an address.
func last(at string) string {
	parts := strings.Split(strings.Trim(at, "/"), "/")
	return parts[len(parts)-1]
}

// TestEndless crawls sites that have addresses without end, and some that only look so.
func TestEndless(t *testing.T) {
	t.Parallel()
	nav := links("guide/ api/ faq/ tour/ news/ jobs/ help/ shop/ team/ blog/")
	months := strings.Fields("January February March April May June July August September October November December")
	calendar := func(at string) (year, month int, ok bool) {
		n, _ := fmt.Sscanf(at, "/calendar/%d/%d", &year, &month)
		return year, month, n == 2
	}
	var session atomic.Int32
	for _, tt := range []struct {
		name    string
		page    func(at string) string
		most    int    // requests
		visits  int    // at least
		warning string // "" means none
	}{
		{"one page for every address", func(string) string { return "<h1>Tea</h1>" + nav }, 120, 11, "/guide/guide/ grow without end"},
		{"the page tells its address", func(at string) string { return "<h1>Tea</h1><p>You are at " + at + "</p>" + nav }, 300, 11, "grow without end"},
		{"a page by the last folder", func(at string) string {
			return fmt.Sprintf("<h1>%s</h1><p>It has w%co.</p>", last(at), 'a'+len(last(at))%26) + nav
		}, 300, 11, "/guide/guide/ grow without end"},
		{"a folder that contains itself", func(at string) string {
			if at = "/" + strings.ReplaceAll(at[1:], "loop/", ""); at == "/" {
				return links("loop/ a.html b.html")
			}
			return "<p>" + last(at)
		}, 30, 4, "grow without end"},
		{"folders that repeat with another text", func(at string) string {
			return fmt.Sprintf("<p>w%co%s</p>", 'a'+len(at)%26, links("more/"))
		}, 12, 5, "repeat their folders"},
		{"calendar", func(at string) string {
			if at == "/" {
				return links("/calendar/2026/11 /about")
			}
			if at == "/about" {
				return "<p>About"
			}
			year, month, ok := calendar(at)
			if !ok {
				return ""
			}
			next, before := year*12+month, year*12+month-2
			return fmt.Sprintf("<h1>%s %d</h1><p>Mo Tu We Th Fr Sa Su 1 2 3</p>", months[month-1], year) +
				links(fmt.Sprintf("/calendar/%d/%d /calendar/%d/%d", next/12, next%12+1, before/12, before%12+1))
		}, 200, 40, "/calendar/#/# go on without end"},
		{"session in an unknown parameter", func(at string) string {
			p, _, _ := strings.Cut(at, "?")
			if p != "/" && p != "/a" && p != "/b" {
				return ""
			}
			n := session.Add(3)
			return fmt.Sprintf("<h1>Page %s</h1>", p) + links(fmt.Sprintf("/?zz=%d /a?zz=%d /b?zz=%d", n, n+1, n+2))
		}, 4000, 3, "/*?zz go on without end"},
		{"chapters, each with the next", func(at string) string {
			var n int
			if _, err := fmt.Sscanf(at+" ", "/chapter-%d ", &n); err != nil && at != "/" || n > 99 {
				return ""
			}
			return fmt.Sprintf("<p>It tells of w%c%cord.</p>", 'a'+n%26, 'a'+n/26) + links(fmt.Sprintf("/chapter-%d", n+1))
		}, 110, 100, ""},
		{"the same words in another order", func(at string) string {
			var n int
			if _, err := fmt.Sscanf(at+" ", "/card-%d ", &n); err != nil && at != "/" || n > 99 {
				return ""
			}
			return fmt.Sprintf("<p>%s %s and %s.</p>", months[n*7%12], months[n*n%11], months[n/9]) + links(fmt.Sprintf("/card-%d", n+1))
		}, 110, 100, ""},
		{"lists, each with the next", func(at string) string {
			var n int
			if strings.HasPrefix(at, "/item") {
				return "<p>" + at
			}
			if _, err := fmt.Sscanf(at+" ", "/list?page=%d ", &n); err != nil && at != "/" || n > 99 {
				return ""
			}
			return "<p>More</p>" + links(fmt.Sprintf("/list?page=%d /item%c%c", n+1, 'a'+n%26, 'a'+n/26))
		}, 210, 200, ""},
		{"pages of one table of contents", func(at string) string {
			if at == "/" {
				var all strings.Builder
				for n := range 100 {
					fmt.Fprintf(&all, "/p/%d ", n)
				}
				return links(all.String())
			}
			if strings.HasPrefix(at, "/p/") {
				return "<p>Number</p>"
			}
			return ""
		}, 110, 101, ""},
		{"versions with the same start", func(at string) string {
			switch parts := strings.Split(strings.Trim(at, "/"), "/"); {
			case at == "/" || at == "/1.0/" || at == "/2.0/" || at == "/2.0/2.0/":
				return "<h1>Tea</h1>" + links("cup.html 1.0/ 2.0/")
			case len(parts) < 4 && parts[len(parts)-1] == "cup.html":
				return "<p>Cups</p>" + links("more-"+fmt.Sprint(len(parts))+".html")
			case len(parts) < 4 && strings.HasPrefix(last(at), "more"):
				return "<p>More " + at
			}
			return ""
		}, 40, 9, "grow without end"},
		{"folders that repeat", func(at string) string {
			if strings.Count(at, "/") > 4 || strings.Trim(strings.ReplaceAll(at, "test", ""), "/") != "" {
				return ""
			}
			return "<p>" + strings.Repeat("level ", strings.Count(at, "/")) + links("test/")
		}, 9, 4, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			site, requests := made(t, tt.page)
			f := newFetcher(t, crawl.Config{Retries: -1})
			c := crawlWith(t.Context(), f, crawl.Site{Start: site.URL + "/", Options: crawl.Options{MaxPages: 20_000}}, nil)
			visits := 0
			for _, v := range c.visits {
				if v.Err == nil {
					visits++
				}
			}
			if n := int(requests.Load()); c.err != nil || n > tt.most || visits < tt.visits {
				t.Errorf("%d pages by %d requests, %v; want %d by at most %d", visits, n, c.err, tt.visits, tt.most)
			}
			if said := strings.Join(c.summary.Warnings, "\n"); !strings.Contains(said, tt.warning) || tt.warning == "" && said != "" {
				t.Errorf("Warnings = %q, want %q", said, tt.warning)
			}
		})
	}
}

// TestNotice crawls sites that answer 200 where there is no page.
func TestNotice(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"/": "<title>Tea</title><p>Tea and cups." + links("/gone /a /lost.html /old"), "/a": "<title>A</title><p>Cups not found elsewhere."}
	for _, tt := range []struct {
		name, notice, want string
		warnings           int
	}{
		{"with the address", `<title>404</title><p>Sorry, <b>%s</b> does not exist. It is 12:%d.`, "/ /gone=404 /a /lost.html=404 /old=404", 1},
		{"as it should be", "", "/ /gone=404 /a /lost.html=404 /old=404", 0},
		{"the start", "start", "/ /gone /a /lost.html /old", 0},
		{"written by a script", `<div id="app"></div><script>"%s"; "%d"</script>`, "/ /gone /a /lost.html /old", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			n := 10
			site, _ := made(t, func(at string) string {
				mu.Lock()
				defer mu.Unlock()
				n++
				switch {
				case pages[at] != "":
					return pages[at]
				case tt.notice == "start":
					return pages["/"]
				case tt.notice != "":
					return fmt.Sprintf(tt.notice, at, n)
				}
				return ""
			})
			known := crawled{visits: []crawl.Visit{{URL: site.URL + "/a"}, {URL: site.URL + "/was"}}}.memory()
			c := crawlWith(t.Context(), newFetcher(t, crawl.Config{Retries: -1}), crawl.Site{Start: site.URL + "/"}, known)
			c.wantPaths(t, tt.want)
			if got := strings.Join(c.summary.Warnings, "\n"); (got != "") != (tt.warnings > 0) || got != "" && !strings.Contains(got, "3 addresses such as "+site.URL+"/gone are not indexed") {
				t.Errorf("Warnings = %q, want %d", got, tt.warnings)
			}
			if len(c.summary.Gone) != 1 {
				t.Errorf("Gone = %q, want the page that nothing leads to", c.summary.Gone)
			}
		})
	}
}
