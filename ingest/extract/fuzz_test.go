package extract_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/citewell/citewell/ingest/extract"
)

// What reading a page makes in all, most of which is garbage at once, in bytes:
// times the page, and beside it.
const (
	maxMade   = 1000
	smallMade = 32 << 20
)

// FuzzExtract holds every page of any bytes to a text that is valid UTF-8, to
// headings in order within it, and to memory in proportion to the page.
func FuzzExtract(f *testing.F) {
	f.Add(read(f, "docs.html"), "text/html", uint8(0))
	f.Add(read(f, "post.html"), "text/html; charset=shift_jis", uint8(1))
	f.Add(read(f, "lists.html"), "", uint8(2))
	f.Add([]byte("---\ntitle: x\n---\n# A {#b}\n\nC#\n==\n"), "text/markdown", uint8(0))
	f.Add([]byte("<main><h1>#</h1><table><tr><td colspan=99999999 rowspan=-1>x<table><td>y</table></table>"), "text/html", uint8(0))
	f.Add([]byte("<a href='::%zz'><h2>\uf8f0 x</h2></a><ol start=99999999999><li><pre>\n```\n</pre>"), "text/html", uint8(3))
	f.Add(article(), "text/html", uint8(1))
	f.Add([]byte("<p><b id=1><i id=2><font id=3><font id=4><font id=5>"+strings.Repeat("<p>x", 4000)), "text/html", uint8(0))
	f.Add([]byte("<h1 id=a>x</h1><table>"+strings.Repeat("<tr><td>|<td><pre>`", 3000)+"</table><ul><li><p>x<li hidden>y</ul>"), "text/html", uint8(0))
	pages, err := filepath.Glob("testdata/generators/*-*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range pages {
		f.Add(read(f, filepath.Join("generators", filepath.Base(p))), "text/html", uint8(0))
	}
	f.Add([]byte("<dl class=sig><dt class=sig id=a>f()<dd><dl><dt class=sig>g</dl></dl><table class=memname><tr><td>x</table>"+
		"<div class=admonition><p class=title>N</p></div><ul role=tablist><li role=tab>A</ul><div role=tabpanel hidden>x</div>"+
		"<span class=katex><math><annotation encoding='application/x-tex'>x</annotation></math></span>"), "text/html", uint8(0))
	f.Fuzz(func(t *testing.T, body []byte, contentType string, mode uint8) {
		o := extract.Options{Format: extract.Format(mode & 1)}
		if mode&2 != 0 {
			o.Selectors = []string{"div, p, main", "table"}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p, err := extract.Extract(body, contentType, "https://example.com/a/b.html", o)
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; made > uint64(maxMade*len(body)+smallMade) {
			t.Fatalf("made %d bytes of a page of %d", made, len(body))
		}
		if err != nil {
			return
		}
		if strings.TrimSpace(p.Text) == "" || !utf8.ValidString(p.Text) || !utf8.ValidString(p.Title) {
			t.Fatalf("text %q, title %q", p.Text, p.Title)
		}
		last, runes := 0, utf8.RuneCountInString(p.Text)
		for _, h := range p.Headings {
			if h.StartRune < last || h.StartRune > runes || h.Text == "" || h.Level < 1 || h.Level > 6 {
				t.Fatalf("heading %+v after %d in %d runes", h, last, runes)
			}
			last = h.StartRune
		}
	})
}

// TestHostilePages holds pages made to exhaust an extractor to an answer.
func TestHostilePages(t *testing.T) {
	for _, tt := range []struct{ name, body string }{
		{"deep", strings.Repeat("<div>", 100_000) + "x"},
		{"deep lists", strings.Repeat("<ul><li>", 400) + "x"},
		{"deep quotes", strings.Repeat("<blockquote>", 400) + "x"},
		{"wide span", "<table>" + strings.Repeat("<tr><td colspan=1000000 rowspan=1000000>x", 50) + "</table>"},
		{"nested tables", strings.Repeat("<table><tr><td>", 100) + "x"},
		{"open formatting", strings.Repeat("<b><i><a href=x>", 2_000) + "x"},
		{"many headings", strings.Repeat("<h2>x</h2>", 20_000)},
		{"fences", "<pre>" + strings.Repeat("`", 100_000) + "</pre>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := extract.Extract([]byte("<main>"+tt.body), "text/html", "https://e.com/", extract.Options{})
			if err == nil && !strings.ContainsAny(p.Text, "x`") {
				t.Errorf("text = %.100q, want the text or an error", p.Text)
			}
		})
	}
}

func BenchmarkExtract(b *testing.B) {
	page := string(read(b, "docs.html"))
	i, j := strings.Index(page, "<h1>"), strings.Index(page, "</main>")
	body := []byte(page[:i] + strings.Repeat(page[i:j], 20) + page[j:])
	for _, bb := range []struct {
		name string
		o    extract.Options
	}{
		{"markdown", extract.Options{}},
		{"plain", extract.Options{Format: extract.Plain}},
		{"selectors", extract.Options{Format: extract.Plain, Selectors: []string{"main"}}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := extract.Extract(body, "text/html; charset=utf-8", "https://e.com/a", bb.o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
