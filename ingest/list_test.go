package ingest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
)

// sitemapOf returns a sitemap of pages.
func sitemapOf(w *web, paths ...string) string {
	return `<urlset><url><loc>` + w.url + strings.Join(paths, "</loc></url><url><loc>"+w.url) + `</loc></url></urlset>`
}

func TestSitemapAsTarget(t *testing.T) {
	w := kettles(t)
	w.set("/other/e.html", page("E", "The text of E."))
	w.set("/maps/index.xml", `<sitemapindex><sitemap><loc>`+w.url+`/maps/one.xml</loc></sitemap></sitemapindex>`)
	w.set("/maps/one.xml", sitemapOf(w, "/docs/a.html", "/docs/b.html", "/other/e.html"))
	store := &watchedStore{}
	in := newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder(), PruneLimitPercent: 50})
	list := "/maps/index.xml noindex it is a sitemap: the pages that it names are indexed"
	for _, tt := range []struct {
		name   string
		before func()
		want   []string
		pruned int
	}{
		{"first", func() {}, []string{"/docs/a.html indexed", "/docs/b.html indexed", list, "/other/e.html indexed"}, 0},
		{"again", func() {}, []string{"/docs/a.html indexed", "/docs/b.html indexed", list, "/other/e.html indexed"}, 0},
		{"fewer", func() { w.set("/maps/one.xml", sitemapOf(w, "/docs/a.html", "/other/e.html")) }, []string{"/docs/a.html indexed", list, "/other/e.html indexed"}, 1},
	} {
		tt.before()
		w.counts()
		report := mustIngest(t, in, w.url+"/maps/index.xml")
		if diff := cmp.Diff(tt.want, rows(t, w, store)); diff != "" || report.Pruned != tt.pruned {
			t.Errorf("%s: pruned %d, manifest (-want +got):\n%s", tt.name, report.Pruned, diff)
		}
		if _, not := w.counts(); tt.name == "again" && not != 3 {
			t.Errorf("%s: %d pages were answered as not modified, want 3", tt.name, not)
		}
	}
	// Of a site and a list, each removes what it found itself.
	mustIngest(t, in, w.url+"/docs/")
	w.set("/maps/one.xml", sitemapOf(w, "/docs/a.html"))
	if report := mustIngest(t, in, w.url+"/maps/index.xml"); report.Pruned != 1 {
		t.Errorf("pruned %v, want /other/e.html alone", report.PrunedURLs)
	}
}

const shell = `<html><head><title>App</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>`

func TestLLMsAsTarget(t *testing.T) {
	markdown := http.Header{"Content-Type": {"text/markdown"}}
	w := newWeb(t)
	w.set("/docs/llms.txt", "# Kettles\n\n- [A](/docs/a.md): of A\n- [B]("+w.url+"/docs/b.md)\n- [C](c.html)\n- [D](/docs/d/index.html.md)\n- [E](/docs/e.md)\n- [Far](https://far.example/x.md)\n")
	w.set("/docs/a", page("A", "The HTML of A.", "/docs/z.html"))
	w.set("/docs/z.html", page("Z", "Nobody lists Z."))
	w.set("/docs/b", shell)
	w.set("/docs/c.html", page("C", "The HTML of C."))
	w.set("/docs/d/index.html", page("D", "The HTML of D."))
	for _, name := range []string{"a", "b", "d/index.html", "e"} {
		w.set("/docs/"+name+".md", "# Markdown of "+name+"\n\nA text in Markdown.\n\n## Part\n\nMore.\n")
		w.head["/docs/"+name+".md"] = markdown
	}
	for _, p := range []string{"/docs/a", "/docs/b"} {
		w.head[p] = http.Header{"Content-Type": {"text/html"}}
	}
	list := "/docs/llms.txt noindex it is a list of pages (llms.txt): the pages that it names are indexed"
	want := []string{"/docs/a indexed", "/docs/b indexed", "/docs/c.html indexed", "/docs/d/ indexed", "/docs/e.md indexed", list}
	for _, tt := range []struct {
		name   string
		prefer bool
		titles map[string]string
	}{
		{"HTML", false, map[string]string{"/docs/a": "A", "/docs/b": "Markdown of b", "/docs/d/": "D", "/docs/e.md": "Markdown of e"}},
		{"Markdown", true, map[string]string{"/docs/a": "Markdown of a", "/docs/c.html": "C", "/docs/d/": "Markdown of d/index.html"}},
	} {
		store := &watchedStore{}
		in := newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder(), Crawl: crawl.Options{PreferMarkdown: tt.prefer}})
		for range 2 { // A second run decides alike.
			report := mustIngest(t, in, w.url+"/docs/llms.txt")
			if diff := cmp.Diff(want, rows(t, w, store)); diff != "" {
				t.Errorf("%s: manifest (-want +got):\n%s", tt.name, diff)
			}
			if !slices.ContainsFunc(report.Warnings, func(s string) bool { return strings.Contains(s, "1 addresses on another host, far.example") }) {
				t.Errorf("%s: warnings %q do not name the other host", tt.name, report.Warnings)
			}
		}
		for path, title := range tt.titles {
			if p, _, err := store.Page(t.Context(), w.url+path); err != nil || p.Title != title {
				t.Errorf("%s: the title of %s is %q, want %q", tt.name, path, p.Title, title)
			}
		}
	}
}

// TestMarkdownOfAShell crawls a page whose text only a script writes, and that names its
// Markdown.
func TestMarkdownOfAShell(t *testing.T) {
	w := newWeb(t)
	w.set("/docs/index.html", strings.Replace(shell, "<title>", `<link rel="alternate" type="text/markdown" href="/docs/index.md"><title>`, 1))
	w.set("/docs/index.md", "# Kettles\n\nSee [A](/docs/a.html).\n")
	w.head["/docs/index.md"] = http.Header{"Content-Type": {"text/markdown"}}
	w.set("/docs/a.html", page("A", "The text of A."))
	store := &watchedStore{}
	mustIngest(t, newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder()}), w.url+"/docs/")
	if diff := cmp.Diff([]string{"/docs/ indexed", "/docs/a.html indexed"}, rows(t, w, store)); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
}

func TestListRefused(t *testing.T) {
	w := newWeb(t)
	w.set("/sitemap.xml", `<urlset><url><loc>https://far.example/</loc></url></urlset>`)
	w.set("/empty.xml", `<urlset></urlset>`)
	w.set("/llms.txt", "# Nothing\n")
	in := newCrawler(t, ingest.Config{Opener: &watchedStore{}, Embedder: newEmbedder()})
	for path, want := range map[string]string{"/sitemap.xml": "ingest https://far.example/ instead", "/llms.txt": "it names no page"} {
		if _, err := in.Ingest(t.Context(), []string{w.url + path}, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Ingest(%s) = %v, want %q", path, err, want)
		}
	}
}
