package extract_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest/extract"
)

// article is a page that no generator made, of about 60 kB: navigation, a text of
// many paragraphs, links to other articles.
func article() []byte {
	var b strings.Builder
	b.WriteString("<html><head><title>How a kettle sings | Small Machines</title></head><body><div class='menu'>")
	for i := range 60 {
		fmt.Fprintf(&b, "<div class='item'><a href='/%d'>Machine %d</a></div>", i, i)
	}
	b.WriteString("</div><div class='content'><h1>How a kettle sings</h1>")
	for i := range 120 {
		fmt.Fprintf(&b, "<p class='text'>Paragraph %d tells how steam hurries through a <a href='/hole'>hole</a> that is too small, "+
			"how it turns round in it, and how the <em>ring</em> of air that it makes swings to and fro, as everybody hears.</p>\n", i)
	}
	b.WriteString("</div><div class='related'><h3>Related</h3>")
	for i := range 60 {
		fmt.Fprintf(&b, "<div class='teaser'><a href='/a/%d'><span>Another machine %d</span> and what it does</a></div>", i, i)
	}
	b.WriteString("</div></body></html>")
	return []byte(b.String())
}

func benchmark(b *testing.B, body []byte, url string) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := extract.Extract(body, "text/html", url, extract.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

func BenchmarkArticle(b *testing.B) { benchmark(b, article(), "https://example.com/blog/x/") }

// BenchmarkDocumentation reads a page of a known generator, with as much
// navigation as text.
func BenchmarkDocumentation(b *testing.B) {
	page := string(article())
	page = strings.Replace(page, "<head>", "<head><meta name='generator' content='Docusaurus v3.9'>", 1)
	page = strings.Replace(page, "<div class='content'>", "<div class='theme-doc-markdown'><div class='language-go'><pre><code>func main() {\n\n\tsing()\n}</code></pre></div>", 1)
	benchmark(b, []byte(page), "https://docs.example.com/guide/x.html")
}

// BenchmarkPage reads the page that CITEWELL_BENCH_PAGE names.
func BenchmarkPage(b *testing.B) {
	name := os.Getenv("CITEWELL_BENCH_PAGE")
	if name == "" {
		b.Skip("CITEWELL_BENCH_PAGE names no page")
	}
	body, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, body, "https://docs.example.com/guide/x.html")
}
