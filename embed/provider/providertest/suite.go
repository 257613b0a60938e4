package providertest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/emulate"
	"github.com/citewell/citewell/embed/provider"
)

// TestService tests that the embedder of a provider satisfies the contract of
// [embed.Embedder], with a [Server] as service.
func TestService(t *testing.T, name string) {
	t.Run("Order", func(t *testing.T) { testOrder(t, NewServer(t, name)) })
	t.Run("Kinds", func(t *testing.T) { testKinds(t, NewServer(t, name)) })
	t.Run("Prefix", func(t *testing.T) { testPrefix(t, NewServer(t, name)) })
	t.Run("Canceled", func(t *testing.T) { testCanceled(t, NewServer(t, name)) })
	t.Run("Windows", func(t *testing.T) { testWindows(t, NewServer(t, name)) })
	t.Run("TooLong", func(t *testing.T) { testTooLong(t, NewServer(t, name)) })
	t.Run("Retries", func(t *testing.T) { testRetries(t, NewServer(t, name)) })
	t.Run("Spoiled", func(t *testing.T) { testSpoiled(t, NewServer(t, name)) })
}

func open(t *testing.T, s *Server) *provider.Service {
	t.Helper()
	e, err := provider.New(t.Context(), s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	return texts
}

// embedded returns the requests that embedded texts.
func (s *Server) embedded() []Request {
	var rs []Request
	for _, r := range s.Requests() {
		if len(r.Texts) > 0 {
			rs = append(rs, r)
		}
	}
	return rs
}

// checkVectors fails the test unless vectors are those of texts, at unit length.
func (s *Server) checkVectors(t *testing.T, vectors []embed.Vector, inputType string, texts []string) {
	t.Helper()
	if len(vectors) != len(texts) {
		t.Fatalf("%d vectors for %d texts", len(vectors), len(texts))
	}
	for i, v := range vectors {
		want := s.vector(len(v), inputType, texts[i])
		var square float64
		for j, x := range v {
			square += float64(x) * float64(x)
			if math.Abs(float64(x-want[j])) > 1e-5 {
				t.Fatalf("vector %d is not that of %q", i, texts[i])
			}
		}
		if math.Abs(square-1) > 1e-4 {
			t.Fatalf("vector %d has the length %v", i, math.Sqrt(square))
		}
	}
}

func (s *Server) inputType(kind embed.Kind) string {
	if s.rule.InputTypes == nil {
		return ""
	}
	return s.rule.InputTypes[kind]
}

func testOrder(t *testing.T, s *Server) {
	e := open(t, s)
	texts := numbered(2*min(s.rule.MaxTexts, 100) + 3)
	texts[1] = ""
	got, err := e.Embed(t.Context(), texts, embed.Document)
	if err != nil || texts[1] != "" {
		t.Fatalf("Embed: %v; its argument is %q", err, texts[1])
	}
	texts[1] = " " // what is sent for it
	s.checkVectors(t, got, s.inputType(embed.Document), texts)
	if n := len(got[0]); e.Model() != fmt.Sprintf("%s/%d", strings.TrimPrefix(s.rule.model, "sentence-transformers/"), n) {
		t.Errorf("Model() = %q for %d dimensions", e.Model(), n)
	}
	if e.MaxTokens() != s.rule.MaxTokens {
		t.Errorf("MaxTokens() = %d, want %d", e.MaxTokens(), s.rule.MaxTokens)
	}
	if got, err := e.Embed(t.Context(), nil, embed.Document); err != nil || len(got) != 0 {
		t.Errorf("Embed of nothing = %d vectors, %v", len(got), err)
	}
}

func testKinds(t *testing.T, s *Server) {
	got, err := open(t, s).Embed(t.Context(), []string{"a question"}, embed.Query)
	if err != nil {
		t.Fatal(err)
	}
	s.checkVectors(t, got, s.inputType(embed.Query), s.embedded()[0].Texts)
	if sent := s.embedded()[0].Texts[0]; !strings.HasSuffix(sent, "a question") {
		t.Errorf("sent %q", sent)
	}
}

func testPrefix(t *testing.T, s *Server) {
	e := open(t, s)
	before := len(s.Requests())
	s.Fail = func(n int, w http.ResponseWriter) bool {
		if n == before+3 {
			s.Refuse(w, 400, "", "no more")
		}
		return n == before+3
	}
	texts := numbered(3 * min(s.rule.MaxTexts, 100))
	if s.rule.MaxAllTokens > 0 { // few fill a request
		s.Count = func(string) int { return 1 }
		texts = numbered(6)
		for i := range texts {
			texts[i] += strings.Repeat("x", s.rule.MaxAllTokens/2-100)
		}
	}
	got, err := e.Embed(t.Context(), texts, embed.Document)
	if err == nil || len(got) == 0 || len(got) >= len(texts) {
		t.Fatalf("Embed = %d of %d vectors, %v, want a prefix and an error", len(got), len(texts), err)
	}
	s.checkVectors(t, got, s.inputType(embed.Document), texts[:len(got)])
}

func testCanceled(t *testing.T, s *Server) {
	e := open(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	s.Fail = func(_ int, w http.ResponseWriter) bool {
		cancel()
		write(w, 503, s.rule.ErrorBody(&emulate.Refusal{Status: 503, Message: "wait for long"})) // without a word how long
		return true
	}
	before := len(s.Requests())
	if got, err := e.Embed(ctx, []string{"one"}, embed.Document); !errors.Is(err, context.Canceled) || len(got) != 0 {
		t.Errorf("Embed = %d vectors, %v, want context.Canceled", len(got), err)
	}
	if n := len(s.Requests()) - before; n != 1 {
		t.Errorf("%d requests", n)
	}
}

func testWindows(t *testing.T, s *Server) {
	e := open(t, s)
	text := strings.Repeat("The key is rotated every ninety days by a worker that holds the lease. ", 2000)
	windows := embed.Windows(e, "Keys > Rotation", text)
	if len(windows) < 2 {
		t.Fatalf("%d windows of %d bytes", len(windows), len(text))
	}
	before := len(s.embedded())
	got, err := e.Embed(t.Context(), windows, embed.Document)
	if err != nil {
		t.Fatal(err)
	}
	s.checkVectors(t, got, s.inputType(embed.Document), windows) // that is, none was cut
	sent := 0
	for _, r := range s.embedded()[before:] {
		sent += len(r.Texts)
	}
	if sent != len(windows) {
		t.Errorf("%d texts sent for %d windows", sent, len(windows))
	}
}

// A text that is unexpectedly too long needs more requests. Other texts get their
// vectors, and the attempts are bounded.
func testTooLong(t *testing.T, s *Server) {
	e := open(t, s)
	s.Count = func(text string) int { return s.rule.MaxTokens / 100 * len(text) / 10 }
	texts := numbered(5)
	texts[3] = strings.Repeat("too long ", 300)
	got, err := e.Embed(t.Context(), texts, embed.Document)
	if err != nil {
		t.Fatal(err)
	}
	s.checkVectors(t, append(got[:3:3], got[4]), s.inputType(embed.Document), append(texts[:3:3], texts[4]))
	var square float64
	for _, x := range got[3] {
		square += float64(x) * float64(x)
	}
	if math.Abs(square-1) > 1e-4 {
		t.Errorf("the vector of the long text has the length %v", math.Sqrt(square))
	}
	s.Count = func(string) int { return s.rule.MaxTokens + 1 }
	texts[0] = texts[3]
	before := len(s.Requests())
	got, err = e.Embed(t.Context(), texts, embed.Document)
	if err == nil || len(got) != 0 || !strings.Contains(err.Error(), "too long") {
		t.Errorf("Embed = %d vectors, %v, want an error about the length", len(got), err)
	}
	if n := len(s.Requests()) - before; n > 20 {
		t.Errorf("gave up after %d requests", n)
	}
}

func testRetries(t *testing.T, s *Server) {
	e := open(t, s)
	before := len(s.Requests())
	s.Fail = func(n int, w http.ResponseWriter) bool {
		if n = n - before; n <= 2 {
			s.Refuse(w, []int{429, 503}[n-1], "", "busy")
		}
		return n <= 2
	}
	got, err := e.Embed(t.Context(), []string{"one"}, embed.Document)
	if err != nil {
		t.Fatal(err)
	}
	s.checkVectors(t, got, s.inputType(embed.Document), []string{"one"})
	s.Fail = func(_ int, w http.ResponseWriter) bool { s.Refuse(w, 500, "", "broken"); return true }
	before = len(s.Requests())
	_, err = e.Embed(t.Context(), []string{"one"}, embed.Document)
	if n := len(s.Requests()) - before; err == nil || n < 2 || n > 6 {
		t.Errorf("Embed = %v after %d requests, want an error after a few", err, n)
	}
}

func testSpoiled(t *testing.T, s *Server) {
	e := open(t, s)
	for _, tt := range []struct {
		name    string
		vectors []any
	}{
		{"too few", []any{[]float32{1}}},
		{"dimension", []any{[]float32{1, 2}, []float32{1, 2}}},
		{"zeros", []any{make([]float32, 3072), make([]float32, 3072)}},
	} {
		s.Spoil = func(any) any { return s.rule.Body(s.rule.model, tt.vectors, 1) }
		if got, err := e.Embed(t.Context(), []string{"one", "two"}, embed.Document); err == nil || len(got) != 0 {
			t.Errorf("%s: Embed = %d vectors, %v, want an error", tt.name, len(got), err)
		}
	}
	s.Spoil = func(any) any { return "It works!" }
	if _, err := e.Embed(t.Context(), []string{"one", "two"}, embed.Document); err == nil {
		t.Error("Embed accepted an invalid answer")
	}
}
