package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/server"
)

const shop = `<html><head><title>Lamps</title></head><body><nav>name: Menu</nav><main><h1>Lamps</h1>
<p>name: Oak lamp</p><table><tr><th>size</th><th>price</th></tr><tr><td>small</td><td>12.50</td></tr></table></main></body></html>`

// serveExtract serves the API with an emulated model, and returns its address and
// the provider.
func serveExtract(t *testing.T, model string, allowPrivate bool, c emulate.Config) (string, *llmtest.Server) {
	t.Helper()
	provider := llmtest.Emulate(t, c)
	a := &app{out: io.Discard, err: io.Discard}
	a.provider, a.model, a.crawl.AllowPrivate = "openai", model, allowPrivate
	a.modelVars = map[string]Secret{"OPENAI_API_KEY": llmtest.Key, "OPENAI_BASE_URL": Secret(provider.URL)}
	ans, err := answer.New(answer.Config{Retriever: answertest.Retriever{}})
	if err != nil {
		t.Fatal(err)
	}
	config := server.Config{Answerer: ans, Retriever: answertest.Retriever{}, Ready: func(context.Context) error { return nil }, Token: testToken}
	m, err := a.newModel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.addExtraction(&config, &parts{model: m}); err != nil {
		t.Fatal(err)
	}
	h, err := server.Handler(config)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL + "/v1/extract", provider
}

// TestExtract extracts over HTTP from pages given in each way.
func TestExtract(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/lamps", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, shop)
	}))
	defer site.Close()
	const form = `"example":{"name":"Chair"}`
	for _, tt := range []struct{ name, body, url string }{
		{"url", fmt.Sprintf(`{"url":%q,%s}`, site.URL+"/old", form), site.URL + "/lamps"},
		{"html", fmt.Sprintf(`{"html":%q,%s}`, shop, form), ""},
		{"text", fmt.Sprintf(`{"text":%q,%s}`, "name: Oak lamp", form), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, provider := serveExtract(t, "gpt-4o", true, emulate.Config{})
			status, got := post(t, address, tt.body)
			data, _ := got["data"].(map[string]any)
			if url, _ := got["url"].(string); status != http.StatusOK || data["name"] != "Oak lamp" || url != tt.url {
				t.Fatalf("extract = %d %v", status, got)
			}
			body := provider.Bodies()[0]
			if tt.name != "text" && (!strings.Contains(body, "| small | 12.50 |") || strings.Contains(body, "Menu")) {
				t.Errorf("the model is not shown the page's own text with its table: %s", body)
			}
		})
	}
}

// TestExtractUsesNoProxy checks that a page named by a request is never asked of the
// proxy of the environment, which would resolve its name past the check of addresses.
func TestExtractUsesNoProxy(t *testing.T) {
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, shop)
	}))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		t.Setenv(name, "127.0.0.1")
	}
	address, _ := serveExtract(t, "gpt-4o", false, emulate.Config{})
	status, got := post(t, address, `{"url": "http://only-the-proxy-knows.invalid/lamps", "example": {"name": "Lamp"}}`)
	if status != http.StatusUnprocessableEntity || asked.Load() != 0 {
		t.Errorf("extract = %d %v, and the proxy was asked %d times, want 422 and 0 times", status, got, asked.Load())
	}
}

// TestExtractSpelled is the tutorial's case: a model without structured outputs
// that puts its JSON into a fence.
func TestExtractSpelled(t *testing.T) {
	t.Parallel()
	n := 0
	address, provider := serveExtract(t, "o1-mini", false, emulate.Config{Answer: func(string) string {
		n++
		if n == 1 {
			return "```json\n{\"name\": 5}\n```"
		}
		return "```json\n{\"name\": \"Oak lamp\"}\n```"
	}})
	status, got := post(t, address, `{"text":"Oak lamp","example":{"name":"Chair"}}`)
	usage, _ := got["usage"].(map[string]any)
	if data, _ := got["data"].(map[string]any); status != http.StatusOK || data["name"] != "Oak lamp" || usage["calls"] != 2.0 || got["warning"] == nil {
		t.Errorf("extract = %d %v", status, got)
	}
	if n := len(provider.Bodies()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestExtractRefusals(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	const form = `"example":{"name":"Chair"}`
	for _, tt := range []struct {
		name         string
		allowPrivate bool
		body         string
		status       int
		code, says   string
	}{
		{"private", false, fmt.Sprintf(`{"url":%q,%s}`, site.URL, form), 422, "unreadable_page", "--allow-private"},
		{"missing", true, fmt.Sprintf(`{"url":%q,%s}`, site.URL, form), 422, "unreadable_page", "404"},
		{"file", true, `{"url":"file:///etc/passwd",` + form + `}`, 422, "unreadable_page", "only http and https"},
		{"empty page", true, `{"html":"<html><body></body></html>",` + form + `}`, 422, "unreadable_page", "no text"},
		{"no form", true, `{"text":"x"}`, 400, "bad_form", "either a schema or an example"},
		{"both forms", true, `{"text":"x","schema":{"type":"object"},` + form + `}`, 400, "bad_form", "either a schema or an example"},
		{"too long", true, `{"text":"` + strings.Repeat("word ", 130_000) + `",` + form + `}`, 413, "page_too_long", "of 128000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, provider := serveExtract(t, "o1-mini", tt.allowPrivate, emulate.Config{})
			status, got := post(t, address, tt.body)
			e, _ := got["error"].(map[string]any)
			if message, _ := e["message"].(string); status != tt.status || e["code"] != tt.code || !strings.Contains(message, tt.says) || e["fix"] == "" {
				t.Errorf("extract = %d %v, want %d %s with %q", status, got, tt.status, tt.code, tt.says)
			}
			if n := len(provider.Bodies()); n != 0 {
				t.Errorf("%d requests to the model, want none", n)
			}
		})
	}
}
