package rerank

import (
	"encoding/json"
	"slices"
)

// A Provider is a service, as its documentation of November 2026 tells.
type Provider struct {
	Name   string
	Model  string // that is used unless another is named
	URL    string // of the service; "" if everyone has their own
	KeyVar string // variable of the environment that holds the key
	URLVar string // variable that holds another address

	path string
	max  int // texts that a request may have
	body func(model, query string, texts []string) any
	read func(reply []byte) ([]scored, error)
}

// A scored text has the place it had in the request.
type scored struct {
	index int
	score float64
}

// Providers returns all services there are.
func Providers() []Provider { return slices.Clone(providers) }

func names() []string {
	var out []string
	for _, p := range providers {
		out = append(out, p.Name)
	}
	return out
}

// providers holds them. All return a score for each text, best first, with the
// text's index; none sends the texts back unless asked. Where a service does not
// cut long texts by itself it is told to: a passage of 2000 characters fits each
// of the models, and of a longer one the beginning tells enough to sort it.
var providers = []Provider{
	// At most 1000 texts are advised; each is cut to 4096 tokens.
	{Name: "cohere", Model: "rerank-v3.5", URL: "https://api.cohere.com", KeyVar: "COHERE_API_KEY", URLVar: "COHERE_BASE_URL",
		path: "/v2/rerank", max: 1000, read: readResults,
		body: func(model, query string, texts []string) any {
			return map[string]any{"model": model, "query": query, "documents": texts, "top_n": len(texts)}
		}},
	{Name: "jina", Model: "jina-reranker-v2-base-multilingual", URL: "https://api.jina.ai", KeyVar: "JINA_API_KEY", URLVar: "JINA_BASE_URL",
		path: "/v1/rerank", max: 64, read: readResults, // what the newest model, jina-reranker-v3, compares at once
		body: func(model, query string, texts []string) any {
			return map[string]any{"model": model, "query": query, "documents": texts, "top_n": len(texts), "return_documents": false}
		}},
	// It has top_k where the others have top_n, and data where they have results.
	{Name: "voyage", Model: "rerank-2.5", URL: "https://api.voyageai.com", KeyVar: "VOYAGE_API_KEY", URLVar: "VOYAGE_BASE_URL",
		path: "/v1/rerank", max: 1000, read: readData,
		body: func(model, query string, texts []string) any {
			return map[string]any{"model": model, "query": query, "documents": texts, "top_k": len(texts), "return_documents": false, "truncation": true}
		}},
	// Text Embeddings Inference takes 32 texts unless it was started with a
	// larger --max-client-batch-size, and cuts none unless told to.
	{Name: "tei", Model: "reranker", KeyVar: "TEI_RERANK_API_KEY", URLVar: "TEI_RERANK_URL",
		path: "/rerank", max: 32, read: readList,
		body: func(_, query string, texts []string) any {
			return map[string]any{"query": query, "texts": texts, "raw_scores": false, "return_text": false, "truncate": true}
		}},
}

// A result is a row of the replies; TEI calls its score otherwise.
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
