// Package emulate answers requests for embeddings as a service documents its
// API, without a model.
//
// Call [Service.Embed]. [OpenAI] and [Azure] are services; what they refuse is
// refused with their status, code and message. The rules are kept apart from the
// client's own table on purpose, so that a mistake in one shows against the other.
package emulate

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
)

// A Service is what a provider documents of its embeddings API: limits, fields,
// and the form of answers and errors.
type Service struct {
	Models       map[string]Model // by the name that a request has
	MaxTokens    int              // of a text
	MaxTexts     int              // of a request
	MaxAllTokens int              // of all texts of a request; 0 means no limit

	TextsField     string         // the field that holds the texts
	DimensionField string         // the field that asks for shorter vectors; "" if there is none
	OtherFields    []string       // all other fields that a request may have
	Required       []string       // those of them that it must have
	Fixed          map[string]any // those that must have this value
	InputTypes     []string       // values of input_type, for documents and for questions; nil if it is not a field

	UnknownModel func(model string) *Refusal
	TooLong      func(tokens, limit int) *Refusal
	TooMany      func(texts, limit int) *Refusal
	ErrorBody    func(*Refusal) any
	Body         func(model string, vectors []any, tokens int) any
}

// A Model is what a service documents of one model.
type Model struct {
	Dim      int
	FixedDim bool // it refuses requests for shorter vectors
}

// A Request is a request as a server has read it.
type Request struct {
	Model  string                                                // as [Service.Models] names it
	Label  string                                                // appended to the model's name in the answer
	Fields map[string]any                                        // the JSON body
	Count  func(text string) int                                 // the tokens of a text
	Vector func(inputType, text string, dimension int) []float32 // the vector of a text
}

// A Refusal is the error that a service answers with. An empty Param or Code is
// null.
type Refusal struct {
	Status               int
	Param, Code, Message string
}

func refuse(param, code, format string, args ...any) *Refusal {
	return &Refusal{Status: 400, Param: param, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Embed returns the body of the answer, or the refusal.
func (s Service) Embed(r Request) (any, *Refusal) {
	if f := s.checkFields(r.Fields); f != nil {
		return nil, f
	}
	model, ok := s.Models[r.Model]
	if !ok {
		return nil, s.UnknownModel(r.Model)
	}
	texts, f := s.texts(r.Fields)
	if f != nil {
		return nil, f
	}
	total, f := s.checkTokens(texts, r.Count)
	if f != nil {
		return nil, f
	}
	dim, f := s.dimension(model, r.Fields)
	if f != nil {
		return nil, f
	}
	format, given := r.Fields["encoding_format"]
	if given && format != "float" && format != "base64" {
		return nil, refuse("encoding_format", "invalid_value", "Invalid value for 'encoding_format': expected 'float' or 'base64'.")
	}
	inputType, _ := r.Fields["input_type"].(string)
	vectors := make([]any, len(texts))
	for i, text := range texts {
		vectors[i] = encode(r.Vector(inputType, text, dim), format == "base64")
	}
	return s.Body(r.Model+r.Label, vectors, total), nil
}

// checkFields refuses unknown and missing fields, and values that no model takes.
func (s Service) checkFields(fields map[string]any) *Refusal {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name == "" || name != s.TextsField && name != s.DimensionField && !slices.Contains(s.OtherFields, name) {
			return refuse("", "", "Unrecognized request argument supplied: %s", name)
		}
	}
	for _, name := range s.Required {
		if fields[name] == nil {
			return refuse(name, "", "%s is required", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Fixed)) {
		if !reflect.DeepEqual(fields[name], s.Fixed[name]) {
			return refuse(name, "", "%s must be %v", name, s.Fixed[name])
		}
	}
	if t, _ := fields["input_type"].(string); s.InputTypes != nil && !slices.Contains(s.InputTypes, t) {
		return refuse("input_type", "", "invalid request: valid input_type must be provided with the provided model")
	}
	return nil
}

// texts returns the texts of a request: one string, or an array of them.
func (s Service) texts(fields map[string]any) ([]string, *Refusal) {
	invalid := refuse(s.TextsField, "", "'$.%s' is invalid. Please check the API reference.", s.TextsField)
	list, _ := fields[s.TextsField].([]any)
	if one, ok := fields[s.TextsField].(string); ok {
		list = []any{one}
	}
	if len(list) == 0 {
		return nil, invalid
	}
	if len(list) > s.MaxTexts {
		return nil, s.TooMany(len(list), s.MaxTexts)
	}
	texts := make([]string, len(list))
	for i, v := range list {
		text, ok := v.(string)
		switch {
		case !ok:
			return nil, invalid
		case text == "":
			return nil, refuse(s.TextsField, "", "'$.%s' is invalid: input cannot be an empty string.", s.TextsField)
		}
		texts[i] = text
	}
	return texts, nil
}

// checkTokens refuses texts that are too long, and returns their tokens.
func (s Service) checkTokens(texts []string, count func(string) int) (int, *Refusal) {
	total := 0
	for _, text := range texts {
		n := count(text)
		if total += n; n > s.MaxTokens {
			return 0, s.TooLong(n, s.MaxTokens)
		}
	}
	if s.MaxAllTokens > 0 && total > s.MaxAllTokens {
		return 0, refuse("", "max_tokens_per_request", "Requested %d tokens, max %d tokens per request", total, s.MaxAllTokens)
	}
	return total, nil
}

// dimension returns the dimension that a request asks for, else the model's.
func (s Service) dimension(m Model, fields map[string]any) (int, *Refusal) {
	v, ok := fields[s.DimensionField]
	if !ok {
		return m.Dim, nil
	}
	d, ok := v.(float64)
	switch {
	case m.FixedDim:
		return 0, refuse("", "", "This model does not support specifying dimensions.")
	case !ok || d != math.Trunc(d) || d < 1 || d > float64(m.Dim):
		return 0, refuse(s.DimensionField, "invalid_value", "Invalid value for '%s': expected a value within 1 and %d.", s.DimensionField, m.Dim)
	}
	return int(d), nil
}

// encode returns a vector as it stands in the answer.
func encode(v []float32, asBase64 bool) any {
	if !asBase64 {
		return v
	}
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(b)
}
