package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/service"
)

// A Config defines the service and the model.
type Config struct {
	Provider   string                 // a name of [All]; "" means openai
	Model      string                 // name, or name/dimension for shorter vectors; "" means the provider's default
	BaseURL    string                 // "" means the provider's
	APIKey     string                 // "" sends none; hosted services require one
	APIVersion string                 // of Azure; "" means 2024-12-01-preview
	Credential azcore.TokenCredential // of Azure, instead of APIKey
	HTTPClient *http.Client           // nil means a client without timeouts, since ctx has them
	Log        *slog.Logger           // nil means no logging
}

// defaultAPIVersion is an api-version of Azure with dimensions and base64.
const defaultAPIVersion = "2024-12-01-preview"

// A Service is an embedder that asks a [Provider].
type Service struct {
	provider  Provider
	model     model  // of an unknown model: as discovered
	modelName string // the model's name in requests
	dim       int
	askedDim  int // the dimension to request; 0 means none
	send      sendFunc
	log       *slog.Logger
	key       string // to keep it out of messages
	host      string // for messages
}

var (
	_ embed.Embedder = (*Service)(nil)
	_ embed.Windower = (*Service)(nil)
)

// New returns an embedder for cfg. It sends a request only to find the dimension of
// an unknown model, or if the server reports what it serves, as that of tei does.
func New(ctx context.Context, cfg Config) (*Service, error) {
	s, d, err := configure(cfg)
	if err == nil {
		err = s.discover(ctx, d)
	}
	if err != nil {
		return nil, fmt.Errorf("embed: configure %s: %w", cfg.name(), err)
	}
	return s, nil
}

// Validate returns the first error of c that can be found without a request.
func (c Config) Validate() error {
	if _, _, err := configure(c); err != nil {
		return fmt.Errorf("embed: configure %s: %w", c.name(), err)
	}
	return nil
}

func (c Config) name() string {
	if c.Provider == "" {
		return providers[0].Name
	}
	return c.Provider
}

// configure returns the service as far as it can be configured without a request.
func configure(cfg Config) (*Service, endpoint, error) {
	p, ok := providerOf(cfg.name())
	if !ok {
		return nil, endpoint{}, errors.New("unknown provider")
	}
	base, err := p.address(cfg.BaseURL)
	if err != nil {
		return nil, endpoint{}, err
	}
	cfg.APIKey = service.Key(cfg.APIKey)
	if err := p.credentials(cfg, base.String()); err != nil {
		return nil, endpoint{}, err
	}
	s := &Service{provider: p, log: cfg.Log, key: cfg.APIKey, host: base.Host}
	if err := s.selectModel(cfg.Model); err != nil {
		return nil, endpoint{}, err
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	d := endpoint{provider: p, base: base.String(), key: cfg.APIKey, version: cfg.APIVersion, credential: cfg.Credential, client: retrying(cfg.HTTPClient, s.log)}
	s.send = p.newSender(d)
	return s, d, nil
}

// address returns the URL of the service.
func (p Provider) address(base string) (*url.URL, error) {
	base = service.URL(base)
	if base == "" {
		base = p.URL
	}
	if base == "" {
		return nil, fmt.Errorf("no base URL: set %s", p.URLVar)
	}
	if p.cleanURL != nil {
		base = p.cleanURL(base)
	}
	u, err := url.Parse(strings.TrimSuffix(base, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the base URL is not an http or https URL: check %s", p.URLVar)
	}
	if p.Entra && u.Scheme != "https" {
		return nil, fmt.Errorf("the endpoint must be an https URL: check %s", p.URLVar)
	}
	return u, nil
}

// credentials returns an error if cfg lacks the credentials for the service at base.
func (p Provider) credentials(cfg Config, base string) error {
	if err := service.CheckKey(p.KeyVar, cfg.APIKey); err != nil {
		return err
	}
	hasKey, hasToken := cfg.APIKey != "", cfg.Credential != nil
	switch {
	case hasKey && p.KeyVar == "":
		return errors.New("it accepts no API key")
	case hasToken && !p.Entra:
		return errors.New("it accepts no token of Entra ID")
	case hasKey && hasToken:
		return fmt.Errorf("both an API key and a token of Entra ID: unset %s to use the token", p.KeyVar)
	case p.Entra && !hasKey && !hasToken:
		return fmt.Errorf("neither an API key nor a token of Entra ID: set %s, or sign in", p.KeyVar)
	case !hasKey && p.KeyVar != "" && base == p.URL && p.URLVar != "":
		return fmt.Errorf("no API key: set %s, or %s to a service that needs none", p.KeyVar, p.URLVar)
	case !hasKey && p.KeyVar != "" && base == p.URL:
		return fmt.Errorf("no API key: set %s", p.KeyVar)
	}
	return nil
}

// selectModel sets the model that a user named, "" meaning the default.
func (s *Service) selectModel(named string) error {
	name, dim, err := splitDimension(named)
	if err != nil {
		return err
	}
	if name == "" {
		name = s.provider.Model
	}
	s.modelName, s.dim = name, dim
	known, ok := s.provider.modelOf(name)
	if !ok {
		return nil // see discover
	}
	return s.setModel(known)
}

// setModel sets the model and the dimension.
func (s *Service) setModel(m model) error {
	switch {
	case s.dim == 0 || s.dim == m.dim:
		s.dim = m.dim
	case s.dim > m.dim:
		return fmt.Errorf("dimension %d is more than the %d of %s", s.dim, m.dim, m.name)
	case !m.canShorten || s.provider.dimField == "":
		return fmt.Errorf("dimension %d is not the %d of %s, which cannot shorten its vectors", s.dim, m.dim, m.name)
	default:
		s.askedDim = s.dim
	}
	s.model = m
	return nil
}

// splitDimension splits name/dimension; the dimension is 0 if there is none.
func splitDimension(named string) (name string, dim int, err error) {
	i := strings.LastIndexByte(named, '/')
	if i < 0 || strings.Trim(named[i+1:], "-0123456789") != "" {
		return named, 0, nil
	}
	dim, err = strconv.Atoi(named[i+1:])
	if err != nil || dim < 1 {
		return "", 0, fmt.Errorf("dimension %q of the model is not a positive number", named[i+1:])
	}
	return named[:i], dim, nil
}

// Model returns the model's name and the dimension, such as
// "text-embedding-3-small/1536".
func (s *Service) Model() string { return fmt.Sprintf("%s/%d", s.model.name, s.dim) }

// MaxTokens returns the longest input of the model.
func (s *Service) MaxTokens() int { return s.model.maxTokens }

// specialTokens is reserved for the tokens that a model adds around a text, plus two.
const specialTokens = 4

// Windows returns pieces that together cover text, each with heading before it. Their
// tokens are estimated without the model's vocabulary; Embed handles a piece that is
// too long after all.
func (s *Service) Windows(heading, text string) []string {
	return embed.Divide(heading, text, s.model.maxTokens-specialTokens, s.model.count)
}
