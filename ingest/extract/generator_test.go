package extract_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/citewell/citewell/ingest/extract"
)

// A gold is what the source of a page says, in the words of the source and not of
// what was made of it.
type gold struct {
	pages    string   // the pages that were made of the source: a pattern of names
	code     []string // every code block, in order
	cells    []string // cells of tables
	headings []string // level, text and anchor
	text     []string // in the text, in this order
}

const waitCode = "def wait(minutes: int) -> None:\n    \"\"\"Wait, then whistle.\"\"\"\n    for _ in range(minutes):\n\n        sleep(60)\n    print(\"done\" if minutes > 0 else \"<never>\")\n"

var golds = []gold{
	{
		pages:    "sphinx-*-timers",
		code:     []string{waitCode, "$ kettle run  --minutes 4\n    (a tab stands in front)\n"},
		cells:    []string{"Water", "Steel", "Copper", "cold", "4 minutes", "warm", "2 minutes", "90 s", "one", "1", "two", "2"},
		headings: []string{"1 Timers #timers", "2 Starting a timer #starting-a-timer", "3 Grid #grid"},
		text: []string{"$Q = m c \\Delta T$", "$$t = \\frac{Q}{P}$$", "> **Before you leave**", "Added in version 2.1", "The `--loud` option", "![A kettle on a stove]",
			"At the level of the sea."},
	},
	{
		pages:    "sphinx-*-install",
		code:     []string{"sudo apt install kettle\nkettle --version\n", "winget install Kettle\nkettle.exe --version\n", "kettle upgrade --to 2\n"},
		cells:    []string{"Part", "Needs", "Why", "Sensor", "I²C bus", "It reads the temperature ten times a second.", "Whistle", "a | b", "One of two outputs Both work."},
		headings: []string{"1 Installing #installing", "2 Requirements #requirements", "2 Terms #terms"},
		text: []string{"**Linux**", "```bash", "**Windows**", "```powershell", "> **Warning**", "It has no float switch.", "What each part needs", "1. Fill the kettle.",
			"   - push until it clicks,", "     - a quarter turn for steel,", "3. Switch it on.", "**boil**", "To turn into steam.", "It is enough for green tea.", "**Troubles**", "look at the plug"},
	},
	{
		pages: "sphinx-*-api",
		code:  []string{"Timer(4).start()\n"},
		headings: []string{"1 Reference #module-kettle", "2 class kettle.Timer(minutes, *, loud=False) #kettle.Timer", "3 start() → None #kettle.Timer.start",
			"3 left #kettle.Timer.left", "2 kettle.boil(water, until=100) #kettle.boil"},
		text: []string{"A timer that whistles.", "**Parameters:**", "**minutes** (*int*) – how long to wait", "if *minutes* is negative", "Seconds that are left.", "Deprecated since version 2.0"},
	},
	{
		pages:    "sphinx-furo-index",
		headings: []string{"1 Kettle manual #kettle-manual", "2 Where to begin #where-to-begin"},
		text:     []string{"Kettle measures how water heats.", "(https://docs.example.com/x/install.html#requirements)", "shows the first measurement", "> **Note**", "> Steam is hot."},
	},
	{
		pages: "[^s]*-timers",
		code: []string{waitCode, "const kettle = require(\"kettle\");\nkettle.start({ minutes: 4, \"loud\": true });\n",
			"plain  text\n\twith a tab\n", "kettle on --now\n"},
		cells: []string{"Water", "Steel", "Copper", "cold", "4 minutes", "warm", "2 minutes", "90 s"},
		text: []string{"A timer is started by `start`", "> Steam hurries through a hole", "**If nothing happens**", "Look at the plug.",
			"Empty the kettle."},
		headings: []string{"1 Timers ", "2 Starting a timer #starting-a-timer", "3 Limits of time #limits-of-time", "2 After use #after-use"},
	},
	{
		pages: "{docusaurus,vitepress,starlight}-timers",
		text: []string{"1. Fill the kettle.", "   - push until it clicks,", "     - half a turn for copper.", "   ```sh\n   kettle on --now\n   ```", "> Green tea wants 80 °C.",
			"> **Hot**", "> Keep your hand away from the spout.", "**npm**", "npm install kettle", "**yarn**"},
	},
	{
		pages: "mkdocs-*-timers",
		text: []string{"> **Note**", "> **Hot**", "> **Folded**", "> Only the curious read this.", "**Linux**", "sudo apt install kettle", "**Windows**", "winget install Kettle",
			"**Simmer**", "To nearly boil.", "It is enough for green tea.", "**Boil**", "$Q = m c \\Delta T$", "$$t = \\frac{Q}{P}$$"},
	},
	{
		pages:    "{docusaurus,vitepress,vuepress,starlight,honkit,mkdocs-material}-api",
		headings: []string{"1 Reference ", "2 start(minutes) #start", "3 Options #options", "2 stop() #stop"},
		text:     []string{"Starts a timer of so many minutes.", "- **loud**: whether the neighbours hear it", "Stops it."},
	},
	{
		pages:    "docusaurus-index",
		headings: []string{"1 Kettle manual ", "2 Where to begin #where-to-begin"},
		text:     []string{"Read [about timers](", "Fill it."},
	},
	{
		pages: "javadoc-class",
		code: []string{"public class Timer\nextends Object\nimplements Runnable\n", "\n Timer t = new Timer(4);\n if (t.left() > 0 && !t.loud) {\n     t.start();\n }\n \n",
			"public boolean loud\n", "public Timer(int minutes)\n", "public int left()\n", "public void run()\n", "@Deprecated\npublic void start()\n"},
		cells: []string{"Water", "cold", "boolean", "loud", "Whether the neighbours hear it.", "Timer(int minutes)", "Makes a timer.", "left()", "start()"},
		headings: []string{"1 Class Timer ", "2 Field Summary #field-summary", "2 Constructor Summary #constructor-summary", "2 Method Summary #method-summary",
			"3 Methods inherited from class java.lang.Object #methods-inherited-from-class-java.lang.Object", "2 Field Details #field-detail", "3 loud #loud",
			"2 Constructor Details #constructor-detail", "3 Timer #<init>(int)", "2 Method Details #method-detail", "3 left #left()", "3 run #run()", "3 start #start()"},
	},
	{
		pages:    "javadoc-package",
		headings: []string{"1 Package kettle "},
		cells:    []string{"Class", "Description", "Timer", "A timer that whistles."},
		text:     []string{"Timers for kettles."},
	},
	{
		pages: "doxygen-class",
		code:  []string{"Timer t(4);\nif (t.left() > 0) {\n \n    t.start();\n}\n", "Timer::Timer ( int minutes)\n", "int Timer::left ( ) const\n", "void Timer::start ( )\n"},
		cells: []string{"Water", "cold", "4", "minutes", "how long to wait", "std::invalid_argument", "if negative"},
		text:  []string{"A timer that whistles.", "Steam is hot.", "Returns the seconds left."},
	},
	{
		pages:    "rustdoc-crate",
		code:     []string{"let t = kettle::Timer::new(4);\nassert!(t.left() > 0);\n"},
		cells:    []string{"Water", "Minutes", "cold", "4"},
		headings: []string{"1 Crate kettle #main-content", "2 Examples #examples", "2 Structs #structs"},
	},
	{
		pages: "rustdoc-struct",
		code:  []string{"pub struct Timer {\n    pub minutes: u32,\n}\n"},
		headings: []string{"1 Struct Timer #main-content", "2 Fields #fields", "2 Implementations #implementations", "3 impl Timer #impl-Timer", "4 pub fn new(minutes: u32) -> Timer #method.new",
			"5 Panics #panics", "4 pub fn left(&self) -> u32 #method.left"},
		text: []string{"A timer that whistles.", "Steam is *hot*.", "How long to wait.", "Makes a timer.", "If the kettle is empty."},
	},
}

