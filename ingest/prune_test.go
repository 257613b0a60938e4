package ingest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
)

// library returns a site of n pages that the start links to.
func library(t testing.TB, n int) *web {
	w := newWeb(t)
	var links []string
	for i := range n {
		links = append(links, fmt.Sprintf("p%02d.html", i))
		w.set(fmt.Sprintf("/docs/p%02d.html", i), page(fmt.Sprint("Page ", i), fmt.Sprintf("The text of page %d.", i)))
	}
	w.set("/docs/index.html", page("Docs", "All of it.", links...))
	return w
}

// withoutLinks takes the pages and the links to those that drop chooses.
func withoutLinks(w *web, n int, drop func(i int) bool) {
	var links []string
	for i := range n {
		name := fmt.Sprintf("p%02d.html", i)
		if drop(i) {
			w.set("/docs/"+name, "")
		} else {
			links = append(links, name)
		}
	}
	w.set("/docs/index.html", page("Docs", "All of it.", links...))
}

func TestPruning(t *testing.T) {
	const n = 20
	for _, tt := range []struct {
		name     string
		config   ingest.Config // of the second run
		change   func(w *web)
		pages    int // indexed afterwards
		pruned   int
		kept     int
		failed   int
		warnings string // "" means none
	}{
		{"some are gone", ingest.Config{}, func(w *web) { withoutLinks(w, n, func(i int) bool { return i < 5 }) }, 16, 5, 0, 0, ""},
		{"many are gone", ingest.Config{}, func(w *web) { withoutLinks(w, n, func(i int) bool { return i < 10 }) }, 21, 0, 10, 0,
			"10 of 21 pages are missing, which is over the prune limit of 30 %: the site may be down, so none of them is removed. If they are really gone, ingest with --yes"},
		{"many are gone, and that is right", ingest.Config{PruneAll: true}, func(w *web) { withoutLinks(w, n, func(i int) bool { return i < 10 }) }, 11, 10, 0, 0, ""},
		{"many are gone, and may be", ingest.Config{PruneLimitPercent: 50}, func(w *web) { withoutLinks(w, n, func(i int) bool { return i < 10 }) }, 11, 10, 0, 0, ""},
		{"one is gone, and linked still", ingest.Config{}, func(w *web) { w.set("/docs/p07.html", "") }, 20, 1, 0, 0, ""},
		{"one fails", ingest.Config{}, func(w *web) { w.fail("/docs/p07.html", http.StatusForbidden) }, 21, 0, 1, 1, ""},
		{"one is gone while another fails", ingest.Config{}, func(w *web) {
			w.fail("/docs/p07.html", http.StatusForbidden)
			w.set("/docs/p08.html", "")
		}, 20, 1, 1, 1, ""},
		{"excluded", ingest.Config{Crawl: crawl.Options{Exclude: []string{"p0[0-2].html"}}}, func(*web) {}, 18, 3, 0, 0, ""},
		{"one page for many addresses", ingest.Config{}, func(w *web) {
			for i := range 12 {
				w.set(fmt.Sprintf("/docs/p%02d.html", i), page("Sorry", "We will be back soon."))
			}
		}, 21, 0, 11, 0, "11 of 21 pages now have no text, or the same text as another page"},
		{"empty pages", ingest.Config{}, func(w *web) {
			for i := range 12 {
				w.set(fmt.Sprintf("/docs/p%02d.html", i), "<html><title>Sorry</title></html>")
			}
		}, 21, 0, 12, 0, "12 of 21 pages now have no text, or the same text as another page"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := library(t, n)
			store := &watchedStore{}
			mustIngest(t, newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder()}), w.url+"/docs/")
			tt.change(w)
			tt.config.Opener, tt.config.Embedder = store, newEmbedder()
			report := mustIngest(t, newCrawler(t, tt.config), w.url+"/docs/")
			if report.Pruned != tt.pruned || report.Kept != tt.kept || report.Failed != tt.failed || len(report.PrunedURLs) != tt.pruned || len(report.KeptPages) != tt.kept {
				t.Errorf("report = %+v, want %d pruned, %d kept, %d failed", report, tt.pruned, tt.kept, tt.failed)
			}
			if warnings := strings.Join(report.Warnings, "\n"); !strings.Contains(warnings, tt.warnings) || (warnings == "") != (tt.warnings == "") {
				t.Errorf("warnings = %q, want %q", warnings, tt.warnings)
			}
			if got := countRows(rows(t, w, store), "indexed"); got != tt.pages {
				t.Errorf("%d pages are indexed, want %d", got, tt.pages)
			}
		})
	}
}

