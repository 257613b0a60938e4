package render

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// answers are the options of an answer with the citations 1 to 9.
var answers = Options{Links: true, Cited: func(n int) bool { return n >= 1 && n <= 9 }}

func TestHTML(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"paragraphs", "One *is* **two**,\nthree.\n\nFour `<b>`.", "<p>One <em>is</em> <strong>two</strong>,\nthree.</p>\n<p>Four <code>&lt;b&gt;</code>.</p>\n"},
		{"headings begin below the question", "# A\n#### B", "<h3>A</h3>\n<h4>B</h4>\n"},
		{"tags are text", "a <b>c</b> <img src=x>\n\n<div>\nd", "<p>a &lt;b&gt;c&lt;/b&gt; &lt;img src=x&gt;</p>\n<p>&lt;div&gt;\nd</p>\n"},
		{"numbered list with code", "3. a\n   ```sh\n   x --y\n   ```\n4. b\n   - c", "<ol start=\"3\">\n<li>a\n<pre><code class=\"language-sh\">x --y\n</code></pre>\n</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ol>\n"},
		{"task list", "- [x] a\n- [ ] b", "<ul>\n<li><input checked=\"\" disabled=\"\" type=\"checkbox\"> a</li>\n<li><input disabled=\"\" type=\"checkbox\"> b</li>\n</ul>\n"},
		{"table", "| A | B |\n|---|--:|\n| a\\|b | `c` [1] |", "<table>\n<thead>\n<tr>\n<th>A</th>\n<th align=\"right\">B</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>a|b</td>\n<td align=\"right\"><code>c</code> <a class=\"ref\" href=\"#cite-1\">1</a></td>\n</tr>\n</tbody>\n</table>\n"},
		{"quotation", "> a\n> > b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>\n"},
		{"struck out", "~~a~~", "<p><del>a</del></p>\n"},
		{"citations", "A [1][2]. `[3]` [404] [x][4] [5](https://a.example/) arr[6]", `<p>A <a class="ref" href="#cite-1">1</a><a class="ref" href="#cite-2">2</a>. <code>[3]</code> [404] [x]<a class="ref" href="#cite-4">4</a> <a href="https://a.example/">5</a> arr<a class="ref" href="#cite-6">6</a></p>` + "\n"},
		{"footnote", "A[^n] [1].\n\n[^n]: B", "<p>A<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup> <a class=\"ref\" href=\"#cite-1\">1</a>.</p>\n<div class=\"footnotes\">\n<hr>\n<ol>\n<li id=\"fn:1\">\n<p>B\u00a0<a href=\"#fnref:1\" class=\"footnote-backref\">↩</a></p>\n</li>\n</ol>\n</div>\n"},
		{"highlighted code", "```go\nfunc f() {}\n```", "<pre><code class=\"language-go\"><span class=\"kd\">func</span> <span class=\"nf\">f</span><span class=\"p\">()</span> <span class=\"p\">{}</span>\n</code></pre>\n"},
		{"code of unknown language", "````x<y\n```\n````", "<pre><code>```\n</code></pre>\n"},
		{"formulas", "$a_b*c*$ and $$\n\\frac{1}{2}\n$$ and \\(x<y\\)", "<p><span class=\"math\">a_b*c*</span> and <span class=\"math-display\">\\frac{1}{2}</span> and <span class=\"math\">x&lt;y</span></p>\n"},
		{"no formulas", "$5 and $6, $HOME/$USER, \\$a\\$, \\(open", "<p>$5 and $6, $HOME/$USER, $a$, (open</p>\n"},
		{"links and images", "[a](https://a.example/ \"t\") ![b](https://b.example/b.png) https://c.example/x <https://d.example/> <e@f.example>", "<p><a href=\"https://a.example/\">a</a> b <a href=\"https://c.example/x\">https://c.example/x</a> <a href=\"https://d.example/\">https://d.example/</a> e@f.example</p>\n"},
		{"link in a link's place", "[![x](data:a)](javascript:alert(1)) [**a**](//b.example)", "<p>x <strong>a</strong></p>\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, HTML(tt.in, answers)); diff != "" {
				t.Errorf("HTML(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
	if got, want := HTML("[a](https://a.example/) [1]", Options{}), "<p>a [1]</p>\n"; got != want {
		t.Errorf("a passage is %q, want %q", got, want)
	}
}

// Hostile texts try to run something in a browser.
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `[a](javascript:alert(1))`, `[a](JaVaScRiPt:alert(1))`,
	`[a](&#106;avascript:alert(1))`, `[a](<java	script:alert(1)>)`, `![a](x"onerror="alert(1))`, `<javascript:alert(1)>`, `[a](data:text/html;base64,PHNjcmlwdD4=)`,
	"```<img/src=x/onerror=alert(1)>\nx\n```", "```\"onmouseover=alert(1)\nx\n```", "$<img src=x onerror=alert(1)>$", `[a](https://a.example/"onclick="alert(1))`,
	"| <b onclick=alert(1)> |\n|---|\n| <script> |", "[^<b>]\n\n[^<b>]: <script>alert(1)</script>", "[a]: javascript:alert(1)\n\n[a]", "<a href=javascript:alert(1)>x", "vbscript:alert(1)",
	"# <style>*{display:none}</style>", `<iframe srcdoc="<script>alert(1)</script>">`, "<!--><script>alert(1)</script>-->", "<math><mtext><style><img src=x onerror=alert(1)>", "[a](//evil.example)",
}

