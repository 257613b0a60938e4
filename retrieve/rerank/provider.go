package rerank

import (
	"encoding/json"
	"slices"
)

// A Provider describes a service as documented in November 2026.
type Provider struct {
	Name   string
	Model  string // the default model
	URL    string // base URL; "" if it has no default
	KeyVar string // environment variable of the key
	URLVar string // environment variable of the base URL

	path string
	max  int // texts of a request
	body func(model, query string, texts []string) any
	read func(reply []byte) ([]scored, error)
}

// A scored is the score of a text, with its index in the request.
type scored struct {
	index int
	score float64
}

// Providers returns all providers.
func Providers() []Provider { return slices.Clone(providers) }

func names() []string {
	var out []string
	for _, p := range providers {
		out = append(out, p.Name)
	}
	return out
}

// providers is the table of providers. All return a score for each text, best first,
// with the text's index; none returns the texts unless asked. A service that does not
// truncate long texts by default is asked to: a passage of 2000 characters fits each
// of the models, and the beginning of a longer one is enough to rank it.
var providers = []Provider{
	// Advised are at most 1000 texts; each is truncated to 4096 tokens.
	{Name: "cohere", Model: "rerank-v3.5", URL: "https://api.cohere.com", KeyVar: "COHERE_API_KEY", URLVar: "COHERE_BASE_URL",
		path: "/v2/rerank", max: 1000, read: readResults,
		body: func(model, query string, texts []string) any {
			return map[string]any{"model": model, "query": query, "documents": texts, "top_n": len(texts)}
		}},
	{Name: "jina", Model: "jina-reranker-v2-base-multilingual", URL: "https://api.jina.ai", KeyVar: "JINA_API_KEY", URLVar: "JINA_BASE_URL",
		path: "/v1/rerank", max: 64, read: readResults, // the limit of the newest model, jina-reranker-v3
		body: func(model, query string, texts []string) any {
			return map[string]any{"model": model, "query": query, "documents": texts, "top_n": len(texts), "return_documents": false}
		}},
	// top_k and data correspond to top_n and results of the others.
	{Name: "voyage", Model: "rerank-2.5", URL: "https://api.voyageai.com", KeyVar: "VOYAGE_API_KEY", URLVar: "VOYAGE_BASE_URL",
		path: "/v1/rerank", max: 1000, read: readData,
		body: func(model, query string, texts []string) any {
			return map[string]any{"model": model, "query": query, "documents": texts, "top_k": len(texts), "return_documents": false, "truncation": true}
		}},
	// Text Embeddings Inference accepts 32 texts unless it was started with a
	// larger --max-client-batch-size, and truncates only on request.
	{Name: "tei", Model: "reranker", KeyVar: "TEI_RERANK_API_KEY", URLVar: "TEI_RERANK_URL",
		path: "/rerank", max: 32, read: readList,
		body: func(_, query string, texts []string) any {
			return map[string]any{"query": query, "texts": texts, "raw_scores": false, "return_text": false, "truncate": true}
		}},
}

// A result is a row of a reply. TEI has score for relevance_score.
type result struct {
	Index *int     `json:"index"`
	Score *float64 `json:"relevance_score"`
	Raw   *float64 `json:"score"`
}

func rows(results []result) []scored {
	out := make([]scored, 0, len(results))
	for _, r := range results {
		s := scored{index: -1} // which fits no text
		if r.Score == nil {
			r.Score = r.Raw
		}
		if r.Index != nil && r.Score != nil {
			s = scored{*r.Index, *r.Score}
		}
		out = append(out, s)
	}
	return out
}

func readResults(reply []byte) ([]scored, error) {
	var in struct {
		Results []result `json:"results"`
	}
	err := json.Unmarshal(reply, &in)
	return rows(in.Results), err
}

func readData(reply []byte) ([]scored, error) {
	var in struct {
		Data []result `json:"data"`
	}
	err := json.Unmarshal(reply, &in)
	return rows(in.Data), err
}

func readList(reply []byte) ([]scored, error) {
	var in []result
	err := json.Unmarshal(reply, &in)
	return rows(in), err
}