// TestNarrowerCrawlKeepsPages checks that a crawl with narrower options removes
// no page that it did not try, but for those that it excludes by name, and that
// the next full crawl finds all of them again.
func TestNarrowerCrawlKeepsPages(t *testing.T) {
	all := []string{"/docs/ indexed", "/docs/a/ indexed", "/docs/a/one.html indexed", "/docs/a/three.html indexed", "/docs/b/ indexed",
		"/docs/b/two.html indexed", "/docs/map.html indexed"}
	without := func(pages ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(row string) bool {
			page, _, _ := strings.Cut(row, " ")
			return slices.Contains(pages, page)
		})
	}
	for _, tt := range []struct {
		name string
		o    crawl.Options
		want []string
	}{
		{"the start alone", crawl.Options{MaxDepth: new(0)}, all},
		{"depth", crawl.Options{MaxDepth: new(1)}, all},
		{"depth that reaches the end of all links", crawl.Options{MaxDepth: new(9)}, all},
		{"pages", crawl.Options{MaxPages: 2}, all},
		{"include", crawl.Options{Include: []string{"/docs/", "/docs/a/**"}}, all},
		{"include of what links do not lead to", crawl.Options{Include: []string{"/docs/", "/docs/a/three.html"}}, all},
		{"include and depth", crawl.Options{Include: []string{"/docs/", "/docs/a/**"}, MaxDepth: new(1)}, all},
		{"exclude", crawl.Options{Exclude: []string{"/docs/b/two.html"}}, without("/docs/b/two.html")},
		{"exclude of what leads to another page", crawl.Options{Exclude: []string{"/docs/b/**"}}, without("/docs/b/", "/docs/b/two.html")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t)
			w.set("/docs/index.html", page("Docs", "All of it.", "a/", "b/"))
			w.set("/docs/a/index.html", page("A", "About A.", "one.html"))
			w.set("/docs/a/one.html", page("One", "The text of one."))
			w.set("/docs/a/three.html", page("Three", "The text of three."))
			w.set("/docs/b/index.html", page("B", "About B.", "two.html"))
			w.set("/docs/b/two.html", page("Two", "The text of two.", "../a/three.html"))
			w.set("/docs/map.html", page("Map", "A page that the sitemap alone names."))
			w.set("/sitemap.xml", `<urlset><url><loc>`+w.url+`/docs/map.html</loc></url></urlset>`)
			store, e := &watchedStore{}, newEmbedder()
			full := ingest.Config{Opener: store, Embedder: e, PruneAll: true}
			mustIngest(t, newCrawler(t, full), w.url+"/docs/")
			if diff := cmp.Diff(all, rows(t, w, store)); diff != "" {
				t.Fatalf("manifest (-want +got):\n%s", diff)
			}
			narrow := full
			narrow.Crawl = tt.o
			for i, pruned := range []int{len(all) - len(tt.want), 0} {
				report := mustIngest(t, newCrawler(t, narrow), w.url+"/docs/")
				if diff := cmp.Diff(tt.want, rows(t, w, store)); diff != "" || report.Pruned != pruned {
					t.Errorf("narrow crawl %d: %d pruned, want %d; manifest (-want +got):\n%s", i+1, report.Pruned, pruned, diff)
				}
			}
			mustIngest(t, newCrawler(t, full), w.url+"/docs/")
			if diff := cmp.Diff(all, rows(t, w, store)); diff != "" {
				t.Errorf("manifest after a full crawl (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNewBaseReplacesPages checks that pages that are cited by another address
// now are not kept under the old one, also when they are gone.
func TestNewBaseReplacesPages(t *testing.T) {
	w := library(t, 3)
	store, e := &watchedStore{}, newEmbedder()
	mustIngest(t, newCrawler(t, ingest.Config{Opener: store, Embedder: e}), w.url+"/docs/")
	withoutLinks(w, 3, func(i int) bool { return i == 0 })
	mustIngest(t, newCrawler(t, ingest.Config{Opener: store, Embedder: e, PruneAll: true, Crawl: crawl.Options{CanonicalBase: "https://docs.example.com"}}), w.url+"/docs/")
	want := []string{"https://docs.example.com/docs/ indexed", "https://docs.example.com/docs/p01.html indexed", "https://docs.example.com/docs/p02.html indexed"}
	if diff := cmp.Diff(want, rows(t, w, store)); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
}

func TestSiteThatIsDownKeepsItsPages(t *testing.T) {
	for _, tt := range []struct {
		name string
		down func(w *web)
		want string
	}{
		{"start is gone", func(w *web) { w.set("/docs/index.html", "") }, "404"},
		{"server fails", func(w *web) { w.fail("*", http.StatusInternalServerError) }, "500"},
		{"robots.txt forbids it", func(w *web) { w.set("/robots.txt", "User-agent: *\nDisallow: /\n") }, "--ignore-robots"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := library(t, 5)
			store := &watchedStore{}
			in := newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder()})
			mustIngest(t, in, w.url+"/docs/")
			before := rows(t, w, store)
			tt.down(w)
			report, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, false)
			if !errors.Is(err, ingest.ErrNothing) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Ingest = %v, want ErrNothing with %q", err, tt.want)
			}
			if diff := cmp.Diff(before, rows(t, w, store)); diff != "" || report.Pruned != 0 {
				t.Errorf("%d pruned; manifest (-before +after):\n%s", report.Pruned, diff)
			}
		})
	}
}

