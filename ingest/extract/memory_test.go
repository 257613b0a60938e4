package extract_test

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest/extract"
)

// BenchmarkMemory reports how many times its own size a page takes while it is
// read: the most that collections find alive. Run it with
// GODEBUG=gcstoptheworld=1; else all that is made during a collection counts too.
func BenchmarkMemory(b *testing.B) {
	const generator = "<meta name='generator' content='Docusaurus v3.9'><div class='theme-doc-markdown'>"
	for _, bb := range []struct {
		name string
		page []byte
	}{
		{"article", article()},
		{"long article", bytes.Repeat(article(), 10)},
		{"documentation", append([]byte(generator), bytes.Repeat(article(), 10)...)},
		{"headings", []byte(generator + strings.Repeat("<h2>Another heading</h2>\n", 20_000))},
		{"code", []byte("<p>" + strings.Repeat("<code>sing</code> a name ", 20_000))},
		{"cells", []byte("<main><table>" + strings.Repeat("<tr><td>a cell of it</td><td>one more cell</td></tr>\n", 10_000))},
		{"cells without text", []byte("<main><table>" + strings.Repeat("<tr><td>1<td>2", 50_000))},
		{"text", []byte("<p>" + strings.Repeat("words and nothing else ", 50_000))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			read := func() {
				if _, err := extract.Extract(bb.page, "text/html", "https://docs.example.com/x.html", extract.Options{}); err != nil {
					b.Error(err)
				}
			}
			read() // makes the tables of the libraries
			before, most := alive(), uint64(0)
			for b.Loop() {
				done := make(chan bool)
				go func() {
					defer close(done)
					read()
				}()
				for open := true; open; {
					most = max(most, alive())
					select {
					case <-done:
						open = false
					default:
					}
				}
			}
			b.ReportMetric(float64(most-min(before, most))/float64(len(bb.page)), "live/page")
		})
	}
}

// alive collects garbage and returns the size of what is left, in bytes.
func alive() uint64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
