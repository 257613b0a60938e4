package llm_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/citewell/citewell/answer/llm"
)

// A fake is a provider of the test's own making. Its answers come in turn, the
// last one for all that follow.
type fake struct {
	URL string

	mu      sync.Mutex
	bodies  []map[string]any
	headers []http.Header
	urls    []string
}

type answerer func(w http.ResponseWriter, r *http.Request, body map[string]any)

func serve(t *testing.T, answers ...answerer) *fake {
	t.Helper()
	f := &fake{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet { // it has no list of models
			http.NotFound(w, r)
			return
		}
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has left
		}
		var body map[string]any
		if err := json.Unmarshal(b, &body); err != nil {
			t.Errorf("the request is no JSON: %v", err)
		}
		f.mu.Lock()
		f.bodies, f.headers, f.urls = append(f.bodies, body), append(f.headers, r.Header), append(f.urls, r.URL.String())
		n := len(f.bodies)
		f.mu.Unlock()
		answers[min(n, len(answers))-1](w, r, body)
	}))
	t.Cleanup(s.Close)
	f.URL = s.URL
	return f
}

// sent returns the n-th request, from 1.
func (f *fake) sent(n int) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bodies[n-1]
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.bodies)
}

// says answers with a body.
func says(body string) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}
}

// text answers with a completion.
func text(content, finish string, completion, reasoning int) answerer {
	b, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return says(fmt.Sprintf(`{"model":"real","choices":[{"index":0,"finish_reason":%q,"message":{"role":"assistant","content":%s}}],
		"usage":{"prompt_tokens":10,"completion_tokens":%d,"completion_tokens_details":{"reasoning_tokens":%d}}}`, finish, b, completion, reasoning))
}

// refuses answers with 400 for a parameter.
func refuses(param, code string) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"error":{"message":"Unsupported: %s","type":"invalid_request_error","param":%q,"code":%q}}`, param, param, code)
	}
}

// fails answers with a status and nothing that can be repeated soon.
func fails(status int) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("X-Should-Retry", "false")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, `{"error":{"message":"no"}}`)
	}
}

// streams answers with events, and breaks the connection behind them if there is
// no [DONE] among them.
func streams(events ...string) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, e := range events {
			fmt.Fprintf(w, "data: %s\n\n", e)
			w.(http.Flusher).Flush()
		}
		if events[len(events)-1] != "[DONE]" {
			panic(http.ErrAbortHandler)
		}
	}
}

// piece is an event with a piece of content.
func piece(content string) string {
	b, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return `{"model":"real","choices":[{"index":0,"delta":{"content":` + string(b) + `}}]}`
}

const (
	stopped = `{"model":"real","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	used    = `{"model":"real","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":9,"total_tokens":16,"completion_tokens_details":{"reasoning_tokens":4}}}`
)

// client returns a client of the fake; c.BaseURL is what follows its address.
func (f *fake) client(t *testing.T, c llm.Config) *llm.Client {
	t.Helper()
	c.BaseURL = f.URL + c.BaseURL
	if c.APIKey == "" && c.Credential == nil {
		c.APIKey = "sk-test"
	}
	cl, err := llm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

// A collector gathers what is streamed.
type collector struct{ pieces []string }

func (c *collector) delta(s string) error {
	c.pieces = append(c.pieces, s)
	return nil
}

func (c *collector) joined() string { return strings.Join(c.pieces, "") }

// fails400 answers with 400 and a body.
func fails400(body string) answerer {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(400)
		fmt.Fprint(w, body)
	}
}
