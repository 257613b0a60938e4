package web_test

import (
	"bytes"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/citewell/citewell/answer/cite"
	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/extract"
)

// deepLinks are quotes of a page, and the element that a reader must land on.
var deepLinks = []struct {
	name, body, quote string
	want              string // CSS of the elements that the mark covers
}{
	{"plain", `<p id=x>The agent keeps a memory of what it did.</p>`, "The agent keeps a memory of what it did.", "#x"},
	{"part of a sentence", `<p id=x>Note well: the agent keeps a memory, and reads it later.</p>`, "the agent keeps a memory", "#x"},
	{"long", `<p id=x>` + strings.Repeat("The agent keeps a memory of its past actions and reflects on them. ", 4) + `So its next plan is better.</p>`,
		strings.Repeat("The agent keeps a memory of its past actions and reflects on them. ", 4) + "So its next plan is better.", "#x"},
	{"code block", `<pre><code>import os
def main(argv):
    <span id=x>return run(argv, retries=3)</span>
</code></pre>`, "return run(argv, retries=3)", "#x"},
	{"lines of code", `<pre id=x><code>store = open("a-b,c&d.db")
store.put(key,  value)
store.close()</code></pre>`, "store.put(key,  value)\nstore.close()", "#x"},
	{"spaces in code", `<pre id=x><code>retries   =   3    # per request</code></pre>`, "retries = 3 # per request", "#x"},
	{"highlighted code", `<pre id=x><code><span class=k>def</span> <span class=n>load</span><span class=p>(</span><span class=n>path</span><span class=p>):</span></code></pre>`, "def load(path):", "#x"},
	{"inline code", `<p id=x>Set <code>OPENAI_API_KEY</code> first, then call <code>run()</code>.</p>`, "Set `OPENAI_API_KEY` first, then call `run()`.", "#x"},
	{"table cell", `<table><tr><th>Flag</th><th>Means</th></tr><tr><td>-k</td><td id=x>how many passages are read</td></tr></table>`, "how many passages are read", "#x"},
	{"table row", `<table><tr><th>Flag</th><th>Means</th></tr><tr id=x><td>--max-depth</td><td>how deep the crawler goes</td></tr></table>`, "| --max-depth | how deep the crawler goes |", "#x"},
	{"list", `<ul><li>First of all, breathe.</li><li id=x>Then start the server with care.</li></ul>`, "- Then start the server with care.", "#x"},
	{"items", `<ol id=x><li>Install the package with pip.</li><li>Start the server with care.</li></ol>`, "1. Install the package with pip.\n2. Start the server with care.", "#x"},
	{"link inside", `<p id=x>Read <a href="https://e.org/a_(b)">the <em>whole</em> guide</a> before you <strong>start</strong> it.</p>`, "Read the whole guide before you start it.", "#x"},
	{"repeated", `<p>First it is dry. The roof is made of slate. Then it rains.</p><p id=x>Later it is wet. The roof is made of slate. Then it snows.</p>`, "The roof is made of slate. Then it snows.", "#x"},
	{"repeated, told apart by context", `<p>On Monday the keys are rotated by hand each time.</p><p id=x>On Friday the keys are rotated by hand each time.</p>`, "Friday the keys are rotated by hand", "#x"},
	{"several blocks", `<div id=x><p>Vectors are stored in Milvus.</p><p>Words are stored in SQLite.</p></div>`, "Vectors are stored in Milvus.\n\nWords are stored in SQLite.", "#x"},
	{"heading and text", `<div id=x><h3>How it fails</h3><p>It fails when the disk is full.</p></div>`, "### How it fails\n\nIt fails when the disk is full.", "#x"},
	{"chinese", `<p id=x>Milvus 是一个向量数据库。它存储向量，并按距离检索最相近的文本。</p>`, "它存储向量，并按距离检索最相近的文本。", "#x"},
	{"chinese, cut inside", `<p id=x>每个文件只运行一个进程，多个程序共享同一个数据库文件。</p>`, "个程序共享同一个数据", "#x"},
	{"japanese", `<p id=x>設定ファイルは起動時に一度だけ読み込まれます。</p>`, "設定ファイルは起動時に一度だけ読み込まれます。", "#x"},
	{"arabic", `<p id=x dir=rtl>يخزن النظام المتجهات في قاعدة بيانات، ثم يبحث عنها.</p>`, "يخزن النظام المتجهات في قاعدة بيانات، ثم يبحث عنها.", "#x"},
	{"devanagari", `<p id=x>यह प्रणाली वेक्टर को डेटाबेस में रखती है।</p>`, "यह प्रणाली वेक्टर को डेटाबेस में रखती है।", "#x"},
	{"thai", `<p id=x>ระบบนี้เก็บเวกเตอร์ไว้ในฐานข้อมูล</p>`, "ระบบนี้เก็บเวกเตอร์ไว้ในฐานข้อมูล", "#x"},
	{"emoji", `<p id=x>Ship it 🚀 when the tests are green ✅ and not before.</p>`, "Ship it 🚀 when the tests are green ✅ and not before.", "#x"},
	{"soft hyphens", `<p id=x>The word&shy;piece vo&shy;cabulary holds thirty thousand entries.</p>`, "The wordpiece vocabulary holds thirty thousand entries.", "#x"},
	{"entities", `<p id=x>Tom &amp; Jerry&nbsp;Inc. &mdash; a &lt;b&gt; tag, 50&#37; off, well-known.</p>`, "Tom & Jerry Inc. - a <b> tag, 50% off, well-known.", "#x"},
	{"typography", `<p id=x>It’s “quite” simple – you’ll see … and soon.</p>`, `It's "quite" simple - you'll see ... and soon.`, "#x"},
	{"ligature", `<p id=x>The ﬁle is ﬂushed to the disk at once.</p>`, "The file is flushed to the disk at once.", "#x"},
	{"accents", `<p id=x>Le modèle est rechargé après chaque dé` + "\u0301" + `faut, naïvement.</p>`, "Le modèle est rechargé après chaque", "#x"},
	{"line break", `<p id=x>Stored in one file<br>and read by many.</p>`, "Stored in one file and read by many.", "#x"},
	{"image inside", `<p id=x>Press the button <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="alt="" width=20 height=20> to go on with it.</p>`, "Press the button to go on with it.", "#x"},
	{"hidden text inside", `<p id=x>The limit is <span style="display:none">not</span> five hundred requests.</p>`, "The limit is five hundred requests.", "#x"},
	{"definition", `<dl><dt>Chunk</dt><dd id=x>A part of a page that is embedded as one.</dd></dl>`, "A part of a page that is embedded as one.", "#x"},
	{"quotation", `<blockquote id=x><p>Measure twice, cut once, and write it down.</p></blockquote>`, "> Measure twice, cut once, and write it down.", "#x"},
	{"elided", `<p id=x>The store keeps each page, which may be long or short, in a single row of one table.</p>`, "The store keeps each page ... in a single row of one table.", "#x"},
	{"upper case by style", `<p id=x style="text-transform:uppercase">Loud words are still the same words.</p>`, "Loud words are still the same words.", "#x"},
	{"short", `<table><tr><th>Model</th><th>Limit</th></tr><tr><td>small</td><td>256 tokens</td></tr><tr><td>other</td><td id=x>512 tokens</td></tr></table>`, "512 tokens", "#x"},
	{"path and name", `<p id=x>See docs/api-v2.md#part, or call os.path.join(a, b) for it.</p>`, "See docs/api-v2.md#part, or call os.path.join(a, b) for it.", "#x"},
}

