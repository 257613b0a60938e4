package ingest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
)

// TestVersions crawls sites that tell the number of the version that /stable/ holds.
func TestVersions(t *testing.T) {
	t.Parallel()
	const mike = `<script id="__config" type="application/json">{"base": "/kettle/stable", "version": {"provider": "mike"}}</script>`
	for _, tt := range []struct {
		name, stable, latest, list string // what is in the head of pages, and the list of versions
		want                       []string
	}{
		{"in titles", "<title>A — Kettle 3.2 documentation</title>", "<title>A — Kettle 3.3.dev0 documentation</title>", "", []string{
			"/kettle/2.0/a.html duplicate 2.0 ", "/kettle/2.0/b.html indexed 2.0 ", "/kettle/latest/a.html duplicate 3.3.dev0 ,latest,",
			"/kettle/stable/a.html indexed 3.2 ,stable,latest,2.0,3.3.dev0,", "/kettle/stable/b.html indexed 3.2 ,stable,",
		}},
		{"in a list", mike + "<title>A</title>", mike + "<title>A</title>", `[{"version":"3.3-dev","aliases":["latest"]},{"version":"3.2","aliases":["stable"]},{"version":"2.0"}]`, []string{
			"/kettle/2.0/a.html duplicate 2.0 ", "/kettle/2.0/b.html indexed 2.0 ", "/kettle/latest/a.html duplicate 3.3-dev ,latest,",
			"/kettle/stable/a.html indexed 3.2 ,stable,latest,2.0,3.3-dev,", "/kettle/stable/b.html indexed 3.2 ,stable,",
		}},
		{"nowhere", "<title>A</title>", "<title>A</title>", "", []string{
			"/kettle/2.0/a.html duplicate 2.0 ", "/kettle/2.0/b.html indexed 2.0 ", "/kettle/latest/a.html duplicate latest ",
			"/kettle/stable/a.html indexed stable ,latest,2.0,", "/kettle/stable/b.html indexed stable ",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWeb(t)
			a := page("A", "A kettle sings before it boils.", "/kettle/2.0/a.html", "/kettle/2.0/b.html", "/kettle/latest/a.html", "/kettle/stable/a.html", "/kettle/stable/b.html")
			b := page("B", "A lid keeps the steam.")
			with := func(page, head string) string { return strings.Replace(page, "<title>A</title>", head, 1) }
			w.set("/kettle/stable/a.html", with(a, tt.stable))
			w.set("/kettle/stable/b.html", strings.Replace(b, "<title>B</title>", tt.stable, 1))
			w.set("/kettle/latest/a.html", with(a, tt.latest))
			w.set("/kettle/2.0/a.html", a)
			w.set("/kettle/2.0/b.html", page("B", "A lid rattles."))
			if tt.list != "" {
				w.set("/kettle/versions.json", tt.list)
			}
			store := &watchedStore{}
			in := newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder(), Crawl: crawl.Options{Include: []string{"/kettle/**"}}})
			for range 2 { // What the first run stored stays as it is.
				mustIngest(t, in, w.url+"/kettle/stable/a.html")
				pages, chunks := contents(t, in, store)
				var got []string
				for _, u := range slices.Sorted(maps.Keys(pages)) {
					p := pages[u]
					got = append(got, strings.TrimPrefix(p.URL, w.url)+" "+p.Decision+" "+p.Version+" "+p.AlsoIn)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("pages (-want +got):\n%s", diff)
				}
				for _, c := range chunks {
					if strings.HasSuffix(c.URL, "stable/a.html") && !strings.HasSuffix(tt.want[3], c.Version+" "+c.AlsoIn) {
						t.Errorf("chunk of %s has version %q, also in %q", c.URL, c.Version, c.AlsoIn)
					}
				}
			}
		})
	}
}
