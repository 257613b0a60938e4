package provider_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/embed/provider/providertest"
)

var update = flag.Bool("update", false, "rewrite testdata/requests.golden")

// TestRequests compares what is sent for each provider with the golden file,
// byte for byte where the service sees it: path, credentials and body.
func TestRequests(t *testing.T) {
	const file = "testdata/requests.golden"
	var got strings.Builder
	for _, tt := range []struct {
		provider, model string
	}{
		{"openai", ""},
		{"openai", "text-embedding-3-large/1024"},
		{"openai", "text-embedding-3-large/3072"},
		{"openai", "text-embedding-ada-002"},
		{"openai", "other"},
		{"azure", ""},
		{"azure", "text-embedding-3-large/256"},
		{"nvidia", ""},
		{"nvidia", "nvidia/llama-3.2-nv-embedqa-1b-v2/512"},
		{"cohere", ""},
		{"cohere", "embed-v4.0/512"},
		{"ollama", ""},
		{"ollama", "mxbai-embed-large:latest/512"},
		{"tei", ""},
	} {
		var sent recorder
		s := providertest.NewServer(t, tt.provider)
		cfg := s.Config()
		cfg.Model = tt.model
		cfg.HTTPClient = sent.around(cfg.HTTPClient)
		e, err := provider.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		for kind, name := range []string{"document", "query"} {
			if _, err := e.Embed(t.Context(), []string{"one", "two"}, embed.Kind(kind)); err != nil {
				t.Fatalf("%s %s: %v", tt.provider, tt.model, err)
			}
			fmt.Fprintf(&got, "# %s %s → %s, %s\n", tt.provider, tt.model, e.Model(), name)
			got.WriteString(strings.Join(sent.take(), ""))
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("requests (-golden +sent); go test ./embed -run TestRequests -update writes it:\n%s", diff)
	}
}

// A recorder writes down requests.
type recorder struct{ requests []string }

func (r *recorder) around(hc *http.Client) *http.Client {
	base := hc.Transport
	return &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		line := fmt.Sprintf("%s %s\n", req.Method, req.URL.RequestURI())
		for _, h := range []string{"Authorization", "Api-Key"} {
			if v := req.Header.Get(h); v != "" {
				line += fmt.Sprintf("%s: %s\n", h, v)
			}
		}
		if len(body) > 0 {
			line += canonical(body) + "\n"
		}
		r.requests = append(r.requests, line)
		return base.RoundTrip(req)
	})}
}

func (r *recorder) take() []string {
	all := slices.Clone(r.requests)
	r.requests = nil
	return all
}

// canonical sorts the fields of a JSON object.
func canonical(body []byte) string {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return string(body)
	}
	sorted, err := json.Marshal(fields)
	if err != nil {
		return err.Error()
	}
	return string(sorted)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What cannot be right is refused before anything is sent.
func TestMisuse(t *testing.T) {
	calls := 0
	hc := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		calls++
		return nil, io.ErrUnexpectedEOF
	})}
	for _, tt := range []struct {
		name string
		cfg  provider.Config
		want string
	}{
		{"provider", provider.Config{Provider: "nobody"}, "configure nobody: unknown provider"},
		{"openai, no key", provider.Config{}, "configure openai: no API key: set OPENAI_API_KEY, or OPENAI_BASE_URL to a service that needs none"},
		{"nvidia, no key", provider.Config{Provider: "nvidia"}, "set NVIDIA_API_KEY, or NVIDIA_BASE_URL"},
		{"cohere, no key", provider.Config{Provider: "cohere"}, "no API key: set COHERE_API_KEY"},
		{"ollama, key", provider.Config{Provider: "ollama", APIKey: "k"}, "accepts no API key"},
		{"azure, no endpoint", provider.Config{Provider: "azure", APIKey: "k"}, "set AZURE_OPENAI_ENDPOINT"},
		{"azure, plain http", provider.Config{Provider: "azure", APIKey: "k", BaseURL: "http://x.example"}, "must be an https URL: check AZURE_OPENAI_ENDPOINT"},
		{"azure, neither", provider.Config{Provider: "azure", BaseURL: "https://x.example"}, "neither an API key nor a token of Entra ID: set AZURE_OPENAI_API_KEY"},
		{"azure, both", provider.Config{Provider: "azure", BaseURL: "https://x.example", APIKey: "k", Credential: &credential{}}, "both an API key and a token"},
		{"token elsewhere", provider.Config{APIKey: "k", Credential: &credential{}}, "accepts no token of Entra ID"},
		{"tei, no URL", provider.Config{Provider: "tei"}, "set TEI_BASE_URL"},
		{"base URL", provider.Config{APIKey: "k", BaseURL: "localhost:8080"}, "not an http or https URL: check OPENAI_BASE_URL"},
		{"base URL with spaces", provider.Config{APIKey: "k", BaseURL: "http://a b/"}, "check OPENAI_BASE_URL"},
		{"zero", provider.Config{APIKey: "k", Model: "text-embedding-3-small/0"}, `dimension "0"`},
		{"negative", provider.Config{APIKey: "k", Model: "text-embedding-3-small/-1"}, `dimension "-1"`},
		{"huge", provider.Config{APIKey: "k", Model: "m/99999999999999999999"}, "not a positive number"},
		{"nothing behind the slash", provider.Config{APIKey: "k", Model: "text-embedding-3-small/"}, `dimension ""`},
		{"too many", provider.Config{APIKey: "k", Model: "text-embedding-3-small/1537"}, "dimension 1537 is more than the 1536"},
		{"ada", provider.Config{APIKey: "k", Model: "text-embedding-ada-002/256"}, "text-embedding-ada-002, which cannot shorten"},
		{"ada on azure", provider.Config{Provider: "azure", BaseURL: "https://x.example", APIKey: "k", Model: "text-embedding-ada-002/256"}, "cannot shorten"},
		{"embed-qa-4", provider.Config{Provider: "nvidia", APIKey: "k", Model: "nvidia/embed-qa-4/512"}, "cannot shorten"},
		{"multilingual", provider.Config{Provider: "cohere", APIKey: "k", Model: "embed-multilingual-v3.0/512"}, "cannot shorten"},
		{"MiniLM", provider.Config{Provider: "tei", BaseURL: "http://x.example", Model: "all-MiniLM-L12-v1/128"}, "cannot shorten"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.HTTPClient = hc
			_, err := provider.New(t.Context(), tt.cfg)
			checkError(t, err, tt.want)
			checkError(t, tt.cfg.Validate(), tt.want)
		})
	}
	if calls != 0 {
		t.Errorf("%d requests were sent", calls)
	}
}

// checkError fails the test unless err is one line with want in it, without a
// key.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v\nwant %q in it", err, want)
		return
	}
	for _, secret := range []string{"\n", providertest.Key, providertest.Token, "sk-"} {
		if strings.Contains(err.Error(), secret) || !strings.HasPrefix(err.Error(), "embed: ") {
			t.Errorf("error = %q, want one line without a key", err)
		}
	}
}
