package providertest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/citewell/citewell/embed/emulate"
)

// A rule is a service as its provider documents it (2026-11-22), and how it is
// reached.
type rule struct {
	emulate.Service
	path  string // {model} stands for a deployment of Azure
	model string // the provider's default
	tls   bool
	key   func(r *http.Request) string // nil if it takes no key
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// other is a model that the client's table does not have.
const other = "other"

// openAI returns the rules of OpenAI or Azure with one more model. The vectors
// come in reverse order, since the index counts.
func openAI(s emulate.Service) emulate.Service {
	s.Models = maps.Clone(s.Models)
	s.Models[other] = emulate.Model{Dim: 7}
	body := s.Body
	s.Body = func(model string, vectors []any, tokens int) any {
		b := body(model, vectors, tokens)
		slices.Reverse(b.(map[string]any)["data"].([]any))
		return b
	}
	return s
}

func dims(of map[string]int) map[string]emulate.Model {
	models := map[string]emulate.Model{}
	for name, dim := range of {
		models[name] = emulate.Model{Dim: dim}
	}
	return models
}

func refusal(status int, format string, args ...any) *emulate.Refusal {
	return &emulate.Refusal{Status: status, Message: fmt.Sprintf(format, args...)}
}

// errorText returns the body of an error whose field is the message.
func errorText(f *emulate.Refusal) any { return map[string]any{"error": f.Message} }

var rules = map[string]rule{
	"openai": {path: "/v1/embeddings", model: "text-embedding-3-small", key: bearer, Service: openAI(emulate.OpenAI())},
	"azure": {path: "/openai/deployments/{model}/embeddings", model: "text-embedding-3-small", tls: true, Service: openAI(emulate.Azure()),
		key: func(r *http.Request) string { return r.Header.Get("Api-Key") }},
	"nvidia": {path: "/v1/embeddings", model: "nvidia/embed-qa-4", key: bearer, Service: emulate.Service{
		Models:    dims(map[string]int{"nvidia/embed-qa-4": 1024, "nvidia/nv-embedqa-e5-v5": 1024, "nvidia/llama-3.2-nv-embedqa-1b-v2": 2048, other: 7}),
		MaxTokens: 512, MaxTexts: 50, TextsField: "input", DimensionField: "dimensions",
		OtherFields: []string{"model", "input_type", "truncate", "encoding_format"}, Required: []string{"model", "input_type"},
		InputTypes: []string{"passage", "query"}, Fixed: map[string]any{"truncate": "NONE"},
		ErrorBody: errorText, Body: openAI(emulate.OpenAI()).Body,
		TooLong: func(tokens, limit int) *emulate.Refusal {
			return refusal(400, "Input length %d exceeds maximum allowed token size %d", tokens, limit)
		},
		TooMany: func(n, limit int) *emulate.Refusal { return refusal(422, "%d inputs, want at most %d", n, limit) },
		UnknownModel: func(m string) *emulate.Refusal {
			return refusal(404, "Function for model '%s' not found for account", m)
		},
	}},
	"cohere": {path: "/v2/embed", model: "embed-multilingual-v3.0", key: bearer, Service: emulate.Service{
		Models:    dims(map[string]int{"embed-multilingual-v3.0": 1024, "embed-v4.0": 1536, other: 7}),
		MaxTokens: 512, MaxTexts: 96, TextsField: "texts", DimensionField: "output_dimension",
		OtherFields: []string{"model", "input_type", "embedding_types", "truncate"}, Required: []string{"model", "input_type", "embedding_types"},
		InputTypes: []string{"search_document", "search_query"}, Fixed: map[string]any{"truncate": "NONE", "embedding_types": []any{"float"}},
		ErrorBody: func(f *emulate.Refusal) any { return map[string]any{"id": "e1", "message": f.Message} },
		Body: func(_ string, vectors []any, _ int) any {
			return map[string]any{"id": "r1", "embeddings": map[string]any{"float": vectors}, "meta": map[string]any{"api_version": map[string]any{"version": "2"}}}
		},
		TooLong: func(tokens, limit int) *emulate.Refusal {
			return refusal(400, "too many tokens: total number of tokens in the text cannot exceed %d - received %d. Try using a shorter text, or enabling text truncating.", limit, tokens)
		},
		TooMany: func(n, limit int) *emulate.Refusal {
			return refusal(400, "invalid request: total number of texts must be at most %d - received %d", limit, n)
		},
		UnknownModel: func(m string) *emulate.Refusal {
			return refusal(404, "model '%s' not found, make sure the correct model ID was used and that you have access to the model.", m)
		},
	}},
	"ollama": {path: "/api/embed", model: "mxbai-embed-large", Service: emulate.Service{
		Models:    dims(map[string]int{"mxbai-embed-large": 1024, "mxbai-embed-large:latest": 1024, other: 7}),
		MaxTokens: 512, MaxTexts: 1 << 20, TextsField: "input", DimensionField: "dimensions",
		OtherFields: []string{"model", "truncate", "keep_alive", "options"}, Required: []string{"model"}, Fixed: map[string]any{"truncate": false},
		ErrorBody: errorText,
		Body: func(model string, vectors []any, tokens int) any {
			return map[string]any{"model": model, "embeddings": vectors, "total_duration": 1, "load_duration": 1, "prompt_eval_count": tokens}
		},
		TooLong:      func(int, int) *emulate.Refusal { return refusal(400, "the input length exceeds the context length") },
		UnknownModel: func(m string) *emulate.Refusal { return refusal(404, "model '%s' not found", m) },
	}},
	"tei": {path: "/embed", model: "sentence-transformers/all-MiniLM-L12-v1", key: bearer, Service: emulate.Service{
		Models:    dims(map[string]int{"": 384}),
		MaxTokens: 128, MaxTexts: 32, TextsField: "inputs",
		OtherFields: []string{"truncate", "normalize", "prompt_name", "truncation_direction", "dimensions"}, Fixed: map[string]any{"truncate": false},
		ErrorBody: func(f *emulate.Refusal) any { return map[string]any{"error": f.Message, "error_type": "Validation"} },
		Body:      func(_ string, vectors []any, _ int) any { return vectors },
		TooLong: func(tokens, limit int) *emulate.Refusal {
			return refusal(413, "Input validation error: `inputs` must have less than %d tokens. Given: %d", limit, tokens)
		},
		TooMany: func(n, limit int) *emulate.Refusal {
			return refusal(422, "batch size %d > maximum allowed batch size %d", n, limit)
		},
	}},
}
