package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/citewell/citewell/embed"
)

// newJSON returns the sender for a service that has a POST with the fields of the table.
//
// Cohere has an SDK for Go, but its last release (2.15.3, September 2025) ignores
// Retry-After and a canceled context when it retries; Ollama's SDK is the whole
// server.
func newJSON(d endpoint) sendFunc {
	p := d.provider
	return func(ctx context.Context, r request) (reply, error) {
		fields := p.fields(r.kind)
		fields[p.texts] = r.texts
		if !p.noModelField {
			fields["model"] = r.model
		}
		if r.dimension > 0 {
			fields[p.dimField] = r.dimension
		}
		body, err := json.Marshal(fields)
		if err != nil {
			return reply{}, err // Unreachable: strings and numbers only.
		}
		got, err := d.do(ctx, http.MethodPost, p.path, body, maxReplyBytes(len(r.texts)))
		if err != nil {
			return reply{}, err
		}
		return p.decode(got)
	}
}

// do sends body to path and returns the body of the response, of at most limit bytes.
func (d endpoint) do(ctx context.Context, method, path string, body []byte, limit int64) (_ []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, d.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if d.key != "" {
		req.Header.Set("Authorization", "Bearer "+d.key)
	}
	res, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode/100 != 2 {
		got, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBytes)) // the status is enough
		return nil, parseError(res.StatusCode, got)
	}
	return io.ReadAll(http.MaxBytesReader(nil, res.Body, limit))
}

func decodeCohere(body []byte) (reply, error) {
	var r struct {
		Embeddings struct {
			Float []embed.Vector `json:"float"`
		} `json:"embeddings"`
	}
	err := json.Unmarshal(body, &r)
	return reply{vectors: r.Embeddings.Float}, err
}

func decodeOllama(body []byte) (reply, error) {
	var r struct {
		Model      string         `json:"model"`
		Embeddings []embed.Vector `json:"embeddings"`
	}
	err := json.Unmarshal(body, &r)
	return reply{r.Embeddings, r.Model}, err
}

func decodeTEI(body []byte) (reply, error) {
	var vectors []embed.Vector
	err := json.Unmarshal(body, &vectors)
	return reply{vectors: vectors}, err
}

// inspectTEI asks a Text Embeddings Inference server for its model and limits.
func inspectTEI(d endpoint) inspect {
	return func(ctx context.Context) (serverInfo, error) {
		body, err := d.do(ctx, http.MethodGet, "/info", nil, maxErrorBytes)
		if err != nil {
			return serverInfo{}, err
		}
		var info struct {
			Model     string `json:"model_id"`
			MaxTokens int    `json:"max_input_length"`
			MaxTexts  int    `json:"max_client_batch_size"`
		}
		if err := json.Unmarshal(body, &info); err != nil {
			return serverInfo{}, err
		}
		if info.Model == "" {
			return serverInfo{}, fmt.Errorf("no model_id in the answer to /info")
		}
		return serverInfo{info.Model, info.MaxTokens, info.MaxTexts}, nil
	}
}
