package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/citewell/citewell/docs"
)

// sitePages is the number of pages of the site, and contentBytes about the size of
// their content as HTML: those of a blog of long articles.
const (
	sitePages    = 52
	contentBytes = 40_000
)

var sentenceEnd = regexp.MustCompile(`[.!?]\s+`)

// sentences are those of Citewell's documentation, in order.
func sentences() ([]string, error) {
	var out []string
	for _, name := range docs.Order {
		b, err := fs.ReadFile(docs.Files, name+".md")
		if err != nil {
			return nil, err
		}
		for block := range strings.SplitSeq(string(b), "\n\n") {
			if strings.ContainsAny(block[:min(1, len(block))], "#|`<-") || strings.Contains(block, "```") {
				continue
			}
			for _, s := range sentenceEnd.Split(strings.Join(strings.Fields(block), " "), -1) {
				if s = strings.Trim(s, ".:;*_ "); len(s) > 20 && len(s) < 400 {
					out = append(out, s+".")
				}
			}
		}
	}
	return out, nil
}

// A writer writes texts of sentences, the same for the same seed.
type writer struct {
	rand *rand.Rand
	from []string
}

func newWriter(from []string, seed uint64) writer {
	return writer{rand.New(rand.NewPCG(seed, 22)), from}
}

func (w writer) sentence() string { return w.from[w.rand.IntN(len(w.from))] }

func (w writer) paragraph(n int) string {
	var s []string
	for range n {
		s = append(s, w.sentence())
	}
	return strings.Join(s, " ")
}

// article returns the page with a number, as HTML of a blog: navigation, headings,
// paragraphs, code, lists, tables, related articles.
func article(from []string, n int) string {
	w := newWriter(from, uint64(n))
	var b strings.Builder
	title := strings.Join(strings.Fields(w.sentence())[:3], " ")
	p := func(format string, args ...any) {
		for i, a := range args {
			if s, ok := a.(string); ok {
				args[i] = html.EscapeString(s)
			}
		}
		fmt.Fprintf(&b, format, args...)
	}
	p("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s %d | Notes</title></head>\n<body>\n<nav class=\"menu\"><ul>\n", title, n)
	for i := range sitePages {
		p("<li><a href=\"/posts/%d.html\">Note %d</a></li>\n", i, i)
	}
	p("</ul></nav>\n<main><article class=\"post\"><header class=\"post-header\"><h1 class=\"post-title\">%s %d</h1></header>\n<div class=\"post-content\">\n", title, n)
	for begun, i := b.Len(), 0; b.Len()-begun < contentBytes; i++ {
		if i%6 == 0 {
			p("<h2 id=\"part-%d\">%s</h2>\n", i, strings.TrimSuffix(w.sentence(), "."))
		}
		text := w.paragraph(3 + w.rand.IntN(4))
		p("<p>%s See <a href=\"/posts/%d.html\">another note</a> and <code>option_%d</code>.</p>\n", text, w.rand.IntN(sitePages), i)
		switch i % 9 {
		case 2:
			p("<pre><code class=\"language-go\">")
			for k := range 8 {
				p("value%d, err := read(ctx, &quot;name-%d&quot;)\n", k, w.rand.IntN(1000))
			}
			p("</code></pre>\n")
		case 5:
			p("<ul>\n<li>%s</li>\n<li>%s</li>\n<li>%s</li>\n</ul>\n", w.sentence(), w.sentence(), w.sentence())
		case 8:
			p("<table><thead><tr><th>Setting</th><th>Meaning</th></tr></thead><tbody>\n")
			for k := range 4 {
				p("<tr><td><code>setting_%d</code></td><td>%s</td></tr>\n", k, w.sentence())
			}
			p("</tbody></table>\n")
		}
	}
	p("</div></article></main>\n<aside class=\"related\"><h3>Related</h3>\n")
	for range 12 {
		p("<div class=\"teaser\"><a href=\"/posts/%d.html\">%s</a></div>\n", w.rand.IntN(sitePages), w.sentence())
	}
	p("</aside>\n<footer>Written by nobody</footer>\n</body></html>\n")
	return b.String()
}

// A site is pages by their paths.
type site map[string]string

// blog returns the site that ingestion is measured on.
func blog() (site, error) {
	from, err := sentences()
	if err != nil {
		return nil, err
	}
	s := site{}
	for n := range sitePages {
		s[postPath(n)] = article(from, n)
	}
	return s, nil
}

func postPath(n int) string { return fmt.Sprintf("/posts/%d.html", n) }

// ServeHTTP serves the pages with entity tags.
func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := s[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256([]byte(body))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
}

// notes returns Markdown files of about chunks chunks of one short paragraph each.
func notes(from []string, chunks int) site {
	const perFile = 50
	s := site{}
	for i := 0; i < chunks; i += perFile {
		w := newWriter(from, uint64(i))
		var b strings.Builder
		fmt.Fprintf(&b, "# Note %d\n", i/perFile)
		for k := i; k < min(i+perFile, chunks); k++ {
			fmt.Fprintf(&b, "\n## Subject %d\n\n%s\n", k, w.paragraph(2))
		}
		s[fmt.Sprintf("note-%d.md", i/perFile)] = b.String()
	}
	return s
}
