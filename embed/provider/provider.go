// Package provider embeds with the services of providers, each of which is a row of a
// table ([All]).
package provider

import (
	"maps"
	"slices"
	"strings"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/service"
)

// A Provider describes an embedding service: its settings, its limits and its
// requests. Nothing else in this package depends on its name.
type Provider struct {
	Name   string // value of [Config.Provider]
	Model  string // the default model
	URL    string // the default base URL; "" means that BaseURL is required
	URLVar string // environment variable of BaseURL; "" if there is none
	KeyVar string // environment variable of APIKey; "" if it accepts none
	Entra  bool   // it accepts a token of Entra ID instead of a key

	newSender      func(endpoint) sendFunc // returns the client
	inspect        func(endpoint) inspect  // returns how to ask the server what it serves; nil if it cannot be asked
	maxTexts       int                     // of a request
	maxTotalTokens int                     // tokens of all texts of a request; 0 means no limit is documented
	models         []model                 // the known models
	startHint      string                  // command that starts the server; MODEL stands for the model
	notFoundHint   string                  // what a 404 means and how to fix it; MODEL as above

	// For requests without the OpenAI SDK.
	path         string // appended to BaseURL
	texts        string // field of the texts
	noModelField bool   // the request has no model, since the server has only one
	decode       func([]byte) (reply, error)
	dimField     string // field that asks for shorter vectors; "" if there is none

	// For every request.
	types    [2]string      // input_type for embed.Document and embed.Query; "" means not to send it
	fixed    map[string]any // constant fields, which switch silent truncation off
	cleanURL func(string) string
}

// A model describes a model as its provider documents it.
type model struct {
	name       string // the canonical one
	alias      string // another name of the model
	dim        int
	maxTokens  int
	count      embed.Counter // estimates tokens without its vocabulary
	canShorten bool          // it can return shorter vectors
	prefix     string        // added before a question
	base64     bool          // it can return vectors in base64, a quarter of the size
}

// unknownMaxTokens is the input limit of a model that neither the table nor the server
// has: the smallest one in wide use.
const unknownMaxTokens = 512

// openAIModels are OpenAI's, as its reference documents them (2026-11-22).
var openAIModels = []model{
	{name: "text-embedding-3-small", dim: 1536, maxTokens: 8192, count: embed.CountBytes, canShorten: true, base64: true},
	{name: "text-embedding-3-large", dim: 3072, maxTokens: 8192, count: embed.CountBytes, canShorten: true, base64: true},
	{name: "text-embedding-ada-002", dim: 1536, maxTokens: 8192, count: embed.CountBytes, base64: true},
}

