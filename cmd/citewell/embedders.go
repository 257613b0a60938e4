package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
)

// embedTimeout limits one request to an embedding service. On a slow processor a
// request may take minutes.
const embedTimeout = 5 * time.Minute

// embedStartTimeout limits what a service is asked at the start, which may load its
// model first.
const embedStartTimeout = time.Minute

// embedderNames returns the values of --embedder.
func embedderNames() []string {
	names := []string{"local"}
	for _, p := range provider.All() {
		names = append(names, p.Name)
	}
	return append(names, "constant")
}

// loadEmbedder reads the environment variables of all embedding services.
func (c *config) loadEmbedder(getenv func(string) string) {
	c.embedVars = map[string]Secret{}
	for _, p := range provider.All() {
		readVars(c.embedVars, getenv, p.URLVar, p.KeyVar)
	}
}

// embedConfig returns the settings of the chosen embedding service, and whether
// one is chosen.
func (c *config) embedConfig() (provider.Config, bool, error) {
	all := provider.All()
	i := slices.IndexFunc(all, func(p provider.Provider) bool { return p.Name == c.embedder })
	if i < 0 {
		return provider.Config{}, false, nil
	}
	p := all[i]
	cfg := provider.Config{Provider: p.Name, Model: c.embedModel, BaseURL: string(c.embedVars[p.URLVar]), APIKey: string(c.embedVars[p.KeyVar]),
		HTTPClient: &http.Client{Timeout: embedTimeout, Transport: c.transport}}
	if p.Entra { // Azure
		cfg.APIVersion = c.apiVersion
	}
	if p.Entra && cfg.APIKey == "" {
		credential, err := azidentity.NewDefaultAzureCredential(nil)
		if err != nil {
			return cfg, true, fmt.Errorf("no Entra ID token: sign in with az login, or set %s: %w", p.KeyVar, err)
		}
		cfg.Credential = credential
	}
	return cfg, true, nil
}

// validateEmbedder checks the embedder's flags and variables.
func (c *config) validateEmbedder() error {
	if c.embedder == "local" {
		return c.validateLocal()
	}
	cfg, chosen, err := c.embedConfig()
	if err != nil || !chosen {
		return err
	}
	return cfg.Validate()
}

// openService connects to the chosen embedding service.
func (a *app) openService(ctx context.Context) (embed.Embedder, error) {
	cfg, _, err := a.embedConfig()
	if err != nil {
		return nil, err
	}
	cfg.Log = a.log()
	ctx, cancel := context.WithTimeout(ctx, embedStartTimeout)
	defer cancel()
	return provider.New(ctx, cfg)
}
