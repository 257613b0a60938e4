// Package site renders Citewell's documentation as a website and serves it.
//
// Call [Handler]. The pages are those of [github.com/citewell/citewell/docs], as
// HTML with navigation, a table of contents and an anchor on every heading, like
// the output of documentation generators. Every link and anchor within the site exists.
package site

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/citewell/citewell/docs"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed site.css
	siteCSS []byte

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// A file is one file that the site serves.
type file struct {
	contentType string
	body        []byte
}

// Handler returns a handler of the website under prefix, such as "/docs/", and the
// paths of its pages in reading order, including the prefix. The prefix must begin
// and end with a slash.
func Handler(prefix string) (http.Handler, []string, error) {
	if !strings.HasPrefix(prefix, "/") || !strings.HasSuffix(prefix, "/") {
		return nil, nil, fmt.Errorf("site: prefix %q does not begin and end with a slash", prefix)
	}
	pages, err := readPages(prefix)
	if err != nil {
		return nil, nil, fmt.Errorf("site: %w", err)
	}
	files := map[string]file{
		prefix + "site.css":   {"text/css; charset=utf-8", siteCSS},
		prefix + "robots.txt": {"text/plain; charset=utf-8", []byte("User-agent: *\nAllow: /\n")},
	}
	var paths []string
	for i, p := range pages {
		var out bytes.Buffer
		if err := pageTemplate.Execute(&out, view(prefix, pages, i)); err != nil {
			return nil, nil, fmt.Errorf("site: page %s: %w", p.Path, err)
		}
		files[p.Path] = file{"text/html; charset=utf-8", out.Bytes()}
		paths = append(paths, p.Path)
	}
	return handler(prefix, files, paths), paths, nil
}

func handler(prefix string, files map[string]file, paths []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		switch {
		case r.URL.Path == prefix+"sitemap.xml":
			f = file{"application/xml; charset=utf-8", sitemap(r, paths)}
		case !ok && files[r.URL.Path+"/"].body != nil:
			http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
			return
		case !ok:
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", f.contentType)
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(f.body)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
	})
}

// sitemap lists the pages under the host that the request names.
func sitemap(r *http.Request, paths []string) []byte {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, p := range paths {
		b.WriteString("  <url><loc>" + template.HTMLEscapeString(scheme+"://"+r.Host+p) + "</loc></url>\n")
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

// A pageView is the data of the page template.
type pageView struct {
	Prefix     string
	Page       *page
	Pages      []*page
	Prev, Next *page // nil for the first and the last page
}

func view(prefix string, pages []*page, i int) pageView {
	v := pageView{Prefix: prefix, Page: pages[i], Pages: pages}
	if i > 0 {
		v.Prev = pages[i-1]
	}
	if i+1 < len(pages) {
		v.Next = pages[i+1]
	}
	return v
}

// readPages renders every page of the documentation.
func readPages(prefix string) ([]*page, error) {
	var pages []*page
	for _, name := range docs.Order {
		src, err := docs.Files.ReadFile(name + ".md")
		if err != nil {
			return nil, err
		}
		p, err := render(prefix, name, src)
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		pages = append(pages, p)
	}
	return pages, nil
}
