package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/ingest"
)

const benchPages = 200

// benchSite returns a site of pages of about 30 kB, each of which links to four
// others.
func benchSite(b *testing.B) *web {
	w := newWeb(b)
	for i := range benchPages {
		var links []string
		for _, to := range []int{3*i + 1, 3*i + 2, 3*i + 3, i + 1} {
			links = append(links, fmt.Sprintf("page%d.html", to%benchPages))
		}
		nav := page("", "", links...)
		nav = nav[strings.Index(nav, "<nav>"):strings.Index(nav, "<main>")]
		w.set(fmt.Sprintf("/docs/page%d.html", i), strings.Replace(paragraphs(i, i+20), "<main>", nav+"<main>", 1))
	}
	return w
}

// BenchmarkIngest measures a first run around the embedder and the store.
func BenchmarkIngest(b *testing.B) {
	w := benchSite(b)
	b.ReportAllocs()
	for b.Loop() {
		benchRun(b, w, newCrawler(b, ingest.Config{Opener: &watchedStore{}, Embedder: embed.Constant{}}))
	}
	b.ReportMetric(float64(benchPages*b.N)/b.Elapsed().Seconds(), "pages/s")
}

// BenchmarkUnchanged measures a later run on a site whose server knows ETags.
func BenchmarkUnchanged(b *testing.B) {
	w := benchSite(b)
	in := newCrawler(b, ingest.Config{Opener: &watchedStore{}, Embedder: embed.Constant{}})
	benchRun(b, w, in)
	b.ReportAllocs()
	for b.Loop() {
		benchRun(b, w, in)
	}
	b.ReportMetric(float64(benchPages*b.N)/b.Elapsed().Seconds(), "pages/s")
}

func benchRun(b *testing.B, w *web, in *ingest.Ingester) {
	b.Helper()
	report, err := in.Ingest(b.Context(), []string{w.url + "/docs/page0.html"}, false)
	if err != nil || report.Pages != benchPages {
		b.Fatalf("Ingest = %+v, %v", report, err)
	}
}