// navigation is what pages of generators say beside their content.
var navigation = []string{"Edit this page", "Edit page", "Skip to", "On this page", "Table of contents", "Table of Contents", "Copyright", "Previous", "Next page", "Next\n", "Built with", "Made with", "Powered by",
	"Back to top", "Show Source", "View page source", "Toggle", "Copy\n", "¶", "\uf0c1", "SearchCtrl", "Search docs", "Small Machines", "©", "Sphinx", "Doxygen", "PREV", "JavaScript", "Expand description", "Blanket"}

// Pages in this project's own words, as the generators wrote them (2026-11-22), without the
// content of scripts, styles and pictures.
func TestGenerators(t *testing.T) {
	files, err := filepath.Glob("testdata/generators/*.html")
	if err != nil || len(files) < 30 {
		t.Fatalf("found %d pages, %v; want 30 or more", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		t.Run(name, func(t *testing.T) {
			p := mustExtract(t, read(t, "generators/"+name+".html"), "text/html", "https://docs.example.com/x/page.html", extract.Options{})
			if made, _, _ := strings.Cut(name, "-"); !strings.HasPrefix(p.Generator, made) && !(made == "honkit" && p.Generator == "gitbook") {
				t.Errorf("generator = %q", p.Generator)
			}
			for _, s := range navigation {
				if strings.Contains(p.Text+"\n", s) {
					t.Errorf("the text has %q", s)
				}
			}
			checkGold(t, name, p)
			golden := "generators/" + name + ".md"
			if *update {
				if err := os.WriteFile(filepath.Join("testdata", golden), []byte(p.Text+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), p.Text+"\n"); diff != "" {
				t.Errorf("text (-golden +Extract):\n%s", diff)
			}
		})
	}
}

// What generators that are not at hand write, by hand after their templates: a
// page of navigation, a title and a line.
func TestMarks(t *testing.T) {
	const nav = `<nav><a href="/">Menu</a></nav><div class="menu"><a href="/">Menu</a></div>`
	const text = `<h2 id="b">B<a class="anchor" href="#b">#</a></h2><p>Steam.</p><pre><code class="language-go">sing()</code></pre>`
	for _, tt := range []struct{ generator, html string }{
		{"mdbook", `<!-- Book generated using mdBook --><body>` + nav + `<div id="content" class="content"><main><h1 id="a"><a class="header" href="#a">A</a></h1>` + text + `</main><nav class="nav-wrapper">Menu</nav></div>`},
		{"docsy", `<body class="td-page"><main role="main">` + nav + `<div class="td-content"><h1>A</h1><header class="article-meta"></header>` + text + `<div class="feedback--title">Menu</div></div></main>`},
		{"hugo-book", nav + `<div class="book-page"><header class="book-header">Menu</header><article class="markdown book-article"><h1 id="a">A<a class="anchor" href="#a">#</a></h1>` + text + `</article><footer class="book-footer">Menu</footer></div>`},
		{"geekdoc", nav + `<div class="gdoc-page"><div class="gdoc-page__header">Menu</div><article class="gdoc-markdown gdoc-markdown__align--left"><h1>A</h1>` + text + `</article><div class="gdoc-page__footer">Menu</div></div>`},
		{"nextra", nav + `<div class="nextra-sidebar">Menu</div><article class="nextra-content"><div class="nextra-breadcrumb">Menu</div><main data-pagefind-body="true"><h1>A</h1>` + text + `</main></article>`},
		{"gitbook", `<head><meta name="generator" content="GitBook (28f7fba)"></head><body>` + nav + `<main><header><h1>A</h1></header>` + text + `</main>`},
		{"vuepress", nav + `<main class="page"><div class="theme-default-content content__default"><h1 id="a"><a href="#a" class="header-anchor">#</a> A</h1>` + text + `</div><footer class="page-edit">Menu</footer></main>`},
		{"javadoc", `<!-- Generated by javadoc (1.8.0) --><body><div class="topNav">Menu</div><div class="header"><h1 class="title">A</h1></div><div class="contentContainer">` + text + `</div><div class="bottomNav">Menu</div>`},
		{"pkgsite", nav + `<h1 class="UnitHeader-titleHeading">A</h1><div class="UnitHeader-title">Menu</div><div class="Documentation-content"><h4 hidden>Menu</h4>` + text + `</div>`},
		{"mediawiki", `<head><meta name="generator" content="MediaWiki 1.45"></head><body>` + nav + `<h1 id="firstHeading">A</h1><div id="mw-content-text"><div class="mw-parser-output"><div id="toc">Menu</div>` + text + `<span class="mw-editsection">Menu</span></div></div>`},
		{"antora", `<head><meta name="generator" content="Antora 3.1"></head><body>` + nav + `<article class="doc"><h1 class="page">A</h1>` + text + `<nav class="pagination">Menu</nav></article>`},
		{"github", nav + `<article class="markdown-body"><h1>A</h1>` + text + `</article>`},
		{"", nav + `<main><h1>A</h1>` + text + `</main>`},
	} {
		p := mustExtract(t, []byte(tt.html), "text/html", "https://e.com/", extract.Options{})
		if want := "# A\n\n## B\n\nSteam.\n\n```go\nsing()\n```"; p.Generator != tt.generator || p.Text != want {
			t.Errorf("generator = %q, want %q; text = %q, want %q", p.Generator, tt.generator, p.Text, want)
		}
	}
}

// checkGold holds a page to each gold for it.
func checkGold(t *testing.T, name string, p extract.Page) {
	found := false
	for _, g := range golds {
		if !matches(g.pages, name) {
			continue
		}
		found = true
		code, cells := blocks(p.Text)
		for i, want := range g.code {
			// Python-Markdown, HonKit and Starlight write spaces for tabs.
			if i >= len(code) || code[i] != want && code[i] != strings.ReplaceAll(want, "\t", "    ") && code[i] != strings.ReplaceAll(want, "\t", "  ") {
				t.Errorf("code block %d of %q is not %q", i, code, want)
			}
		}
		for _, want := range g.cells {
			if !slices.Contains(cells, want) {
				t.Errorf("no cell %q in %q", want, cells)
			}
		}
		var headings []string
		for _, h := range p.Headings {
			s := string(rune('0'+h.Level)) + " " + h.Text + " #" + h.Anchor
			if h.Level == 1 && slices.Contains(g.headings, "1 "+h.Text+" ") {
				s = "1 " + h.Text + " " // With an anchor or without.
			}
			headings = append(headings, strings.NewReplacer(" #startminutes", " #start", " #start-minutes", " #start").Replace(s))
		}
		if diff := cmp.Diff(g.headings, headings); g.headings != nil && diff != "" {
			t.Errorf("headings (-want +got):\n%s", diff)
		}
		rest := p.Text
		for _, want := range g.text {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Errorf("no %q in, or not in order:\n%s", want, rest)
				continue
			}
			rest = after
		}
	}
	if !found {
		t.Error("no gold for this page")
	}
}

// matches says whether a pattern, which may begin with alternatives in braces,
// matches a name.
func matches(pattern, name string) bool {
	patterns := []string{pattern}
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(pattern, "{"), "}"); ok {
		patterns = nil
		for alternative := range strings.SplitSeq(inner, ",") {
			patterns = append(patterns, alternative+rest)
		}
	}
	return slices.ContainsFunc(patterns, func(p string) bool { ok, _ := filepath.Match(p, name); return ok })
}

// blocks returns the code blocks and the cells of Markdown, as a parser sees them.
func blocks(markdown string) (code, cells []string) {
	source := []byte(markdown)
	doc := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(source))
	// The walker never fails: the function returns no error.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			code = append(code, string(n.Lines().Value(source)))
		case *east.TableCell:
			var b strings.Builder
			_ = ast.Walk(n, func(m ast.Node, entering bool) (ast.WalkStatus, error) {
				if s, ok := m.(*ast.Text); ok && entering {
					b.Write(s.Value(source))
				}
				return ast.WalkContinue, nil
			})
			cells = append(cells, strings.ReplaceAll(b.String(), `\|`, "|"))
		}
		return ast.WalkContinue, nil
	})
	return code, cells
}
