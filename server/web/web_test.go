package web

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

var shots = flag.String("shots", "", "folder to write screenshots to")

// The content security policy that the page must work under.
const policy = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// hostile is a page that tries to get into the browser.
const hostile = `{"answered": true, "mode": "model", "model": "o1-mini",
 "answer": "Milvus <b>Lite</b> keeps one file. [1]\n\nUse ` + "`citewell rm`" + `. [2] [7]\n\n` + "```sh\\ncitewell ask x\\n```" + `\n\n- **One** of [two](https://docs.example.com/milvus/#lite)\n- [Three](https://evil.example/) <https://evil.example/>",
 "citations": [
  {"n": 1, "url": "https://docs.example.com/milvus/", "title": "Milvus", "section": "Milvus > Lite", "quote": "keeps one file", "sentence": "Milvus Lite keeps one file.",
   "verified": true, "link": "https://docs.example.com/milvus/#lite:~:text=Milvus%20Lite", "crawled_at": "2026-11-20T10:00:00Z"},
  {"n": 2, "url": "javascript:alert(1)", "link": "javascript:alert(1)", "title": "<img src=x onerror=alert(1)>", "quote": "<script>alert(1)</script>", "verified": false}],
 "warning": "", "timings": {"total_ms": 1234}, "request_id": "r-1"}`

var replies = map[string]struct {
	status int
	body   string
}{
	"answer": {200, hostile},
	"quote":  {200, `{"answered": true, "mode": "extractive", "answer": "It is so. [1]", "citations": [{"n": 1, "url": "notes/a.md", "link": "notes/a.md", "title": "A", "quote": "It is so.", "verified": true}]}`},
	"blocks": {200, strings.ReplaceAll(`{"answered": true, "mode": "extractive", "answer": "It is so. Use 'a|b' for <i>it</i>. [1]\n\n''''\n'''\nx [1]\n''''\n\n| A | B |\n|---|---|\n| 'a\\|b' | 2 |\n\n[2]",
	 "citations": [{"n": 1, "url": "a.md", "quote": "Use a|b for <i>it</i>.", "verified": true}, {"n": 2, "url": "a.md", "quote": "a|b 2", "verified": true}]}`, "'", "`")},
	"none": {200, `{"answered": false, "reason": "too far", "mode": "extractive", "answer": "", "citations": [], "nearest": [{"url": "https://docs.example.com/a/", "title": "A page"}],
		"closest": [{"n": 1, "url": "https://docs.example.com/a/", "title": "A page", "quote": "It is near.", "verified": true}], "corrections": [{"from": "nnoe", "to": "none"}]}`},
	"broken": {503, `{"error": {"code": "store_unavailable", "message": "the vector store does not answer", "fix": "check it with: citewell doctor"}, "request_id": "r-2"}`},
}

// The parts of a stream. Each sends is one question's; the test lets the parts go
// on one by one.
const (
	sources = "event: sources\ndata: [{\"n\":1,\"url\":\"https://docs.example.com/a/\",\"title\":\"A <b>page</b>\"},{\"n\":2,\"url\":\"https://docs.example.com/b/\",\"title\":\"B\"},{\"n\":3,\"url\":\"https://docs.example.com/b/\",\"title\":\"B\"}]\n\n: thinking\n\n"
	first   = "event: delta\ndata: {\"text\":\"It is <i>so</i>\"}\n\n"
	second  = "event: delta\ndata: {\"text\":\" — naïve [1].\"}\n\n"
)

var streams = map[string][]string{
	"stream": {sources, first, second[:36], second[36:] + `event: citations
data: []

event: done
data: {"answered":true,"mode":"generated","model":"o1-mini","answer":"It is <i>so</i> — naïve [1].","citations":[{"n":1,"url":"https://docs.example.com/a/","title":"A","quote":"So.","verified":true}]}

`},
	"stop":      {sources, first, ""},
	"stop soon": {sources, ""},
	"late":      {sources, first + "event: error\ndata: {\"error\":{\"code\":\"timeout\",\"message\":\"the answer took too long\",\"fix\":\"try again\"},\"request_id\":\"r-3\"}\n\n"},
	"cut":       {sources, first},
}

// A service serves the page, and replies to a question by its text.
type service struct {
	*httptest.Server
	next   chan bool     // lets the next part of a stream go
	gone   chan struct{} // a client has left
	accept atomic.Value  // of the last question
}

