package ingest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
)

// redirect makes each page of a site redirect to an address, in which PATH is the
// path that was asked for.
func redirect(w *web, to string) {
	w.fail("*", http.StatusFound)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.head["*"] = http.Header{"Location": {to}}
}

// replaceAll gives each page of a library of n pages one body.
func replaceAll(w *web, n int, body string) {
	for i := range n {
		w.set(fmt.Sprintf("/docs/p%02d.html", i), body)
	}
}

// texts returns all that can be cited of an index.
func texts(t *testing.T, in *ingest.Ingester, store ingest.Store) []string {
	t.Helper()
	_, chunks := contents(t, in, store)
	var out []string
	for _, c := range chunks {
		out = append(out, c.URL+" "+c.Text)
	}
	return out
}

// TestSuspectSite crawls sites whose pages all turn into one: the index keeps what
// it has, until the site is back, or the caller says that it is right.
func TestSuspectSite(t *testing.T) {
	login := page("Sign in", "Please sign in to read the documentation.")
	for _, tt := range []struct {
		name   string
		pages  int
		change func(w *web, n int)
		want   string // in the error
	}{
		{"login page at every address", 20, func(w *web, n int) {
			replaceAll(w, n, login)
			w.set("/docs/index.html", login)
		}, "21 of 21 pages now have the same text, no text, or are not found"},
		{"login page at every address but the start", 20, func(w *web, n int) { replaceAll(w, n, login) }, "20 of 21 pages now have the same text"},
		{"login page at nearly every address", 30, func(w *web, n int) {
			replaceAll(w, n, login)
			w.set("/docs/p17.html", page("Page 17", "The text of page 17."))
		}, "29 of 31 pages now have the same text"},
		{"login page of a small site", 2, func(w *web, n int) {
			replaceAll(w, n, login)
			w.set("/docs/index.html", login)
		}, "3 of 3 pages now have the same text, no text, or are not found"},
		{"login page that is not to be indexed", 5, func(w *web, n int) {
			hidden := strings.Replace(login, "<head>", `<head><meta name="robots" content="noindex">`, 1)
			replaceAll(w, n, hidden)
			w.set("/docs/index.html", hidden)
		}, "6 of 6 pages now have"},
		{"empty pages", 5, func(w *web, n int) { replaceAll(w, n, "<html><title>Sorry</title></html>") }, "5 of 6 pages now have"},
		{"all empty", 5, func(w *web, n int) {
			replaceAll(w, n, "<html><title>Sorry</title></html>")
			w.set("/docs/index.html", "<html><title>Sorry</title></html>")
		}, "6 of 6 pages now have"},
		{"redirects to a login page", 20, func(w *web, n int) {
			w.set("/docs/login", login)
			redirect(w, "/docs/login")
		}, "20 of 20 pages now redirect to"},
		{"redirects to a login page that names the page", 20, func(w *web, n int) {
			w.set("/docs/login", login)
			redirect(w, "/docs/login?next=PATH")
		}, "pages now redirect to"},
		{"redirects out of the site", 5, func(w *web, n int) {
			w.set("/login", login)
			redirect(w, "/login?next=PATH")
		}, "5 of 5 pages now have"},
		{"redirects to another host", 5, func(w *web, n int) { redirect(w, "http://login.example.com/?next=PATH") }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := library(t, tt.pages)
			w.set("/robots.txt", "User-agent: *\n")
			store := &watchedStore{}
			c := ingest.Config{Opener: store, Embedder: newEmbedder()}
			in := newCrawler(t, c)
			mustIngest(t, in, w.url+"/docs/")
			before := texts(t, in, store)
			w.mu.Lock()
			was := map[string]string{}
			for p, body := range w.file {
				was[p] = body
			}
			w.mu.Unlock()
			tt.change(w, tt.pages)
			for i := range 2 {
				report, err := in.Ingest(t.Context(), []string{w.url + "/docs/"}, false)
				if tt.want != "" && (!errors.Is(err, ingest.ErrKept) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "login or error page")) {
					t.Errorf("Ingest %d = %v, want ErrKept with %q", i, err, tt.want)
				}
				if warnings := strings.Join(report.Warnings, "\n"); tt.want != "" && !strings.Contains(warnings, tt.want) {
					t.Errorf("warnings %d = %q, want %q", i, warnings, tt.want)
				}
				if diff := cmp.Diff(before, texts(t, in, store)); diff != "" || report.Pruned != 0 || report.Indexed != 0 {
					t.Fatalf("run %d: %d pruned, %d indexed; texts (-before +after):\n%s", i, report.Pruned, report.Indexed, diff)
				}
			}
			w.mu.Lock()
			changed := w.file
			w.file = was
			w.mu.Unlock()
			status := w.down["*"]
			w.fail("*", 0)
			if report := mustIngest(t, in, w.url+"/docs/"); report.Unchanged != tt.pages+1 {
				t.Errorf("report when the site is back = %+v, want all unchanged", report)
			}
			if diff := cmp.Diff(before, texts(t, in, store)); diff != "" {
				t.Errorf("texts when the site is back (-before +after):\n%s", diff)
			}
			w.mu.Lock()
			w.file = changed
			w.mu.Unlock()
			w.fail("*", status)
			c.PruneAll = true
			if _, err := newCrawler(t, c).Ingest(t.Context(), []string{w.url + "/docs/"}, false); errors.Is(err, ingest.ErrKept) {
				t.Errorf("Ingest with PruneAll = %v", err)
			}
		})
	}
}

