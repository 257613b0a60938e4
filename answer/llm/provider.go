package llm

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/service"
)

// Names of providers with settings of their own.
const (
	openAIName    = "openai"
	azureName     = "azure"
	anthropicName = "anthropic"
)

// DefaultAPIVersion is the api-version for Azure if none is set.
const DefaultAPIVersion = "2024-12-01-preview"

// A Provider is a service of models. Config.Provider is its Name.
type Provider struct {
	Name    string
	BaseURL string // "" if it must be set
	Model   string // the default; "" if a model must be named
	KeyVar  string // environment variable of its key; "" if it accepts none
	URLVar  string // environment variable of its base URL; "" if that is fixed
	Entra   bool   // it accepts Entra ID in place of a key

	needKey bool // at BaseURL; elsewhere a key may be left out
}

// Providers returns all providers, as documented on 2026-11-22. All but anthropic
// have the API of OpenAI's chat completions.
func Providers() []Provider {
	return []Provider{
		{Name: openAIName, BaseURL: "https://api.openai.com/v1", Model: preferred[0], KeyVar: "OPENAI_API_KEY", URLVar: "OPENAI_BASE_URL", needKey: true},
		{Name: azureName, KeyVar: "AZURE_OPENAI_API_KEY", URLVar: "AZURE_OPENAI_ENDPOINT", Entra: true, needKey: true},
		{Name: anthropicName, BaseURL: "https://api.anthropic.com", Model: "claude-sonnet-5-5", KeyVar: "ANTHROPIC_API_KEY", URLVar: "ANTHROPIC_BASE_URL", needKey: true},
		{Name: "aimlapi", BaseURL: "https://api.aimlapi.com/v1", Model: "o1", KeyVar: "AIMLAPI_API_KEY", needKey: true},
		{Name: "deepseek", BaseURL: "https://api.deepseek.com/v1", Model: "deepseek-v4-flash", KeyVar: "DEEPSEEK_API_KEY", needKey: true},
		{Name: "openrouter", BaseURL: "https://openrouter.ai/api/v1", Model: "openai/gpt-6.1-terra", KeyVar: "OPENROUTER_API_KEY", needKey: true},
		{Name: "ollama", BaseURL: "http://127.0.0.1:11434/v1", Model: "deepseek-r1", URLVar: "OLLAMA_HOST"},
		{Name: "vllm", BaseURL: "http://127.0.0.1:8000/v1", KeyVar: "OPENAI_API_KEY", URLVar: "OPENAI_BASE_URL"},
	}
}

// FindProvider returns the provider of that name.
func FindProvider(name string) (Provider, bool) {
	all := Providers()
	i := slices.IndexFunc(all, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return all[i], true
}

// resolve applies the provider's defaults to c and validates how it is reached.
func resolve(c Config) (Config, Provider, *url.URL, error) {
	p, ok := FindProvider(cmp.Or(c.Provider, openAIName))
	if !ok {
		return c, p, nil, fmt.Errorf("%w: --provider %q is unknown", ErrConfig, c.Provider)
	}
	c.APIKey, c.BaseURL = service.Key(c.APIKey), service.URL(c.BaseURL)
	c.Model, c.APIVersion = strings.TrimSpace(c.Model), strings.TrimSpace(c.APIVersion)
	if p.Name == "ollama" && c.BaseURL != "" {
		c.BaseURL = service.OllamaURL(c.BaseURL) + "/v1"
	}
	given := c.BaseURL != ""
	c.BaseURL, c.Model = cmp.Or(c.BaseURL, p.BaseURL), cmp.Or(c.Model, p.Model)
	if c.BaseURL == "" {
		return c, p, nil, fmt.Errorf("%w: %s needs an address: set %s, such as https://NAME.openai.azure.com", ErrConfig, p.Name, p.URLVar)
	}
	base, err := url.Parse(c.BaseURL)
	from := cmp.Or(p.URLVar, "the base URL")
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		err = fmt.Errorf("%w: %s must be like %s", ErrConfig, from, cmp.Or(p.BaseURL, "https://NAME.openai.azure.com"))
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		err = fmt.Errorf("%w: %s must have no user, query or fragment", ErrConfig, from)
	case c.Model == "":
		err = fmt.Errorf("%w: %s has no default model: set one with --model", ErrConfig, p.Name)
	case p.Name == azureName:
		err = validateAzure(&c, base)
	case c.APIVersion != "" || c.Credential != nil:
		err = fmt.Errorf("%w: --api-version and Entra ID are for --provider azure, not %s", ErrConfig, p.Name)
	case c.APIKey == "" && p.needKey && !given:
		err = fmt.Errorf("%w: %s needs a key: set %s", ErrConfig, p.Name, p.KeyVar)
	}
	if err == nil {
		err = validateKey(p, c.APIKey, base)
	}
	if err == nil && p.Name != azureName {
		base.Path = basePath(p, base.Path)
		c.BaseURL = base.String()
	}
	return c, p, base, err
}

