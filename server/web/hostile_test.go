package web_test

import (
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/server/web"
)

// payloads try to run a script when they are shown.
var payloads = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg onload=alert(1)>`, `"><img src=x onerror=alert(1)>`, `</textarea><script>alert(1)</script>`, `</script><script>alert(1)</script>`,
	`<iframe srcdoc="<script>parent.alert(1)</script>">`, `javascript:alert(1)`, `[x](javascript:alert(1))`, `![x](x" onerror="alert(1))`, `<a href="javascript:alert(1)">x</a>`, `<math href=javascript:alert(1)>x</math>`,
	"```<img/src=x/onerror=alert(1)>\nx\n```", "| <img src=x onerror=alert(1)> |\n|---|\n| x |", "[^1]\n\n[^1]: <img src=x onerror=alert(1)>", "$$<img src=x onerror=alert(1)>$$", `{{constructor.constructor("alert(1)")()}}`, `<style>@import "javascript:alert(1)"</style>`,
}

// hostileAnswer returns the answer to "hostile N": payload N wherever a text can stand.
func hostileAnswer(question string) (answer.Answer, bool) {
	var n int
	if _, err := fmt.Sscanf(question, "hostile %d", &n); err != nil || n >= len(payloads) {
		return answer.Answer{}, false
	}
	p := payloads[n]
	c := answer.Citation{N: 1, URL: p, Link: p, Title: p, Section: p, Quote: p, Sentence: p, Verified: true, Version: p, Passage: p}
	other := c
	other.N, other.Verified, other.URL, other.Link = 2, false, "javascript:alert(1)", "javascript:alert(1)"
	return answer.Answer{Answered: n%2 == 0, Mode: answer.Generated, Model: p, Answer: p + "\n\nSo [1] [2]. " + p, Reason: p, Warning: p, Editions: p, Citations: []answer.Citation{c, other},
		Closest: []answer.Citation{c, other}, Nearest: []answer.NearestPage{{URL: "javascript:alert(1)", Title: p}}}, true
}

// TestNothingRuns shows hostile texts in all places: nothing runs, and nothing is loaded
// from elsewhere.
func TestNothingRuns(t *testing.T) {
	b := newTab(t)
	s := newSite(t, web.Settings{Title: payloads[5], Greeting: payloads[0], Starters: payloads, Links: []web.Link{{Text: payloads[1], URL: "https://a.example/" + payloads[3]}}})
	b.open(s.URL + "/")
	for n, p := range payloads {
		b.answered(fmt.Sprint("hostile ", n))
		eval[bool](b, "(() => { for (const e of "+last+".querySelectorAll('.ref, .source')) { e.dispatchEvent(new Event('pointerover', {bubbles: true})); e.click(); } return true })()")
		if n > 0 && n%6 == 0 {
			b.open(s.URL + "/?q=" + url.QueryEscape(p) + "&lang=" + url.QueryEscape(p) + "#" + url.PathEscape(p))
			b.until(last + "?.querySelector('.actions') != null")
		}
	}
	b.looks("hostile")
	if found := eval[[]string](b, `[...document.querySelectorAll('citewell-app :is(script, img, iframe, style, object, embed, math), [href^="javascript:" i], [src]:not(header img, head script)')].map((e) => e.outerHTML)`); len(found) > 0 {
		t.Errorf("texts became elements: %q", found)
	}
	if handlers := eval[[]string](b, `[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes].filter((a) => a.name.startsWith('on')).map((a) => e.outerHTML))`); len(handlers) > 0 {
		t.Errorf("texts became handlers: %q", handlers)
	}
	for _, address := range eval[[]string](b, "performance.getEntriesByType('resource').map((e) => e.name)") {
		if !strings.HasPrefix(address, s.URL+"/") {
			t.Errorf("the page loads %s", address)
		}
	}
	if c := b.complained(); len(c) > 0 || b.dialogs > 0 {
		t.Errorf("%d dialogs, and the page complains: %q", b.dialogs, c)
	}
	b.shows("document.title", html.UnescapeString(payloads[5]))
}

