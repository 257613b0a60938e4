package llm

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/service"
)

// A keyForm is how the keys of one vendor begin.
type keyForm struct {
	prefix, vendor string
	provider       string // of [Providers]; "" if the vendor is reached by a base URL
}

// keyForms are the beginnings that identify a vendor, longest first where one is part
// of another (vendors' documentation, November 2026).
var keyForms = []keyForm{
	{"sk-ant-", "Anthropic", anthropicName},
	{"sk-or-", "OpenRouter", "openrouter"},
	{"sk-proj-", "OpenAI", openAIName},
	{"sk-svcacct-", "OpenAI", openAIName},
	{"sk-admin-", "OpenAI", openAIName},
	{"gsk_", "Groq", ""},
	{"AIza", "Google", ""},
	{"xai-", "xAI", ""},
	{"nvapi-", "NVIDIA", ""},
	{"hf_", "Hugging Face", ""},
	{"pplx-", "Perplexity", ""},
	{"csk-", "Cerebras", ""},
	{"github_pat_", "GitHub", ""},
}

// validateKey returns an error if a header can't carry the key, or if the key is one of
// another vendor than that at base. A compatible service may use any form of keys, so
// only the vendors' own addresses are checked.
func validateKey(p Provider, key string, base *url.URL) error {
	if err := service.CheckKey(p.KeyVar, key); err != nil {
		return fmt.Errorf("%w: %w; set it to the key alone", ErrConfig, err)
	}
	i := slices.IndexFunc(keyForms, func(f keyForm) bool { return strings.HasPrefix(key, f.prefix) })
	if i < 0 || !isVendor(p, base) || keyForms[i].provider == p.Name {
		return nil
	}
	form := keyForms[i]
	fix := fmt.Sprintf("set it to a key for %s", p.Name)
	switch other, known := FindProvider(form.provider); {
	case known:
		fix = fmt.Sprintf("use --provider %s with %s, or %s", other.Name, other.KeyVar, fix)
	case p.URLVar != "" && p.Name == openAIName:
		fix = fmt.Sprintf("set %s to that vendor's address, or %s", p.URLVar, fix)
	}
	return fmt.Errorf("%w: %s holds a key of %s (%s…), which %s does not accept: %s", ErrConfig, p.KeyVar, form.vendor, form.prefix, p.Name, fix)
}

// isVendor reports whether base is the provider's own address.
func isVendor(p Provider, base *url.URL) bool {
	if p.Name == azureName {
		return strings.HasSuffix(base.Hostname(), ".azure.com")
	}
	own, err := url.Parse(p.BaseURL)
	return err == nil && p.KeyVar != "" && own.Host == base.Host
}
