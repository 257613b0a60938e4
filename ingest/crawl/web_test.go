package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/citewell/citewell/ingest/crawl"
)

// A web is a site by path and query. A content is
//
//   - a page, whose words that begin with / or http are links;
//   - "301 /b", a redirect;
//   - "503" or another status;
//   - otherwise, what begins with <, that text.
//
// A web counts the requests, and answers 304 where its ETag is known.
type web struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]string
	head  map[string]http.Header // to answer with, by path
	hits  map[string]int
	asked []http.Header // of the requests
}

func newWeb(t *testing.T, pages map[string]string) *web {
	t.Helper()
	w := &web{pages: pages, head: map[string]http.Header{}, hits: map[string]int{}}
	w.Server = httptest.NewServer(w)
	t.Cleanup(w.Close)
	return w
}

func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	at := r.URL.RequestURI()
	w.mu.Lock()
	w.hits[at]++
	w.asked = append(w.asked, r.Header.Clone())
	content, ok := w.pages[at]
	for k, v := range w.head[at] {
		rw.Header()[k] = v
	}
	w.mu.Unlock()
	if !ok {
		content = "404"
	}
	content = strings.ReplaceAll(content, "{host}", "http://"+r.Host)
	if status, rest, _ := strings.Cut(content, " "); len(status) == 3 {
		if code, err := strconv.Atoi(status); err == nil {
			if rest != "" {
				rw.Header().Set("Location", rest)
			}
			rw.WriteHeader(code)
			return
		}
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(content))
	tag := fmt.Sprintf("%q", strconv.FormatUint(h.Sum64(), 36))
	rw.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	if rw.Header().Get("Content-Type") == "" {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	if rw.Header().Get("Content-Type") != "text/plain" {
		content = html(content)
	}
	fmt.Fprint(rw, content)
}

// html makes a page of words, of which some are links.
func html(words string) string {
	if strings.HasPrefix(words, "<") || strings.HasPrefix(words, "User-agent") || strings.HasPrefix(words, "Sitemap") {
		return words
	}
	var b strings.Builder
	b.WriteString("<title>t</title><p>")
	for word := range strings.FieldsSeq(words) {
		if strings.HasPrefix(word, "/") || strings.HasPrefix(word, "http") || strings.HasPrefix(word, "?") {
			word = `<a href="` + word + `">l</a>`
		}
		b.WriteString(word + " ")
	}
	return b.String()
}

// sitemapXML returns a sitemap of addresses.
func sitemapXML(locs ...string) string {
	return `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>` +
		strings.Join(locs, "</loc></url><url><loc>") + `</loc></url></urlset>`
}

// once reports paths that were asked for more than once, or else than expected.
func (w *web) once(t *testing.T, except ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for at, n := range w.hits {
		if n != 1 && !slices.Contains(except, at) {
			t.Errorf("%s was asked for %d times, want once", at, n)
		}
	}
}

func (w *web) count(at string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hits[at]
}

// A crawled is what a crawl visited.
type crawled struct {
	visits  []crawl.Visit
	summary crawl.Summary
	err     error
}

// crawlWeb crawls a web from a path.
func crawlWeb(t *testing.T, w *web, start string, site crawl.Site, known crawl.Known) crawled {
	t.Helper()
	site.Start = w.URL + start
	return crawlWith(t.Context(), newFetcher(t, crawl.Config{Retries: -1}), site, known)
}

func crawlWith(ctx context.Context, f *crawl.Fetcher, site crawl.Site, known crawl.Known) crawled {
	var c crawled
	c.summary, c.err = f.Crawl(ctx, site, known, func(v crawl.Visit) error {
		if v.Seq != len(c.visits) {
			return fmt.Errorf("visit %d has Seq %d", len(c.visits), v.Seq)
		}
		c.visits = append(c.visits, v)
		return nil
	})
	return c
}

// paths returns what was visited in order: paths, with the status if it is not
// 200, or "failed" without one.
func (c crawled) paths() string {
	var out []string
	for _, v := range c.visits {
		u, _ := url.Parse(v.URL)
		s := u.RequestURI()
		e, failed := errors.AsType[*crawl.Error](v.Err)
		switch {
		case failed && e.Status == 0:
			s += "=failed"
		case failed:
			s += "=" + strconv.Itoa(e.Status)
		case v.Response.Status != http.StatusOK:
			s += "=" + strconv.Itoa(v.Response.Status)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// wantPaths checks that a crawl ended well and what it visited.
func (c crawled) wantPaths(t *testing.T, want string) {
	t.Helper()
	if c.err != nil {
		t.Errorf("Crawl: %v", c.err)
	}
	if got := c.paths(); got != want {
		t.Errorf("visits = %s\nwant     %s", got, want)
	}
}

// memory is what a crawl left.
type memory struct {
	visits map[string]crawl.Visit
	order  []string
}

var _ crawl.Known = (*memory)(nil)

func (c crawled) memory() *memory {
	m := &memory{visits: map[string]crawl.Visit{}}
	for _, v := range c.visits {
		if v.Err == nil {
			m.visits[v.URL] = v
			m.order = append(m.order, v.URL)
		}
	}
	return m
}

func (m *memory) Validators(u string) (etag, modified string) {
	r := m.visits[u].Response
	return r.ETag, r.LastModified
}

func (m *memory) Children(u string) (children []string) {
	for _, o := range m.order {
		if m.visits[o].DiscoveredFrom == u {
			children = append(children, o)
		}
	}
	return children
}

func (m *memory) From(u string) string { return m.visits[u].DiscoveredFrom }

func (m *memory) Each(yield func(string) bool) {
	for _, u := range m.order {
		if !yield(u) {
			return
		}
	}
}

func (m *memory) CrawledAt(u string) time.Time { return m.visits[u].Response.FetchedAt }