// TestBadInput checks that odd input leads to a clear state.
func TestBadInput(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/")
	for name, script := range map[string]string{
		"10 MB are pasted": `(() => {
			const text = 'x'.repeat(10_000_000);
			const data = new DataTransfer(); data.setData('text', text);
			box.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
			document.execCommand('insertText', false, text); return box.value.length === 8000 && app.live.textContent.includes('8000') })()`,
		"half a character":     `(app.ask('a \ud800 b'), true)`,
		"right to left":        `(app.ask('\u202etxet\u202c \u2067x'), true)`,
		"much without a break": `(app.ask('one line'), true)`,
	} {
		if !eval[bool](b, "(() => { const app = document.querySelector('citewell-app'); const box = app.box; box.focus(); return "+script+" })()") {
			t.Errorf("%s: not as expected", name)
		}
		b.until("document.querySelector('citewell-app').running == null")
		if n := eval[int](b, "document.querySelectorAll('.failure').length"); n > 0 {
			b.Errorf("%s: %s", name, eval[string](b, last+".innerText"))
		}
		if wide := eval[int](b, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
			t.Errorf("%s: the page is %d pixels too wide", name, wide)
		}
		eval[bool](b, "document.querySelector('citewell-app').box.value = '', true")
	}

	eval[bool](b, `document.querySelector("citewell-app").ask("\u202etxet"), true`)
	b.until("document.querySelector('citewell-app').running == null")
	b.shows("document.title", "txet – Citewell")
	if title := eval[string](b, "document.title"); strings.Contains(title, "\u202e") {
		t.Errorf("the title %q turns what follows", title)
	}

	// A kept thread of 200 turns, then one that is broken.
	eval[bool](b, `(() => {
		const key = Object.keys(localStorage).find((k) => k.startsWith('citewell '));
		const turn = {question: 'q'.repeat(3000), data: {answered: true, mode: 'generated', answer: 'a'.repeat(20_000), html: '<p>a</p>', citations: []}};
		localStorage.setItem(key, JSON.stringify(Array(200).fill(turn))); return true })()`)
	b.reload()
	b.answered("keys")
	if h := s.lastAsked().History; len(h) == 0 || len(h) > 40 || len(turns(h)) > 64_000 {
		t.Errorf("%d turns with %d bytes were sent", len(h), len(turns(h)))
	}
	for _, kept := range []string{"{", "[1, null, {}]", `[{"question": "x", "data": 5}]`, `[{"question": "x", "data": {"answered": true, "citations": [null]}}]`} {
		eval[bool](b, "(() => { for (const k of Object.keys(localStorage)) localStorage.setItem(k, "+quoted(kept)+"); return true })()")
		b.reload()
		b.answered("keys")
		b.shows(last+".innerText", "Every ninety days")
	}

	// The clock of the reader is off by a day.
	eval[bool](b, "(() => { const now = Date.now; Date.now = () => now() - 86400000; return true })()")
	b.answered("extractive")
	if strings.Contains(eval[string](b, last+".innerText"), "the pages have changed") {
		t.Error("an answer of now is called out of date")
	}
	if c := b.complained(); len(c) > 0 {
		t.Errorf("the page complains: %q", c)
	}
}

// TestWithoutScript checks what is shown when the script does not come, or is off.
func TestWithoutScript(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	if _, err := chromedp.Call(b.ctx, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/app.js", Block: true}}}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(s.URL + "/"))
	eval[bool](b, "document.getAnimations().forEach((a) => a.finish()), true")
	b.shows("document.querySelector('main').innerText", "The page is not complete yet.")
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(s.URL + "/"))
	if got := eval[string](b, "document.querySelector('main').innerText"); strings.TrimSpace(got) != "This page needs JavaScript. Without it, ask with the command citewell ask, or with POST /v1/ask." {
		t.Errorf("without scripts, the page says %q", got)
	}
}
