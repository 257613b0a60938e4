package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

// TestProofOfWork asks on a page and in a widget whose server wants a proof of work, and
// where the browser can't compute one. It prints how long an answer takes with it.
func TestProofOfWork(t *testing.T) {
	script := ""
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><title>Docs</title>`+script)
	}))
	t.Cleanup(host.Close)
	b, s := newTab(t), newSite(t, web.Settings{}, func(c *server.Config) {
		c.ProofOfWork, c.AllowedHosts, c.AllowedOrigins = true, []string{"help.example.com"}, []string{host.URL}
	})
	b.open(s.URL + "/")
	tasks := b.longTasks(func() { b.answered("keys") })
	b.shows(last+".innerText", "Every ninety days", "word for word")
	b.answered("follow this")
	b.shows(last+".innerText", "It follows.")
	const took = `performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/v1/ask')).map((e) => [e.startTime, e.responseEnd])`
	spans := eval[[][2]float64](b, took)
	if len(spans) != 4 {
		t.Fatalf("two questions take %d requests, want 4", len(spans))
	}
	for i := 0; i < len(spans); i += 2 {
		t.Logf("a proof takes %.0f ms; long tasks meanwhile: %v", spans[i+1][0]-spans[i][1], tasks)
	}
	if n := s.questions(); n != 2 {
		t.Errorf("the server has answered %d questions, want 2", n)
	}
	for _, c := range b.complained() {
		if !strings.Contains(c, "428") { // which the page answers
			t.Errorf("the page complains: %s", c)
		}
	}

	script = `<script src="` + s.URL + `/widget.js" data-mode="inline" defer></script>`
	b.do(chromedp.Navigate(host.URL))
	b.until(element + "?.querySelector('citewell-app') != null")
	b.inApp(0, "keys")
	b.shows(element+".querySelector('citewell-turn').innerText", "Every ninety days")

	b.open(strings.Replace(s.URL, "127.0.0.1", "help.example.com", 1) + "/") // plain http
	b.ask("keys")
	b.until(last + "?.querySelector('.failure') != null")
	b.shows(last+".innerText", "browsers do that over https only", "Ask again")
	b.accessible("no proof of work")
}
