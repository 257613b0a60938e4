package embed

import (
	"maps"
	"net"
	"slices"
	"strings"
)

// A Provider is a service that embeds: what it needs to be told, what it takes,
// and how it is asked. Nothing else in this package depends on its name.
type Provider struct {
	Name   string // as [Config] takes it
	Model  string // what is asked for if no model is named
	URL    string // where it is; "" means that BaseURL must say
	URLVar string // the variable that users set BaseURL by, "" if there is none
	KeyVar string // the variable that users set APIKey by, "" if it takes none
	Entra  bool   // it takes a token of Entra ID instead of a key

	newSender      func(endpoint) sendFunc // makes the client
	inspect        func(endpoint) inspect  // asks the server what it serves; nil if there is no telling
	maxTexts       int                     // in a request
	maxTotalTokens int                     // tokens of all texts of a request; 0 means no limit is documented
	models         []model                 // what it is known to serve
	startHint      string                  // starts a server that is not running; MODEL stands for the model
	notFoundHint   string                  // what a 404 means and how to mend it; MODEL as above

	// Of a request that is not made by the OpenAI SDK.
	path         string // behind BaseURL
	texts        string // the field that holds them
	noModelField bool   // no model is sent, since the server has one
	decode       func([]byte) (reply, error)
	dimField     string // shortens vectors; "" if nothing does

	// Of every request.
	types    [2]string      // input_type for Document and Query; "" means not to send it
	fixed    map[string]any // fields that are always the same, so that nothing is cut off silently
	cleanURL func(string) string
}

// A model is what its provider documents of it.
type model struct {
	name       string // the canonical one
	alias      string // another name of the same
	dim        int
	maxTokens  int
	count      counter // how texts are measured without its vocabulary
	canShorten bool    // gives shorter vectors if asked
	prefix     string  // in front of a question
	base64     bool    // gives vectors in base64, a quarter of the size
}

// unknownMaxTokens is the input of a model that no table has and no server tells:
// the least of those in wide use.
const unknownMaxTokens = 512

// openAIModels are OpenAI's, as its reference documents them (2026-11-22).
var openAIModels = []model{
	{name: "text-embedding-3-small", dim: 1536, maxTokens: 8192, count: countBytes, canShorten: true, base64: true},
	{name: "text-embedding-3-large", dim: 3072, maxTokens: 8192, count: countBytes, canShorten: true, base64: true},
	{name: "text-embedding-ada-002", dim: 1536, maxTokens: 8192, count: countBytes, base64: true},
}

