package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/llm"
)

// Where each provider is asked, with what key.
func TestProviders(t *testing.T) {
	for _, tt := range []struct {
		provider, base, url, header, value string
	}{
		{"openai", "", "https://api.openai.com/v1/chat/completions", "Authorization", "Bearer k"},
		{"openai", "https://host/sub/v1/", "https://host/sub/v1/chat/completions", "Authorization", "Bearer k"},
		{"azure", "https://name.openai.azure.com", "https://name.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-12-01-preview", "Api-Key", "k"},
		{"azure", "https://name.openai.azure.com/", "https://name.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-12-01-preview", "Api-Key", "k"},
		{"anthropic", "", "https://api.anthropic.com/v1/messages", "X-Api-Key", "k"},
		{"aimlapi", "", "https://api.aimlapi.com/v1/chat/completions", "Authorization", "Bearer k"},
		{"deepseek", "", "https://api.deepseek.com/v1/chat/completions", "Authorization", "Bearer k"},
		{"openrouter", "", "https://openrouter.ai/api/v1/chat/completions", "Authorization", "Bearer k"},
		{"ollama", "", "http://127.0.0.1:11434/v1/chat/completions", "Authorization", "Bearer k"},
		{"ollama", "0.0.0.0", "http://127.0.0.1:11434/v1/chat/completions", "Authorization", "Bearer k"},
		{"ollama", "gpu.lan:8080", "http://gpu.lan:8080/v1/chat/completions", "Authorization", "Bearer k"},
		{"ollama", "http://gpu.lan", "http://gpu.lan:80/v1/chat/completions", "Authorization", "Bearer k"},
		{"ollama", "http://gpu.lan:11434/v1/", "http://gpu.lan:11434/v1/chat/completions", "Authorization", "Bearer k"},
		{"openai", " \"https://host/v1\"\n", "https://host/v1/chat/completions", "Authorization", "Bearer k"},
		{"ollama", "https://ollama.example.com", "https://ollama.example.com:443/v1/chat/completions", "Authorization", "Bearer k"},
		{"vllm", "", "http://127.0.0.1:8000/v1/chat/completions", "Authorization", "Bearer k"},
	} {
		t.Run(tt.provider+tt.base, func(t *testing.T) {
			tr := &transport{}
			c, err := llm.New(llm.Config{Provider: tt.provider, BaseURL: tt.base, APIKey: "k", Model: "m", HTTPClient: &http.Client{Transport: tr}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil {
				t.Fatal(err)
			}
			if tr.urls[0] != tt.url || tr.headers[0].Get(tt.header) != tt.value {
				t.Errorf("asked %s with %q, want %s with %q", tr.urls[0], tr.headers[0].Get(tt.header), tt.url, tt.value)
			}
			for _, h := range []string{"Authorization", "Api-Key", "X-Api-Key"} {
				if h != tt.header && tr.headers[0].Get(h) != "" {
					t.Errorf("the key is sent in %s too", h)
				}
			}
		})
	}
}

// TestKeyIsTrimmed sends the key alone, whatever stands around it in a secret file.
func TestKeyIsTrimmed(t *testing.T) {
	for _, key := range []string{"sk-test\n", "sk-test\r\n", "\"sk-test\"", "Bearer sk-test", " 'sk-test' "} {
		s := serve(t, text("ok", "stop", 1, 0))
		if _, err := s.client(t, llm.Config{Model: "m", APIKey: key}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil {
			t.Fatal(err)
		}
		if got := s.headers[0].Get("Authorization"); got != "Bearer sk-test" {
			t.Errorf("the key %q is sent as %q", key, got)
		}
	}
}

// Nothing of the environment gets in.
func TestEnvironmentStaysOut(t *testing.T) {
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "AZURE_OPENAI_API_KEY"} {
		t.Setenv(name, "sk-of-the-environment")
	}
	t.Setenv("OPENAI_BASE_URL", "https://elsewhere.example.com")
	t.Setenv("ANTHROPIC_BASE_URL", "https://elsewhere.example.com")
	for _, provider := range []string{"openai", "anthropic", "azure", "deepseek"} {
		tr := &transport{}
		cfg := llm.Config{Provider: provider, APIKey: "k", Model: "m", HTTPClient: &http.Client{Transport: tr}}
		if provider == "azure" {
			cfg.BaseURL = "https://name.openai.azure.com"
		}
		c, err := llm.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(tr.urls[0], "elsewhere") || strings.Contains(marshal(t, tr.headers[0]), "sk-of") {
			t.Errorf("%s: asked %s with %v", provider, tr.urls[0], tr.headers[0])
		}
	}
}

// What is missing or wrong is said before anything is sent.
func TestProviderErrors(t *testing.T) {
	token := &tokens{}
	for _, tt := range []struct {
		name string
		c    llm.Config
		says string
	}{
		{"unknown", llm.Config{Provider: "nobody"}, "--provider"},
		{"openai without key", llm.Config{}, "OPENAI_API_KEY"},
		{"anthropic without key", llm.Config{Provider: "anthropic"}, "ANTHROPIC_API_KEY"},
		{"aimlapi without key", llm.Config{Provider: "aimlapi"}, "AIMLAPI_API_KEY"},
		{"deepseek without key", llm.Config{Provider: "deepseek"}, "DEEPSEEK_API_KEY"},
		{"openrouter without key", llm.Config{Provider: "openrouter"}, "OPENROUTER_API_KEY"},
		{"vllm without model", llm.Config{Provider: "vllm"}, "--model"},
		{"ollama elsewhere", llm.Config{Provider: "ollama", BaseURL: "ftp://gpu.lan"}, "OLLAMA_HOST"},
		{"azure without endpoint", llm.Config{Provider: "azure", APIKey: "k", Model: "m"}, "AZURE_OPENAI_ENDPOINT"},
		{"azure without model", llm.Config{Provider: "azure", APIKey: "k", BaseURL: "https://n"}, "--model"},
		{"azure without key", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "m"}, "AZURE_OPENAI_API_KEY"},
		{"azure with both", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "m", APIKey: "k", Credential: token}, "not both"},
		{"azure with a path", llm.Config{Provider: "azure", BaseURL: "https://n/openai/v1", Model: "m", APIKey: "k"}, "must not contain /openai"},
		{"azure in the clear", llm.Config{Provider: "azure", BaseURL: "http://n", Model: "m", APIKey: "k"}, "https"},
		{"api-version", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "m", APIKey: "k", APIVersion: "v1"}, "--api-version"},
		{"old for o1-mini", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "o1-mini", APIKey: "k", APIVersion: "2024-08-01-preview"}, "2024-09-01-preview or later"},
		{"old for o1-preview", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "prod", Profile: "o1-preview", APIKey: "k", APIVersion: "2024-06-01"}, "2024-09-01-preview or later"},
		{"old for o1", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "o1", APIKey: "k", APIVersion: "2024-10-21"}, "2024-12-01-preview or later"},
		{"old for o3-mini", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "o3-mini", APIKey: "k", APIVersion: "2024-09-01-preview"}, "2024-12-01-preview or later"},
		{"api-version of 2023", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "gpt-4o", APIKey: "k", APIVersion: "2023-05-15"}, "--api-version 2023-05-15 is too old: use 2024-02-01 or later"},
		{"preview of 2023", llm.Config{Provider: "azure", BaseURL: "https://n", Model: "prod", APIKey: "k", APIVersion: "2023-12-01-preview"}, "use 2024-02-01 or later"},
		{"Anthropic's key for OpenAI", llm.Config{APIKey: "sk-ant-api03-x"}, "use --provider anthropic with ANTHROPIC_API_KEY"},
		{"OpenRouter's key for OpenAI", llm.Config{APIKey: "sk-or-v1-x"}, "use --provider openrouter with OPENROUTER_API_KEY"},
		{"Groq's key for OpenAI", llm.Config{APIKey: "gsk_x"}, "set OPENAI_BASE_URL to that vendor's address"},
		{"OpenAI's key for Anthropic", llm.Config{Provider: "anthropic", APIKey: "sk-proj-x"}, "use --provider openai with OPENAI_API_KEY"},
		{"OpenAI's key for DeepSeek", llm.Config{Provider: "deepseek", APIKey: "sk-proj-x"}, "use --provider openai"},
		{"Google's key for Anthropic", llm.Config{Provider: "anthropic", APIKey: "AIzax"}, "set it to a key for anthropic"},
		{"OpenAI's key for Azure", llm.Config{Provider: "azure", BaseURL: "https://n.openai.azure.com", Model: "m", APIKey: "sk-proj-x"}, "use --provider openai"},
		{"OpenAI's own address, given", llm.Config{BaseURL: "https://api.openai.com/v1", APIKey: "sk-ant-x"}, "use --provider anthropic"},
		{"two keys", llm.Config{APIKey: "sk-1\nsk-2"}, "OPENAI_API_KEY holds a character that no key has"},
		{"api-version elsewhere", llm.Config{APIKey: "k", APIVersion: "2024-12-01-preview"}, "--provider azure"},
		{"Entra ID elsewhere", llm.Config{APIKey: "k", Credential: token}, "--provider azure"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := llm.New(tt.c); !errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("New = %v, want ErrConfig saying %s", err, tt.says)
			}
		})
	}
	for _, c := range []llm.Config{
		{Provider: "azure", BaseURL: "https://n", Model: "o1-mini", APIKey: "k", APIVersion: "2024-09-01-preview"},
		{Provider: "azure", BaseURL: "https://n", Model: "o1", APIKey: "k", APIVersion: "2025-01-01-preview"},
		{Provider: "azure", BaseURL: "https://n", Model: "prod", APIKey: "k", APIVersion: "2024-02-01"},
		{Provider: "openai", BaseURL: "http://127.0.0.1:1/v1"},
		{Provider: "ollama"},
		{BaseURL: "https://gateway.example/v1", APIKey: "sk-ant-x"},
		{APIKey: "sk-proj-x\n"},
		{Provider: "anthropic", APIKey: "sk-ant-x"},
		{Provider: "vllm", Model: "m"},
	} {
		if _, err := llm.New(c); err != nil {
			t.Errorf("New(%+v) = %v", c, err)
		}
	}
}

