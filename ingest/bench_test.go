package ingest_test

import (
	"fmt"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/ingest"
)

// BenchmarkIngest measures the pipeline around the embedder and the store: pages
// of about 30 kB from a local server.
func BenchmarkIngest(b *testing.B) {
	const pages = 200
	s := newSite(b)
	var targets []string
	for i := range pages {
		path := fmt.Sprintf("/page%d", i)
		s.set(path, paragraphs(i, i+20))
		targets = append(targets, s.url+path)
	}
	b.ReportAllocs()
	for b.Loop() {
		in := newIngester(b, ingest.Config{Opener: &watchedStore{}, Embedder: embed.Constant{}})
		if _, err := in.Ingest(b.Context(), targets, false); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(pages*b.N)/b.Elapsed().Seconds(), "pages/s")
}
