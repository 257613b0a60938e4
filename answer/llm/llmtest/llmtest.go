// Package llmtest serves the emulated models of [emulate] to tests.
//
// Call [Serve] for a scripted model, or [Emulate] for any other. Every
// request and response is checked against the schema of its endpoint.
package llmtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/citewell/citewell/answer/llm/emulate"
)

// Key is the API key that a [Server] accepts.
const Key = "sk-test-0123456789"

// A Script defines the model of [Serve]; the zero Script answers "ok".
type Script struct {
	Model     string                     // the only model; empty means o1-mini
	Answer    func(prompt string) string // the visible text; nil means "ok"
	Reasoning int                        // tokens spent before the visible text
	Refusal   string                     // returned instead of an answer
	Finish    string                     // "content_filter" blocks the text
	// Fail, if set, may answer the n-th request (from 1) itself and then returns true.
	Fail func(w http.ResponseWriter, n int) bool
}

// A Server emulates a provider.
type Server struct {
	URL  string // base URL of OpenAI's API, with /v1
	Root string // base URL of Azure's and Anthropic's

	mu     sync.Mutex
	bodies []string
	paths  []string
	next   http.Handler
	fail   func(w http.ResponseWriter, n int) bool
}

// Serve starts a server that ends with the test. It counts each word as a token.
func Serve(t testing.TB, s Script) *Server {
	if s.Model == "" {
		s.Model = "o1-mini"
	}
	if s.Answer == nil {
		s.Answer = func(string) string { return "ok" }
	}
	if s.Reasoning == 0 {
		s.Reasoning = -1 // none at all
	}
	fault := emulate.Fault{Reasoning: s.Reasoning, Refusal: s.Refusal, FilterAnswer: s.Finish == "content_filter"}
	return start(t, emulate.Config{
		Models: map[string]string{s.Model: rulesOf(s.Model)},
		Key:    Key,
		Answer: s.Answer,
		Count:  func(text string) int { return len(strings.Fields(text)) },
		Script: func(int, []byte) emulate.Fault { return fault },
	}, s.Fail)
}

// Emulate starts a server that ends with the test; an empty c.Key means [Key].
func Emulate(t testing.TB, c emulate.Config) *Server {
	if c.Key == "" {
		c.Key = Key
	}
	return start(t, c, nil)
}

func start(t testing.TB, c emulate.Config, fail func(http.ResponseWriter, int) bool) *Server {
	t.Helper()
	h, err := emulate.Handler(c)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{next: Checked(t, h), fail: fail}
	hs := httptest.NewServer(s)
	t.Cleanup(hs.Close)
	s.URL, s.Root = hs.URL+"/v1", hs.URL
	return s
}

// versioned matches the name of a model between its provider and its version.
var versioned = regexp.MustCompile(`^(?:.*/)?(.+?)(?:-\d{4}-\d\d-\d\d)?(?::.*)?$`)

// rulesOf returns the emulated model for a name: the one of that name without
// provider and version, else the compatible one.
func rulesOf(model string) string {
	name := strings.ToLower(versioned.FindStringSubmatch(model)[1])
	for _, known := range emulate.Names() {
		if name == known {
			return known
		}
	}
	return "compatible"
}

// Bodies returns the bodies of the requests so far, without those for the list of
// models.
func (s *Server) Bodies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

// Paths returns the paths of the requests so far, such as /v1/responses.
func (s *Server) Paths() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.paths...)
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has left
	}
	if r.Method == http.MethodGet { // the list of models, which is free
		s.next.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	s.bodies, s.paths = append(s.bodies, string(body)), append(s.paths, r.URL.Path)
	n := len(s.bodies)
	s.mu.Unlock()
	if s.fail != nil && s.fail(w, n) {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.next.ServeHTTP(w, r)
}

// Fail answers with an error in the provider's format; an empty param or code is null.
func Fail(w http.ResponseWriter, status int, kind, param, code, message string) {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has left is no fault of the test.
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": message, "type": kind, "param": null(param), "code": null(code)}})
}
