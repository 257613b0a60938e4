package embed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// An OpenAIConfig says which service and model to use. A service that is
// compatible with OpenAI's, such as a local one, needs BaseURL and Model.
type OpenAIConfig struct {
	APIKey     string       // required by OpenAI itself; "" sends none
	BaseURL    string       // "" means OpenAI's
	Model      string       // "" means text-embedding-3-small
	Dimensions int          // shortens the vectors of text-embedding-3-*, tells that of an unknown model; 0 means the model's own
	MaxTokens  int          // the longest input of an unknown model; 0 means 512
	HTTPClient *http.Client // nil means one without limits, since ctx sets them
	Log        *slog.Logger // nil means silence
}

const (
	openAIURL   = "https://api.openai.com/v1"
	openAIModel = "text-embedding-3-small"

	// OpenAI's limits on a request, as its reference documents them
	// (2026-11-22): inputs, and tokens of all inputs. A token of its tokenizer
	// covers at least one byte, so as many bytes never exceed it.
	maxInputs     = 2048
	maxInputBytes = 300_000

	openAIRetries    = 2   // on 408, 409, 429, 5xx and broken connections, by the SDK
	unknownMaxTokens = 512 // the least of the models that are in wide use
)

// openAIModels are the models whose properties OpenAI documents (2026-11-22).
var openAIModels = map[string]struct {
	dim       int
	maxTokens int
	shortens  bool // knows the parameter dimensions
}{
	"text-embedding-3-small": {1536, 8192, true},
	"text-embedding-3-large": {3072, 8192, true},
	"text-embedding-ada-002": {1536, 8192, false},
}

// An OpenAI is an embedder on OpenAI's embeddings API, or a compatible one.
type OpenAI struct {
	service   openai.EmbeddingService
	log       *slog.Logger
	key       string // to keep it out of messages
	host      string // of the service, for messages
	model     string
	dim       int
	send      int // the parameter dimensions; 0 means not to send it
	maxTokens int
}

var _ Embedder = (*OpenAI)(nil)

// NewOpenAI returns an embedder for cfg. It sends a request only if neither cfg
// nor a table of known models says the dimension: then it embeds one word to
// see.
func NewOpenAI(ctx context.Context, cfg OpenAIConfig) (*OpenAI, error) {
	if cfg.BaseURL == "" {
		cfg.BaseURL = openAIURL
	}
	if cfg.Model == "" {
		cfg.Model = openAIModel
	}
	o, err := newOpenAI(cfg)
	if err != nil {
		return nil, fmt.Errorf("embed: configure %s: %w", cfg.Model, err)
	}
	if o.dim > 0 {
		return o, nil
	}
	vectors, err := o.request(ctx, []string{"dimension"})
	if err != nil {
		return nil, fmt.Errorf("embed: ask for the dimension of %s: %w", cfg.Model, err)
	}
	o.dim = len(vectors[0])
	return o, nil
}

// newOpenAI checks cfg, whose defaults are filled in.
func newOpenAI(cfg OpenAIConfig) (*OpenAI, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("base URL is not an http or https URL: check OPENAI_BASE_URL")
	}
	if cfg.APIKey == "" && cfg.BaseURL == openAIURL {
		return nil, errors.New("no API key: set OPENAI_API_KEY, or OPENAI_BASE_URL to a service that needs none")
	}
	o := &OpenAI{log: cfg.Log, key: cfg.APIKey, host: u.Host, model: cfg.Model, dim: cfg.Dimensions, maxTokens: cfg.MaxTokens}
	switch known, ok := openAIModels[cfg.Model]; {
	case cfg.Dimensions < 0:
		return nil, fmt.Errorf("dimension %d is negative", cfg.Dimensions)
	case ok && cfg.Dimensions > known.dim:
		return nil, fmt.Errorf("dimension %d is more than the model's %d", cfg.Dimensions, known.dim)
	case ok && !known.shortens && cfg.Dimensions > 0 && cfg.Dimensions != known.dim:
		return nil, fmt.Errorf("dimension %d is not the model's %d, and it cannot shorten vectors", cfg.Dimensions, known.dim)
	case ok:
		o.maxTokens = known.maxTokens
		if cfg.Dimensions == 0 || cfg.Dimensions == known.dim {
			o.dim = known.dim
		} else {
			o.send = cfg.Dimensions
		}
	case o.maxTokens <= 0:
		o.maxTokens = unknownMaxTokens
	}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{}
	}
	opts := []option.RequestOption{
		option.WithBaseURL(strings.TrimSuffix(cfg.BaseURL, "/") + "/"),
		option.WithHTTPClient(cfg.HTTPClient),
		option.WithMaxRetries(openAIRetries),
	}
	if cfg.APIKey != "" {
		opts = append(opts, option.WithAPIKey(cfg.APIKey))
	}
	o.service = openai.NewEmbeddingService(opts...)
	return o, nil
}