func TestRobotsThatEmptiesTheCrawlIsSaid(t *testing.T) {
	w := library(t, 5)
	w.set("/robots.txt", "User-agent: *\nDisallow: /docs/p\n")
	w.set("/docs/index.html", strings.Replace(page("Docs", "x", "p00.html", "p01.html"), "<main><h1>Docs</h1><p>x</p></main>", "", 1))
	in := newCrawler(t, ingest.Config{Opener: &watchedStore{}, Embedder: newEmbedder()})
	report, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, false)
	if !errors.Is(err, ingest.ErrNothing) || !strings.Contains(err.Error(), "/robots.txt forbids 2 of the addresses found") || !strings.Contains(err.Error(), "--ignore-robots") {
		t.Errorf("Ingest = %v, want ErrNothing that names robots.txt and the way out", err)
	}
	if len(report.Sites) != 1 || report.Sites[0].Disallowed != 2 || len(report.Warnings) == 0 {
		t.Errorf("report = %+v, want what robots.txt forbids", report)
	}
}

// TestSitesBesideEachOther holds the crawl of one site to leaving those of
// others alone, although their addresses are in its scope.
func TestSitesBesideEachOther(t *testing.T) {
	w := library(t, 3)
	w.set("/docs/hidden/index.html", page("Hidden", "Nothing links here.", "more.html"))
	w.set("/docs/hidden/more.html", page("More", "More of what nothing links to."))
	w.set("/docs/alone.html", page("Alone", "A page that was named by itself."))
	store, e := &watchedStore{}, newEmbedder()
	in := newCrawler(t, ingest.Config{Opener: store, Embedder: e})
	mustIngest(t, in, w.url+"/docs/")
	mustIngest(t, in, w.url+"/docs/hidden/")
	mustIngest(t, newIngester(t, ingest.Config{Opener: store, Embedder: e}), w.url+"/docs/alone.html")
	before := rows(t, w, store)
	if countRows(before, "indexed") != 7 {
		t.Fatalf("manifest = %q, want 7 pages", before)
	}
	for range 2 {
		w.counts()
		report := mustIngest(t, in, w.url+"/docs/")
		if full, not := w.counts(); report.Pruned != 0 || report.Unchanged != 4 || not != 4 || full != 0 {
			t.Errorf("report = %+v after %d answers 200 and %d 304, want 4 pages unchanged", report, full, not)
		}
	}
	report := mustIngest(t, in, w.url+"/docs/hidden/", w.url+"/docs/", w.url+"/docs/p00.html")
	if diff := cmp.Diff(before, rows(t, w, store)); diff != "" || report.Pages != 6 {
		t.Errorf("%d pages; manifest (-before +after):\n%s", report.Pages, diff)
	}
}

// TestRemovedPageComesBack checks that a run reads a site again if somebody has
// removed one of its pages from the index.
func TestRemovedPageComesBack(t *testing.T) {
	w := library(t, 3)
	store := &watchedStore{}
	in := newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder()})
	mustIngest(t, in, w.url+"/docs/")
	before := rows(t, w, store)
	fp, err := in.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	run, err := store.Begin(t.Context(), fp, false)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := run.Remove(t.Context(), []string{w.url + "/docs/p01.html"}); n != 1 || err != nil {
		t.Fatalf("Remove = %d, %v", n, err)
	}
	if err := run.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if report := mustIngest(t, in, w.url+"/docs/"); report.Indexed != 1 || report.Unchanged != 3 {
		t.Errorf("report = %+v, want the page back", report)
	}
	if diff := cmp.Diff(before, rows(t, w, store)); diff != "" {
		t.Errorf("manifest (-before +after):\n%s", diff)
	}
}

