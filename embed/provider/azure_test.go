package provider_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/embed/provider/providertest"
)

// A credential hands out a token that lives for so long.
type credential struct {
	token string
	lives time.Duration
	err   error
	calls atomic.Int64
	scope atomic.Value
}

func (c *credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.calls.Add(1)
	c.scope.Store(strings.Join(o.Scopes, " "))
	return azcore.AccessToken{Token: c.token, ExpiresOn: time.Now().Add(c.lives)}, c.err
}

func withToken(s *providertest.Server, c *credential) provider.Config {
	cfg := s.Config()
	cfg.APIKey, cfg.Credential = "", c
	return cfg
}

func TestAzureToken(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lives time.Duration
		calls int64 // for two requests
	}{
		{"kept", time.Hour, 1},
		{"refreshed", time.Second, 2}, // within the minutes before it expires
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := providertest.NewServer(t, "azure")
			c := &credential{token: providertest.Token, lives: tt.lives}
			e, err := provider.New(t.Context(), withToken(s, c))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := e.Embed(t.Context(), []string{"one"}, embed.Document); err != nil {
					t.Fatal(err)
				}
			}
			if c.calls.Load() != tt.calls || c.scope.Load() != "https://cognitiveservices.azure.com/.default" {
				t.Errorf("%d tokens for %q, want %d", c.calls.Load(), c.scope.Load(), tt.calls)
			}
			for _, r := range s.Requests() {
				if r.Header.Get("Authorization") != "Bearer "+providertest.Token || r.Header.Get("Api-Key") != "" {
					t.Errorf("credentials of the request: %v", r.Header)
				}
			}
		})
	}
}

func TestAzureErrors(t *testing.T) {
	s := providertest.NewServer(t, "azure")
	for _, tt := range []struct {
		name string
		c    *credential
		want string
	}{
		{"no token", &credential{err: errors.New("DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n…")}, "no token of Entra ID: sign in with az login, or set AZURE_OPENAI_API_KEY: DefaultAzureCredential"},
		{"wrong token", &credential{token: "wrong", lives: time.Hour}, "refused the token of Entra ID: give your account the role"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := provider.New(t.Context(), withToken(s, tt.c))
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Embed(t.Context(), []string{"one"}, embed.Document)
			checkError(t, err, tt.want)
		})
	}
}

// A deployment's name may hide the model; the answers name it.
func TestAzureDeployment(t *testing.T) {
	for _, tt := range []struct {
		name, deployment, model string // model is what is deployed
		want                    string // Model(), or a part of the error
		maxTokens               int
	}{
		{"hidden", "docs", "text-embedding-ada-002", "text-embedding-ada-002/1536", 8192},
		{"hidden and shortened", "docs/256", "text-embedding-3-large", "text-embedding-3-large/256", 8192},
		{"hidden and cannot be", "docs/256", "text-embedding-ada-002", "cannot shorten", 0},
		{"nobody's", "docs", "other", "docs/7", 512},
		{"named like another", "text-embedding-3-small", "text-embedding-ada-002", "answered with the model text-embedding-ada-002, not text-embedding-3-small", 8192},
		{"none", "nothing", "", "give the name of your deployment", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := providertest.NewServer(t, "azure")
			name, _, _ := strings.Cut(tt.deployment, "/")
			s.Models = map[string]string{name: tt.model}
			cfg := s.Config()
			cfg.Model = tt.deployment
			e, err := provider.New(t.Context(), cfg)
			if err == nil {
				_, err = e.Embed(t.Context(), []string{"one"}, embed.Document)
			}
			if err != nil {
				checkError(t, err, tt.want)
				return
			}
			if e.Model() != tt.want || e.MaxTokens() != tt.maxTokens {
				t.Errorf("Model, MaxTokens = %q, %d, want %q, %d", e.Model(), e.MaxTokens(), tt.want, tt.maxTokens)
			}
		})
	}
}

func TestAzureVersion(t *testing.T) {
	s := providertest.NewServer(t, "azure")
	for _, tt := range []struct{ given, want string }{{"", "2024-12-01-preview"}, {"2025-04-01-preview", "2025-04-01-preview"}} {
		cfg := s.Config()
		cfg.APIVersion = tt.given
		e, err := provider.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Embed(t.Context(), []string{"one"}, embed.Document); err != nil {
			t.Fatal(err)
		}
		rs := s.Requests()
		if want := "/openai/deployments/text-embedding-3-small/embeddings?api-version=" + tt.want; rs[len(rs)-1].Path != want {
			t.Errorf("path = %q, want %q", rs[len(rs)-1].Path, want)
		}
	}
}

// A redirect to another host does not get the key.
func TestAzureRedirect(t *testing.T) {
	other := providertest.NewServer(t, "azure")
	s := providertest.NewServer(t, "azure")
	s.Fail = func(_ int, w http.ResponseWriter) bool {
		w.Header().Set("Location", other.URL+"/openai/deployments/text-embedding-3-small/embeddings?api-version=2024-12-01-preview")
		w.WriteHeader(http.StatusTemporaryRedirect)
		return true
	}
	e, err := provider.New(t.Context(), s.Config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Embed(t.Context(), []string{"one"}, embed.Document); err == nil || len(other.Requests()) != 0 {
		t.Errorf("Embed = %v, and the other host had %d requests", err, len(other.Requests()))
	}
}
