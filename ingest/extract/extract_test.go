package extract_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/extract"
)

var update = flag.Bool("update", false, "write the golden files of this package's own form")

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustExtract(t testing.TB, body []byte, contentType, url string, o extract.Options) extract.Page {
	t.Helper()
	p, err := extract.Extract(body, contentType, url, o)
	if err != nil {
		t.Fatal(err)
	}
	checkHeadings(t, p)
	return p
}

// checkHeadings holds each heading to its place in the text.
func checkHeadings(t testing.TB, p extract.Page) {
	t.Helper()
	runes := []rune(p.Text)
	last := -1
	for _, h := range p.Headings {
		if h.StartRune < last || h.StartRune >= len(runes) {
			t.Errorf("heading %q begins at %d of %d, after one at %d", h.Text, h.StartRune, len(runes), last)
			continue
		}
		last = h.StartRune
		word := strings.Fields(h.Text)[0]
		if here := string(runes[h.StartRune:min(len(runes), h.StartRune+len(h.Text)+40)]); !strings.Contains(strings.ReplaceAll(here, "*", ""), word) {
			t.Errorf("at heading %q stands %q", h.Text, here)
		}
	}
}

// The golden files are written by testdata/reference.py.
func TestSelectorsAgreeWithBeautifulSoup(t *testing.T) {
	for _, tt := range []struct {
		page      string
		selectors []string
		headings  []string
	}{
		{"post", []string{".post-title", ".post-header", ".post-content"}, []string{"How a kettle learns to sing", "Steam", "Tables"}},
		{"lists", []string{".steps"}, nil},
	} {
		t.Run(tt.page, func(t *testing.T) {
			p := mustExtract(t, read(t, tt.page+".html"), "text/html; charset=utf-8", "https://example.com/posts/x/",
				extract.Options{Selectors: tt.selectors, Format: extract.Plain})
			if diff := cmp.Diff(string(read(t, tt.page+".txt")), p.Text); diff != "" {
				t.Errorf("text (-BeautifulSoup +Extract):\n%s", diff)
			}
			var got []string
			for _, h := range p.Headings {
				got = append(got, h.Text)
			}
			if diff := cmp.Diff(tt.headings, got); diff != "" {
				t.Errorf("headings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMainContent(t *testing.T) {
	for _, tt := range []struct {
		golden string
		page   string
		url    string
		o      extract.Options
	}{
		{"docs.md", "docs.html", "https://docs.example.com/guide/timers.html", extract.Options{}},
		{"docs.plain", "docs.html", "https://docs.example.com/guide/timers.html", extract.Options{Format: extract.Plain}},
		{"post.md", "post.html", "https://example.com/posts/kettle/", extract.Options{}},
		{"post-selected.md", "post.html", "https://example.com/posts/kettle/", extract.Options{Selectors: []string{".post-header", ".post-content"}}},
	} {
		t.Run(tt.golden, func(t *testing.T) {
			p := mustExtract(t, read(t, tt.page), "", tt.url, tt.o)
			if *update {
				if err := os.WriteFile(filepath.Join("testdata", tt.golden), []byte(p.Text+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, tt.golden)), p.Text+"\n"); diff != "" {
				t.Errorf("text (-golden +Extract):\n%s", diff)
			}
		})
	}
}

// Of an article the classes of documentation's chrome say nothing, nor do those of
// its own generators.
func TestArticleNamedLikeChrome(t *testing.T) {
	text := strings.Repeat("<p>Steam hurries through a hole that is too small for it,\u00a0turns round in a ring, and so the kettle sings.</p>", 12)
	page := `<title>Kettles</title><div class="topNav"><a href="/">Menu</a></div><div class="contentContainer"></div><div class="entry share">` + text + `</div>`
	p := mustExtract(t, []byte(page), "text/html", "https://e.com/", extract.Options{})
	if got := strings.Count(p.Text, "for it, turns round"); got != 12 || p.Generator != "" || strings.Contains(p.Text, "Menu") {
		t.Errorf("generator = %q, %d of 12 paragraphs in %q", p.Generator, got, p.Text)
	}
}

func TestHeadings(t *testing.T) {
	p := mustExtract(t, read(t, "docs.html"), "", "https://docs.example.com/guide/timers.html", extract.Options{})
	type heading struct {
		Level        int
		Text, Anchor string
	}
	var got []heading
	for _, h := range p.Headings {
		got = append(got, heading{h.Level, h.Text, h.Anchor})
		if line := strings.Repeat("#", h.Level) + " " + h.Text; !strings.HasPrefix(string([]rune(p.Text)[h.StartRune:]), line) {
			t.Errorf("at rune %d stands no %q", h.StartRune, line)
		}
	}
	want := []heading{{1, "Timers", "timers"}, {2, "Rules for C#", "rules"}, {2, "Limits", "limits"}, {3, "Code with numbers", "code"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
}

func TestAnchors(t *testing.T) {
	for _, tt := range []struct{ name, html, want string }{
		{"id", `<h2 id="a">T</h2>`, "a"},
		{"id inside", `<h2><span id="a"></span>T</h2>`, "a"},
		{"name inside", `<h2><a name="a">T</a></h2>`, "a"},
		{"permalink", `<h2>T<a href="#a%20b">¶</a></h2>`, "a b"},
		{"section", `<section id="a"><h2>T</h2></section>`, "a"},
		{"second in the section", `<section id="a"><p>x</p><h2>T</h2></section>`, ""},
		{"named anchor in front", `<p>x</p><a name="a"></a><h2>T</h2>`, "a"},
		{"named anchor in front of the list", `<p>x</p><a name="a"><!-- --></a><ul><li><h2>T</h2></li></ul>`, "a"},
		{"anchor in a paragraph in front", `<p>x</p><p><a id="a"></a></p><h2>T</h2>`, "a"},
		{"link to elsewhere", `<h2><a href="/other#a">T</a></h2>`, ""},
		{"none", `<p>x</p><h2>T</h2>`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, o := range []extract.Options{{}, {Format: extract.Plain}, {Format: extract.Plain, Selectors: []string{"main"}}} {
				p := mustExtract(t, []byte("<main>"+tt.html+"<p>text</p></main>"), "text/html", "https://example.com/", o)
				if len(p.Headings) != 1 || p.Headings[0].Text != "T" || p.Headings[0].Anchor != tt.want {
					t.Errorf("%v: headings of %s = %+v, want T at %q", o.Format, tt.html, p.Headings, tt.want)
				}
			}
		})
	}
}

func TestWhatPagesSayOfThemselves(t *testing.T) {
	p := mustExtract(t, read(t, "post.html"), "", "https://example.com/posts/x", extract.Options{})
	want := extract.Page{
		URL: "https://example.com/posts/x", Title: "How a kettle learns to sing", Lang: "en",
		Published: time.Date(2026, 2, 3, 8, 30, 0, 0, time.UTC), Modified: time.Date(2026, 2, 3, 8, 30, 0, 0, time.UTC),
		Canonical: "https://example.com/posts/kettle/", Content: "an article: it is an article element with a date, as blogs have", Hidden: 1, HiddenText: "#",
	}
	p.Text, p.Headings = "", nil
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	for _, tt := range []struct{ name, html, url, wantTitle string }{
		{"only heading", "<title>T | Site</title><main><h1>H</h1>x", "https://e.com/", "H"},
		{"heading in the title", "<title>B - Site</title><main><h1>A</h1><h1>B</h1>x", "https://e.com/", "B"},
		{"several headings", "<title>T</title><main><h1>A</h1><h1>B</h1>x", "https://e.com/", "T"},
		{"title", "<title> a\n b </title><p>x", "https://e.com/", "a b"},
		{"og:title", `<meta property="og:title" content="O"><p>x`, "https://e.com/", "O"},
		{"file name", "<p>x", "dir/page.one.html", "page.one"},
		{"nothing", "<p>x", "https://e.com/", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if p := mustExtract(t, []byte(tt.html), "text/html", tt.url, extract.Options{}); p.Title != tt.wantTitle {
				t.Errorf("title = %q, want %q", p.Title, tt.wantTitle)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	for _, tt := range []struct{ attribute, want string }{
		{"en", "en"}, {" pt-BR ", "pt-BR"}, {"", ""}, {"C", ""}, {`en" or 1`, ""}, {"zh-Hant-TW", "zh-Hant-TW"},
	} {
		body := "<html lang='" + tt.attribute + "'><p>x"
		if p := mustExtract(t, []byte(body), "text/html", "https://e.com/", extract.Options{}); p.Lang != tt.want {
			t.Errorf("lang %q = %q, want %q", tt.attribute, p.Lang, tt.want)
		}
	}
}

func TestNoText(t *testing.T) {
	for _, tt := range []struct{ name, body, contentType string }{
		{"nothing", "", "text/html"},
		{"application", `<title>App</title><div id="root"></div><script>go()</script><noscript>Enable JavaScript</noscript>`, "text/html"},
		{"white space", "<main> \n\u00a0 </main>", "text/html; charset=utf-8"},
		{"frameset", `<title>F</title><frameset><frame src="a.html"></frameset>`, "text/html"},
		{"only navigation", "<main><nav>Home</nav></main>", "text/html"},
		{"front matter", "---\ntitle: x\n---\n", "text/markdown"},
		{"text", " \n", "text/plain"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if p, err := extract.Extract([]byte(tt.body), tt.contentType, "https://e.com/", extract.Options{}); !errors.Is(err, extract.ErrNoText) {
				t.Errorf("Extract = %q, %v; want ErrNoText", p.Text, err)
			}
		})
	}
	if _, err := extract.Extract([]byte("<p>x"), "text/html", "", extract.Options{Selectors: []string{".none"}}); !errors.Is(err, extract.ErrNoText) {
		t.Errorf("Extract with a selector that matches nothing = %v, want ErrNoText", err)
	}
}

func TestOtherType(t *testing.T) {
	if _, err := extract.Extract([]byte("PK\x03\x04"), "", "a.zip", extract.Options{}); !errors.Is(err, extract.ErrType) {
		t.Errorf("Extract of a PDF = %v, want ErrType", err)
	}
}

func TestOptions(t *testing.T) {
	for _, name := range []string{"markdown", "plain"} {
		if f, err := extract.ParseFormat(name); err != nil || f.String() != name {
			t.Errorf("ParseFormat(%q) = %v, %v", name, f, err)
		}
	}
	if _, err := extract.ParseFormat("html"); err == nil {
		t.Error("ParseFormat(html) succeeds")
	}
	defer func() {
		if p, _ := recover().(string); !strings.HasPrefix(p, `extract: misuse: extract: selector "p[" is not CSS`) {
			t.Errorf("Extract panics with %q, want misuse", p)
		}
	}()
	extract.Extract(nil, "", "", extract.Options{Selectors: []string{"p["}})
}

// Code in a quotation, or in a list in one, is the code that it was.
// Tags that a page shows as text are escaped, so that no reader of the Markdown takes
// them for its own.
func TestTagsAsText(t *testing.T) {
	const body = `<html><body><main><h1>Tags</h1><p>Write &lt;img alt="x"&gt; or &lt;/b&gt;, but List&lt;T&gt; is 1 &lt; 2 in <code>&lt;br&gt;</code>.</p><pre>&lt;br&gt;</pre></main></body></html>`
	p := mustExtract(t, []byte(body), "text/html", "https://e.org/", extract.Options{})
	for _, want := range []string{`Write \<img alt="x"> or \</b>, but List<T> is 1 < 2 in`, "`<br>`", "\n<br>\n"} {
		if !strings.Contains(p.Text, want) {
			t.Errorf("the text lacks %q: %s", want, p.Text)
		}
	}
}

func TestQuotedCode(t *testing.T) {
	const code = "if boils {\n\n\twhistle()\n}\n"
	for _, page := range []string{
		"<blockquote><pre>" + code + "</pre></blockquote>",
		"<blockquote><p>So:</p><ul><li>first<pre>" + code + "</pre></li></ul></blockquote>",
		"<ul><li>first<blockquote><pre>" + code + "</pre></blockquote></li></ul>",
		"<blockquote><blockquote><pre>" + code + "</pre></blockquote></blockquote>",
	} {
		p := mustExtract(t, []byte("<main><p>Steam.</p>"+page), "text/html", "https://e.com/", extract.Options{})
		if got, _ := blocks(p.Text); len(got) != 1 || got[0] != code {
			t.Errorf("%s: code %q in:\n%s", page, got, p.Text)
		}
	}
}