func api(t *testing.T) *service {
	t.Helper()
	s := &service{next: make(chan bool), gone: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(Files))
	mux.HandleFunc("POST /v1/ask", func(w http.ResponseWriter, r *http.Request) {
		s.accept.Store(r.Header.Get("Accept"))
		var in struct {
			Question string
			K        int
		}
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		err := dec.Decode(&in)
		if parts, ok := streams[in.Question]; ok && err == nil {
			s.stream(w, r, parts)
			return
		}
		reply, known := replies[in.Question]
		if err != nil || !known || in.K != 5 {
			reply.status, reply.body = 400, `{"error": {"message": "not a request that the test knows"}}`
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(reply.status)
		if _, err := w.Write([]byte(reply.body)); err != nil {
			t.Error(err)
		}
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// stream sends the parts: the first at once, each other when the test says so.
func (s *service) stream(w http.ResponseWriter, r *http.Request, parts []string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for i, p := range parts {
		if i > 0 {
			select {
			case <-s.next:
			case <-r.Context().Done():
				s.gone <- struct{}{}
				return
			}
		}
		// A client that is gone shows in the context.
		_, _ = io.WriteString(w, p)
		_ = http.NewResponseController(w).Flush()
	}
}

// browser starts Chromium and returns what the page complains about so far. The
// test is skipped where there is no Chromium, unless CITEWELL_REQUIRE_BROWSER is
// set.
func browser(t *testing.T, more ...chromedp.ExecAllocatorOption) (context.Context, func() []string) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CITEWELL_REQUIRE_BROWSER") != "" {
			t.Fatal("no chromium, and CITEWELL_REQUIRE_BROWSER is set")
		}
		t.Skip("no chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(900, 1100))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(opts, more...)...)
	t.Cleanup(cancel)
	var mu sync.Mutex
	var complaints []string
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			complaints = append(complaints, e.Entry.Text)
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, e.ExceptionDetails.Text)
		}
	}))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return complaints
	}
}

// Browser is browser, for the tests of the page with its server.
var Browser = browser

// do runs actions in the page and writes a screenshot when asked to.
func do(ctx context.Context, t *testing.T, name string, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if *shots == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}

// eval returns the value of a JavaScript expression in the page.
func eval[T any](ctx context.Context, t *testing.T, expr string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expr))
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return v
}

// fill replaces the text of the question.
func fill(ctx context.Context, t *testing.T, text string) {
	t.Helper()
	eval[string](ctx, t, "document.getElementById('question').value = ''")
	do(ctx, t, "fill", chromedp.SendKeys("#question", text))
}

// ask types a question, presses Enter and waits for an element.
func ask(ctx context.Context, t *testing.T, question, wait string) {
	t.Helper()
	fill(ctx, t, question)
	do(ctx, t, question, chromedp.SendKeys("#question", kb.Enter), chromedp.WaitVisible(wait))
}

