package extract_test

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest/extract"
)

// prose is enough text for extractors that look for articles.
var prose = strings.Repeat("<p>Steam hurries through a hole that is too small for it, turns round in a ring, and so the kettle sings to whoever waits.</p>", 6)

func TestContent(t *testing.T) {
	const linked = `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Steam"}</script>`
	for _, tt := range []struct {
		name, url, head, body string
		want                  string // begins the reason
	}{
		{"says nothing", "https://e.com/pots", "", prose, "it may be documentation: the whole page"},
		{"main element", "https://e.com/pots", "", "<main>" + prose + "</main>", "it may be documentation: its main element"},
		{"linked data", "https://e.com/pots", linked, prose, "an article: its linked data"},
		{"technical article", "https://e.com/pots", strings.Replace(linked, "NewsArticle", "TechArticle", 1), prose, "it may be documentation"},
		{"type and date", "https://e.com/pots", `<meta property="og:type" content="article"><meta property="article:published_time" content="2026-03-01">`, prose, "an article: it is of the type article"},
		{"type alone", "https://e.com/pots", `<meta property="og:type" content="article">`, prose, "it may be documentation"},
		{"address of a blog", "https://e.com/blog/pots", "", prose, "an article: its address"},
		{"address of a manual", "https://e.com/docs/news/", linked, prose, "it may be documentation"},
		{"title of a manual", "https://e.com/pots", linked + "<title>Pots | Kettle documentation</title>", prose, "it may be documentation"},
		{"article with code", "https://e.com/blog/pots", "", "<main>" + prose + strings.Repeat("<pre>kettle on</pre>", 3) + "</main>", "an article with code"},
		{"generator", "https://e.com/blog/pots", "<meta name=generator content='Docusaurus v3'>", "<div class=theme-doc-markdown>" + prose + "</div>", "the element in which docusaurus"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := "<html><head>" + tt.head + "</head><body><h1>Pots</h1>" + tt.body + "</body></html>"
			if p := mustExtract(t, []byte(page), "text/html", tt.url, extract.Options{}); !strings.HasPrefix(p.Content, tt.want) {
				t.Errorf("content = %q, want %q", p.Content, tt.want)
			}
		})
	}
}

