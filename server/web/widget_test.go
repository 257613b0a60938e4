package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

// A host is a site that embeds the widget: its pages by path. The server is below
// /help/, as a proxy puts it.
type host struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // paths below /help/
	auth  string   // last Authorization
}

// newHost serves pages under a content security policy.
func newHost(t *testing.T, s *site, policy string, pages map[string]string) *host {
	t.Helper()
	help := http.StripPrefix("/help", s.Config.Handler)
	h := &host{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/help/"); ok {
			h.mu.Lock()
			h.asked = append(h.asked, rest)
			h.auth = r.Header.Get("Authorization")
			h.mu.Unlock()
			help.ServeHTTP(w, r)
			return
		}
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if policy != "" {
			w.Header().Set("Content-Security-Policy", policy)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><head><title>Host</title><link rel="icon" href="data:,"></head><body><main><h1>Host</h1>`+body+`</main></body></html>`)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) requests() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.asked
	h.asked = nil
	return all
}

func (h *host) authorization() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.auth
}

const element = "document.querySelector('citewell-ask').shadowRoot"

// inApp sends a question in the widget and waits for its answer.
func (b *tab) inApp(nth int, question string) {
	b.Helper()
	app := fmt.Sprintf("document.querySelectorAll('citewell-ask')[%d].shadowRoot.querySelector('citewell-app')", nth)
	b.until(app + " !== null && " + app + ".running == null")
	eval[bool](b, app+".box.value = "+quoted(question)+", "+app+".submit(), true")
	b.until(app + "?.querySelector('citewell-turn:last-child .actions') != null && " + app + ".running == null")
}

// TestWidget opens the widget on a page with a strict policy, and asks.
func TestWidget(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{Accent: "#5b2a86", Greeting: "Ask about Kettle."})
	h := newHost(t, s, "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types citewell", map[string]string{
		"/":       `<script src="help/widget.js" defer></script><citewell-ask title="Ask Kettle" version="2.0" starters="keys|extractive" key="reader-key" page-only></citewell-ask>`,
		"/script": `<script src="help/widget.js" data-mode="button" data-title="Ask Kettle" data-language="de" data-theme="dark" defer></script>`,
		"/two":    `<script src="help/widget.js" defer></script><citewell-ask mode="inline" source="a"></citewell-ask><citewell-ask mode="inline" source="b" theme="dark"></citewell-ask>`,
		"/query":  `<script src="help/widget.js?mode=button&title=Ask%20Kettle&v=1" defer></script>`,
		"/modal":  `<script src="help/widget.js" defer></script><citewell-ask mode="modal" server="/nowhere/" hotkey="j"></citewell-ask>`,
	})
	b.do(chromedp.Navigate(h.URL + "/"))
	b.until(element + "?.querySelector('.opener') != null")
	if diff := cmp.Diff([]string{"widget.js"}, h.requests()); diff != "" {
		t.Errorf("requests before it is opened (-want +got):\n%s", diff)
	}
	b.accessible("closed widget")
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(element + ".querySelector('dialog').open && " + element + ".activeElement?.tagName === 'TEXTAREA'")
	b.shows(element+".querySelector('dialog').innerText", "Ask Kettle", "Ask about Kettle.", "keys", "extractive", "This page only", "Your question is sent to OpenAI.")
	b.accessible("widget")
	b.looks("widget-start")
	b.inApp(0, "everything")
	b.shows(element+".querySelector('citewell-turn').innerText", "Answered by o1-mini", "✓ word for word")
	if q := s.lastAsked(); q.Filter.Version != "2.0" || q.Filter.URLPrefix != h.URL+"/" {
		t.Errorf("the filter is %+v", q.Filter)
	}
	if got := h.authorization(); got != "Bearer reader-key" {
		t.Errorf("Authorization = %q", got)
	}
	if got, want := eval[string](b, "getComputedStyle("+element+".querySelector('.send')).backgroundColor"), "rgb(91, 42, 134)"; got != want {
		t.Errorf("the accent is %s, want %s", got, want)
	}
	b.accessible("answer in the widget")
	b.looks("widget-answer")
	eval[bool](b, element+".querySelector('.ref').click(), true")
	b.until(element + ".querySelector('citewell-passage dialog').matches(':modal')")
	if got, want := eval[string](b, "[..."+element+".querySelectorAll('citewell-passage mark')].map((m) => m.textContent).join('')"), "Rotate a key every ninety days."; got != want {
		t.Errorf("highlighted is %q, want %q", got, want)
	}
	b.accessible("passage in the widget")
	b.looks("widget-passage")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("!" + element + ".querySelector('citewell-passage dialog').open && " + element + ".querySelector('dialog.ask-dialog').open")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("!" + element + ".querySelector('dialog.ask-dialog').open")
	if n := eval[int](b, "document.head.querySelectorAll('style').length + document.body.querySelectorAll('[style]').length"); n != 0 {
		t.Errorf("the widget adds %d styles to its page", n)
	}

	b.do(chromedp.Navigate(h.URL + "/script"))
	b.until(element + "?.querySelector('.opener') != null")
	eval[bool](b, "document.querySelector('citewell-ask').open('keys'), true")
	b.until(element + ".querySelector('citewell-turn .actions') !== null")
	b.shows(element+".querySelector('dialog').innerText", "Ask Kettle", "✓ wörtlich")
	b.looks("widget-german")

	b.do(chromedp.Navigate(h.URL + "/two"))
	b.inApp(0, "keys")
	eval[bool](b, "(addEventListener('keydown', (event) => (window.heard ??= []).push(event.key)), document.querySelectorAll('citewell-ask')[1].shadowRoot.querySelector('textarea').focus(), true)")
	b.do(chromedp.KeyEvent("s?"), chromedp.KeyEvent("b", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	if got := eval[string](b, "window.heard.join(' ')"); got != "b" {
		t.Errorf("the page hears %q of what is typed in the widget, want its own shortcut b", got)
	}
	b.inApp(1, "extractive")
	b.shows("document.querySelectorAll('citewell-ask')[0].shadowRoot.querySelector('.turns').innerText", "Every ninety days")
	if two := eval[string](b, "document.querySelectorAll('citewell-ask')[1].shadowRoot.querySelector('.turns').innerText"); strings.Contains(two, "Every ninety") || !strings.Contains(two, "Rotate a key") {
		t.Errorf("the second widget shows %q", two)
	}
	if got := s.lastAsked().Filter.Source; got != "b" {
		t.Errorf("the second widget asks about %q", got)
	}
	b.accessible("two widgets")
	b.looks("widget-two")
	if c := b.complained(); len(c) > 0 {
		t.Errorf("the page complains: %q", c)
	}

	b.do(chromedp.Navigate(h.URL + "/query"))
	b.until(element + "?.querySelector('.opener').innerText === 'Ask Kettle'")
	if got, want := eval[string](b, element+".host.getAttributeNames().join() + ' ' + getComputedStyle("+element+".host).position"), "mode,floating,lang fixed"; got != want {
		t.Errorf("attributes and place of the element are %s, want %s", got, want)
	}
	b.looks("widget-closed")

	b.do(chromedp.Navigate(h.URL + "/modal"))
	b.until(element + " != null")
	b.do(chromedp.KeyEvent("j", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(element + ".querySelector('[role=alert]') !== null")
	b.shows(element+".querySelector('dialog').innerText", "The server could not be reached.", "Try again")
	b.accessible("widget without a server")
}

// The guide has the lines of the sample sites, which are built and asked in browsers.
func TestSampleSites(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/page.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mkdocs/mkdocs.yml", "docusaurus/docusaurus.config.js", "vitepress/.vitepress/config.mjs", "sphinx/conf.py", "html/index.html"} {
		b, err := os.ReadFile("testdata/widget/" + name)
		if err != nil {
			t.Fatal(err)
		}
		line := regexp.MustCompile(`.*help\.example\.com.*`).FindString(string(b))
		if line = strings.Trim(line, " ,"); line == "" || !strings.Contains(string(guide), line) {
			t.Errorf("docs/page.md lacks the line of %s: %q", name, line)
		}
	}
}

// Nothing runs on a page without a policy either.
func TestNothingRunsInWidget(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{Greeting: payloads[0], Starters: payloads})
	h := newHost(t, s, "", map[string]string{"/": `<script src="help/widget.js" data-mode="inline" data-title="<img src=x onerror=alert(1)>" defer></script>`})
	b.do(chromedp.Navigate(h.URL + "/"))
	for n := range payloads {
		b.inApp(0, fmt.Sprint("hostile ", n))
	}
	if found := eval[[]string](b, `[...`+element+`.querySelectorAll('script, img, iframe, style, object, embed, math, [href^="javascript:" i], [onerror], [onload], [onclick]')].map((e) => e.outerHTML)`); len(found) > 0 {
		t.Errorf("texts became elements: %q", found)
	}
	if c := b.complained(); len(c) > 0 || b.dialogs > 0 {
		t.Errorf("%d dialogs, and the page complains: %q", b.dialogs, c)
	}
}

// A page of an origin that the operator has named asks.
func TestWidgetOnAllowedOrigin(t *testing.T) {
	b := newTab(t)
	script := ""
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><title>Docs</title><main><h1>Docs</h1>`+script+`</main></html>`)
	}))
	t.Cleanup(host.Close)
	docs := strings.Replace(host.URL, "127.0.0.1", "docs.example", 1)
	s := newSite(t, web.Settings{}, func(c *server.Config) { c.AllowedOrigins = []string{docs} })
	script = `<script src="` + s.URL + `/widget.js" data-mode="inline" defer></script>`
	b.do(chromedp.Navigate(docs))
	b.until(element + "?.querySelector('citewell-app') != null")
	b.inApp(0, "everything")
	b.shows(element+".querySelector('citewell-turn').innerText", "✓ word for word")
	if n := s.questions(); n != 1 {
		t.Errorf("%d questions were asked, want 1", n)
	}
}

// A page of another origin loads the script, and is told that it may not ask.
func TestWidgetOnForeignOrigin(t *testing.T) {
	b, s := newTab(t), newSite(t, web.Settings{})
	h := newHost(t, s, "", map[string]string{"/": `<script src="` + s.URL + `/widget.js" data-mode="inline" defer></script>`})
	b.do(chromedp.Navigate(strings.Replace(h.URL, "127.0.0.1", "evil.example", 1)))
	b.until(element + "?.querySelector('[role=alert]') != null")
	b.shows(element+".querySelector('.content').innerText", "The server could not be reached.")
	if n := s.questions(); n > 0 {
		t.Errorf("a foreign page asked %d questions", n)
	}
}
