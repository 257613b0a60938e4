// Package site renders Citewell's documentation as a website and serves it.
//
// Call [Handler], or [Write] for a site of files. The pages are those of
// [github.com/citewell/citewell/docs], as HTML with navigation, a search, a table of
// contents and an anchor on every heading, like the output of documentation
// generators; llms.txt lists them for language models. Every link and anchor within
// the site exists.
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
	//go:embed search.js
	searchJS []byte

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// A file is one file that the site serves.
type file struct {
	contentType string
	body        []byte
}

// A website is the site under one prefix.
type website struct {
	prefix string
	pages  []*page
	files  map[string]file // by path
}

// Handler returns a handler of the website under prefix, such as "/docs/", and the
// paths of its pages in reading order, including the prefix. The prefix must begin
// and end with a slash. Its pages have the widget of the server that they are on.
func Handler(prefix string) (http.Handler, []string, error) {
	s, err := newWebsite(prefix, true)
	if err != nil {
		return nil, nil, fmt.Errorf("site: %w", err)
	}
	var paths []string
	for _, p := range s.pages {
		paths = append(paths, p.Path)
	}
	return s, paths, nil
}

func newWebsite(prefix string, widget bool) (*website, error) {
	if !strings.HasPrefix(prefix, "/") || !strings.HasSuffix(prefix, "/") {
		return nil, fmt.Errorf("prefix %q does not begin and end with a slash", prefix)
	}
	pages, err := readPages(prefix)
	if err != nil {
		return nil, err
	}
	index, err := searchIndex(pages)
	if err != nil {
		return nil, err
	}
	s := &website{prefix, pages, map[string]file{
		prefix + "site.css":          {"text/css; charset=utf-8", siteCSS},
		prefix + "search.js":         {"text/javascript; charset=utf-8", searchJS},
		prefix + "search.json":       {"application/json", index},
		prefix + "images/flow.svg":   {"image/svg+xml", docs.Flow},
		prefix + "images/growth.svg": {"image/svg+xml", docs.Growth},
		prefix + "robots.txt":        {"text/plain; charset=utf-8", []byte("User-agent: *\nAllow: /\n")},
	}}
	for i, p := range pages {
		var out bytes.Buffer
		if err := pageTemplate.Execute(&out, view(prefix, pages, i, widget)); err != nil {
			return nil, fmt.Errorf("page %s: %w", p.Path, err)
		}
		s.files[p.Path] = file{"text/html; charset=utf-8", out.Bytes()}
	}
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *website) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	origin := "http://" + r.Host
	if r.TLS != nil {
		origin = "https://" + r.Host
	}
	f, ok := s.file(r.URL.Path, origin)
	if !ok {
		if _, ok := s.files[r.URL.Path+"/"]; ok {
			http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
			return
		}
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(f.body)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

// file returns the file at a path of the site at an origin, such as
// "https://example.com".
func (s *website) file(path, origin string) (file, bool) {
	switch path {
	case s.prefix + "sitemap.xml":
		return file{"application/xml; charset=utf-8", sitemap(origin, s.pages)}, true
	case s.prefix + "llms.txt":
		return file{"text/plain; charset=utf-8", llmsTxt(origin, s.pages)}, true
	}
	f, ok := s.files[path]
	return f, ok
}

// sitemap lists the pages.
func sitemap(origin string, pages []*page) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, p := range pages {
		b.WriteString("  <url><loc>" + template.HTMLEscapeString(origin+p.Path) + "</loc></url>\n")
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

// llmsTxt lists the pages for language models, as llmstxt.org describes.
func llmsTxt(origin string, pages []*page) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Citewell\n\n> %s\n\n## Documentation\n\n", pages[0].Lead)
	for _, p := range pages {
		fmt.Fprintf(&b, "- [%s](%s): %s\n", p.Title, origin+p.Path, p.Lead)
	}
	return b.Bytes()
}

// A pageView is the data of the page template.
type pageView struct {
	Prefix     string
	Page       *page
	Pages      []*page
	Prev, Next *page // nil for the first and the last page
	Widget     bool  // the server that serves the page has the widget
}

func view(prefix string, pages []*page, i int, widget bool) pageView {
	v := pageView{Prefix: prefix, Page: pages[i], Pages: pages, Widget: widget}
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