// Structured outputs have an api-version of their own.
func TestAzureSchemaFloor(t *testing.T) {
	tr := &transport{}
	c, err := llm.New(llm.Config{Provider: "azure", BaseURL: "https://n", Model: "gpt-4o", APIKey: "k", APIVersion: "2024-06-01", HTTPClient: &http.Client{Transport: tr}})
	if err != nil {
		t.Fatal(err)
	}
	r := llm.Request{Messages: llm.User("hi"), Schema: &llm.Schema{Name: "form", JSON: json.RawMessage(testSchema)}}
	if _, err := c.Complete(t.Context(), r); !errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), "2024-08-01-preview") || len(tr.bodies) != 0 {
		t.Errorf("Complete = %v after %d requests, want ErrConfig before any", err, len(tr.bodies))
	}
	r.Schema = nil
	if _, err := c.Complete(t.Context(), r); err != nil {
		t.Errorf("Complete without a schema = %v", err)
	}
}

// tokens is a credential whose tokens last as long as the test says.
type tokens struct {
	n      atomic.Int64
	lasts  time.Duration
	err    error
	scopes atomic.Value
}

func (c *tokens) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.scopes.Store(strings.Join(o.Scopes, " "))
	n := c.n.Add(1)
	return azcore.AccessToken{Token: "token" + string(rune('0'+n)), ExpiresOn: time.Now().Add(c.lasts)}, c.err
}

