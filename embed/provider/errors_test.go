package provider_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/embed/provider/providertest"
)

func TestErrors(t *testing.T) {
	always := func(status int, code, message string) func(*providertest.Server) {
		return func(s *providertest.Server) {
			s.Fail = func(_ int, w http.ResponseWriter) bool { s.Refuse(w, status, code, message); return true }
		}
	}
	raw := func(status int, contentType, body string) func(*providertest.Server) {
		return func(s *providertest.Server) {
			s.Fail = func(_ int, w http.ResponseWriter) bool {
				w.Header().Set("Content-Type", contentType)
				w.WriteHeader(status)
				_, _ = fmt.Fprint(w, body)
				return true
			}
		}
	}
	key := func(k string) func(*provider.Config) { return func(c *provider.Config) { c.APIKey = k } }
	named := func(m string) func(*provider.Config) { return func(c *provider.Config) { c.Model = m } }
	const down = "failed, even after 5 retries (oops): run again later"
	for _, tt := range []struct {
		provider, name string
		server         func(*providertest.Server)
		edit           func(*provider.Config)
		want           string
		calls          int
	}{
		{"openai", "wrong key", nil, key("sk-wrong"), "refused the API key: set OPENAI_API_KEY to one that is valid there", 1},
		{"openai", "no key", nil, key(""), "requires an API key: set OPENAI_API_KEY", 1},
		{"openai", "forbidden", always(403, "", "Project has no access"), nil, "does not allow this use of the model (Project has no access): check OPENAI_API_KEY", 1},
		{"openai", "no model", nil, named("nobody's"), "no such model or path: check the model's name nobody's and OPENAI_BASE_URL (most end in /v1)", 1},
		{"openai", "no path", nil, func(c *provider.Config) { c.BaseURL = strings.TrimSuffix(c.BaseURL, "/v1") }, "OPENAI_BASE_URL (most end in /v1)", 1},
		{"openai", "rate", always(429, "rate_limit_exceeded", "3 RPM"), nil, "is reached, even after 5 retries (3 RPM): run again later; stored chunks are kept", 6},
		{"openai", "quota", always(429, "insufficient_quota", ""), nil, "is used up: check its plan, or set OPENAI_API_KEY to another", 1},
		{"openai", "down", always(503, "", "oops"), nil, down, 6},
		{"openai", "not implemented", always(501, "", "oops"), nil, "failed, even after", 1},
		{"openai", "refused", always(400, "", "no\nthanks; the key is "+providertest.Key), nil, "refused the request (no thanks; the key is REDACTED)", 1},
		{"openai", "long message", always(400, "", strings.Repeat("é", 1000)), nil, strings.Repeat("é", 200) + "…)", 1},
		{"openai", "not the service", raw(200, "text/html", "<html>It works!</html>"), nil, "did not answer as an embeddings service, check OPENAI_BASE_URL", 1},
		{"openai", "no JSON", raw(400, "text/html", "<h1>Bad\nRequest</h1>"), nil, "refused the request (<h1>Bad Request</h1>)", 1},
		{"azure", "wrong key", nil, key("sk-wrong"), "refused the API key: set AZURE_OPENAI_API_KEY", 1},
		{"azure", "old version", nil, func(c *provider.Config) { c.APIVersion = "2023-05-15" }, "check AZURE_OPENAI_ENDPOINT", 1},
		{"nvidia", "wrong key", nil, key("sk-wrong"), "refused the API key: set NVIDIA_API_KEY", 1},
		{"nvidia", "no model", nil, named("nvidia/gone"), "NVIDIA has retired it: name another with --embed-model", 1},
		{"nvidia", "retired", raw(410, "application/json", `{"detail":"The model has reached its end of life"}`), nil, "NVIDIA has retired it", 1},
		{"nvidia", "down", always(500, "", "oops"), nil, down, 6},
		{"nvidia", "detail", raw(422, "application/json", `{"detail":[{"loc":["body"],"msg":"field required"}]}`), nil, "field required", 1},
		{"cohere", "wrong key", nil, key("sk-wrong"), "refused the API key: set COHERE_API_KEY", 1},
		{"cohere", "no model", nil, named("embed-none"), "check the model's name embed-none", 1},
		{"cohere", "rate", always(429, "", "You are using a Trial key"), nil, "is reached, even after 5 retries (You are using a Trial key)", 6},
		{"cohere", "not the service", raw(200, "text/html", "<html>"), nil, "did not answer as an embeddings service: invalid character", 1},
		{"ollama", "no model", nil, named("mxbai-embed-huge"), "fetch the model: ollama pull mxbai-embed-huge", 1},
		{"ollama", "down", always(500, "", "oops"), nil, down, 6},
		{"ollama", "not the service", raw(200, "text/html", "<html>"), nil, "did not answer as an embeddings service, check OLLAMA_HOST", 1},
		{"tei", "wrong key", nil, key("sk-wrong"), "refused the API key: set TEI_API_KEY", 1},
		{"tei", "no key", nil, key(""), "requires an API key: set TEI_API_KEY", 1},
		{"tei", "path", nil, func(c *provider.Config) { c.BaseURL += "/v1" }, "check TEI_BASE_URL, which has no path", 1},
		{"tei", "overloaded", always(429, "", "Model is overloaded"), nil, "(Model is overloaded)", 6},
	} {
		t.Run(tt.provider+" "+tt.name, func(t *testing.T) {
			s := providertest.NewServer(t, tt.provider)
			if tt.server != nil {
				tt.server(s)
			}
			cfg := s.Config()
			if tt.edit != nil {
				tt.edit(&cfg)
			}
			var got []embed.Vector
			e, err := provider.New(t.Context(), cfg)
			if err == nil {
				got, err = e.Embed(t.Context(), []string{"one", "two"}, embed.Document)
			}
			checkError(t, err, tt.want)
			if n := len(s.Requests()); len(got) != 0 || n != tt.calls {
				t.Errorf("%d vectors after %d requests, want none after %d", len(got), n, tt.calls)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	for name, want := range map[string]string{
		"openai": "cannot reach ADDR, check the network and OPENAI_BASE_URL",
		"azure":  "cannot reach ADDR, check the network and AZURE_OPENAI_ENDPOINT",
		"nvidia": "cannot reach ADDR, check the network and NVIDIA_BASE_URL",
		"cohere": "cannot reach ADDR, check the network: ",
		"ollama": "nothing listens at ADDR: start it: ollama serve; ollama pull mxbai-embed-large, or check OLLAMA_HOST",
		"tei":    "nothing listens at ADDR: start it: text-embeddings-router --model-id sentence-transformers/all-MiniLM-L12-v1 --port 8081, or check TEI_BASE_URL",
	} {
		t.Run(name, func(t *testing.T) {
			s := providertest.NewServer(t, name)
			cfg := s.Config()
			s.Close()
			e, err := provider.New(t.Context(), cfg)
			if err == nil {
				_, err = e.Embed(t.Context(), []string{"one"}, embed.Document)
			}
			_, host, _ := strings.Cut(s.URL, "://")
			checkError(t, err, strings.ReplaceAll(want, "ADDR", host))
		})
	}
}

// Answers that come too late, or not whole, are told as such.
func TestBrokenAnswers(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail func(http.ResponseWriter, <-chan struct{})
		want string
	}{
		{"silent", func(_ http.ResponseWriter, done <-chan struct{}) { <-done }, "no answer from "},
		{"late body", func(w http.ResponseWriter, done <-chan struct{}) {
			_, _ = fmt.Fprint(w, "{")
			_ = http.NewResponseController(w).Flush()
			<-done
		}, "no answer from "},
		{"cut", func(w http.ResponseWriter, _ <-chan struct{}) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			_, _ = fmt.Fprint(w, "{")
		}, "broke off: run again"},
		{"endless", func(w http.ResponseWriter, _ <-chan struct{}) {
			w.Header().Set("Content-Type", "application/json")
			for n := 0; n < 64; n++ { // a client that reads on gets 64 MB
				if _, err := fmt.Fprint(w, strings.Repeat("[", 1<<20)); err != nil {
					return
				}
			}
		}, "is longer than 1310720 bytes"},
		{"null", func(w http.ResponseWriter, _ <-chan struct{}) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, "null")
		}, ""},
	} {
		for _, name := range []string{"openai", "ollama"} {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				s := providertest.NewServer(t, name)
				done := make(chan struct{})
				s.Fail = func(_ int, w http.ResponseWriter) bool { tt.fail(w, done); return true }
				cfg := s.Config()
				cfg.HTTPClient.Timeout = 200 * time.Millisecond
				e, err := provider.New(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				_, err = e.Embed(t.Context(), []string{"one"}, embed.Document)
				close(done)
				checkError(t, err, tt.want)
				if n := len(s.Requests()); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

// A model that no table has is asked for its dimension, and for a shorter one.
func TestUnknownModel(t *testing.T) {
	for _, tt := range []struct {
		provider, model string
		want            string // Model() or a part of the error
		calls           int
	}{
		{"openai", "other", "other/7", 1},
		{"openai", "other/7", "other/7", 1},
		{"openai", "other/3", "other/3", 1},
		{"openai", "other/8", "dimension 8 is more than the 7 of other", 1},
		{"cohere", "other", "other/7", 1},
		{"ollama", "other", "other/7", 1},
		{"nvidia", "other/3", "other/3", 1},
	} {
		t.Run(tt.provider+" "+tt.model, func(t *testing.T) {
			s := providertest.NewServer(t, tt.provider)
			cfg := s.Config()
			cfg.Model = tt.model
			e, err := provider.New(t.Context(), cfg)
			if n := len(s.Requests()); n != tt.calls {
				t.Errorf("%d requests, want %d", n, tt.calls)
			}
			if err != nil {
				checkError(t, err, tt.want)
				return
			}
			if _, err := e.Embed(t.Context(), []string{"one"}, embed.Document); err != nil {
				t.Fatal(err)
			}
			if e.Model() != tt.want || e.MaxTokens() != 512 {
				t.Errorf("Model, MaxTokens = %q, %d, want %q, 512", e.Model(), e.MaxTokens(), tt.want)
			}
		})
	}
}

func TestTEI(t *testing.T) {
	for _, tt := range []struct {
		name, model string
		info        map[string]any
		want        string // Model() or a part of the error
		maxTokens   int
		texts       []int // of each request for 5
	}{
		{"as expected", "", nil, "all-MiniLM-L12-v1/384", 128, []int{5}},
		{"a folder", "", map[string]any{"model_id": "/data/all-MiniLM-L12-v1"}, "all-MiniLM-L12-v1/384", 128, []int{5}},
		{"smaller", "", map[string]any{"max_input_length": 64, "max_client_batch_size": 2}, "all-MiniLM-L12-v1/384", 64, []int{2, 2, 1}},
		{"takes more", "", map[string]any{"max_input_length": 512, "max_client_batch_size": 64}, "all-MiniLM-L12-v1/384", 128, []int{5}},
		{"another", "", map[string]any{"model_id": "BAAI/bge-small-en-v1.5"}, "serves BAAI/bge-small-en-v1.5, not all-MiniLM-L12-v1: pass --embed-model bge-small-en-v1.5, or start it with", 0, nil},
		{"another, named", "BAAI/bge-small-en-v1.5", map[string]any{"model_id": "BAAI/bge-small-en-v1.5", "max_input_length": 512}, "bge-small-en-v1.5/384", 512, []int{1, 5}},
		{"no model", "", map[string]any{"model_id": nil}, "did not answer as an embeddings service, check TEI_BASE_URL", 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := providertest.NewServer(t, "tei")
			s.Info = tt.info
			cfg := s.Config()
			cfg.Model = tt.model
			e, err := provider.New(t.Context(), cfg)
			if err != nil {
				checkError(t, err, tt.want)
				return
			}
			if _, err := e.Embed(t.Context(), []string{"1", "2", "3", "4", "5"}, embed.Document); err != nil {
				t.Fatal(err)
			}
			var texts []int
			for _, r := range s.Requests()[1:] {
				texts = append(texts, len(r.Texts))
			}
			if e.Model() != tt.want || e.MaxTokens() != tt.maxTokens || fmt.Sprint(texts) != fmt.Sprint(tt.texts) {
				t.Errorf("Model, MaxTokens, requests = %q, %d, %v, want %q, %d, %v", e.Model(), e.MaxTokens(), texts, tt.want, tt.maxTokens, tt.texts)
			}
		})
	}
}

func TestLog(t *testing.T) {
	s := providertest.NewServer(t, "cohere")
	var b bytes.Buffer
	cfg := s.Config()
	cfg.Log = slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	e, err := provider.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Embed(t.Context(), []string{"a secret text"}, embed.Document); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "texts=1") || strings.Contains(got, "secret") || strings.Contains(got, providertest.Key) {
		t.Errorf("log = %q", got)
	}
}
