package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// votingSite serves the page, offering votes if it should, and sends on what is
// voted. The vote on r-2 is refused.
func votingSite(t *testing.T, offer bool) (address string, voted chan map[string]string) {
	t.Helper()
	index, err := Files.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	if offer {
		index = bytes.Replace(index, []byte("<body>"), []byte("<body data-feedback>"), 1)
	}
	voted = make(chan map[string]string, 10)
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(Files))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = w.Write(index)
	})
	mux.HandleFunc("POST /v1/ask", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Question string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"answered": true, "mode": "extractive", "answer": "Rotate a key every ninety days. [1]", "verified": 1, "total": 1, "request_id": "`+in.Question+`",
			"citations": [{"n": 1, "url": "https://docs.example.com/keys/", "link": "https://docs.example.com/keys/", "title": "Keys", "section": "Keys > Rotation",
				"quote": "Rotate a key every ninety days.", "verified": true, "crawled_at": "2026-11-20T10:00:00Z", "modified": "2026-01-15T12:00:00Z"}],
			"cost": {"amount": 0.0125, "currency": "EUR"}}`)
	})
	mux.HandleFunc("POST /v1/feedback", func(w http.ResponseWriter, r *http.Request) {
		var in map[string]string
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		if in["request_id"] == "r-2" {
			w.WriteHeader(http.StatusNotFound)
		}
		voted <- in
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL + "/", voted
}

const pressed = "[...document.querySelectorAll('.vote')].map((b) => b.getAttribute('aria-pressed')).join()"

// TestFeedback votes by mouse and by keyboard.
func TestFeedback(t *testing.T) {
	ctx, complaints := browser(t)
	address, voted := votingSite(t, true)
	do(ctx, t, "start", chromedp.Navigate(address), chromedp.WaitReady("#question"))
	if !eval[bool](ctx, t, "document.getElementById('feedback').checkVisibility() === false") {
		t.Error("a vote is offered without an answer")
	}
	ask(ctx, t, "r-1", "#feedback")
	do(ctx, t, "feedback", chromedp.Focus(".vote"), chromedp.SendKeys(".vote", kb.Enter))
	text(ctx, t, "feedback-note", "Thank you.")
	if diff := cmp.Diff(map[string]string{"request_id": "r-1", "vote": "up"}, <-voted); diff != "" {
		t.Errorf("vote (-want +got):\n%s", diff)
	}
	do(ctx, t, "feedback-up")
	do(ctx, t, "tab", chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "))
	if diff := cmp.Diff(map[string]string{"request_id": "r-1", "vote": "down"}, <-voted); diff != "" {
		t.Errorf("second vote (-want +got):\n%s", diff)
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](pressed+" === 'false,true'")); err != nil {
		t.Errorf("pressed are %s: %v", eval[string](ctx, t, pressed), err)
	}
	do(ctx, t, "feedback-down")
	if got, want := eval[string](ctx, t, "document.querySelector('#cite-1 .faint').innerText"), "✓ on the page · fetched Nov 20, 2026 · page dated Jan 15, 2026 · https://docs.example.com/keys/"; got != want {
		t.Errorf("the citation says %q, want %q", got, want)
	}

	ask(ctx, t, "r-2", "#feedback")
	text(ctx, t, "facts", "1 of 1 quote found on the page · 0.0125 EUR · request r-2")
	if got := eval[string](ctx, t, pressed+" + document.getElementById('feedback-note').innerText"); got != "false,false" {
		t.Errorf("a new answer begins with %q", got)
	}
	do(ctx, t, "refused", chromedp.Click(".vote"))
	text(ctx, t, "feedback-note", "The feedback could not be saved.")
	if got := eval[string](ctx, t, pressed); got != "false,false" {
		t.Errorf("a vote that is not kept shows as %q", got)
	}
	if diff := cmp.Diff([]string{"Failed to load resource: the server responded with a status of 404 (Not Found)"}, complaints()); diff != "" {
		t.Errorf("complaints (-want +got):\n%s", diff)
	}
}

// TestNoFeedback checks that no vote is offered where none is kept.
func TestNoFeedback(t *testing.T) {
	ctx, _ := browser(t)
	address, _ := votingSite(t, false)
	do(ctx, t, "start", chromedp.Navigate(address), chromedp.WaitReady("#question"))
	ask(ctx, t, "r-1", "#cite-1")
	if eval[bool](ctx, t, "document.getElementById('feedback').checkVisibility()") {
		t.Error("a vote is offered")
	}
}
