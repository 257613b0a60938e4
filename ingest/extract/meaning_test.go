package extract_test

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest/extract"
)

// What markup means stays in the text.
func TestMeaning(t *testing.T) {
	for _, tt := range []struct{ name, html, want string }{
		{"exponent", "<p>2<sup>32</sup> − 1 and 10<sup>-5</sup> kg, x<sup>n+1</sup>, cm<sup>2</sup></p>", "2^32 − 1 and 10^-5 kg, x^(n+1), cm^2"},
		{"ordinal and mark", "<p>The 1<sup>st</sup> Kettle<sup>®</sup> and its 20<sup>th</sup></p>", "The 1st Kettle® and its 20th"},
		{"note", `<p>Boils<sup><a href="#n1">1</a></sup> and sings.<sup>2</sup></p>`, "Boils[1](https://e.com/#n1) and sings.2"},
		{"index", "<p>T<sub>max</sub>, x<sub>1</sub>, log<sub>2</sub> n, H<sub>2</sub>O, Ca(OH)<sub>2</sub></p>", "T_max, x_1, log_2 n, H2O, Ca(OH)2"},
		{"exponent in code", "<p><code>2<sup>8</sup></code></p>", "`2^8`"},
		{"source of a formula", `<p>So <math alttext="t=\frac{Q}{P}"><mfrac><mi>Q</mi><mi>P</mi></mfrac></math>.</p>`, `So $t=\frac{Q}{P}$.`},
		{"formula", "<p><math><mi>t</mi><mo>=</mo><mfrac><mrow><mi>m</mi><mo>+</mo><mn>1</mn></mrow><msqrt><mi>P</mi></msqrt></mfrac></math>, <math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math></p>",
			"t = (m + 1)/(sqrt(P)), x_i^2"},
		{"formula of MathJax", `<p><mjx-container><mjx-math aria-hidden="true">xx</mjx-math><mjx-assistive-mml><math><msup><mn>10</mn><mn>6</mn></msup></math></mjx-assistive-mml></mjx-container></p>`, "10^6"},
		{"formula in an attribute", `<p><span class="MathJax" data-mathml="&lt;math&gt;&lt;msup&gt;&lt;mi&gt;x&lt;/mi&gt;&lt;mn&gt;2&lt;/mn&gt;&lt;/msup&gt;&lt;/math&gt;">x2</span></p>`, "x^2"},
		{"formula that is text", `<p>So <span class="inline math">\(t^2\)</span>.</p>`, "So $t^2$."},
		{"question in a button", `<h2 id="q"><button aria-expanded="false">Why does it sing?</button></h2><div>Steam.</div>`, "## Why does it sing?\n\nSteam."},
		{"question that is a button", `<button aria-expanded="false" aria-controls="a">Does it sing?</button><div id="a" style="display:none">Always.</div>`, "**Does it sing?**\n\nAlways."},
		{"button with blocks", `<h3>Replies</h3><button><strong>202</strong><div><p>Heating.</p></div></button><button>Try it</button>`, "### Replies\n\n**202**\n\nHeating."},
		{"request in a button", `<button><span>post</span> <span>/pots/{id}</span></button><p>Fills.</p>`, "post /pots/{id}\n\nFills."},
		{"menu that a button opens", `<p>x</p><button aria-controls="menu">Open the menu</button><div id="menu" style="display:none">Home</div>`, "x"},
		{"folded", "<details><summary>More</summary><p>Text.</p></details>", "**More**\n\nText."},
		{"tasks", `<ul><li><input type="checkbox" checked disabled> Fill</li><li><label><input type="checkbox" disabled></label> Pour</li></ul>`, "- [x] Fill\n- [ ] Pour"},
		{"numbers of items", `<ol start="3"><li>Fill</li><li value="7">Pour</li><li>Rinse</li></ol>`, "3. Fill\n\n7. Pour\n8. Rinse"},
		{"definition", "<dl><dt>Boil</dt><dd>To steam.</dd><dt>Simmer</dt><dd>Nearly.</dd></dl>", "**Boil**\n\nTo steam.\n\n**Simmer**\n\nNearly."},
		{"key of rows", "<table><tr><th>OS</th><th>Chip</th></tr><tr><td rowspan=2>Linux</td><td>x64</td></tr><tr><td>arm</td></tr></table>", "| Linux | x64 |\n| Linux | arm |"},
		{"key of columns", "<table><tr><th>OS</th><th colspan=2>Chip</th></tr><tr><td>Linux</td><td>x64</td><td>arm</td></tr></table>", "| OS | Chip | Chip |"},
		{"long text in rows", "<table><tr><th>a</th><th>b</th></tr><tr><td rowspan=2>" + strings.Repeat("long ", 30) + "</td><td>x</td></tr><tr><td>y</td></tr></table>", "long | x |\n|  | y |"},
		{"roles of a table", `<div role="table"><div role="rowgroup"><div role="row"><span role="columnheader">Plan</span><span role="columnheader">Sips</span></div></div><div role="row"><div role="cell"><p>Free</p></div><div role="cell">20</div></div></div>`,
			"| Plan | Sips |\n|---|---|\n| Free | 20 |"},
		{"icons", `<table><tr><th>Pot</th><th>Steel</th></tr><tr><td>A</td><td><svg aria-label="Yes"><path d=""/></svg></td></tr><tr><td>B</td><td><i class="fa fa-times"></i></td></tr><tr><td>C</td><td><svg><title>Partly</title></svg></td></tr></table>`,
			"| A | Yes |\n| B | ✗ |\n| C | Partly |"},
		{"arrow", `<p>Open <b>File</b> <span aria-hidden="true">→</span><span class="visually-hidden">and then</span> <b>Print</b>.</p>`, "Open **File** → **Print**."},
		{"shadow tree", `<kettle-page><template shadowrootmode="open"><style>p{}</style><h2>Pots</h2><slot name="lead">none</slot><slot></slot><p>End.</p></template><p slot="lead">Lead.</p><p>Body.</p></kettle-page>`,
			"## Pots\n\nLead.\n\nBody.\n\nEnd."},
		{"links that a style separates", `<h2><a href="/k">Kettle</a><span class="x"></span><a href="/p">Pot</a><span class="x"></span>boil</h2><p>x</p>`, "## Kettle Pot boil\n\nx"},
		{"session in a link", `<p>See <a href="/pots;jsessionid=0A1B?size=2&amp;PHPSESSID=1#lid">pots</a>.</p>`, "See [pots](https://e.com/pots?size=2#lid)."},
		{"tabs", `<div><div role="tablist"><button role="tab">npm</button><button role="tab">yarn</button></div><div role="tabpanel"><pre>npm i</pre></div><div role="tabpanel" hidden><pre>yarn add</pre></div></div>`,
			"**npm**\n\n```\nnpm i\n```\n\n**yarn**\n\n```\nyarn add\n```"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustExtract(t, []byte("<main><h1>T</h1>"+tt.html+"</main>"), "text/html", "https://e.com/", extract.Options{})
			if got := strings.TrimPrefix(p.Text, "# T\n\n"); got != tt.want && !(strings.Contains(tt.want, "|") && strings.Contains(got, tt.want)) {
				t.Errorf("text = %q, want %q", got, tt.want)
			}
		})
	}
}

