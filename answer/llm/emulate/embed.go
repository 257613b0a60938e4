package emulate

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"strings"

	embeddings "github.com/citewell/citewell/embed/emulate"
)

// embeddingModels are the models of the embeddings API.
var embeddingModels = embeddings.OpenAI().Models

// embed answers a request for vectors. Texts that share words are near.
func (x *exchange) embed(fields map[string]json.RawMessage) *apiError {
	service, name := embeddings.OpenAI(), ""
	if x.api == azure {
		service, name = embeddings.Azure(), x.r.PathValue("deployment")
	} else if json.Unmarshal(fields["model"], &name) != nil || name == "" {
		return refuse("", "", "you must provide a model parameter")
	}
	known := name
	if x.Models[name] != "" {
		known = x.Models[name]
	}
	if _, ok := embeddingModels[known]; !ok {
		return unknownModel(x.api, name)
	}
	values := map[string]any{}
	for key, data := range fields {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			return &apiError{status: http.StatusBadRequest, message: err.Error()} // Unreachable: the body has been read as JSON.
		}
		values[key] = v
	}
	body, f := service.Embed(embeddings.Request{Model: known, Label: x.Label, Fields: values, Count: x.Count, Vector: vector})
	if f != nil {
		return fromRefusal(f)
	}
	x.sendBody(body)
	return nil
}

// vector returns a unit vector of a text by its words.
func vector(_, text string, dim int) []float32 {
	out := make([]float32, dim)
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		h := fnv.New64a()
		fmt.Fprint(h, word) // never fails
		sum := h.Sum64()
		sign := float32(1)
		if sum>>63 == 1 {
			sign = -1
		}
		out[sum%uint64(dim)] += sign
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