// providers is the table of providers. Limits are those documented on 2026-11-22,
// unless a comment says otherwise.
var providers = []Provider{
	{
		Name: "openai", Model: "text-embedding-3-small", URL: "https://api.openai.com/v1", URLVar: "OPENAI_BASE_URL", KeyVar: "OPENAI_API_KEY",
		newSender: newOpenAI, maxTexts: 2048, maxTotalTokens: 300_000, models: openAIModels, dimField: "dimensions",
		notFoundHint: "check the model's name MODEL and OPENAI_BASE_URL (most end in /v1)",
	},
	{
		Name: "azure", Model: "text-embedding-3-small", URLVar: "AZURE_OPENAI_ENDPOINT", KeyVar: "AZURE_OPENAI_API_KEY",
		newSender: newAzure, Entra: true, maxTexts: 2048, maxTotalTokens: 300_000, models: openAIModels, dimField: "dimensions",
		notFoundHint: "give the name of your deployment, not of its model, with --embed-model (it is MODEL now), and check AZURE_OPENAI_ENDPOINT",
	},
	{
		// The hosted service documents no maximum of texts; NVIDIA's own client
		// sends 50.
		Name: "nvidia", Model: "nvidia/embed-qa-4", URL: "https://integrate.api.nvidia.com/v1", URLVar: "NVIDIA_BASE_URL", KeyVar: "NVIDIA_API_KEY",
		newSender: newOpenAI, maxTexts: 50, dimField: "dimensions",
		types: [2]string{"passage", "query"}, fixed: map[string]any{"truncate": "NONE"},
		notFoundHint: "the account may not have the model MODEL, or NVIDIA has retired it: name another with --embed-model, such as nvidia/nv-embedqa-e5-v5, or check NVIDIA_BASE_URL",
		models: []model{
			{name: "nvidia/embed-qa-4", alias: "NV-Embed-QA", dim: 1024, maxTokens: 512, count: embed.CountWordPieces},
			{name: "nvidia/nv-embedqa-e5-v5", dim: 1024, maxTokens: 512, count: embed.CountWordPieces},
			{name: "nvidia/llama-3.2-nv-embedqa-1b-v2", dim: 2048, maxTokens: 8192, count: embed.CountBytes, canShorten: true},
			{name: "nvidia/llama-nemotron-embed-1b-v2", dim: 2048, maxTokens: 8192, count: embed.CountBytes, canShorten: true},
		},
	},
	{
		Name: "cohere", Model: "embed-multilingual-v3.0", URL: "https://api.cohere.com", KeyVar: "COHERE_API_KEY",
		newSender: newJSON, maxTexts: 96, path: "/v2/embed", texts: "texts", decode: decodeCohere, dimField: "output_dimension",
		types: [2]string{"search_document", "search_query"}, fixed: map[string]any{"truncate": "NONE", "embedding_types": []string{"float"}},
		notFoundHint: "check the model's name MODEL, and that your account has it",
		models: []model{
			{name: "embed-multilingual-v3.0", dim: 1024, maxTokens: 512, count: embed.CountSentencePieces},
			{name: "embed-multilingual-light-v3.0", dim: 384, maxTokens: 512, count: embed.CountSentencePieces},
			{name: "embed-english-v3.0", dim: 1024, maxTokens: 512, count: embed.CountWordPieces},
			{name: "embed-english-light-v3.0", dim: 384, maxTokens: 512, count: embed.CountWordPieces},
			{name: "embed-v4.0", dim: 1536, maxTokens: 128_000, count: embed.CountBytes, canShorten: true},
		},
	},
	{
		// Ollama documents no maximum of texts; so few keep a request short on a
		// CPU.
		Name: "ollama", Model: "mxbai-embed-large", URL: "http://127.0.0.1:11434", URLVar: "OLLAMA_HOST",
		newSender: newJSON, maxTexts: 16, path: "/api/embed", texts: "input", decode: decodeOllama, dimField: "dimensions",
		fixed: map[string]any{"truncate": false}, cleanURL: service.OllamaURL,
		startHint:    "ollama serve; ollama pull MODEL",
		notFoundHint: "fetch the model: ollama pull MODEL",
		models: []model{
			{name: "mxbai-embed-large", dim: 1024, maxTokens: 512, count: embed.CountWordPieces, canShorten: true,
				prefix: "Represent this sentence for searching relevant passages: "},
		},
	},
	{
		// In /v1/embeddings the server's settings decide whether texts are truncated;
		// in /embed the request decides.
		Name: "tei", Model: "all-MiniLM-L12-v1", URLVar: "TEI_BASE_URL", KeyVar: "TEI_API_KEY",
		newSender: newJSON, inspect: inspectTEI, maxTexts: 32, path: "/embed", texts: "inputs", noModelField: true, decode: decodeTEI,
		fixed:        map[string]any{"truncate": false, "normalize": true},
		startHint:    "text-embeddings-router --model-id sentence-transformers/MODEL --port 8081",
		notFoundHint: "check TEI_BASE_URL, which has no path",
		models: []model{
			{name: "all-MiniLM-L12-v1", alias: "sentence-transformers/all-MiniLM-L12-v1", dim: 384, maxTokens: 128, count: embed.CountWordPieces},
		},
	},
}

// All returns all providers.
func All() []Provider { return slices.Clone(providers) }

// providerOf returns the row of the table with that name.
func providerOf(name string) (Provider, bool) {
	i := slices.IndexFunc(providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return providers[i], true
}

// modelOf returns the known model with that name or alias, without a tag such as
// :latest.
func (p Provider) modelOf(name string) (model, bool) {
	name, _, _ = strings.Cut(name, ":")
	i := slices.IndexFunc(p.models, func(m model) bool { return m.name == name || m.alias == name && name != "" })
	if i < 0 {
		return model{}, false
	}
	return p.models[i], true
}

// fields returns the fields of a request other than model, texts and dimension.
func (p Provider) fields(kind embed.Kind) map[string]any {
	fields := map[string]any{}
	maps.Copy(fields, p.fixed)
	if t := p.types[kind]; t != "" {
		fields["input_type"] = t
	}
	return fields
}
