package crashtest

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// A site is generated. Its pages link to the next ones; some have the text of
// another page, ask not to be indexed, are missing, or have no text.
type site struct {
	url     string
	version atomic.Int64 // of the site: the second one has other pages
}

func newSite(t *testing.T) *site {
	s := &site{}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL + "/docs/"
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/docs/")
	n := 0
	if rest != "" {
		var err error
		n, err = strconv.Atoi(strings.TrimSuffix(rest, ".html"))
		ok = ok && err == nil
	}
	if !ok || n >= sitePages || s.missing(n) {
		http.NotFound(w, r)
		return
	}
	body := s.page(n)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body))))
	if r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(body))
}

// missing reports whether a page is linked but does not exist: one in fifty, and in
// the second version also one in twenty.
func (s *site) missing(n int) bool {
	return n%50 == 49 || s.version.Load() > 0 && n > 0 && n%20 == 13
}

// page returns page n. In the second version one in ten has other words.
func (s *site) page(n int) string {
	var b strings.Builder
	head, text := "", n
	switch n % 25 {
	case 7:
		text = n - 1 // as the page before, words and title
	case 11:
		head = `<meta name="robots" content="noindex">`
	case 17:
		head = fmt.Sprintf(`<link rel="canonical" href="%d.html">`, n+1)
	}
	fmt.Fprintf(&b, "<html lang=en><head><title>Page %d</title>%s</head><body><nav>", text, head)
	for _, to := range []int{3*n + 1, 3*n + 2, 3*n + 3, n + 1} {
		if to < sitePages {
			fmt.Fprintf(&b, `<a href="%d.html">next</a> `, to)
		}
	}
	b.WriteString("</nav><main>")
	if n%25 != 21 {
		fmt.Fprintf(&b, "<h1>Page %d</h1>", text)
		word := "kettle"
		if s.version.Load() > 0 && text%10 == 4 {
			word = "teapot"
		}
		for i := range 3 + text%15 {
			// Pages that differ in numbers alone are a calendar to the crawler.
			fmt.Fprintf(&b, "<p>Paragraph %d of page p%d tells of the %s, how long it boils, and when it rings.</p>", i, text, word)
		}
		b.WriteString("<p>Ask the makers whenever something boils over.</p>")
	}
	b.WriteString("</main></body></html>")
	return b.String()
}
