// Package providertest emulates the services of [provider.All] for tests, and tests
// that their clients keep the contract of [embed.Embedder].
package providertest

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/emulate"
	"github.com/citewell/citewell/embed/provider"
)

// Key is the API key that a [Server] accepts.
const Key = "sk-test-0123456789"

// Token is the token of Entra ID that a [Server] of azure accepts.
const Token = "entra-token-0123456789"

// A Server emulates the embeddings API of a provider by its documented rules. It
// refuses unknown fields, inputs that are too long or too many, and truncation that
// is not switched off. Its vectors do not have unit length.
type Server struct {
	*httptest.Server
	Count  func(string) int                        // the tokens of a text; nil counts a word as one for each four letters
	Fail   func(n int, w http.ResponseWriter) bool // may answer the n-th request, from 1, and then returns true
	Spoil  func(answer any) any                    // replaces a correct answer
	Models map[string]string                       // of azure: deployment → model
	Info   map[string]any                          // of tei: overrides fields of /info

	mu       sync.Mutex
	rule     rule
	provider string
	requests []Request
}

// A Request is a request that a [Server] has received.
type Request struct {
	Path   string // with its query
	Header http.Header
	Body   map[string]any
	Texts  []string
}

// NewServer returns a server that emulates a provider of [provider.All] until the
// test ends.
func NewServer(t testing.TB, name string) *Server {
	t.Helper()
	r, ok := rules[name]
	if !ok {
		t.Fatalf("providertest: no rules for %q", name)
	}
	s := &Server{rule: r, provider: name}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if r.tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// Config returns the configuration for a client of the server.
func (s *Server) Config() provider.Config {
	c := provider.Config{Provider: s.provider, BaseURL: s.URL, APIKey: Key, HTTPClient: s.Client()}
	if s.rule.key == nil {
		c.APIKey = ""
	}
	if strings.HasPrefix(s.rule.path, "/v1/") {
		c.BaseURL += "/v1"
	}
	return c
}

// Requests returns the requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// vector returns the unit vector of a text as it is sent.
func (s *Server) vector(dim int, inputType, text string) embed.Vector {
	v, err := embed.Constant{Dim: dim}.Embed(context.Background(), []string{inputType + "\x00" + text}, embed.Document)
	if err != nil {
		panic(err) // Unreachable: it fails only if the context is done.
	}
	return v[0]
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	req := Request{Path: r.URL.RequestURI(), Header: r.Header.Clone()}
	_ = json.Unmarshal(raw, &req.Body) // answer refuses what is not JSON
	for _, v := range asSlice(req.Body[s.rule.TextsField]) {
		text, _ := v.(string)
		req.Texts = append(req.Texts, text)
	}
	s.mu.Lock()
	s.requests = append(s.requests, req)
	n := len(s.requests)
	s.mu.Unlock()
	if s.Fail != nil && s.Fail(n, w) {
		return
	}
	if s.provider == "tei" && r.URL.Path == "/info" {
		s.info(w, r)
		return
	}
	body, refused := s.answer(r, req)
	switch {
	case refused != nil:
		write(w, refused.Status, s.rule.ErrorBody(refused))
	case s.Spoil != nil:
		write(w, 200, s.Spoil(body))
	default:
		write(w, 200, body)
	}
}

// Refuse answers with an error in the provider's format, and asks the client to retry
// almost at once.
func (s *Server) Refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Retry-After-Ms", "1")
	write(w, status, s.rule.ErrorBody(&emulate.Refusal{Status: status, Code: code, Message: message}))
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client sees what is missing
}

func (s *Server) info(w http.ResponseWriter, r *http.Request) {
	if !s.authorized(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	info := map[string]any{"model_id": s.rule.model, "max_input_length": s.rule.MaxTokens, "max_client_batch_size": s.rule.MaxTexts, "auto_truncate": true}
	maps.Copy(info, s.Info)
	write(w, 200, info)
}

func (s *Server) authorized(r *http.Request) bool {
	switch {
	case s.rule.key == nil:
		return r.Header.Get("Authorization") == ""
	case s.provider == "azure" && s.rule.key(r) == "":
		return bearer(r) == Token
	case s.provider == "azure":
		return s.rule.key(r) == Key && r.Header.Get("Authorization") == ""
	}
	return s.rule.key(r) == Key
}

// answer returns the body of the answer, or the refusal.
func (s *Server) answer(r *http.Request, req Request) (any, *emulate.Refusal) {
	model, ok := s.model(r, req.Body)
	switch {
	case r.Method != http.MethodPost || !ok:
		return nil, &emulate.Refusal{Status: 404, Code: "404", Message: "Resource not found"}
	case !s.authorized(r):
		return nil, &emulate.Refusal{Status: 401, Code: "401", Message: "invalid api token or key: " + r.Header.Get("Authorization") + r.Header.Get("Api-Key")}
	case req.Body == nil:
		return nil, &emulate.Refusal{Status: 400, Message: "bad JSON"}
	}
	return s.rule.Embed(emulate.Request{Model: model, Fields: req.Body, Count: s.count, Vector: s.longVector})
}

// model returns the model that a request is for, and whether its path is right.
func (s *Server) model(r *http.Request, body map[string]any) (string, bool) {
	if s.provider != "azure" {
		name, _ := body["model"].(string)
		return name, r.URL.Path == s.rule.path
	}
	before, after, _ := strings.Cut(s.rule.path, "{model}")
	name, ok := strings.CutPrefix(r.URL.Path, before)
	name, ok2 := strings.CutSuffix(name, after)
	version := r.URL.Query().Get("api-version")
	if m, ok := s.Models[name]; ok {
		name = m
	}
	return name, ok && ok2 && version >= "2024-02-15"
}

// longVector returns the vector of a text at five times the unit length.
func (s *Server) longVector(inputType, text string, dim int) []float32 {
	v := s.vector(dim, inputType, text)
	for i := range v {
		v[i] *= 5
	}
	return v
}

// count returns the tokens of text, with two around it.
func (s *Server) count(text string) int {
	if s.Count != nil {
		return s.Count(text)
	}
	n := 2
	for _, w := range strings.FieldsFunc(text, unicode.IsSpace) {
		n += (len(w) + 3) / 4
	}
	return n
}

func asSlice(v any) []any {
	s, _ := v.([]any)
	return s
}
