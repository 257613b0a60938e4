package embedtest

import (
	"fmt"
	"net/http"
	"strings"
)

// A rule is what a service documents of its requests, and how it refuses those
// that break it (2026-11-22).
type rule struct {
	method, path string
	tls          bool
	model        string
	dims         map[string]int // of its models, by the name that a request has
	maxTokens    int            // of a text
	maxTexts     int
	maxSum       int // tokens of a request; 0 means no limit
	texts        string
	fields       []string // all that it takes beside the texts
	needs        []string // fields that must be there
	types        []string // of input_type
	fixed        map[string]any
	shortens     string // the field for the dimension
	key          func(r *http.Request) string
	refuse       func(status int, code, message string) any // the body
	tooLong      func(tokens, limit int) (status int, message string)
	unknownModel func(model string) (status int, code, message string)
	tooMany      func(n, limit int) (status int, message string)
	answer       func(model string, vectors []any) any
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func openAIBody(_ int, code, message string) any {
	return map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "param": nil, "code": code}}
}

func openAIAnswer(model string, vectors []any) any {
	data := []map[string]any{}
	for i, v := range vectors {
		// In reverse order: the index counts.
		data = append([]map[string]any{{"object": "embedding", "index": i, "embedding": v}}, data...)
	}
	return map[string]any{"object": "list", "data": data, "model": model, "usage": map[string]any{"prompt_tokens": 1, "total_tokens": 1}}
}

func inOpenAI(tokens, limit int) (int, string) {
	return 400, fmt.Sprintf("This model's maximum context length is %d tokens, however you requested %d tokens (%d in your prompt; 0 for the completion). Please reduce your prompt; or completion length.", limit, tokens, tokens)
}

func manyOpenAI(_, limit int) (int, string) {
	return 400, fmt.Sprintf("Invalid 'input': array too long. Expected an array with maximum length %d.", limit)
}