// Entra ID: a token for the right scope, used as long as it lasts.
func TestEntraID(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lasts time.Duration
		want  []string
	}{
		{"lasts", time.Hour, []string{"Bearer token1", "Bearer token1"}},
		{"ends soon", time.Minute, []string{"Bearer token1", "Bearer token2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, text("ok", "stop", 1, 0))
			credential := &tokens{lasts: tt.lasts}
			c := s.client(t, llm.Config{Provider: "azure", Model: "m", Credential: credential})
			var got []string
			for i := range tt.want {
				if _, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")}); err != nil {
					t.Fatal(err)
				}
				got = append(got, s.headers[i].Get("Authorization"))
				if s.headers[i].Get("Api-Key") != "" {
					t.Error("a key is sent beside the token")
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("authorizations differ (-want +got):\n%s", diff)
			}
			if scope := credential.scopes.Load(); scope != "https://cognitiveservices.azure.com/.default" {
				t.Errorf("scope = %v", scope)
			}
		})
	}
}

func TestNoToken(t *testing.T) {
	s := serve(t, text("ok", "stop", 1, 0))
	c := s.client(t, llm.Config{Provider: "azure", Model: "m", Credential: &tokens{err: errors.New("a long story with secrets")}})
	_, err := c.Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
	if !errors.Is(err, llm.ErrConfig) || !strings.Contains(err.Error(), "AZURE_OPENAI_API_KEY") || strings.Contains(err.Error(), "story") || s.count() != 0 {
		t.Errorf("Complete = %v after %d requests, want ErrConfig with the fix", err, s.count())
	}
}

// Errors name the variables of the provider that is asked.
func TestErrorsNameTheVariable(t *testing.T) {
	for _, tt := range []struct {
		provider string
		status   int
		says     string
	}{
		{"deepseek", 401, "DEEPSEEK_API_KEY"},
		{"azure", 401, "AZURE_OPENAI_API_KEY"},
		{"azure", 404, "AZURE_OPENAI_ENDPOINT"},
		{"anthropic", 401, "ANTHROPIC_API_KEY"},
		{"anthropic", 404, "ANTHROPIC_BASE_URL"},
		{"anthropic", 529, "529"},
		{"ollama", 404, "OLLAMA_HOST"},
		{"deepseek", 402, "quota"},
	} {
		s := serve(t, fails(tt.status))
		_, err := s.client(t, llm.Config{Provider: tt.provider, Model: "m"}).Complete(t.Context(), llm.Request{Messages: llm.User("hi")})
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s, %d: %v, want it to say %s", tt.provider, tt.status, err, tt.says)
		}
	}
}
