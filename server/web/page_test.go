package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/server/web"
)

// TestAsk goes the way of a reader: search, ask, look at a source, ask on, come back.
func TestAsk(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{Title: "Kettle", Greeting: "Ask about Kettle.", Starters: []string{"everything"}, Links: []web.Link{{Text: "Status", URL: "https://status.example.com/"}}, Accent: "#5b2a86"})
	b.open(s.URL + "/")
	b.shows("document.title + document.querySelector('h1').innerText + document.querySelector('citewell-app').innerText", "KettleKettle", "Ask about Kettle.", "everything", "keys", "Your question is sent to OpenAI.", "Status")
	if got := eval[string](b, "document.activeElement.tagName"); got != "TEXTAREA" {
		t.Errorf("the focus is on %s", got)
	}
	if got, want := eval[string](b, "getComputedStyle(document.querySelector('.send')).backgroundColor"), "rgb(91, 42, 134)"; got != want {
		t.Errorf("the accent is %s, want %s", got, want)
	}
	b.accessible("start")
	b.looks("start")

	b.do(chromedp.SendKeys(chromedp.CSS("textarea"), "rotate keys"), chromedp.WaitVisible(chromedp.CSS(".pages")))
	got := eval[[]string](b, "[...document.querySelectorAll('.pages > li')].map((li) => li.innerText.replace(/\\s+/g, ' '))")
	want := []string{"<i>keys</i> Rotation Rotate keys of the service every ninety days. Files Keys are in files.", "<i>install</i> <i>install</i> Install it with <script>alert(1)</script>."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if got, want := eval[string](b, "[...document.querySelectorAll('.pages > li:first-child mark')].map((m) => m.innerText).join()"), "keys,Rotat,Rotate,keys,Keys"; !strings.HasPrefix(got, "keys,") {
		t.Errorf("marked are %s, want %s", got, want)
	}
	b.until("document.querySelector('.unseen').innerText === '2 pages found'")
	b.accessible("search")
	b.looks("search")
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	if got, want := eval[string](b, "document.activeElement.getAttribute('href')"), "https://docs.example.com/keys#part"; got != want {
		t.Errorf("the second stop of the arrow is %s, want %s", got, want)
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("document.querySelector('citewell-search').hidden && document.activeElement.tagName === 'TEXTAREA'")

	b.answered("keys")
	b.shows(last+".innerText", "Answered by o1-mini from the pages below", "Every ninety days 1. Keys never end 2.", "Keys › Rotation", "✓ word for word · version 2.0 · page dated Jan 15, 2026 · fetched Nov 20, 2026", "not found word for word", "1 of 2 quotes found on their pages · 0.0125 EUR", "Rotate a key every ninety days.")
	b.shows("document.title", "keys – Kettle")
	b.shows("location.search", "?q=keys")
	b.shows("document.querySelector('.unseen').textContent", "Answer ready. 2 sources.")
	b.accessible("answer")
	b.looks("answer")

	// What the reader copies and shares.
	eval[bool](b, "navigator.clipboard.writeText = async (text) => void (window.copied = text), navigator.share = null, true")
	b.do(chromedp.Click(chromedp.CSS("[aria-label='Copy as Markdown']")))
	b.until(last + ".innerText.includes('Copied')")
	if got, want := eval[string](b, "window.copied"), "**keys**\n\nEvery **ninety days** [1]. Keys never end [2].\n\n[1]: <https://docs.example.com/keys/#rotation:~:text=Rotate> \"Keys › Rotation\"\n[2]: <https://docs.example.com/old/> \"Old keys\"\n"; got != want {
		t.Errorf("copied is %q, want %q", got, want)
	}
	b.do(chromedp.Click(chromedp.CSS("[aria-label='Share a link to the question']")))
	b.until("window.copied === " + quoted(s.URL+"/?q=keys"))

	b.do(chromedp.Focus(chromedp.CSS(".ref")))
	b.shows("document.querySelector('[role=tooltip]').innerText", "Keys", "Rotate a key every ninety days.", "✓ word for word")
	b.shot("preview")
	b.do(chromedp.Click(chromedp.CSS(".ref")), chromedp.WaitVisible(chromedp.CSS("dialog[open]")))
	b.shows("document.querySelector('dialog').innerText", "Keys", "Rotation", "✓ word for word", "version 2.0", "Keys are kept in a file.", "Old keys work for one more day.", "Open the page at this sentence")
	if got, want := eval[string](b, "[...document.querySelectorAll('dialog mark')].map((m) => m.textContent).join('')"), "Rotate a key every ninety days."; got != want {
		t.Errorf("highlighted is %q, want %q", got, want)
	}
	b.accessible("passage")
	b.looks("passage")
	b.do(chromedp.Click(chromedp.CSS("dialog [aria-label='Next source']")))
	b.shows("document.querySelector('dialog').innerText", "Old keys", "not found word for word", "The answer quotes this, but the page does not say it in these words: Keys never end.")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("!document.querySelector('dialog').open && document.activeElement.className === 'ref'")
	b.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("dialog[open]")), chromedp.Focus(chromedp.CSS("textarea")), chromedp.KeyEvent(kb.Escape))
	b.until("!document.querySelector('dialog').open && document.activeElement.tagName === 'TEXTAREA'")
	// Some browsers give no focus to a button that is clicked.
	eval[bool](b, "document.querySelector('.ref').click(), true")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("!document.querySelector('dialog').open && document.activeElement.className === 'ref'")

	b.answered("follow this")
	b.shows(last+".innerText", "It follows.", "Understood as: keys: follow this")
	if got, want := turns(s.lastAsked().History), "user: keys\nassistant: Every **ninety days** [1]. Keys never end [2].\n"; got != want {
		t.Errorf("history = %q, want %q", got, want)
	}
	b.reload()
	b.until("document.querySelectorAll('citewell-turn .actions').length === 2")
	b.shows("document.querySelector('.turns').innerText", "Every ninety days 1.", "It follows.")
	if n := s.questions(); n != 2 {
		t.Errorf("reloading asked again: %d questions", n)
	}

	b.do(chromedp.Click(chromedp.CSS("citewell-turn:first-child [aria-label='Edit the question']")))
	b.shows("document.querySelector('.editing').innerText", "The new answer replaces this one and those after it.")
	b.do(chromedp.SendKeys(chromedp.CSS("textarea"), kb.End+"?"+kb.Enter))
	b.until("document.querySelectorAll('citewell-turn').length === 1 && " + last + ".innerText.includes('You asked: keys?')")
	if h := s.lastAsked().History; len(h) > 0 {
		t.Errorf("an edited first question has the history %v", h)
	}
	b.do(chromedp.Click(chromedp.CSS(".new")))
	b.until("document.querySelectorAll('citewell-turn').length === 0 && location.search === '' && document.title === 'Kettle'")
	b.reload()
	b.until("document.querySelectorAll('citewell-turn').length === 0")
	if c := b.complained(); len(c) > 0 {
		t.Errorf("the page complains: %q", c)
	}
}

