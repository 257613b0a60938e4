package emulate

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// embedders gives OpenAI's embedding models their dimensions, and whether fewer
// can be asked for. Limits are of 2025-01: see [exchange.embed].
var embedders = map[string]struct {
	dim   int
	fewer bool
}{
	"text-embedding-3-small": {1536, true},
	"text-embedding-3-large": {3072, true},
	"text-embedding-ada-002": {1536, false},
}

const (
	maxInputs      = 2048
	maxInputTokens = 8192
	maxAllTokens   = 300_000
)

// embed answers a request for vectors. Texts that share words are near.
func (x *exchange) embed(fields map[string]json.RawMessage) *failure {
	for _, name := range sorted(fields) {
		if !has("model input dimensions encoding_format user", name) {
			return refuse("", "", "Unrecognized request argument supplied: %s", name)
		}
	}
	name, f := x.embedder(fields)
	if f != nil {
		return f
	}
	served := embedders[name]
	inputs, f := x.inputs(fields["input"])
	if f != nil {
		return f
	}
	dim := served.dim
	if v, ok := fields["dimensions"]; ok {
		switch {
		case !served.fewer:
			return refuse("", "", "This model does not support specifying dimensions.")
		case json.Unmarshal(v, &dim) != nil || dim < 1 || dim > served.dim:
			return refuse("dimensions", "invalid_value", "Invalid value for 'dimensions': expected a value within 1 and %d.", served.dim)
		}
	}
	format := "float"
	if v, ok := fields["encoding_format"]; ok && (json.Unmarshal(v, &format) != nil || !has("float base64", format)) {
		return refuse("encoding_format", "invalid_value", "Invalid value for 'encoding_format': expected 'float' or 'base64'.")
	}
	data, total := make([]any, len(inputs)), 0
	for i, text := range inputs {
		total += x.Count(text)
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": encode(vector(text, dim), format)}
	}
	x.sendBody(map[string]any{"object": "list", "data": data, "model": name + x.Label,
		"usage": map[string]any{"prompt_tokens": total, "total_tokens": total}})
	return nil
}

// embedder returns the model that is asked for.
func (x *exchange) embedder(fields map[string]json.RawMessage) (string, *failure) {
	var name string
	if x.api == azure {
		name = x.r.PathValue("deployment")
	} else if json.Unmarshal(fields["model"], &name) != nil || name == "" {
		return "", refuse("", "", "you must provide a model parameter")
	}
	known := name
	if x.Models[name] != "" {
		known = x.Models[name]
	}
	if _, ok := embedders[known]; !ok {
		return "", noModel(x.api, name)
	}
	return known, nil
}

// inputs reads the texts to embed.
func (x *exchange) inputs(data json.RawMessage) ([]string, *failure) {
	var texts []string
	var one string
	if json.Unmarshal(data, &one) == nil {
		texts = []string{one}
	} else if json.Unmarshal(data, &texts) != nil || len(texts) == 0 {
		return nil, refuse("input", "", "'$.input' is invalid. Please check the API reference.")
	}
	if len(texts) > maxInputs {
		return nil, refuse("input", "", "'$.input' is too long: at most %d inputs are taken.", maxInputs)
	}
	if slices.Contains(texts, "") {
		return nil, refuse("input", "", "'$.input' is invalid: input cannot be an empty string.")
	}
	total := 0
	for _, text := range texts {
		n := x.Count(text)
		if total += n; n > maxInputTokens {
			return nil, refuse("", "", "This model's maximum context length is %d tokens, however you requested %d tokens. Please reduce your prompt.", maxInputTokens, n)
		}
	}
	if total > maxAllTokens {
		return nil, refuse("", "max_tokens_per_request", "Requested %d tokens, max %d tokens per request", total, maxAllTokens)
	}
	return texts, nil
}

// vector returns a unit vector of a text by its words.
func vector(text string, dim int) []float32 {
	out := make([]float32, dim)
	add := func(word string) {
		h := fnv.New64a()
		fmt.Fprint(h, word) // never fails
		sum := h.Sum64()
		sign := float32(1)
		if sum>>63 == 1 {
			sign = -1
		}
		out[sum%uint64(dim)] += sign
	}
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		add(word)
	}
	norm := 0.0
	for _, v := range out {
		norm += float64(v) * float64(v)
	}
	if norm == 0 { // words that cancel, or white space
		out[0], norm = 1, 1
	}
	for i := range out {
		out[i] /= float32(math.Sqrt(norm))
	}
	return out
}

// encode gives a vector the form that was asked for.
func encode(v []float32, format string) any {
	if format != "base64" {
		return v
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes all
	return base64.StdEncoding.EncodeToString(b.Bytes())
}
