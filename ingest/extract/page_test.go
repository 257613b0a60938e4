package extract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/ingest/extract"
)

func TestHidden(t *testing.T) {
	for _, tt := range []struct {
		name, html string
		want       int // runes left out; 0 means that the text stays
	}{
		{"not shown", `<p style="color:red; DISPLAY : none">secret</p>`, 6},
		{"invisible", `<div style="visibility:hidden"><p>secret</p></div>`, 6},
		{"attribute", `<p hidden>secret</p>`, 6},
		{"off the screen", `<p style="position:absolute;left:-9999px">secret</p>`, 6},
		{"indented away", `<p style="text-indent:-9999px">secret</p>`, 6},
		{"of no size", `<p style="font-size:0">secret</p>`, 6},
		{"in a box of no size", `<p style="height:0;overflow:hidden">secret</p>`, 6},
		{"clipped", `<p style="clip: rect(0 0 0 0)">secret</p>`, 6},
		{"see-through", `<p style="opacity:0">secret</p>`, 6},
		{"tags", "<p>x\U000e0073\U000e0065\U000e0063\U000e0072\U000e0065\U000e0074</p>", 6},

		{"tab", `<div role="tabpanel" hidden>secret</div>`, 0},
		{"pane", `<div class="tab-pane" style="display:none">secret</div>`, 0},
		{"folded", `<details><summary>More</summary><p>secret</p></details>`, 0},
		{"found by searching", `<p hidden="until-found">secret</p>`, 0},
		{"half seen", `<p style="opacity:0.5">secret</p>`, 0},
		{"large", `<p style="font-size:0.9em;height:100px;overflow:hidden">secret</p>`, 0},
		{"a little to the left", `<p style="margin-left:-10px">secret</p>`, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustExtract(t, []byte("<main><p>steam</p>"+tt.html+"</main>"), "text/html", "https://e.com/", extract.Options{})
			if p.Hidden != tt.want || strings.Contains(p.Text, "secret") != (tt.want == 0) {
				t.Errorf("hidden = %d, want %d; text = %q", p.Hidden, tt.want, p.Text)
			}
			if tt.want > 0 && p.HiddenText != "secret" {
				t.Errorf("hidden text = %q, want secret", p.HiddenText)
			}
		})
	}
}

func TestDates(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name, html          string
		published, modified time.Time
	}{
		{"none", `<p>1 March 2026</p>`, time.Time{}, time.Time{}},
		{"meta", `<meta property="article:published_time" content="2026-03-01"><meta property="article:modified_time" content="2026-03-02">`, day(1), day(2)},
		{"published only", `<meta name="date" content="2026-03-01">`, day(1), day(1)},
		{"linked data", `<script type="application/ld+json">{"@graph":[{"@type":"WebSite"},{"datePublished":"2026-03-01T00:00:00Z","dateModified":"2026-03-02"}]}</script>`, day(1), day(2)},
		{"broken linked data", `<script type="application/ld+json">{"datePublished":</script>`, time.Time{}, time.Time{}},
		{"time elements", `<time itemprop="datePublished" datetime="2026-03-01">x</time><time class="updated" datetime="2026-03-02">x</time>`, day(1), day(2)},
		{"last updated", `<p class="VPLastUpdated lastUpdated">Last updated: <time datetime="2026-03-02">x</time></p>`, time.Time{}, day(2)},
		{"a time in the text", `<p>At <time datetime="2026-03-01">the first of March</time></p>`, time.Time{}, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustExtract(t, []byte("<html><body>"+tt.html+"<p>steam</p>"), "text/html", "https://e.com/", extract.Options{})
			if !p.Published.Equal(tt.published) || !p.Modified.Equal(tt.modified) {
				t.Errorf("published %v, modified %v; want %v, %v", p.Published, p.Modified, tt.published, tt.modified)
			}
		})
	}
}

// A table of code and a table within a table can't be written as rows.
func TestTables(t *testing.T) {
	for _, tt := range []struct{ name, html, want string }{
		{"no header", `<table><tr><td>a</td><td>b</td></tr></table>`, "| a | b |\n|---|---|"},
		{"bars and breaks", `<table><tr><th>a|b</th></tr><tr><td>c<br>d<ul><li>e</li><li>f</li></ul></td></tr></table>`, "| a\\|b |\n|---|\n| c d • e • f |"},
		{"columns spanned", `<table><tr><th colspan="2">a</th></tr><tr><td>b</td><td>c</td></tr></table>`, "| a |  |\n|---|---|\n| b | c |"},
		{"caption", `<table><caption>Limits</caption><tr><th>a</th></tr><tr><td>b</td></tr></table>`, "Limits\n\n| a |\n|---|\n| b |"},
		{"line of code", `<table><tr><th>a</th></tr><tr><td><pre>x</pre></td></tr></table>`, "| a |\n|---|\n| `x` |"},
		{"code of two lines", "<table><tr><th>a</th></tr><tr><td><pre>x\n y</pre></td></tr></table>", "a\n\n```\nx\n y\n```"},
		{"table inside", `<table><tr><td>a</td><td><table><tr><th>b</th></tr><tr><td>c</td></tr></table></td></tr></table>`, "a\n\n| b |\n|---|\n| c |"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustExtract(t, []byte("<main>"+tt.html+"</main>"), "text/html", "https://e.com/", extract.Options{})
			if p.Text != tt.want {
				t.Errorf("text = %q, want %q", p.Text, tt.want)
			}
		})
	}
}

// No page may keep a run for long: each is bounded, whatever is on it.
func TestOddPages(t *testing.T) {
	const n, most = 2000, time.Minute
	for name, body := range map[string]string{
		"paragraphs":  strings.Repeat("<p>A kettle sings because steam hurries through a hole.</p>", n),
		"unclosed":    strings.Repeat("<div><p>kettle <b>", 400),
		"articles":    strings.Repeat("<article><h1>x</h1><p>A kettle sings because steam hurries</p></article>", n),
		"spans":       "<table>" + strings.Repeat("<tr><td colspan=50 rowspan=50>x", n) + "</table>",
		"signatures":  strings.Repeat("<section>", 400) + "<h2>x</h2>" + strings.Repeat("<dt class=sig>kettle", n),
		"admonitions": strings.Repeat("<div class='admonition'><p class=admonition-title>Note</p>x</div>", n),
	} {
		for _, generator := range []string{"", "docusaurus"} {
			page := fmt.Sprintf("<head><meta name=generator content=%q></head><body><main>%s</main>", generator, body)
			begin := time.Now()
			if _, err := extract.Extract([]byte(page), "text/html", "https://e.com/", extract.Options{}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if d := time.Since(begin); d > most {
				t.Errorf("%s, generator %q: %v, more than %v", name, generator, d, most)
			}
		}
	}
}
