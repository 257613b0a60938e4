package ingest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
)

func TestCanonicalBase(t *testing.T) {
	for _, tt := range []struct {
		name, base, start string
		want              []string
		link              string
	}{
		{"host alone", "https://docs.example.com", "/docs/", []string{
			"https://docs.example.com/docs/ indexed", "https://docs.example.com/docs/a.html indexed", "https://docs.example.com/docs/sub/b.html indexed",
		}, "https://docs.example.com/docs/sub/b.html"},
		{"root", "https://docs.example.com/", "/docs/", []string{
			"https://docs.example.com/ indexed", "https://docs.example.com/a.html indexed", "https://docs.example.com/sub/b.html indexed",
		}, "https://docs.example.com/sub/b.html"},
		{"another folder, start is a page", "https://docs.example.com/v2", "/docs/a.html", []string{
			"https://docs.example.com/v2/ indexed", "https://docs.example.com/v2/a.html indexed", "https://docs.example.com/v2/sub/b.html indexed",
		}, "https://docs.example.com/v2/sub/b.html"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t)
			w.set("/docs/index.html", page("Docs", "All of it.", "a.html"))
			w.set("/docs/a.html", page("A", `The text of A says that all there is to know of it is told on another page, which is <a href="sub/b.html">B</a>, and nowhere else.`, "./"))
			w.set("/docs/sub/b.html", strings.Replace(page("B", "The text of B."), "<head>", `<head><link rel="canonical" href="https://docs.example.com/docs/sub/b.html">`, 1))
			store, e := &watchedStore{}, newEmbedder()
			in := newCrawler(t, ingest.Config{Opener: store, Embedder: e, Crawl: crawl.Options{CanonicalBase: tt.base}})
			mustIngest(t, in, w.url+tt.start)
			if diff := cmp.Diff(tt.want, rows(t, w, store)); diff != "" {
				t.Errorf("manifest (-want +got):\n%s", diff)
			}
			_, chunks := contents(t, in, store)
			for _, c := range chunks {
				if c.Source != "docs.example.com" {
					t.Errorf("source of %s = %q, want that of the base", c.URL, c.Source)
				}
				if c.Title == "A" && !strings.Contains(c.Text, "]("+tt.link+")") {
					t.Errorf("text = %q, want a link to %s", c.Text, tt.link)
				}
			}
			w.counts()
			report := mustIngest(t, in, w.url+tt.start)
			if full, not := w.counts(); report.Unchanged != 3 || full != 0 || not != 3 {
				t.Errorf("second report = %+v after %d answers 200 and %d 304, want all unchanged", report, full, not)
			}
			w.set("/docs/a.html", page("A", "No more links."))
			w.set("/docs/index.html", page("Docs", "All of it.", "a.html"))
			w.set("/docs/sub/b.html", "")
			in = newCrawler(t, ingest.Config{Opener: store, Embedder: e, Crawl: crawl.Options{CanonicalBase: tt.base}, PruneAll: true})
			if report := mustIngest(t, in, w.url+tt.start); tt.start == "/docs/" && (report.Pruned != 1 || report.Indexed != 1 || report.Unchanged != 1) {
				t.Errorf("third report = %+v, want one page changed and one gone", report)
			}
		})
	}
}

func TestCrawlOptionsAreChecked(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    ingest.Config
		want string
	}{
		{"pages", ingest.Config{Crawl: crawl.Options{MaxPages: -1}}, "max_pages -1 is negative"},
		{"depth", ingest.Config{Crawl: crawl.Options{MaxDepth: new(-2)}}, "max_depth -2 is negative"},
		{"prune limit", ingest.Config{PruneLimitPercent: 101}, "not within 0–100"},
		{"base", ingest.Config{Crawl: crawl.Options{CanonicalBase: "docs.example.com"}}, "not an http or https address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ingest.New(tt.c); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, want %q", err, tt.want)
			}
		})
	}
}

// TestOtherBase checks that a run asks about the base that most pages name as their own.
func TestOtherBase(t *testing.T) {
	for _, tt := range []struct{ name, canonical, options, want string }{
		{"host alone", "https://docs.example.com/docs/", "", "--canonical-base https://docs.example.com,"},
		{"another folder", "https://docs.example.com/v2/", "", "--canonical-base https://docs.example.com/v2/,"},
		{"with a base", "https://docs.example.com/docs/", "https://docs.example.com", ""},
		{"another page each", "https://docs.example.com/x/", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWeb(t)
			for name, links := range map[string][]string{"a": {"b"}, "b": {"c"}, "c": nil} {
				canonical := tt.canonical + name
				if tt.name == "another page each" {
					canonical += "z"
				}
				w.set("/docs/"+name, strings.Replace(page(name, "The text of "+name+".", links...), "<head>", `<head><link rel="canonical" href="`+canonical+`">`, 1))
			}
			w.set("/docs/index.html", page("Docs", "All of it.", "a"))
			in := newCrawler(t, ingest.Config{Opener: &watchedStore{}, Embedder: newEmbedder(), Crawl: crawl.Options{CanonicalBase: tt.options}})
			got := strings.Join(mustIngest(t, in, w.url+"/docs/").Warnings, "\n")
			if tt.want == "" && strings.Contains(got, "--canonical-base") || !strings.Contains(got, tt.want) {
				t.Errorf("warnings = %q, want %q", got, tt.want)
			}
		})
	}
}