var deepPage = template.Must(template.New("").Parse(`<!doctype html><html lang=en><head><meta charset=utf-8><title>Deep</title>
<style>body{font:16px/1.5 sans-serif;background:#fff;color:#000;margin:20px;width:700px}::target-text{background-color:rgb(255,0,255);color:#000}div.far{height:1500px}</style></head>
<body><main><h1 id=top>Deep links</h1><p>This page is long, so that a reader who does not land sees it.</p><div class=far></div>
<h2 id=part>The part</h2>{{.}}<p>Behind it there is more text, which is of no use.</p><div class=far></div></main></body></html>`))

// A citation's link opens the page at the quote, in a real browser: from the page
// by extraction and chunks to the mark on the screen.
func TestDeepLinks(t *testing.T) {
	b := newTab(t)
	for i, tt := range deepLinks {
		t.Run(tt.name, func(t *testing.T) {
			var body bytes.Buffer
			if err := deepPage.Execute(&body, template.HTML(tt.body)); err != nil {
				t.Fatal(err)
			}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(body.Bytes())
			}))
			defer srv.Close()
			address := fmt.Sprintf("%s/page%d", srv.URL, i)
			link := deepLink(t, body.Bytes(), address, tt.quote)
			land(b, t, strings.ReplaceAll(tt.name, " ", "-"), link, tt.want)
		})
	}
}

// deepLink returns the link of a quote on a page, as an answer gives it.
func deepLink(t *testing.T, body []byte, address, quote string) string {
	t.Helper()
	page, err := extract.Extract(body, "text/html", address, extract.Options{Selectors: []string{"main"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chunker.Split(page.Text, chunker.Options{}) {
		if p, ok := cite.Parse(c.Text, c.Start > 0).Find(quote); ok {
			return p.Link(address, "part")
		}
	}
	t.Fatalf("no chunk holds %q:\n%s", quote, page.Text)
	return ""
}

// land opens a link and checks that what is marked lies in the element, and that
// the element is in sight.
func land(b *tab, t *testing.T, name, link, element string) {
	t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(link), chromedp.WaitReady(chromedp.CSS("#x"))); err != nil {
		t.Fatal(err)
	}
	box := eval[[]float64](b, fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom, scrollY] })()`, element))
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if *shots != "" {
		if err := os.WriteFile(filepath.Join(*shots, "link-"+name+".png"), shot, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	marked, n := magenta(t, shot)
	if n == 0 {
		t.Fatalf("%s marks nothing; scrolled to %v", link, box[4])
	}
	want := image.Rect(int(box[0])-3, int(box[1])-3, int(box[2])+4, int(box[3])+4)
	if !marked.In(want) || box[4] == 0 {
		t.Errorf("%s marks %v, scrolled to %v, want within %v", link, marked, box[4], want)
	}
	if marked.Dx() < 40 {
		t.Errorf("%s marks %v only", link, marked)
	}
}

// magenta returns the box around the pixels in the colour of marks.
func magenta(t *testing.T, shot []byte) (image.Rectangle, int) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	var box image.Rectangle
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r == 0xffff && g == 0 && b == 0xffff {
				box = box.Union(image.Rect(x, y, x+1, y+1))
				n++
			}
		}
	}
	return box, n
}