func TestPage(t *testing.T) {
	ctx, complaints := browser(t)
	srv := api(t)
	do(ctx, t, "empty", chromedp.Navigate(srv.URL+"/"), chromedp.WaitReady("#question"))
	if got, want := eval[string](ctx, t, "document.activeElement.id"), "question"; got != want {
		t.Errorf("focus is on %q, want %q", got, want)
	}

	ask(ctx, t, "answer", "#cite-2")
	text := eval[string](ctx, t, "document.getElementById('result').innerText")
	for _, want := range []string{"Answered by o1-mini", "Milvus <b>Lite</b> keeps one file. [1]", "[7]", "citewell ask x", "Milvus › Lite",
		"✓ on the page", "<script>alert(1)</script>", "not found on the page", "request r-1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the answer lacks %q:\n%s", want, text)
		}
	}
	got := eval[[]string](ctx, t, "[...document.querySelectorAll('#result a')].map((a) => a.getAttribute('href'))")
	want := []string{"#cite-1", "#cite-2", "https://docs.example.com/milvus/#lite", "https://docs.example.com/milvus/#lite:~:text=Milvus%20Lite"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if n := eval[int](ctx, t, "document.querySelectorAll('#result :is(img, script, b)').length"); n != 0 {
		t.Errorf("%d elements came out of the texts", n)
	}
	got = eval[[]string](ctx, t, "[...document.querySelectorAll('#answer li, #answer strong, #citations mark')].map((e) => e.innerText)")
	want = []string{"One of two", "One", "Three https://evil.example/", "keeps one file"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lists and marks (-want +got):\n%s", diff)
	}
	do(ctx, t, "reference", chromedp.Click("a.ref"))
	if got, want := eval[string](ctx, t, "document.querySelector('li:target').id"), "cite-1"; got != want {
		t.Errorf("[1] leads to %q, want %q", got, want)
	}

	ask(ctx, t, "quote", "#citations li:only-child")
	if got, want := eval[string](ctx, t, "document.getElementById('mode').innerText"), "Extractive answer — sentences quoted from the pages"; got != want {
		t.Errorf("mode = %q, want %q", got, want)
	}
	if n := eval[int](ctx, t, "document.querySelectorAll('#citations a').length"); n != 0 {
		t.Errorf("the path of a file is a link")
	}
	ask(ctx, t, "blocks", "#answer table")
	got = eval[[]string](ctx, t, "[...document.querySelectorAll('#answer :is(p, pre, th, td)')].map((e) => e.innerText).concat([...document.querySelectorAll('#answer mark')].map((e) => e.innerText).join(''))")
	want = []string{"It is so. Use a|b for <i>it</i>. [1]", "```\nx [1]", "A", "B", "a|b", "2", "[2]", "Use a|b for <i>it</i>."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("blocks and the marked sentence (-want +got):\n%s", diff)
	}
	ask(ctx, t, "none", "#nearest li")
	if got, want := eval[string](ctx, t, "document.getElementById('answer').innerText"), "Not answered: too far."; got != want {
		t.Errorf("answer = %q, want %q", got, want)
	}
	if got, want := eval[string](ctx, t, "document.getElementById('close').innerText"), "It is near."; !strings.Contains(got, want) {
		t.Errorf("closest = %q, want %q", got, want)
	}
	if got, want := eval[string](ctx, t, "document.getElementById('corrected').innerText"), "Showing results for “none”: no page holds “nnoe”."; got != want {
		t.Errorf("corrected = %q, want %q", got, want)
	}
	fill(ctx, t, "  ")
	do(ctx, t, "nothing", chromedp.Click("#send"))
	if c := complaints(); len(c) > 0 {
		t.Errorf("the page complains: %q", c)
	}

	ask(ctx, t, "broken", "#error")
	got = eval[[]string](ctx, t, "[...document.querySelectorAll('#error p')].map((p) => p.innerText)")
	want = []string{"the vector store does not answer", "To fix it: check it with: citewell doctor", "Request r-2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	srv.Close()
	ask(ctx, t, "answer", "#error-fix")
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.getElementById("error-message").innerText.includes("could not be reached")`)); err != nil {
		t.Errorf("a server that is gone is not told: %v", err)
	}
}

// text waits until an element's text is as it should be.
func text(ctx context.Context, t *testing.T, id, want string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](fmt.Sprintf("document.getElementById(%q).innerText === %q", id, want), chromedp.WithPollingTimeout(30*time.Second))); err != nil {
		t.Fatalf("#%s is %q, want %q (%v)", id, eval[string](ctx, t, fmt.Sprintf("document.getElementById(%q).innerText", id)), want, err)
	}
}

func TestStream(t *testing.T) {
	ctx, complaints := browser(t)
	srv := api(t)
	const part = "This answer is not complete, and its quotes are not checked."
	do(ctx, t, "start", chromedp.Navigate(srv.URL+"/"), chromedp.WaitReady("#question"))
	ask(ctx, t, "stream", "#result")
	text(ctx, t, "mode", "Reading: A <b>page</b> · B")
	if got := eval[string](ctx, t, "document.getElementById('status').innerText"); !strings.HasPrefix(got, "Working on the answer") {
		t.Errorf("status = %q after the search", got)
	}
	do(ctx, t, "stream-reading")
	srv.next <- true
	text(ctx, t, "answer", "It is <i>so</i>")
	do(ctx, t, "stream-writing")
	srv.next <- true
	srv.next <- true
	text(ctx, t, "mode", "Answered by o1-mini from the pages below")
	text(ctx, t, "answer", "It is <i>so</i> — naïve [1].")
	do(ctx, t, "stream-done", chromedp.WaitVisible("#cite-1"))
	if n := eval[int](ctx, t, "document.querySelectorAll('#result :is(i, b)').length"); n != 0 {
		t.Errorf("%d elements came out of the texts", n)
	}

	ask(ctx, t, "stop", "#result")
	text(ctx, t, "mode", "Reading: A <b>page</b> · B")
	srv.next <- true
	text(ctx, t, "answer", "It is <i>so</i>")
	do(ctx, t, "stream-stopped", chromedp.Click("#send"))
	text(ctx, t, "mode", part)
	text(ctx, t, "status", "Stopped.")
	<-srv.gone
	ask(ctx, t, "stop soon", "#result")
	text(ctx, t, "mode", "Reading: A <b>page</b> · B")
	do(ctx, t, "stream-stopped-soon", chromedp.SendKeys("#question", kb.Escape))
	text(ctx, t, "status", "Stopped.")
	<-srv.gone
	if !eval[bool](ctx, t, "document.getElementById('result').hidden") {
		t.Error("an answer without text is still shown")
	}

	for question, want := range map[string]string{"late": "the answer took too long", "cut": "The connection was lost before the answer was complete."} {
		ask(ctx, t, question, "#result")
		text(ctx, t, "mode", "Reading: A <b>page</b> · B")
		srv.next <- true
		text(ctx, t, "error-message", want)
		text(ctx, t, "mode", part)
		do(ctx, t, "stream-"+question)
	}
	if c := complaints(); len(c) > 0 {
		t.Errorf("the page complains: %q", c)
	}
}

// A browser that can't read a stream asks for none.
func TestNoStream(t *testing.T) {
	ctx, _ := browser(t)
	srv := api(t)
	do(ctx, t, "start", chromedp.Navigate(srv.URL+"/"), chromedp.WaitReady("#question"))
	for script, want := range map[string]string{"0": "text/event-stream", "delete globalThis.TextDecoderStream, 0": "application/json"} {
		eval[int](ctx, t, script)
		ask(ctx, t, "answer", "#cite-2")
		if got := srv.accept.Load(); got != want {
			t.Errorf("the page accepts %v, want %s", got, want)
		}
		do(ctx, t, "reload", chromedp.Reload(), chromedp.WaitReady("#question"))
	}
}
