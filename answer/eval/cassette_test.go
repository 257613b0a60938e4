package eval_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	answereval "github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/embed/provider/providertest"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

var page = answertest.Retriever{{Chunk: index.Chunk{URL: "a", Title: "Keys", Text: "Rotate a signing key every ninety days. The old key is kept for an hour.", Lang: "en"}}}

var one = []evalset.Question{{ID: "1", Text: "How often is a signing key rotated?", Relevant: map[string]int{"a": 1}}}

// ask measures the answer that a model behind a cassette gives.
func ask(t *testing.T, url string, c *answereval.Cassette, found retrieve.Finder) (*answereval.Report, error) {
	t.Helper()
	m, err := llm.New(llm.Config{Model: "o1-mini", APIKey: "sk-secret-0123", BaseURL: url + "/v1", HTTPClient: &http.Client{Transport: c}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := answer.New(answer.Config{Retriever: found, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	return answereval.Evaluate(t.Context(), a, one, answereval.Options{Cassette: c})
}

// record returns a folder with a recorded answer, and where it came from.
func record(t *testing.T) (dir, url string, want *answereval.Report) {
	t.Helper()
	h, err := emulate.Handler(emulate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	defer s.Close()
	dir = filepath.Join(t.TempDir(), "cassette")
	c, err := answereval.Record(dir, s.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	want, err = ask(t, s.URL, c, page)
	if err != nil || want.Generated != 1 || want.Metrics["citation_precision"] != 1 {
		t.Fatalf("recorded %+v, %v", want, err)
	}
	return dir, s.URL, want
}

func TestCassette(t *testing.T) {
	dir, url, want := record(t)
	c, err := answereval.Replay(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ask(t, url, c, page) // whose server is gone
	if err != nil || got.Rows[0].Answer != want.Rows[0].Answer || got.Tokens != want.Tokens {
		t.Errorf("replayed %+v, %v, want %+v", got, err, want)
	}
	if unused, err := c.Unused(); err != nil || len(unused) != 0 {
		t.Errorf("Unused() = %v, %v", unused, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	if b, err := os.ReadFile(files[0]); err != nil || strings.Contains(string(b), "sk-secret") || !strings.Contains(string(b), "signing key") {
		t.Errorf("%v: %s", err, b)
	}
}

// TestNotRecorded holds another prompt to an error, not to another answer.
func TestNotRecorded(t *testing.T) {
	dir, url, _ := record(t)
	c, err := answereval.Replay(dir)
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(page)
	changed[0].Text = "Rotate a signing key every eighty days. The old key is kept for an hour."
	if rep, err := ask(t, url, c, changed); !errors.Is(err, answereval.ErrNotRecorded) || !strings.Contains(err.Error(), "record it again with --record") || rep != nil {
		t.Errorf("Evaluate() = %+v, %v, want ErrNotRecorded", rep, err)
	}
	if unused, err := c.Unused(); err != nil || len(unused) != 1 {
		t.Errorf("Unused() = %v, %v, want what was recorded", unused, err)
	}
	if _, err := answereval.Replay(t.TempDir()); err == nil {
		t.Error("Replay() of an empty folder: no error")
	}
}

// TestCassetteEmbedder records an embedder's service.
func TestCassetteEmbedder(t *testing.T) {
	s := providertest.NewServer(t, "openai")
	s.Fail = func(n int, w http.ResponseWriter) bool {
		if n == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		}
		return n == 1
	}
	dir := t.TempDir()
	rec, err := answereval.Record(dir, s.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	embedding := func(c *answereval.Cassette, text string) ([]embed.Vector, error) {
		cfg := s.Config()
		cfg.HTTPClient = &http.Client{Transport: c}
		e, err := provider.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return e.Embed(t.Context(), []string{text}, embed.Document)
	}
	want, err := embedding(rec, "a text")
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	c, err := answereval.Replay(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := embedding(c, "a text"); err != nil || !slices.Equal(got[0], want[0]) {
		t.Errorf("replayed vector differs, %v", err)
	}
	if _, err := embedding(c, "another text"); err == nil || !errors.Is(c.Err(), answereval.ErrNotRecorded) {
		t.Errorf("Embed() = %v, Err() = %v, want ErrNotRecorded", err, c.Err())
	}
}

// TestCassetteForm holds what is kept to what was said, whatever it is.
func TestCassetteForm(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte{0xff, 0x00, 'x'})
	}))
	defer s.Close()
	dir := t.TempDir()
	rec, err := answereval.Record(dir, s.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	get := func(c *answereval.Cassette, query string) (int, string, string) {
		res, err := (&http.Client{Transport: c}).Get(s.URL + "/?" + query)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(b)
	}
	get(rec, "v=1&key=secret")
	c, err := answereval.Replay(dir)
	if err != nil {
		t.Fatal(err)
	}
	if status, kind, body := get(c, "key=other&v=1"); status != 202 || kind != "application/octet-stream" || body != "\xff\x00x" {
		t.Errorf("replayed %d %s %q", status, kind, body)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if b, err := os.ReadFile(files[0]); err != nil || strings.Contains(string(b), "secret") || !json.Valid(b) {
		t.Errorf("%v: %s", err, b)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if get(c, "v=1"); c.Err() == nil || errors.Is(c.Err(), answereval.ErrNotRecorded) {
		t.Errorf("Err() of a broken file = %v", c.Err())
	}
}