// TestMarkdown checks every construct of Markdown by its elements.
func TestMarkdown(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/?q=everything")
	b.until(last + "?.querySelector('.actions') != null")
	for selector, want := range map[string]string{
		"em":                               "soft",
		"strong":                           "strong",
		"del":                              "struck",
		"p > code":                         "code",
		"h3":                               "Heading",
		"ol[start], .rendered > ol > li":   "First citewell ask x # asks",
		"ol li .code pre code.language-sh": "citewell ask x # asks",
		"ol > li > ul > li > ul > li":      "deeper",
		"li > input[checked][disabled][aria-label=done]": "",
		"th[align=right]":                          "Right",
		"td[align=left]":                           "a|b",
		"blockquote blockquote p":                  "twice",
		"pre code.language-go .kd":                 "func",
		".math":                                    `e^{i\pi}_1 = -1`,
		".math-display":                            `\sum_{i=1}^n i`,
		"sup > button.footnote-ref":                "note 1",
		".footnotes li[id$='fn:1'] em":             "footnote",
		"a[href='https://docs.example.com/keys/']": "a page",
		"button.ref[data-to$='cite-1']":            "1",
		"hr + p":                                   "<b>not bold</b> the codes [404]",
	} {
		got := eval[string](b, "(() => { const e = "+last+".querySelector('.rendered').querySelector("+quoted(selector)+"); return e ? e.innerText.trim().replace(/\\s+/g, ' ') : 'MISSING' })()")
		if got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	if !eval[bool](b, "(document.querySelector('.footnote-ref').click(), document.querySelector('.footnote-ref').dataset.to === document.querySelector('.footnotes li').id && document.activeElement.className === 'footnote-backref')") {
		t.Error("the footnote's number does not lead to it")
	}
	eval[bool](b, "navigator.clipboard.writeText = async (text) => void (window.copied = text), document.querySelector('li .code .copy').click(), true")
	b.until("window.copied === 'citewell ask x  # asks\\n'")
	b.accessible("markdown")
	b.looks("markdown")
	if wide := eval[int](b, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
		t.Errorf("the page is %d pixels too wide", wide)
	}
	b.width(320)
	if wide := eval[int](b, "document.documentElement.scrollWidth - 320"); wide > 0 {
		t.Errorf("the page is %d pixels too wide for a phone", wide)
	}
	b.width(1280)
	if c := b.complained(); len(c) > 0 {
		t.Errorf("the page complains: %q", c)
	}
}

// TestStates checks what is said in each state.
func TestStates(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/")
	for _, tt := range []struct {
		question string
		want     []string
	}{
		{"extractive", []string{"No model is set: these passages answer best", "✓ word for word"}},
		{"down", []string{"The model gave no answer: these passages answer best", "The model could not be reached."}},
		{"emulated", []string{"Written by an emulation of o1-mini, not by a model"}},
		{"truncated", []string{"The answer was cut off before its end.", "No quote supports this answer", "not found word for word"}},
		{"none", []string{"The pages do not answer this.", "Why: the pages don't mention Kubernetes.", "Showing results for “keys”: no page holds “kyes”.", "Closest, not an answer", "Keys › Rotation", "Nearest pages", "Near", "Tell us it is missing"}},
		{"nothing", []string{"They hold nothing near enough to the question."}},
		{"too many", []string{"You can ask again in", "Ask again"}},
		{"bad gateway", []string{"The server gave no reason for its error."}},
		{"cut", []string{"Half an ans", "This answer is not complete, and its quotes are not checked.", "The connection was lost before the answer was complete."}},
		{"torn", []string{"The connection was lost before the answer was complete."}},
		{"not json", []string{"The connection was lost"}},
		{"unavailable", []string{"The vector store does not answer.", "Check it with: citewell doctor.", "Request "}},
	} {
		b.answered(tt.question)
		b.shows(last+".innerText", tt.want...)
		b.accessible(tt.question)
		b.looks("state-" + strings.ReplaceAll(tt.question, " ", "-"))
		b.complained() // the browser notes each error of HTTP
		eval[bool](b, "document.querySelector('.new').click(), true")
	}

	b.answered("extractive")
	if n := eval[int](b, last+".querySelectorAll('.sources .quote').length"); n != 0 {
		t.Error("the quote is repeated below an extractive answer")
	}
	if got, want := eval[string](b, "[...document.querySelectorAll('.rendered mark')].map((m) => m.textContent).join('')"), "Rotate a key every ninety days."; got != want {
		t.Errorf("marked in the answer is %q, want %q", got, want)
	}
	b.answered("none")
	b.do(chromedp.Click(chromedp.CSS(".missing button")))
	b.until("document.querySelector('.missing').innerText.includes('It is on the list of what the pages lack.')")
	if diff := cmp.Diff(vote{-1, "missing"}, <-s.voted); diff != "" {
		t.Errorf("vote (-want +got):\n%s", diff)
	}

	// The pages change after the answers, and the server goes away.
	other := newSite(t, web.Settings{}) // the first one reads its contents once a minute
	other.mu.Lock()
	other.updated = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	other.mu.Unlock()
	b.open(other.URL + "/")
	b.answered("extractive")
	b.shows(last+".innerText", "Ask again for what they say now.")
	b.accessible("stale")
	other.Close()
	b.answered("gone")
	b.shows(last+".innerText", "The server could not be reached.")
	eval[bool](b, "Object.defineProperty(navigator, 'onLine', { get: () => false }), true")
	b.answered("offline")
	b.shows(last+".innerText", "You are offline.")
	b.accessible("offline")
	eval[bool](b, "dispatchEvent(new Event('online')), true")
	b.shows(last+".innerText", "You are online again.")
}

// TestStream checks what is shown while an answer comes, and that stopping keeps it.
func TestStream(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/")
	b.ask("in steps: keys")
	b.until(last + "?.querySelector('.status').innerText === 'Reading: Keys <b> · Old keys'")
	b.shot("reading")
	s.next <- true
	s.next <- true
	b.until(last + ".querySelector('.rendered').innerText === 'Every ni'")
	s.next <- true
	b.until(last + ".querySelector('.rendered strong')?.innerText === 'ninety'")
	b.accessible("writing")
	b.shot("writing")
	b.do(chromedp.Click(chromedp.CSS(".send")))
	<-s.gone
	b.until(last + ".innerText.includes('Stopped.')")
	b.shows(last+".innerText", "Every ninety", "This answer is not complete", "Ask again")
	b.reload()
	b.until(last + " != null")
	b.shows(last+".innerText", "Every ninety", "This answer is not complete")
	b.ask("in steps: keys")
	b.until(last + ".querySelector('.status').innerText.startsWith('Reading')")
	b.do(chromedp.KeyEvent(kb.Escape))
	<-s.gone
	b.until(last + ".innerText.includes('Stopped.')")

	// A connection that breaks without a word.
	eval[bool](b, "window.setTimeout = new Proxy(setTimeout, { apply: (f, self, [call, ms]) => f(call, ms === 60000 ? 500 : ms) }), true")
	b.ask("in steps: keys")
	s.next <- true
	<-s.gone
	b.until(last + ".innerText.includes('The connection was lost before the answer was complete.')")
	b.shows(last+".innerText", "Every", "This answer is not complete")

	// A browser that can't read a stream asks for none.
	eval[bool](b, "delete globalThis.TextDecoderStream")
	b.answered("keys")
	b.shows(last+".innerText", "Every ninety days 1.")
	if c := b.complained(); len(c) > 0 {
		t.Errorf("the page complains: %q", c)
	}
}

// TestVotes votes by keyboard and by mouse, with a reason.
func TestVotes(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/")
	b.answered("keys")
	b.do(chromedp.Focus(chromedp.CSS(".vote")), chromedp.SendKeys(chromedp.CSS(".vote"), kb.Enter))
	b.until(last + ".innerText.includes('Thank you.')")
	b.do(chromedp.Click(chromedp.CSS(".vote[aria-label='This did not help']")), chromedp.WaitVisible(chromedp.CSS(".why")))
	b.accessible("why")
	b.looks("why")
	b.do(chromedp.SendKeys(chromedp.CSS(".why input"), "It was about version 1."+kb.Enter))
	b.until("document.querySelector('.why').hidden")
	for _, want := range []vote{{1, ""}, {-1, ""}, {-1, "It was about version 1."}} {
		if diff := cmp.Diff(want, <-s.voted); diff != "" {
			t.Errorf("vote (-want +got):\n%s", diff)
		}
	}
	if got := eval[string](b, "[...document.querySelectorAll('.vote')].map((v) => v.getAttribute('aria-pressed')).join()"); got != "false,true" {
		t.Errorf("pressed are %s", got)
	}
	eval[bool](b, "document.querySelector('citewell-app').api.base = 'missing/', true")
	b.do(chromedp.Click(chromedp.CSS(".vote")))
	b.until(last + ".innerText.includes('That could not be saved.')")
}

// TestLanguageAndFilters shows the page in German and limits a search.
func TestLanguageAndFilters(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	b.open(s.URL + "/?version=1.0")
	eval[bool](b, `(async () => {
		const html = await (await fetch('/', {headers: {'Accept-Language': 'fr, de-AT;q=0.8'}})).text();
		document.open(); document.write(html); document.close(); return true;
	})()`)
	b.until("document.documentElement.lang === 'de' && document.querySelector('textarea') !== null")
	b.shows("document.querySelector('citewell-app').innerText", "Fragen Sie die Dokumentation", "Ihre Frage geht an OpenAI.", "Version alle 1.0 2.0", "Sprache alle Deutsch Englisch")
	b.answered("keys")
	b.shows(last+".innerText", "✓ wörtlich", "nicht wörtlich gefunden", "1 von 2 Zitaten auf den Seiten gefunden · 0,0125 EUR")
	if got := s.lastAsked().Filter; got.Version != "1.0" || got.Lang != "" {
		t.Errorf("the filter is %+v", got)
	}
	eval[bool](b, "(() => { const s = document.querySelectorAll('select'); s[1].value = 'de'; s[1].dispatchEvent(new Event('change')); return true })()")
	b.answered("keys")
	if got := s.lastAsked().Filter; got.Version != "1.0" || got.Lang != "de" {
		t.Errorf("the filter is %+v", got)
	}
	b.accessible("german")
	b.looks("german")
	b.answered("none")
	b.shows(last+".innerText", "Grund: „the pages don't mention Kubernetes“.", "Gesucht wurde nach „keys“: Keine Seite enthält „kyes“.")
	b.answered("unavailable")
	b.shows(last+".innerText", "Die Vektordatenbank antwortet nicht.", "Anfrage ")
	if got := eval[string](b, last+".innerText"); strings.Contains(got, "Check it") {
		t.Errorf("the advice is given twice: %s", got)
	}
}

func quoted(s string) string {
	return "`" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "`", "\\`") + "`"
}
