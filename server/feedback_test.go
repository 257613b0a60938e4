package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/internal/state"
)

// voter knows the answer to r-1, and keeps what is said last.
type voter struct{ said *string }

func (v voter) Vote(_ context.Context, requestID string, vote int, comment string) error {
	switch requestID {
	case "r-1":
		*v.said = fmt.Sprint(vote, comment)
		return nil
	case "broken":
		return errors.New("state: set feedback: disk full")
	}
	return fmt.Errorf("state: %w", state.ErrNotFound)
}

func feedbackHandler(t *testing.T, v Voter) http.Handler {
	t.Helper()
	h, err := Handler(Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Voter: v})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestFeedback(t *testing.T) {
	said := ""
	h := feedbackHandler(t, voter{&said})
	for _, tt := range []struct {
		name, body string
		status     int
		want       string // code of the error, or what is kept
	}{
		{"up", `{"request_id":"r-1","vote":"up"}`, 200, "1"},
		{"down, and why", `{"request_id":"r-1","vote":"down","comment":"wrong page"}`, 200, "-1wrong page"},
		{"a comment alone", `{"request_id":"r-1","comment":"` + strings.Repeat("ü", 2000) + `"}`, 200, "0" + strings.Repeat("ü", 2000)},
		{"another vote", `{"request_id":"r-1","vote":"sideways"}`, 400, "bad_feedback"},
		{"nothing said", `{"request_id":"r-1"}`, 400, "bad_feedback"},
		{"of nothing", `{"vote":"up"}`, 400, "bad_feedback"},
		{"not an id", `{"request_id":"r 1\n","vote":"up"}`, 400, "bad_feedback"},
		{"long comment", `{"request_id":"r-1","comment":"` + strings.Repeat("a", 2001) + `"}`, 400, "bad_feedback"},
		{"long body", `{"request_id":"r-1","comment":"` + strings.Repeat("a", 20_000) + `"}`, 413, "body_too_large"},
		{"unknown field", `{"request_id":"r-1","vote":"up","stars":5}`, 400, "bad_json"},
		{"unknown answer", `{"request_id":"r-2","vote":"up"}`, 404, "no_such_answer"},
		{"state is broken", `{"request_id":"broken","vote":"up"}`, 500, "internal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			said = ""
			w := do(h, "POST", "/v1/feedback", tt.body)
			got := said
			if w.Code != http.StatusOK {
				e := errorOf(t, w)
				if got = e.Code; e.Message == "" || e.Fix == "" || strings.Contains(w.Body.String(), "disk full") || strings.Contains(e.Fix, "question,") {
					t.Errorf("error = %s", w.Body)
				}
			}
			if w.Code != tt.status || got != tt.want {
				t.Errorf("status %d, %q, want %d, %q", w.Code, got, tt.status, tt.want)
			}
		})
	}
	if w := do(h, "POST", "/v1/feedback", `{"request_id":"r-1","vote":"up"}`, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("a page of another site gets %d, want 403", w.Code)
	}
}

// TestNoFeedback checks that a server without a log says so, and that its page
// offers no vote.
func TestNoFeedback(t *testing.T) {
	const offered = `"feedback":true`
	h := feedbackHandler(t, nil)
	if w := do(h, "POST", "/v1/feedback", `{"request_id":"r-1","vote":"up"}`); w.Code != http.StatusConflict || errorOf(t, w).Code != "no_feedback" {
		t.Errorf("reply = %d %s, want 409 no_feedback", w.Code, w.Body)
	}
	for _, path := range []string{"/", "/index.html"} {
		if w := do(h, "GET", path, ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), offered) {
			t.Errorf("%s offers a vote", path)
		}
		if w := do(feedbackHandler(t, voter{new(string)}), "GET", path, ""); !strings.Contains(w.Body.String(), offered) {
			t.Errorf("%s of a server with a log offers no vote", path)
		}
	}
}