// made are all tags that the renderer makes.
var (
	made     = regexp.MustCompile(`^</?(p|br|hr|h[3-6]|blockquote|ul|ol|li|pre|code|em|strong|del|table|thead|tbody|tr|th|td|sup|div|span|a|input)( (class|id|start|align|type|checked|disabled|href)="[^"<>]*")*>$`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
	address  = regexp.MustCompile(`href="([^"]*)"`)
	harmless = regexp.MustCompile(`^(https?://|#cite-\d+$|#fn)`)
)

func checkSafe(t *testing.T, in, out string) {
	t.Helper()
	for _, tag := range anyTag.FindAllString(out, -1) {
		if !made.MatchString(tag) {
			t.Errorf("HTML(%q) has the tag %s", in, tag)
		}
	}
	for _, m := range address.FindAllStringSubmatch(out, -1) {
		if !harmless.MatchString(m[1]) {
			t.Errorf("HTML(%q) leads to %s", in, m[1])
		}
	}
}

func TestSafe(t *testing.T) {
	t.Parallel()
	for _, in := range hostile {
		checkSafe(t, in, HTML(in, answers))
		checkSafe(t, in, HTML("- > "+in+" [1]", answers))
		checkSafe(t, in, HTML(in, Options{}))
	}
}

func FuzzSafe(f *testing.F) {
	for _, in := range hostile {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) { checkSafe(t, in, HTML(in, answers)) })
}

// long is an answer with every construct that does not depend on what comes later.
const long = "First: see [1].\n\n## Steps\n\n1. Do 🚀 this:\n\n   ```sh\n   run --it\n   ```\n\n2. Then *that* [2]\n   - [x] nested\n\n| A | B |\n|---|---|\n| `x` | $y_1$ |\n\n> Quoted\n> text\n\n```go\nfunc f() {}\n\nvar x = 1\n```\n\nLast — naïve **words**.\n\n***\n\nEnd."

// The changes of a stream add up to the HTML of the whole text.
func TestStream(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 3, 7, 1000} {
		s := Stream{Options: answers}
		var html []uint16
		sent := 0
		for rest := []rune(long); len(rest) > 0; {
			n := min(size, len(rest))
			if c := s.Add(string(rest[:n])); c != nil {
				html = append(html[:c.Keep:c.Keep], utf16.Encode([]rune(c.HTML))...)
				sent += len(c.HTML)
			}
			rest = rest[n:]
		}
		want := HTML(long, answers)
		if got := string(utf16.Decode(html)); got != want {
			t.Errorf("pieces of %d: (-want +got)\n%s", size, cmp.Diff(want, got))
		}
		if limit := 12 * len(want); sent > limit {
			t.Errorf("pieces of %d: %d bytes were sent for %d, want at most %d", size, sent, len(want), limit)
		}
	}
}

// Numbers of footnotes are shown before the footnotes have arrived, these at the end.
func TestStreamFootnotes(t *testing.T) {
	t.Parallel()
	s := Stream{Options: answers}
	html, done := "", 0
	for _, piece := range []string{"A note[^a] and", " more.\n\nNext", " block.\n\n[^a]: ", "The footnote."} {
		if c := s.Add(piece); c != nil {
			html, done = html[:c.Keep]+c.HTML, c.Done
		}
	}
	first := "<p>A note<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup> and more.</p>\n"
	if want := first + "<p>Next block.</p>\n"; html != want {
		t.Errorf("the stream shows %q, want %q", html, want)
	}
	if done != len(first) {
		t.Errorf("%d bytes are complete, want %d", done, len(first))
	}
}

// An answer of one long line is not rendered and sent again with each of its words.
func TestStreamOfOneLine(t *testing.T) {
	t.Parallel()
	s := Stream{Options: answers}
	renders, sent := 0, 0
	for i := range 4_000 {
		if c := s.Add(fmt.Sprint("word", i%10, " ")); c != nil {
			renders++
			sent += len(c.HTML)
		}
	}
	if renders > 800 || sent > 60_000 {
		t.Errorf("%d renders sent %d bytes of 24000", renders, sent)
	}
}

// Numbers of citations that no source has stay as they are.
func TestStreamReferences(t *testing.T) {
	t.Parallel()
	s := Stream{Options: Options{Cited: func(n int) bool { return n == 1 }}}
	c := s.Add("It is so [1], not [2].")
	if want := `[2]`; c == nil || !strings.Contains(c.HTML, want) || !strings.Contains(c.HTML, `href="#cite-1"`) {
		t.Errorf("change = %+v", c)
	}
}

// The reader sees no marks that are not closed yet.
func TestStreamShowsNoOpenMarks(t *testing.T) {
	t.Parallel()
	s := Stream{Options: answers}
	html := ""
	for _, r := range long {
		if c := s.Add(string(r)); c != nil {
			b := utf16.Encode([]rune(html))
			html = string(utf16.Decode(b[:c.Keep])) + c.HTML
		}
		if shown := anyTag.ReplaceAllString(html, ""); strings.ContainsAny(shown, "*`|#[") {
			t.Fatalf("the reader sees %q", shown)
		}
	}
}