// basePath returns the path of a base URL without slashes at its end, and without what the
// SDK adds: users paste the address of a request, too.
func basePath(p Provider, path string) string {
	path = strings.TrimRight(path, "/")
	for _, name := range []string{"/chat/completions", "/completions", "/responses", "/models", "/messages"} {
		if before, ok := strings.CutSuffix(path, name); ok {
			path = strings.TrimRight(before, "/")
			break
		}
	}
	if p.Name == anthropicName {
		path = strings.TrimRight(strings.TrimSuffix(path, "/v1"), "/")
	}
	return path
}

// oldestAPIVersion is the oldest api-version of Azure that requests are made for. The
// previews before it are retired, and 2023-05-15 lacks tools and structured outputs.
const oldestAPIVersion = "2024-02-01"

// apiVersion matches the api-versions of Azure's deployments.
var apiVersion = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-preview)?$`)

// validateAzure validates the settings of Azure and sets the default api-version.
func validateAzure(c *Config, endpoint *url.URL) error {
	c.APIVersion = cmp.Or(c.APIVersion, DefaultAPIVersion)
	switch {
	case c.APIKey != "" && c.Credential != nil:
		return fmt.Errorf("%w: azure accepts a key or Entra ID, not both: unset AZURE_OPENAI_API_KEY for Entra ID", ErrConfig)
	case c.APIKey == "" && c.Credential == nil:
		return fmt.Errorf("%w: azure needs a key or Entra ID: set AZURE_OPENAI_API_KEY, or sign in with Entra ID", ErrConfig)
	case !apiVersion.MatchString(c.APIVersion):
		return fmt.Errorf("%w: invalid --api-version %q (want a date such as %s)", ErrConfig, c.APIVersion, DefaultAPIVersion)
	case c.APIVersion < oldestAPIVersion:
		return fmt.Errorf("%w: --api-version %s is too old: use %s or later, such as %s", ErrConfig, c.APIVersion, oldestAPIVersion, DefaultAPIVersion)
	case strings.Contains(endpoint.Path, "/openai"):
		return fmt.Errorf("%w: AZURE_OPENAI_ENDPOINT must not contain /openai: set it to a URL such as https://NAME.openai.azure.com", ErrConfig)
	case endpoint.Scheme == "http" && !loopback(endpoint):
		return fmt.Errorf("%w: AZURE_OPENAI_ENDPOINT must begin with https", ErrConfig)
	}
	return nil
}

func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// requireAPIVersion returns an error if version, an api-version of Azure or "", is
// older than date. what names the feature that needs it.
func requireAPIVersion(version, date, what string) error {
	if version == "" || version >= date {
		return nil
	}
	return fmt.Errorf("%w: --api-version %s is too old for %s: use %s-preview or later", ErrConfig, version, what, date)
}