// TestPromotedPageIsFetchedOnce checks that a page which was a duplicate, and
// takes the place of the primary, is read from the server once.
func TestPromotedPageIsFetchedOnce(t *testing.T) {
	for _, tt := range []struct {
		name   string
		tags   bool // the server knows ETags
		noTemp bool // there is no folder for temporary files
		asks   int  // for each promoted page
	}{
		{"read in full", false, false, 1},
		{"not modified", true, false, 2}, // the first answer is 304, without the text
		{"read in full, not kept", false, true, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t)
			w.tags = tt.tags
			links := []string{"long/1.html", "long/2.html", "a", "b", "mirror/1.html", "mirror/2.html"}
			for i := range 2 {
				body := page(fmt.Sprint("Page ", i), fmt.Sprintf("Text %d, with a <a href=\"/docs/a\">link</a>.", i))
				w.set("/docs/"+links[i], body)
				w.set("/docs/"+links[2+i], body)
				w.set("/docs/"+links[4+i], body)
			}
			w.set("/docs/index.html", page("Docs", "All of it.", links...))
			store, e := &watchedStore{}, newEmbedder()
			c := ingest.Config{Opener: store, Embedder: e, PruneAll: true}
			in := newCrawler(t, c)
			mustIngest(t, in, w.url+"/docs/")

			w.set("/docs/a", page("A", "The text of A."))
			w.set("/docs/b", page("B", "The text of B."))
			w.counts()
			dir := t.TempDir()
			if tt.noTemp {
				t.Setenv("TMPDIR", filepath.Join(dir, "missing"))
			} else {
				t.Setenv("TMPDIR", dir)
			}
			report := mustIngest(t, in, w.url+"/docs/")
			if report.Indexed != 4 || report.Unchanged != 1 || report.Skipped != 2 || report.Failed != 0 {
				t.Errorf("report = %+v, want two pages changed, two promoted, and two duplicates", report)
			}
			w.mu.Lock()
			for _, p := range []string{"/docs/long/1.html", "/docs/long/2.html"} {
				if w.asks[p] != tt.asks {
					t.Errorf("%s was asked for %d times, want %d", p, w.asks[p], tt.asks)
				}
			}
			w.mu.Unlock()
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("temporary files %v are left (%v)", left, err)
			}
			c.Opener = &watchedStore{}
			mustIngest(t, newCrawler(t, c), w.url+"/docs/")
			wantPages, wantChunks := contents(t, in, c.Opener)
			gotPages, gotChunks := contents(t, in, store)
			delete(wantPages, "crawl:"+w.url+"/docs/")
			delete(gotPages, "crawl:"+w.url+"/docs/")
			if diff := cmp.Diff(wantPages, gotPages); diff != "" {
				t.Errorf("pages (-first run +later run):\n%s", diff)
			}
			if diff := cmp.Diff(wantChunks, gotChunks); diff != "" {
				t.Errorf("chunks (-first run +later run):\n%s", diff)
			}
		})
	}
}

// TestDuplicatesDoNotDependOnOrder crawls a site whose pages come in another
// order each time.
func TestDuplicatesDoNotDependOnOrder(t *testing.T) {
	names := []string{"a.html", "b/one.html", "c-long-name.html", "dd.html", "ee.html"}
	var want []string
	store := &watchedStore{}
	e := newEmbedder()
	for i := range 6 {
		w := newWeb(t)
		order := slices.Clone(names)
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, name := range names {
			body := page("Twin", "One text for all of them.")
			if name == "c-long-name.html" { // the one that calls itself canonical
				body = strings.Replace(body, "<head>", `<head><link rel="canonical" href="/docs/c-long-name.html">`, 1)
			}
			if name == "a.html" { // which calls another one so
				body = strings.Replace(body, "<head>", `<head><link rel="canonical" href="/docs/dd.html">`, 1)
			}
			w.set("/docs/"+name, body)
		}
		w.set("/docs/index.html", page("Docs", "All of it.", order...))
		in := newCrawler(t, ingest.Config{Opener: store, Embedder: e, PruneAll: true}) // each round has another site
		mustIngest(t, in, w.url+"/docs/")
		rebuilt, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, true)
		if err != nil || rebuilt.Indexed != 2 || rebuilt.Skipped != 4 {
			t.Fatalf("rebuild = %+v, %v", rebuilt, err)
		}
		got := rows(t, w, store)
		if i == 0 {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("manifest of the order %q (-first +this):\n%s", order, diff)
		}
		if again := mustIngest(t, in, w.url+"/docs/"); again.Unchanged != 2 || again.Embedded != 0 || again.Skipped != 4 {
			t.Errorf("report of another run = %+v, want nothing new", again)
		}
	}
	if !slices.Contains(want, "/docs/dd.html duplicate same text as /docs/c-long-name.html") || len(want) != 6 {
		t.Errorf("manifest = %q", want)
	}
}
