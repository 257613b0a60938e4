package embed

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
)

// A Config says which service and model to use.
type Config struct {
	Provider   string                 // a name of [Providers]; "" means openai
	Model      string                 // its name, or name/dimension for shorter vectors; "" means the provider's
	BaseURL    string                 // "" means the provider's
	APIKey     string                 // "" sends none, which the hosted services refuse
	APIVersion string                 // of Azure; "" means 2024-12-01-preview
	Credential azcore.TokenCredential // of Azure, instead of APIKey
	HTTPClient *http.Client           // nil means one without limits, since ctx sets them
	Log        *slog.Logger           // nil means silence
}

// defaultAPIVersion of Azure's API knows dimensions and base64.
const defaultAPIVersion = "2024-12-01-preview"

// A Service is an embedder that asks a [Provider].
type Service struct {
	provider  Provider
	model     model  // of a model that no table has: what was found out
	modelName string // the model's name as the service takes it
	dim       int
	askedDim  int // the dimension to ask for; 0 means not to
	send      sendFunc
	log       *slog.Logger
	key       string // to keep it out of messages
	host      string // for messages
}

var (
	_ Embedder = (*Service)(nil)
	_ Windower = (*Service)(nil)
)

// New returns an embedder for cfg. It sends a request only if no table knows
// the model, whose dimension it then finds out by embedding one word, or if the
// server says what it serves, as that of tei does.
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

// Validate returns what is wrong with cfg as far as that shows without asking the
// service.
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

// configure returns the service as far as it is known without asking it.
func configure(cfg Config) (*Service, endpoint, error) {
	p, ok := providerOf(cfg.name())
	if !ok {
		return nil, endpoint{}, errors.New("there is no such provider")
	}
	base, err := p.address(cfg.BaseURL)
	if err != nil {
		return nil, endpoint{}, err
	}
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

// address returns where the service is.
func (p Provider) address(base string) (*url.URL, error) {
	if base == "" {
		base = p.URL
	}
	if base == "" {
		return nil, fmt.Errorf("no address of the service: set %s", p.URLVar)
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

// credentials checks that cfg has those that the service at base takes.
func (p Provider) credentials(cfg Config, base string) error {
	hasKey, hasToken := cfg.APIKey != "", cfg.Credential != nil
	switch {
	case hasKey && p.KeyVar == "":
		return errors.New("it takes no API key")
	case hasToken && !p.Entra:
		return errors.New("it takes no token of Entra ID")
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

// selectModel takes the model that a user named.
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
		return nil // see look
	}
	return s.setModel(known)
}

// setModel settles the model and the dimension.
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

// splitDimension takes name/dimension apart; the dimension is 0 if there is
// none.
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

// specialTokens is kept free for what a model puts around a text, with two to
// spare.
const specialTokens = 4

// Windows returns the pieces of text, each with heading in front, that together
// cover it. How many tokens they have is counted with care but without the
// model's vocabulary; Embed copes with one that is too long after all.
func (s *Service) Windows(heading, text string) []string {
	return windows(heading, text, s.model.maxTokens-specialTokens, s.model.count)
}