// What a page of documentation says stays, though rules for articles would remove it.
func TestDocumentationKeeps(t *testing.T) {
	for _, tt := range []struct{ name, html string }{
		{"values", "<h2>Limit</h2><p>480</p><p>Unit: minutes</p><p>Source: lib/tea.go</p><p>Tags: green, black</p>"},
		{"orders", "<ol><li>Download the tool.</li><li>Sign up.</li><li>Log in.</li><li>Follow the guide.</li><li>Subscribe to the channel.</li></ol>"},
		{"short sections", "<h2>TEATIME</h2><p>Minutes that tea draws.</p><h4>Syntax</h4><p>TEATIME(Kind)</p><h4>Example</h4><p>=TEATIME(1)</p>"},
		{"section with the name of chrome", `<section id="comments" class="comments"><h2 id="comments">Comments</h2><p>A comment begins with a hash.</p></section>`},
		{"words of buttons", "<table><tr><td><p>Copy</p></td><td>Copies it.</td></tr></table><h3>Hide</h3><p>Hides it.</p><ul><li>Show</li></ul>"},
		{"summary of functions", `<h2>Methods</h2><ul><li><a href="#f">fill()</a></li><li><a href="#g">pour()</a></li></ul><h3 id="f">fill()</h3><p>x</p><h3 id="g">pour()</h3><p>y</p>`},
		{"header of a part", "<article><header><code>Tea.draw</code> — Function</header><p>Waits.</p></article>"},
		{"links to learn more", `<h2>Further</h2><ul><li><a href="/a">Next steps</a></li><li><a href="/b">Green tea</a></li></ul>`},
		{"note beside", "<aside>Tea stains.</aside>"},
		{"origin of a member", `<section><h2>draw()</h2><p>Waits.</p><aside><p>Inherited from <a href="/pot">Pot.draw</a>.</p></aside></section>`},
		{"list of parts below a paragraph", `<h2>Kinds</h2><p>These are known.</p><ul><li><a href="#g">Green.</a></li><li><a href="#b">Black.</a></li></ul><h3 id="g">Green.</h3><p>x.</p><h3 id="b">Black.</h3><p>y.</p>`},
		{"references by their numbers", `<p>Others say so (see [<a href="#r1">1</a>], [<a href="#r2">2</a>], [<a href="#r3">3</a>], [<a href="#r4">4</a>], [<a href="#r5">5</a>]).</p>`},
		{"section with a summary", `<h2>Lead</h2><p>x.</p><div><h2>Members</h2><div><table><tbody><tr><td><a href="#g">green()</a></td></tr><tr><td><a href="#b">black()</a></td></tr></tbody></table></div></div><h3 id="g">green()</h3><p>x.</p><h3 id="b">black()</h3><p>y.</p>`},
		{"table of members beside their text", `<div><div><table><tr><td><a href="/g#a">one()</a></td></tr><tr><td><a href="/g#b">two()</a></td></tr><tr><td><a href="/g#c">three()</a></td></tr><tr><td><a href="/g#d">four()</a></td></tr><tr><td><a href="/g#e">five()</a></td></tr></table></div><div>` + prose + `</div></div>`},
	} {
		for _, around := range []string{"<main><h1>Tea</h1>%</main>", "<div><h1>Tea</h1>%</div>"} {
			p := mustExtract(t, []byte("<title>Tea</title>"+strings.Replace(around, "%", tt.html, 1)), "text/html", "https://e.com/", extract.Options{})
			for part := range strings.FieldsFuncSeq(tt.html, func(r rune) bool { return r == '<' || r == '>' }) {
				if text := strings.TrimSpace(part); strings.ContainsAny(text, ".()") || len(text) == 3 && text == "480" || text == "Copy" || text == "Show" || text == "Hide" {
					if !strings.ContainsAny(text, `="/`) && !strings.Contains(p.Text, text) {
						t.Errorf("%s, %s: no %q in\n%s", tt.name, around, text, p.Text)
					}
				}
			}
		}
	}
}

