package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
)

// noModel is the value of --model for extractive answers.
const noModel = "none"

// maxModelTimeout is the longest --model-timeout: a whole answer has five minutes.
const maxModelTimeout = 5 * time.Minute

// modelConfig holds the settings of the language model.
type modelConfig struct {
	provider, model, modelProfile string
	api, apiVersion, instructions string
	maxOutputTokens               int
	modelTimeout                  time.Duration
	requireModel                  bool
	defaultModel                  bool   // the user has named no model
	chosenFile                    string // the file that remembers the default model; "" if none
	quotes                        string // an answer.Quotes
	modelOptions                  llm.Options
	modelVars                     map[string]Secret // by name, from the environment
}

// apiVersionFlag registers a flag that models and embedders at Azure share.
func apiVersionFlag(f *pflag.FlagSet, c *config) {
	if f.Lookup("api-version") == nil {
		f.StringVar(&c.apiVersion, "api-version", "", "version of Azure's API (default: "+llm.DefaultAPIVersion+")")
	}
}

func modelFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.provider, "provider", "", "provider of the model: "+strings.Join(providerNames(), ", ")+" (default: openai if OPENAI_API_KEY is set, else no model)")
	f.StringVar(&c.model, "model", "", "model that writes the answer (with azure: the deployment), or none for extractive answers (default: the provider's; with openai the first of a short list that the key can use)")
	f.StringVar(&c.modelProfile, "model-profile", "", "profile of the model, if its name does not show it: "+strings.Join(llm.ProfileNames(), ", "))
	f.StringVar(&c.api, "api", llm.APIAuto, "which of OpenAI's APIs asks the model: auto, chat (completions) or responses")
	f.IntVar(&c.maxOutputTokens, "max-output", 0, "maximum tokens of an answer, reasoning included (0: by the model)")
	f.DurationVar(&c.modelTimeout, "model-timeout", 2*time.Minute, "how long to wait for the model's first text before sentences of the pages are the answer, 5m at most")
	f.StringVar(&c.modelOptions.Effort, "effort", "", "how long the model reasons, such as low, medium or high (default: the model's own)")
	f.Var(optionalFloat(&c.modelOptions.Temperature), "temperature", "sampling temperature, for models that accept it")
	f.Var(optionalFloat(&c.modelOptions.TopP), "top-p", "nucleus sampling probability, for models that accept it")
	f.StringVar(&c.instructions, "instructions", "", "additional instructions to the model, such as how to address the reader")
	f.BoolVar(&c.requireModel, "require-model", false, "fail if the model gives no answer, instead of quoting sentences of the pages")
	f.StringVar(&c.quotes, "quotes", string(answer.QuotesAuto), "how the model gives the quotes of an answer: text (a list behind it), fields (of an object, if the model has structured outputs) or auto (the citations of Anthropic's API with Claude, else text)")
	apiVersionFlag(f, c)
}

func providerNames() []string {
	var names []string
	for _, p := range llm.Providers() {
		names = append(names, p.Name)
	}
	return names
}

// loadModel reads the environment variables of all model providers and sets the
// default model.
func (c *config) loadModel(getenv func(string) string) {
	c.modelVars = map[string]Secret{}
	for _, p := range llm.Providers() {
		readVars(c.modelVars, getenv, p.URLVar, p.KeyVar)
	}
	if p, ok := llm.FindProvider(cmp.Or(c.provider, "openai")); ok && c.model == "" {
		c.model, c.defaultModel = p.Model, true
	}
}

// hasModel reports whether a model writes the answers.
func (c *config) hasModel() bool {
	return c.model != noModel && (c.provider != "" || c.modelVars["OPENAI_API_KEY"] != "")
}

// newModel returns a client of the configured model. If the user has named none, it may
// ask the service for its list of models.
func (a *app) newModel(ctx context.Context) (*llm.Client, error) {
	a.chooseModel(ctx)
	c, err := a.llmConfig()
	if err != nil {
		return nil, err
	}
	c.Log = a.log()
	c.HTTPClient = a.httpClient()
	return llm.New(c)
}

// httpClient returns the client for requests to models; nil means the default.
func (a *app) httpClient() *http.Client {
	if a.transport == nil {
		return nil
	}
	return &http.Client{Transport: a.transport}
}

// llmConfig returns the settings of the model's client. Azure without a key uses
// Entra ID.
func (c *config) llmConfig() (llm.Config, error) {
	p, ok := llm.FindProvider(cmp.Or(c.provider, "openai"))
	if !ok {
		return llm.Config{}, fmt.Errorf("--provider %q is unknown: choose %s", c.provider, strings.Join(providerNames(), ", "))
	}
	cfg := llm.Config{
		Provider: p.Name, Model: c.model, API: c.api, Profile: c.modelProfile, APIVersion: c.apiVersion,
		BaseURL: string(c.modelVars[p.URLVar]), APIKey: string(c.modelVars[p.KeyVar]),
		MaxOutputTokens: c.maxOutputTokens, Patience: c.modelTimeout, Options: c.modelOptions,
	}
	if p.Entra && cfg.APIKey == "" {
		credential, err := azidentity.NewDefaultAzureCredential(nil)
		if err != nil {
			return cfg, fmt.Errorf("no Entra ID token: sign in with az login, or set %s: %w", p.KeyVar, err)
		}
		cfg.Credential = credential
	}
	return cfg, nil
}

// validateModel checks the settings of the model without connecting to it.
func (c *config) validateModel() error {
	if ways := []answer.Quotes{"", answer.QuotesAuto, answer.QuotesText, answer.QuotesFields}; !slices.Contains(ways, answer.Quotes(c.quotes)) {
		return fmt.Errorf("--quotes %q: want %s, %s or %s", c.quotes, answer.QuotesAuto, answer.QuotesText, answer.QuotesFields)
	}
	if c.modelTimeout < time.Second || c.modelTimeout > maxModelTimeout {
		return fmt.Errorf("--model-timeout %v is not within 1s–%v", c.modelTimeout, maxModelTimeout)
	}
	if !c.hasModel() {
		if c.requireModel {
			return errors.New("--require-model needs a model: set OPENAI_API_KEY, or another provider with --provider and its key")
		}
		return nil
	}
	cfg, err := c.llmConfig()
	if err != nil {
		return err
	}
	m, err := llm.New(cfg)
	if err == nil && c.requireModel && m.Profile().Unknown {
		return fmt.Errorf("--require-model: %s is not of a family of models that Citewell knows: set --model-profile, such as compatible", cfg.Model)
	}
	return err
}
