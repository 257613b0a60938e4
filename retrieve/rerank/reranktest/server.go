// Package reranktest emulates the services of package rerank by their documented
// rules.
package reranktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/citewell/citewell/retrieve/rerank"
)

// key is the key that a [Server] accepts.
const key = "rk-test-0123456789"

// A Server emulates one service. It refuses what the service refuses, and unknown
// fields. The score of a text is the share of the query's words in it.
type Server struct {
	*httptest.Server
	Fail  func(n int, w http.ResponseWriter) bool // may answer the n-th request, from 1, and then returns true
	Spoil func(results []map[string]any) any      // replaces a correct list of results

	mu       sync.Mutex
	provider string
	rule     rule
	requests []map[string]any
}

// A rule describes a service as documented.
type rule struct {
	path, texts, top string   // path, and the names of fields; top is "" if there is none
	list, score      string   // fields of the reply; list is "" if the reply itself is the list
	required, known  []string // fields of a request
	models           []string // valid models; nil if there is no such field
	max              int      // texts
	cuts             bool     // truncates long texts; else it refuses them unless asked to truncate
	longWords        int      // a text with more words is long
	tooMany          int      // status
	keyless          bool     // works without a key
}

// The limits in tokens are taken as words here.
var rules = map[string]rule{
	"cohere": {path: "/v2/rerank", texts: "documents", top: "top_n", list: "results", score: "relevance_score",
		required: []string{"model", "query", "documents"}, known: []string{"top_n", "max_tokens_per_doc"},
		models: []string{"rerank-v3.5", "rerank-english-v3.0", "rerank-multilingual-v3.0", "rerank-v4.0-pro", "rerank-v4.0-fast"}, max: 10_000, tooMany: 400, cuts: true},
	"jina": {path: "/v1/rerank", texts: "documents", top: "top_n", list: "results", score: "relevance_score",
		required: []string{"model", "query", "documents"}, known: []string{"top_n", "return_documents"},
		models: []string{"jina-reranker-v2-base-multilingual", "jina-reranker-m0", "jina-reranker-v3"}, max: 64, tooMany: 422, cuts: true},
	"voyage": {path: "/v1/rerank", texts: "documents", top: "top_k", list: "data", score: "relevance_score",
		required: []string{"model", "query", "documents"}, known: []string{"top_k", "return_documents", "truncation"},
		models: []string{"rerank-2.5", "rerank-2.5-lite", "rerank-2", "rerank-2-lite"}, max: 1000, tooMany: 400, longWords: 32_000},
	"tei": {path: "/rerank", texts: "texts", score: "score",
		required: []string{"query", "texts"}, known: []string{"raw_scores", "return_text", "truncate", "truncation_direction"},
		max: 32, tooMany: 422, longWords: 512, keyless: true},
}

// NewServer returns a server that emulates a provider of [rerank.Providers] until the
// test ends.
func NewServer(t testing.TB, provider string) *Server {
	t.Helper()
	r, ok := rules[provider]
	if !ok {
		t.Fatalf("reranktest: there are no rules of %s", provider)
	}
	s := &Server{provider: provider, rule: r}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Config returns the configuration for a client of the server.
func (s *Server) Config() rerank.Config {
	return rerank.Config{Provider: s.provider, BaseURL: s.URL, APIKey: key, Client: s.Client()}
}

// Requests returns the bodies of the requests so far.
func (s *Server) Requests() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var body map[string]any
	err := json.Unmarshal(raw, &body)
	s.mu.Lock()
	s.requests = append(s.requests, body)
	n := len(s.requests)
	s.mu.Unlock()
	if s.Fail != nil && s.Fail(n, w) {
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "no JSON")
		return
	}
	if status, why := s.validate(r, body); status != 0 {
		refuse(w, status, why)
		return
	}
	results := s.results(body)
	var list any = results
	if s.Spoil != nil {
		list = s.Spoil(results)
	}
	if s.rule.list != "" {
		list = map[string]any{"id": "1", "model": body["model"], s.rule.list: list}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list) // the client may be gone
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"message":%q}`, why) // the client may be gone
}

// validate returns the status and message of the error, or 0 for a valid request.
func (s *Server) validate(r *http.Request, body map[string]any) (int, string) {
	auth := r.Header.Get("Authorization")
	switch {
	case r.URL.Path != s.rule.path:
		return http.StatusNotFound, "no such address"
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "POST only"
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return http.StatusUnsupportedMediaType, "JSON only"
	case auth != "Bearer "+key && (auth != "" || !s.rule.keyless):
		return http.StatusUnauthorized, "invalid api token"
	}
	for _, f := range s.rule.required {
		if body[f] == nil {
			return http.StatusUnprocessableEntity, f + " is missing"
		}
	}
	for f := range body {
		if !slices.Contains(s.rule.required, f) && !slices.Contains(s.rule.known, f) {
			return http.StatusUnprocessableEntity, "unknown field " + f
		}
	}
	return s.judgeValues(body)
}

func (s *Server) judgeValues(body map[string]any) (int, string) {
	texts, ok := body[s.rule.texts].([]any)
	query, isText := body["query"].(string)
	switch {
	case !ok || len(texts) == 0 || !isText || query == "":
		return http.StatusBadRequest, "query and texts must not be empty"
	case len(texts) > s.rule.max:
		return s.rule.tooMany, fmt.Sprintf("batch size %d > maximum allowed batch size %d", len(texts), s.rule.max)
	case s.rule.models != nil && !slices.Contains(s.rule.models, fmt.Sprint(body["model"])):
		return http.StatusNotFound, "model not found"
	}
	if top, given := body[s.rule.top].(float64); given && (top < 1 || top > float64(len(texts))) {
		return http.StatusBadRequest, s.rule.top + " is out of range"
	}
	cut := s.rule.cuts || body["truncation"] == true || body["truncate"] == true
	for _, t := range texts {
		text, isText := t.(string)
		if !isText {
			return http.StatusUnprocessableEntity, "texts must be strings"
		}
		if !cut && len(strings.Fields(text)) > s.rule.longWords {
			return http.StatusRequestEntityTooLarge, "a text is too long"
		}
	}
	return 0, ""
}

// results returns the scores, best first, with as many rows as were asked for.
func (s *Server) results(body map[string]any) []map[string]any {
	var out []map[string]any
	for i, t := range body[s.rule.texts].([]any) {
		out = append(out, map[string]any{"index": i, s.rule.score: score(body["query"].(string), t.(string))})
	}
	slices.SortStableFunc(out, func(a, b map[string]any) int {
		return cmp.Compare(b[s.rule.score].(float64), a[s.rule.score].(float64))
	})
	if top, given := body[s.rule.top].(float64); given {
		out = out[:int(top)]
	}
	return out
}

// score returns the share of the query's words that a text holds.
func score(query, text string) float64 {
	words := strings.Fields(strings.ToLower(query))
	held := 0
	for _, w := range words {
		if slices.Contains(strings.Fields(strings.ToLower(text)), w) {
			held++
		}
	}
	return float64(held) / float64(max(1, len(words)))
}