// Chrome goes whatever its classes are called.
func TestFrame(t *testing.T) {
	links := func(n string) string {
		return "<ul><li><a href=/1>" + n + " one</a></li><li><a href=/2>" + n + " two</a></li><li><a href=/3>" + n + " three</a></li><li><a href=/4>" + n + " four</a></li><li><a href=/5>" + n + " five</a></li></ul>"
	}
	for _, tt := range []struct{ name, before, after string }{
		{"menu before the title", "<div class=x1>" + links("chrome") + "</div>", ""},
		{"breadcrumbs", `<div class=x1><p><a href="/">chrome</a> » <a href="/g">chrome</a> » Tea</p></div>`, ""},
		{"banner", "<div>chrome: answer our survey</div>", ""},
		{"contents of the page", "", `<ul><li><a href="#draw">Drawing</a></li><li><a href="#pour">Pouring</a></li></ul>`},
		{"announced contents", "", "<p><b>Table of chrome</b></p>" + "<p>Table of Contents</p>" + links("chrome")},
		{"neighbours", "", `<table><tr><td><a href="/a">Prev</a></td><td><a href="/">Home</a></td><td><a href="/b">Next</a></td></tr><tr><td>chrome</td></tr></table>`},
		{"foot", "", "<p>Copyright 2026 chrome Ltd.</p><p>Generated on 3 March by chrome 2.1</p>"},
		{"row of links above the foot", "", `<p><a href="/i">Chrome index</a> | <a href="/t">Chrome topics</a> | <a href="/k">Chrome words</a></p><p>© 2003-2026 chrome team</p>`},
		{"link to the source", "", `<p><a href="/src/tea.go#L3">[source]</a></p><p><a href="/e">Improve this Doc</a></p>`},
		{"links to the source and to change it", "", `<p>draw <a href="/src/tea.go#L3">(source)</a> <a href="https://git.example/edit/main/tea.go">Edit</a></p><ul><li>Defined in <a href="/s">lib/tea.ts:30</a></li></ul><div><a href="/src/tea.php#L7">at line 7</a></div>`},
		{"places in the source without links", "", `<div class="location">in <a href="/Pot">Pot</a> at line 31</div><div>at line 57</div>`},
		{"chapters by their numbers", "", `<div><span>chrome: </span><a href="chap0.html">Top</a> <a href="chap1.html">1</a> <a href="chap2.html">2</a> <a href="chap3.html">3</a> <a href="chap4.html">4</a> <a href="chap5.html">5</a></div>`},
		{"letters of an index", "", `<p>chrome: <a href="#a">A</a> | <a href="#b">B</a> | <a href="#c">C</a> | <a href="#d">D</a> | <a href="#e">E</a></p>`},
		{"other languages", "", `<p>chrome: <a href="/en/tea">en</a> | <a href="/fr/tea" hreflang="fr">fr</a> | <a href="/tr/tea" hreflang="tr">tr</a></p>`},
		{"contents in a column below the title", "", ""},
		{"contents with the page's name", "", `<ul><li><a href="tea.html#draw">Drawing</a></li><li><a href="tea.html#pour">Pouring</a></li></ul>`},
		{"contents with a heading", "", `<div><h2>Auf dieser Seite</h2><ul><li><a href="#draw">Drawing</a></li><li><a href="#pour">Pouring</a></li></ul></div>`},
		{"a part of the navigation again", "<div><p>Modules chrome: <a href=/1>one</a> Directives and FAQ</p><p>Kettle 2.4</p></div>", "<div><p>Copyright 2026 Kettle</p><p>Modules chrome: <a href=/1>one</a> Directives and FAQ</p></div>"},
		{"columns beside", "", ""},
		{"the same navigation twice", "<div>Overview chrome: one <a href=/1>Package</a> Class Tree Index Help</div>", "<div>Overview chrome: one <a href=/1>Package</a> Class Tree Index Help</div>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := tt.before + "<div><h1>Tea</h1>" + prose + "<h2 id=draw>Drawing</h2><p>Wait.</p><h2 id=pour>Pouring</h2><p>Slowly.</p></div>" + tt.after
			if tt.name == "contents in a column below the title" {
				names := "<ul><li><a href=#q1>chrome one</a></li><li><a href=#q2>chrome two</a></li><li><a href=#q3>chrome three</a></li><li><a href=#q4>chrome four</a></li><li><a href=#q5>five</a></li></ul>"
				body = "<div><h1>Tea</h1><div><div>Dark mode" + names + "</div><div>" + prose + "<h2 id=draw>Drawing</h2><p>Wait.</p><h2 id=pour>Pouring</h2><p>Slowly.</p></div></div></div>"
			}
			if strings.HasPrefix(tt.name, "contents of") || strings.HasPrefix(tt.name, "contents with") {
				body = "<div><h1>Tea</h1>" + tt.after + prose + "<h2 id=draw>Drawing</h2><p>Wait.</p><h2 id=pour>Pouring</h2><p>Slowly.</p></div>"
			}
			if tt.name == "columns beside" {
				body = "<div>" + body + "<div class=x2>" + links("chrome") + "</div></div>"
			}
			p := mustExtract(t, []byte("<html><head><title>Tea – Kettle</title></head><body>"+body), "text/html", "https://e.com/tea.html", extract.Options{})
			for _, gone := range []string{"chrome one", "Chrome topics", "(source)", "Edit", "Defined", "at line", "Auf dieser", "Directives", "chrome »", "chrome:", "chrome Ltd", "chrome 2.1", "Prev", "[source]", "Improve", "(#draw", "Contents", "Generated"} {
				if strings.Contains(p.Text, gone) {
					t.Errorf("%q is in\n%s", gone, p.Text)
				}
			}
			if !strings.Contains(p.Text, "# Tea") || !strings.Contains(p.Text, "## Drawing\n\nWait.\n\n## Pouring\n\nSlowly.") {
				t.Errorf("text = %q", p.Text)
			}
		})
	}
}

