package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// TestEmbedderConfig checks that flags and variables reach the service they are
// for, and no other.
func TestEmbedderConfig(t *testing.T) {
	all := map[string]string{
		"OPENAI_API_KEY": "openai-key", "OPENAI_BASE_URL": "http://openai.example/v1",
		"AZURE_OPENAI_API_KEY": "azure-key", "AZURE_OPENAI_ENDPOINT": "https://azure.example",
		"NVIDIA_API_KEY": "nvidia-key", "NVIDIA_BASE_URL": "http://nim.example/v1", "COHERE_API_KEY": "cohere-key",
		"OLLAMA_HOST": "ollama.example", "TEI_BASE_URL": "http://tei.example", "TEI_API_KEY": "tei-key",
	}
	type sent struct {
		URL, Key, Model string
		Token           bool
	}
	for _, tt := range []struct {
		name, embedder, model string
		env                   map[string]string
		want                  sent
		fault                 string
	}{
		{"local", "local", "", all, sent{}, ""},
		{"local by name", "local", "all-MiniLM-L6-v2", nil, sent{}, ""},
		{"multilingual", "local", "multilingual", nil, sent{}, ""},
		{"no local model", "local", "text-embedding-3-small", all, sent{}, "is no local model: choose all-MiniLM-L6-v2 or multilingual"},
		{"constant", "constant", "", nil, sent{}, ""},
		{"openai", "openai", "text-embedding-3-large/1024", all, sent{URL: "http://openai.example/v1", Key: "openai-key", Model: "text-embedding-3-large/1024"}, ""},
		{"openai without key", "openai", "", nil, sent{}, "set OPENAI_API_KEY"},
		{"openai's key elsewhere", "cohere", "", map[string]string{"OPENAI_API_KEY": "openai-key"}, sent{}, "set COHERE_API_KEY"},
		{"azure", "azure", "docs", all, sent{URL: "https://azure.example", Key: "azure-key", Model: "docs"}, ""},
		{"azure signed in", "azure", "", map[string]string{"AZURE_OPENAI_ENDPOINT": "https://azure.example"}, sent{URL: "https://azure.example", Token: true}, ""},
		{"azure nowhere", "azure", "", nil, sent{Token: true}, "set AZURE_OPENAI_ENDPOINT"},
		{"nvidia", "nvidia", "", all, sent{URL: "http://nim.example/v1", Key: "nvidia-key"}, ""},
		{"cohere", "cohere", "", all, sent{Key: "cohere-key"}, ""},
		{"ollama", "ollama", "", all, sent{URL: "ollama.example"}, ""},
		{"tei", "tei", "", all, sent{URL: "http://tei.example", Key: "tei-key"}, ""},
		{"tei nowhere", "tei", "", nil, sent{}, "set TEI_BASE_URL"},
		{"wrong dimension", "openai", "text-embedding-ada-002/3", all, sent{}, "cannot shorten"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &app{out: io.Discard, err: io.Discard, getenv: func(name string) string { return tt.env[name] }}
			f := pflag.NewFlagSet("test", pflag.ContinueOnError)
			embedFlags(f, &a.config)
			a.embedder, a.embedModel = tt.embedder, tt.model
			a.loadEmbedder(a.getenv)
			if err := a.validateEmbedder(); tt.fault != "" || err != nil {
				if err == nil || tt.fault == "" || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("validateEmbedder() = %v, want %q", err, tt.fault)
				}
				return
			}
			cfg, _, err := a.embedConfig()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, sent{cfg.BaseURL, cfg.APIKey, cfg.Model, cfg.Credential != nil}); diff != "" {
				t.Errorf("the service is asked with (-want +got):\n%s", diff)
			}
		})
	}
}