// Model returns the model's name and the dimension, such as
// "text-embedding-3-small/1536".
func (o *OpenAI) Model() string { return fmt.Sprintf("%s/%d", o.model, o.dim) }

// MaxTokens returns the longest input of the model.
func (o *OpenAI) MaxTokens() int { return o.maxTokens }

// Embed returns a vector for each text, from as few requests as the service's
// limits allow, one after the other. Questions and documents are embedded
// alike. An error names what mends it, and never the key.
func (o *OpenAI) Embed(ctx context.Context, texts []string, _ Kind) ([]Vector, error) {
	vectors := make([]Vector, 0, len(texts))
	for len(vectors) < len(texts) {
		batch := texts[len(vectors):]
		batch = batch[:batchLen(batch)]
		got, err := o.request(ctx, batch)
		if err != nil {
			return vectors, fmt.Errorf("embed: %s: %w", o.model, err)
		}
		o.log.DebugContext(ctx, "embed texts", "model", o.model, "texts", len(batch))
		vectors = append(vectors, got...)
	}
	return vectors, nil
}

// batchLen returns how many of texts, which are some, go into one request.
func batchLen(texts []string) int {
	size := 0
	for i, text := range texts[:min(len(texts), maxInputs)] {
		size += len(text)
		if i > 0 && size > maxInputBytes {
			return i
		}
	}
	return min(len(texts), maxInputs)
}

// request embeds texts in one request.
func (o *OpenAI) request(ctx context.Context, texts []string) ([]Vector, error) {
	texts = slices.Clone(texts)
	for i, text := range texts {
		if text == "" {
			texts[i] = " " // an empty input is refused
		}
	}
	params := openai.EmbeddingNewParams{
		Model: o.model,
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts},
	}
	if o.send > 0 {
		params.Dimensions = openai.Int(int64(o.send))
	}
	if _, ok := openAIModels[o.model]; ok {
		// A quarter of the size. A compatible service may not know it.
		params.EncodingFormat = openai.EmbeddingNewParamsEncodingFormatBase64
	}
	res, err := o.service.New(ctx, params)
	if err != nil {
		return nil, o.explain(ctx, err)
	}
	return o.vectors(res.Data, len(texts))
}

// vectors returns the n vectors of data in the order of their inputs.
func (o *OpenAI) vectors(data []openai.Embedding, n int) ([]Vector, error) {
	if len(data) != n {
		return nil, fmt.Errorf("%s answered %d texts with %d vectors: check OPENAI_BASE_URL", o.host, n, len(data))
	}
	vectors := make([]Vector, n)
	for _, d := range data {
		if d.Index < 0 || d.Index >= int64(n) || vectors[d.Index] != nil {
			return nil, fmt.Errorf("%s answered %d texts with a vector for number %d, which is none or has one", o.host, n, d.Index)
		}
		if len(d.Embedding) == 0 || o.dim > 0 && len(d.Embedding) != o.dim {
			return nil, fmt.Errorf("%s answered with %d dimensions, want %d: check the model's name and dimensions", o.host, len(d.Embedding), o.dim)
		}
		v := make(Vector, len(d.Embedding))
		for i, x := range d.Embedding {
			v[i] = float32(x)
		}
		if !normalize(v) {
			return nil, fmt.Errorf("%s answered text %d with a vector without direction", o.host, d.Index)
		}
		vectors[d.Index] = v
	}
	return vectors, nil
}