// Code is the code that it was, however a highlighter numbers its lines.
func TestLineNumbers(t *testing.T) {
	const want = "fill()\n  boil()\n"
	for _, tt := range []struct{ name, html string }{
		{"table of numbers and code", `<table class="CodeRay"><tr><td class="line-numbers"><pre>1
2
</pre></td><td class="code"><pre>fill()
  boil()</pre></td></tr></table>`},
		{"without known classes", `<table class="x"><tr><td><pre>1
2
</pre></td><td><pre>fill()
  boil()</pre></td></tr></table>`},
		{"table in the code", `<pre><code class="language-js"><table><tr><td data-line-number="1"></td><td class="hljs-ln-code" data-line-number="1">fill()</td></tr><tr><td data-line-number="2"></td><td class="hljs-ln-code" data-line-number="2">  boil()</td></tr></table></code></pre>`},
		{"code in the table in the code", "<figure class=highlight><pre><code><table><tr><td class=gutter><pre>1\n2\n</pre></td><td class=code><pre>fill()\n  boil()\n</pre></td></tr></table></code></pre></figure>"},
		{"row for each line", `<table class="highlight"><tr><td class="blob-num" data-line-number="1"></td><td class="blob-code">fill()</td></tr><tr><td class="blob-num" data-line-number="2"></td><td class="blob-code">  boil()</td></tr></table>`},
		{"line in an element", `<figure class="highlight"><table><tr><td class="gutter"><pre><span class="line">1</span><br><span class="line">2</span><br></pre></td><td class="code"><pre><span class="line">fill()</span><br><span class="line">  boil()</span><br></pre></td></tr></table></figure>`},
		{"block for each line", `<div><table><tr><td class="gutter"><div>1</div><div>2</div></td><td class="code"><div><div><code>fill()</code></div><div><code>&nbsp;&nbsp;</code><code>boil()</code></div></div></td></tr></table></div>`},
		{"list", `<pre><ol class="linenums"><li>fill()</li><li>  boil()</li></ol></pre>`},
		{"label to copy it", `<div><div class="head"><div>Copy code</div></div><pre>fill()
  boil()</pre></div>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustExtract(t, []byte("<main><p>So:</p>"+tt.html+"<p>End.</p></main>"), "text/html", "https://e.com/", extract.Options{})
			got, _ := blocks(p.Text)
			if len(got) != 1 || got[0] != want || strings.Contains(p.Text, "|") || strings.Contains(p.Text, "Copy") {
				t.Errorf("code = %q in\n%s", got, p.Text)
			}
		})
	}
}