// TestRebuildKeepsIndex rebuilds an index of sites that give less than they did.
func TestRebuildKeepsIndex(t *testing.T) {
	login := page("Sign in", "Please sign in to read the documentation.")
	for _, tt := range []struct {
		name   string
		change func(w *web)
		crawl  crawl.Options
		all    bool   // PruneAll
		second bool   // name the second site, too
		pages  int    // indexed afterwards
		want   string // in the error; "" means that the rebuild succeeds
	}{
		{"nothing has changed", func(*web) {}, crawl.Options{}, false, true, 25, ""},
		{"a few are gone", func(w *web) { withoutLinks(w, 20, func(i int) bool { return i < 6 }) }, crawl.Options{}, false, true, 19, ""},
		{"login page at every address", func(w *web) {
			replaceAll(w, 20, login)
			w.set("/docs/index.html", login)
		}, crawl.Options{}, false, true, 25, "the index has 21 pages, and the rebuild found 1, all with one text, which looks like a login or error page"},
		{"login page, and that is right", func(w *web) {
			replaceAll(w, 20, login)
			w.set("/docs/index.html", login)
		}, crawl.Options{}, true, true, 5, ""},
		{"redirects to a login page", func(w *web) {
			w.set("/docs/login", login)
			redirect(w, "/docs/login")
		}, crawl.Options{}, false, true, 25, "the rebuild found 1, all with one text"},
		{"every second page fails", func(w *web) {
			for i := 0; i < 20; i += 2 {
				w.fail(fmt.Sprintf("/docs/p%02d.html", i), http.StatusInternalServerError)
			}
		}, crawl.Options{}, false, true, 25, "the index has 21 pages, and the rebuild found 11: that is a loss over the prune limit of 30 %"},
		{"one site of two is down", func(w *web) {
			w.fail("/other/", http.StatusInternalServerError)
		}, crawl.Options{}, false, true, 25, "/other/: the index has 4 pages, and the rebuild found 0"},
		{"one site of two is not named", func(*web) {}, crawl.Options{}, false, false, 25, "would remove 4 pages of"},
		{"one site of two is not named, and that is right", func(*web) {}, crawl.Options{}, true, false, 21, ""},
		{"only the start", func(*web) {}, crawl.Options{MaxDepth: new(0)}, false, true, 25, "would remove 20 pages of"},
		{"narrower", func(*web) {}, crawl.Options{Exclude: []string{"**/p1*.html"}}, false, true, 25, "the rebuild found 11"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := library(t, 20)
			w.set("/other/index.html", page("Other", "Another site.", "1.html", "2.html", "3.html"))
			for i := range 3 {
				w.set(fmt.Sprintf("/other/%d.html", i+1), page(fmt.Sprint("Other ", i), fmt.Sprintf("The text of other page %d.", i)))
			}
			store := &watchedStore{}
			c := ingest.Config{Opener: store, Embedder: newEmbedder()}
			in := newCrawler(t, c)
			targets := []string{w.url + "/docs/", w.url + "/other/"}
			mustIngest(t, in, targets...)
			before := texts(t, in, store)
			tt.change(w)
			c.Crawl, c.PruneAll = tt.crawl, tt.all
			if !tt.second {
				targets = targets[:1]
			}
			report, err := newCrawler(t, c).Ingest(t.Context(), targets, true)
			if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, ingest.ErrKept) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("rebuild = %v, want %q", err, tt.want)
			}
			if warnings := strings.Join(report.Warnings, "\n"); !strings.Contains(warnings, tt.want) {
				t.Errorf("warnings = %q, want %q", warnings, tt.want)
			}
			after := texts(t, in, store)
			if got := countRows(rows(t, w, store), "indexed"); got != tt.pages {
				t.Errorf("%d pages are indexed, want %d", got, tt.pages)
			}
			if diff := cmp.Diff(before, after); tt.want != "" && diff != "" {
				t.Errorf("texts after a refused rebuild (-before +after):\n%s", diff)
			}
		})
	}
}