var openAIDims = map[string]int{"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536, "other": 7}

var rules = map[string]rule{
	"openai": {
		method: "POST", path: "/v1/embeddings", model: "text-embedding-3-small", dims: openAIDims, maxTokens: 8192, maxTexts: 2048, maxSum: 300_000,
		texts: "input", fields: []string{"model", "encoding_format", "dimensions"}, needs: []string{"model"}, shortens: "dimensions", key: bearer,
		refuse: openAIBody, tooLong: inOpenAI, tooMany: manyOpenAI, answer: openAIAnswer,
		unknownModel: func(m string) (int, string, string) {
			return 404, "model_not_found", "The model `" + m + "` does not exist or you do not have access to it."
		},
	},
	"azure": {
		method: "POST", path: "/openai/deployments/{model}/embeddings", tls: true, model: "text-embedding-3-small", dims: openAIDims, maxTokens: 8192, maxTexts: 2048, maxSum: 300_000,
		texts: "input", fields: []string{"model", "encoding_format", "dimensions"}, shortens: "dimensions",
		key: func(r *http.Request) string { return r.Header.Get("Api-Key") },
		refuse: func(_ int, code, message string) any {
			return map[string]any{"error": map[string]any{"code": code, "message": message}}
		},
		tooLong: inOpenAI, tooMany: manyOpenAI, answer: openAIAnswer,
		unknownModel: func(string) (int, string, string) {
			return 404, "DeploymentNotFound", "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."
		},
	},
	"nvidia": {
		method: "POST", path: "/v1/embeddings", model: "nvidia/embed-qa-4", dims: map[string]int{"nvidia/embed-qa-4": 1024, "nvidia/nv-embedqa-e5-v5": 1024, "nvidia/llama-3.2-nv-embedqa-1b-v2": 2048, "other": 7},
		maxTokens: 512, maxTexts: 50, texts: "input", fields: []string{"model", "input_type", "truncate", "encoding_format", "dimensions"}, needs: []string{"model", "input_type"},
		types: []string{"passage", "query"}, fixed: map[string]any{"truncate": "NONE"}, shortens: "dimensions", key: bearer,
		refuse: func(_ int, _, message string) any { return map[string]any{"error": message} },
		tooLong: func(tokens, limit int) (int, string) {
			return 400, fmt.Sprintf("Input length %d exceeds maximum allowed token size %d", tokens, limit)
		},
		tooMany: func(n, limit int) (int, string) { return 422, fmt.Sprintf("%d inputs, want at most %d", n, limit) },
		answer:  openAIAnswer,
		unknownModel: func(m string) (int, string, string) {
			return 404, "", "Function for model '" + m + "' not found for account"
		},
	},
	"cohere": {
		method: "POST", path: "/v2/embed", model: "embed-multilingual-v3.0", dims: map[string]int{"embed-multilingual-v3.0": 1024, "embed-v4.0": 1536, "other": 7},
		maxTokens: 512, maxTexts: 96, texts: "texts", fields: []string{"model", "input_type", "embedding_types", "truncate", "output_dimension"},
		needs: []string{"model", "input_type", "embedding_types"}, types: []string{"search_document", "search_query"},
		fixed: map[string]any{"truncate": "NONE", "embedding_types": []any{"float"}}, shortens: "output_dimension", key: bearer,
		refuse: func(_ int, _, message string) any { return map[string]any{"id": "e1", "message": message} },
		tooLong: func(tokens, limit int) (int, string) {
			return 400, fmt.Sprintf("too many tokens: total number of tokens in the text cannot exceed %d - received %d. Try using a shorter text, or enabling text truncating.", limit, tokens)
		},
		tooMany: func(n, limit int) (int, string) {
			return 400, fmt.Sprintf("invalid request: total number of texts must be at most %d - received %d", limit, n)
		},
		answer: func(_ string, vectors []any) any {
			return map[string]any{"id": "r1", "embeddings": map[string]any{"float": vectors}, "meta": map[string]any{"api_version": map[string]any{"version": "2"}}}
		},
		unknownModel: func(m string) (int, string, string) {
			return 404, "", "model '" + m + "' not found, make sure the correct model ID was used and that you have access to the model."
		},
	},
	"ollama": {
		method: "POST", path: "/api/embed", model: "mxbai-embed-large", dims: map[string]int{"mxbai-embed-large": 1024, "mxbai-embed-large:latest": 1024, "other": 7},
		maxTokens: 512, maxTexts: 1 << 20, texts: "input", fields: []string{"model", "truncate", "dimensions", "keep_alive", "options"}, needs: []string{"model"},
		fixed: map[string]any{"truncate": false}, shortens: "dimensions",
		refuse:  func(_ int, _, message string) any { return map[string]any{"error": message} },
		tooLong: func(int, int) (int, string) { return 400, "the input length exceeds the context length" },
		answer: func(model string, vectors []any) any {
			return map[string]any{"model": model, "embeddings": vectors, "total_duration": 1, "load_duration": 1, "prompt_eval_count": 1}
		},
		unknownModel: func(m string) (int, string, string) { return 404, "", "model '" + m + "' not found" },
	},
	"tei": {
		method: "POST", path: "/embed", model: "sentence-transformers/all-MiniLM-L12-v1", dims: map[string]int{"": 384}, maxTokens: 128, maxTexts: 32,
		texts: "inputs", fields: []string{"truncate", "normalize", "prompt_name", "truncation_direction", "dimensions"}, fixed: map[string]any{"truncate": false},
		key: bearer,
		refuse: func(_ int, _, message string) any {
			return map[string]any{"error": message, "error_type": "Validation"}
		},
		tooLong: func(tokens, limit int) (int, string) {
			return 413, fmt.Sprintf("Input validation error: `inputs` must have less than %d tokens. Given: %d", limit, tokens)
		},
		tooMany: func(n, limit int) (int, string) {
			return 422, fmt.Sprintf("batch size %d > maximum allowed batch size %d", n, limit)
		},
		answer: func(_ string, vectors []any) any { return vectors },
	},
}
