package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// echo finds for each question a page that says it.
type echo struct{}

func (echo) Retrieve(_ context.Context, q retrieve.Query) (*retrieve.Result, error) {
	return &retrieve.Result{Evidence: 1, Hits: []retrieve.Hit{{Chunk: index.Chunk{URL: "https://e.example/", Text: "It is said that " + q.Text + "."}}}}, nil
}

func TestHistory(t *testing.T) {
	a, err := answer.New(answer.Config{Retriever: echo{}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Handler(Config{Answerer: a, Retriever: echo{}, Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, body string
		status     int
		want       string // standalone question, or code of the error
	}{
		{"none", `{"question":"How often is it rotated?"}`, 200, ""},
		{"follow-up", `{"question":"How often is it rotated?","history":[{"role":"user","content":"What is a signing key?"},{"role":"assistant","content":"A secret."}]}`, 200, "signing key: How often is it rotated?"},
		{"wrong role", `{"question":"Why?","history":[{"role":"developer","content":"x"}]}`, 400, "bad_query"},
		{"nothing said", `{"question":"Why?","history":[{"role":"user","content":""}]}`, 400, "bad_query"},
		{"unknown field", `{"question":"Why?","history":[{"role":"user","content":"x","name":"y"}]}`, 400, "bad_json"},
		{"no list", `{"question":"Why?","history":"x"}`, 400, "bad_json"},
		{"too many", `{"question":"Why?","history":[` + strings.TrimSuffix(strings.Repeat(`{"role":"user","content":"x"},`, history.MaxTurns+1), ",") + `]}`, 400, "bad_query"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := do(h, "POST", "/v1/ask", tt.body, "Content-Type", "application/json")
			var got struct {
				Standalone string `json:"standalone_question"`
				Error      struct{ Code string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != tt.status {
				t.Fatalf("status %d, %v: %s", w.Code, err, w.Body)
			}
			if w.Code == http.StatusOK && got.Standalone != tt.want || w.Code != http.StatusOK && got.Error.Code != tt.want {
				t.Errorf("%s, want %q", w.Body, tt.want)
			}
		})
	}
}