// providers is the table. Limits are those documented on 2026-11-22, unless a
// comment says otherwise.
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
		// The hosted service documents no number of texts; NVIDIA's own client
		// sends 50.
		Name: "nvidia", Model: "nvidia/embed-qa-4", URL: "https://integrate.api.nvidia.com/v1", URLVar: "NVIDIA_BASE_URL", KeyVar: "NVIDIA_API_KEY",
		newSender: newOpenAI, maxTexts: 50, dimField: "dimensions",
		types: [2]string{"passage", "query"}, fixed: map[string]any{"truncate": "NONE"},
		notFoundHint: "the account may not have the model MODEL, or NVIDIA has retired it: name another with --embed-model, such as nvidia/nv-embedqa-e5-v5, or check NVIDIA_BASE_URL",
		models: []model{
			{name: "nvidia/embed-qa-4", alias: "NV-Embed-QA", dim: 1024, maxTokens: 512, count: countWordPieces},
			{name: "nvidia/nv-embedqa-e5-v5", dim: 1024, maxTokens: 512, count: countWordPieces},
			{name: "nvidia/llama-3.2-nv-embedqa-1b-v2", dim: 2048, maxTokens: 8192, count: countBytes, canShorten: true},
			{name: "nvidia/llama-nemotron-embed-1b-v2", dim: 2048, maxTokens: 8192, count: countBytes, canShorten: true},
		},
	},
	{
		Name: "cohere", Model: "embed-multilingual-v3.0", URL: "https://api.cohere.com", KeyVar: "COHERE_API_KEY",
		newSender: newJSON, maxTexts: 96, path: "/v2/embed", texts: "texts", decode: decodeCohere, dimField: "output_dimension",
		types: [2]string{"search_document", "search_query"}, fixed: map[string]any{"truncate": "NONE", "embedding_types": []string{"float"}},
		notFoundHint: "check the model's name MODEL, and that your account has it",
		models: []model{
			{name: "embed-multilingual-v3.0", dim: 1024, maxTokens: 512, count: countSentencePieces},
			{name: "embed-multilingual-light-v3.0", dim: 384, maxTokens: 512, count: countSentencePieces},
			{name: "embed-english-v3.0", dim: 1024, maxTokens: 512, count: countWordPieces},
			{name: "embed-english-light-v3.0", dim: 384, maxTokens: 512, count: countWordPieces},
			{name: "embed-v4.0", dim: 1536, maxTokens: 128_000, count: countBytes, canShorten: true},
		},
	},
	{
		// Ollama documents no number of texts; so few keep a request short on a
		// processor.
		Name: "ollama", Model: "mxbai-embed-large", URL: "http://127.0.0.1:11434", URLVar: "OLLAMA_HOST",
		newSender: newJSON, maxTexts: 16, path: "/api/embed", texts: "input", decode: decodeOllama, dimField: "dimensions",
		fixed: map[string]any{"truncate": false}, cleanURL: ollamaURL,
		startHint:    "ollama serve; ollama pull MODEL",
		notFoundHint: "fetch the model: ollama pull MODEL",
		models: []model{
			{name: "mxbai-embed-large", dim: 1024, maxTokens: 512, count: countWordPieces, canShorten: true,
				prefix: "Represent this sentence for searching relevant passages: "},
		},
	},
	{
		// Its /v1/embeddings cuts texts off as the server was started, so /embed
		// it is, where a request decides.
		Name: "tei", Model: "all-MiniLM-L12-v1", URLVar: "TEI_BASE_URL", KeyVar: "TEI_API_KEY",
		newSender: newJSON, inspect: inspectTEI, maxTexts: 32, path: "/embed", texts: "inputs", noModelField: true, decode: decodeTEI,
		fixed:        map[string]any{"truncate": false, "normalize": true},
		startHint:    "text-embeddings-router --model-id sentence-transformers/MODEL --port 8081",
		notFoundHint: "check TEI_BASE_URL, which has no path",
		models: []model{
			{name: "all-MiniLM-L12-v1", alias: "sentence-transformers/all-MiniLM-L12-v1", dim: 384, maxTokens: 128, count: countWordPieces},
		},
	},
}

// Providers returns the services that [New] knows.
func Providers() []Provider { return slices.Clone(providers) }

// providerOf returns the row of the table with that name.
func providerOf(name string) (Provider, bool) {
	i := slices.IndexFunc(providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return providers[i], true
}

// modelOf returns what is known of a model by any of its names; a tag such as
// :latest is not part of it.
func (p Provider) modelOf(name string) (model, bool) {
	name, _, _ = strings.Cut(name, ":")
	i := slices.IndexFunc(p.models, func(m model) bool { return m.name == name || m.alias == name && name != "" })
	if i < 0 {
		return model{}, false
	}
	return p.models[i], true
}

// fields returns the fields of a request beside model, texts and dimension.
func (p Provider) fields(kind Kind) map[string]any {
	fields := map[string]any{}
	maps.Copy(fields, p.fixed)
	if t := p.types[kind]; t != "" {
		fields["input_type"] = t
	}
	return fields
}

// ollamaURL returns the URL that a client of Ollama reads out of OLLAMA_HOST,
// which may be a host, a port or both, and may be the address that a server
// listens on.
func ollamaURL(s string) string {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(s), "://")
	port := "11434"
	switch {
	case !ok:
		scheme, rest = "http", strings.TrimSpace(s)
	case scheme == "http":
		port = "80"
	case scheme == "https":
		port = "443"
	}
	rest, path, _ := strings.Cut(rest, "/")
	host, given, err := net.SplitHostPort(rest)
	if err != nil {
		host, given = strings.Trim(rest, "[]"), port
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return strings.TrimSuffix(scheme+"://"+net.JoinHostPort(host, given)+"/"+path, "/")
}