// The menu beside a page without a heading, with the page itself marked in it, is gone.
// What is left of a short page, with links to its neighbours, is its text.
func TestShortPage(t *testing.T) {
	const pager = `<div><a href="/">top</a> <a href="/a">← prev</a> <a href="/">up</a> <a href="/c">next →</a></div>`
	menu := `<div><table><tr><td>1</td><td><a href="/a">Chrome/a</a></td></tr><tr><td>2</td><td><a href="">Chrome/b</a></td></tr>` +
		`<tr><td>3</td><td><a href="/c">Chrome/c</a></td></tr><tr><td>4</td><td><a href="/d">Chrome/d</a></td></tr><tr><td>5</td><td><a href="/e">Chrome/e</a></td></tr></table></div>`
	page := "<title>2 Chrome/b</title><body>" + menu + "<div><div>" + pager + `<p>Do not use it, use <a href="/green">green/tea</a>.</p>` + pager + "</div></div>"
	p := mustExtract(t, []byte(page), "text/html", "https://e.com/b", extract.Options{})
	if want := "Do not use it, use [green/tea](https://e.com/green)."; p.Text != want {
		t.Errorf("text = %q, want %q", p.Text, want)
	}
}

// The list on a page that is called "Index" is its text.
func TestIndexPage(t *testing.T) {
	menu := strings.Repeat(`<li>11 <a href="/m">Pots and pans of the kitchen</a></li>`, 40)
	page := `<title>Index</title><body><ul>` + menu + `</ul><div><h3>Index</h3><table><tr><td><a href="/b#draw">draw</a></td></tr><tr><td><a href="/c#pour">pour</a></td></tr></table></div>`
	p := mustExtract(t, []byte(page), "text/html", "https://e.com/index", extract.Options{})
	if !strings.Contains(p.Text, "pour") {
		t.Errorf("no entries in %q", p.Text)
	}
}

// One article of several parts is not the content.
func TestArticleOfMany(t *testing.T) {
	page := "<title>Tea</title><h1>Tea</h1>" + prose + "<article><h2>tea()</h2><p>Draws.</p></article>"
	if p := mustExtract(t, []byte(page), "text/html", "https://e.com/", extract.Options{}); !strings.Contains(p.Text, "Steam hurries") || !strings.Contains(p.Text, "Draws.") {
		t.Errorf("text = %q", p.Text)
	}
}

// A page whose title is no heading gets it as one.
func TestTitleLine(t *testing.T) {
	page := `<html><head><title>Kettle: Tea Class Reference</title></head><body><div class=q>Tea Class Reference<div>in Kettle</div></div><h2>Details</h2>` + prose
	p := mustExtract(t, []byte(page), "text/html", "https://e.com/", extract.Options{})
	if len(p.Headings) != 2 || p.Headings[0].Level != 1 || !strings.HasPrefix(p.Headings[0].Text, "Tea Class Reference") {
		t.Errorf("headings = %+v", p.Headings)
	}
}

// A page that is nothing but contents keeps them.
func TestContentsPage(t *testing.T) {
	page := `<html><head><title>Contents</title></head><body><h1>Contents</h1><ul><li><a href="a.html">How tea is drawn</a></li><li><a href="b.html">How tea is poured</a></li></ul></body></html>`
	if p := mustExtract(t, []byte(page), "text/html", "https://e.com/", extract.Options{}); !strings.Contains(p.Text, "How tea is poured") {
		t.Errorf("text = %q", p.Text)
	}
}
