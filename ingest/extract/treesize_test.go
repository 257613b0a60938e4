package extract

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/citewell/citewell/ingest/extract/general"
)

// built returns the size of the tree that is built of a page, in bytes.
func built(t *testing.T, page string) int {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for n := range root.Descendants() {
		size += general.NodeBytes + general.AttributeBytes*len(n.Attr)
	}
	return size
}

// fonts opens n different elements in a paragraph, all of which every one of m
// paragraphs after it opens again.
func fonts(n, m int) string {
	var b strings.Builder
	b.WriteString("<p>")
	for i := range n {
		fmt.Fprintf(&b, "<font id=%d>", i)
	}
	return b.String() + strings.Repeat("<p>x", m)
}

func TestTreeBytes(t *testing.T) {
	pages, err := filepath.Glob("testdata/generators/*-*.html")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, name := range pages {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, want := treeBytes(string(body)), built(t, string(body))
		if treeTooLarge(string(body)) || float64(got) < 0.9*float64(want) || float64(got) > 1.3*float64(want) {
			t.Errorf("treeBytes(%s) = %d, want about %d", name, got, want)
		}
	}
	for _, tt := range []struct{ name, page string }{
		{"attributes", strings.Repeat(`<p a b='x y' c="1" d=2>x`, 1000)},
		{"cells", "<table>" + strings.Repeat("<tr><td>1<td>2", 1000)},
		{"opened again", fonts(50, 1000)},
		{"three of the same", "<p>" + strings.Repeat("<b>", 500) + strings.Repeat("<p>x", 1000)},
		{"one link", "<p>" + strings.Repeat("<a href=x>", 200) + strings.Repeat("<p>x", 1000)},
		{"closed", strings.Repeat("<p><b>x</b><i>y</i></p>", 1000)},
		{"script", "<script>" + strings.Repeat("'<b>'", 1000) + "</script>"},
		{"style in a drawing", "<svg><style>" + strings.Repeat("<g/>", 1000) + "</style></svg>"},
	} {
		got, want := treeBytes(tt.page), built(t, tt.page)
		if float64(got) < 0.7*float64(want)-1000 || float64(got) > 1.5*float64(want)+1000 {
			t.Errorf("%s: treeBytes = %d, want about %d", tt.name, got, want)
		}
	}
}

// Pages whose trees would be larger than the memory of most machines are read in
// the memory that a page takes.
func TestDensePages(t *testing.T) {
	for _, tt := range []struct{ name, body, text string }{
		{"opened again", fonts(480, 20_000), "x\n\nx"},
		{"nested too deeply", strings.Repeat("<div>", 200_000) + "x", "x"},
		{"quotations", strings.Repeat("<blockquote>", 240) + strings.Repeat("<p>Many words in as many quotations.</p>", 8_000), "Many words in as many quotations.\n\nMany"},
		{"cells", "<h1 id=top>Sizes</h1><table>" + strings.Repeat("<tr><td>1<td>2", 80_000), "# Sizes\n\n| 1 | 2 |\n|---|---|\n| 1 | 2 |\n| 1"},
		{"other marks", strings.Repeat("<i>x</i>", 100_000) + "<ul><li><p>one<li>a <b>b</b></ul><pre>c\n  d<span>e</span></pre><table><tr><th><p>f|<td></td></tr></table><h2>g<br>h<p>i",
			"x\n\n- one\n- a b\n\n```\nc\n  de\n```\n\n| f\\| | |\n|---|---|\n\n## g h\n\ni"},
		{"hidden", strings.Repeat("<b>x</b>", 100_000) + "<p hidden>unseen<p>seen<div style='display:none'><p>dark</div><nav>menu</nav>light", "seen\n\nlight"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p, err := Extract([]byte(tt.body), "text/html", "https://e.com/", Options{})
			runtime.ReadMemStats(&after)
			if err != nil || !strings.Contains(p.Text, tt.text) || strings.Contains(p.Text, "unseen") || strings.Contains(p.Text, "dark") || strings.Contains(p.Text, "menu") {
				t.Errorf("Extract = %.60q … %.60q, %v; want %q", p.Text, p.Text[max(0, len(p.Text)-60):], err, tt.text)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > uint64(200*len(tt.body)) {
				t.Errorf("allocated %d bytes for a page of %d", got, len(tt.body))
			}
			if _, err := Extract([]byte(tt.body), "text/html", "https://e.com/", Options{Selectors: []string{"p"}}); err == nil {
				t.Error("Extract with selectors gives no error")
			}
		})
	}
}
