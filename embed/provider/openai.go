package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/entra"
)

// newOpenAI returns the sender for OpenAI's API or a compatible one.
func newOpenAI(d endpoint) sendFunc {
	opts := []option.RequestOption{option.WithBaseURL(d.base + "/")}
	if d.key != "" {
		opts = append(opts, option.WithAPIKey(d.key))
	}
	return d.openAI(opts)
}

// newAzure returns the sender for a deployment of OpenAI's models on Azure.
func newAzure(d endpoint) sendFunc {
	if d.version == "" {
		d.version = defaultAPIVersion
	}
	opts := []option.RequestOption{azure.WithEndpoint(d.base, d.version)}
	if d.credential != nil {
		opts = append(opts, azure.WithTokenCredential(entra.Cache(d.credential)))
	} else {
		opts = append(opts, azure.WithAPIKey(d.key))
	}
	return d.openAI(opts)
}

func (d endpoint) openAI(opts []option.RequestOption) sendFunc {
	// The HTTP client retries, by the same rules for every provider. The first
	// middleware is the outermost.
	opts = append([]option.RequestOption{option.WithMiddleware(refuse)}, opts...)
	opts = append(opts, option.WithHTTPClient(d.client), option.WithMaxRetries(0))
	service := openai.NewEmbeddingService(opts...)
	return func(ctx context.Context, r request) (reply, error) {
		params := openai.EmbeddingNewParams{
			Model: r.model,
			Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: r.texts},
		}
		if r.dimension > 0 {
			params.Dimensions = openai.Int(int64(r.dimension))
		}
		if r.base64 {
			params.EncodingFormat = openai.EmbeddingNewParamsEncodingFormatBase64
		}
		if extra := d.provider.fields(r.kind); len(extra) > 0 {
			params.SetExtraFields(extra)
		}
		res, err := service.New(ctx, params, option.WithMiddleware(bound(len(r.texts))))
		if err != nil {
			return reply{}, err
		}
		if res == nil { // the SDK decodes null to it (openai-go 3.96)
			return reply{}, errors.New("the answer is null")
		}
		vectors, err := ordered(res.Data)
		return reply{vectors, res.Model}, err
	}
}

// refuse converts an error response to an error. The SDK cannot parse a response
// whose error is a string, such as NVIDIA's (openai-go 3.96).
func refuse(req *http.Request, next option.MiddlewareNext) (*http.Response, error) {
	res, err := next(req)
	if err != nil || res.StatusCode < http.StatusBadRequest {
		return res, err
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBytes)) // the status is enough
	return nil, parseError(res.StatusCode, body)
}

// bound limits the body of a response to some texts: the SDK reads it whole.
func bound(texts int) option.Middleware {
	return func(req *http.Request, next option.MiddlewareNext) (*http.Response, error) {
		res, err := next(req)
		if err == nil {
			res.Body = http.MaxBytesReader(nil, res.Body, maxReplyBytes(texts))
		}
		return res, err
	}
}

// ordered returns the vectors of data in the order of their inputs.
func ordered(data []openai.Embedding) ([]embed.Vector, error) {
	vectors := make([]embed.Vector, len(data))
	for _, d := range data {
		if d.Index < 0 || d.Index >= int64(len(data)) || vectors[d.Index] != nil {
			return nil, fmt.Errorf("invalid or repeated index %d among %d vectors", d.Index, len(data))
		}
		v := make(embed.Vector, len(d.Embedding))
		for i, x := range d.Embedding {
			v[i] = float32(x)
		}
		vectors[d.Index] = v
	}
	return vectors, nil
}
