package openai

import (
	"context"
	"net/http"
	"slices"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server/apidoc"
	"github.com/citewell/citewell/server/sse"
)

// Operations describes the routes of an API for an index. images tells whether questions
// may have images, problems are the errors of a question.
func Operations(c Config, images bool, problems []*problem.Kind) []apidoc.Operation {
	names := New(c).names()
	text := apidoc.Object{"type": "string"}
	asking := append(Failures(append([]*problem.Kind{problem.BadJSON, problem.BodyTooLarge}, problems...)),
		apidoc.Failure{Status: http.StatusBadRequest, Code: "unsupported_parameter", Body: failure{}}, apidoc.Failure{Status: http.StatusBadRequest, Code: "invalid_value", Body: failure{}}, noModel)
	return []apidoc.Operation{
		{Method: http.MethodPost, Path: "/v1/chat/completions", ID: "chatCompletions", Tag: "openai", Scopes: []string{state.ScopeAsk}, Summary: "Answer as chat completions do",
			Text: "With `stream`, the answer is sent as chunks; the last event is `[DONE]`.",
			Body: requestForm(names, "messages", apidoc.Object{
				"messages": apidoc.Object{"allOf": []any{conversation(images)}, "description": "the conversation; the last message is the question, of the role user"},
				"stream_options": apidoc.Object{"type": []string{"object", "null"}, "properties": apidoc.Object{
					"include_usage": apidoc.Object{"type": []string{"boolean", "null"}, "description": "the stream ends with the usage"}}},
				"n": apidoc.Object{"type": []string{"integer", "null"}, "minimum": 1, "maximum": 1, "description": "one answer is given"},
				"response_format": apidoc.Object{"type": []string{"object", "null"}, "properties": apidoc.Object{
					"type": apidoc.Object{"enum": []any{"", "text", nil}, "description": "POST /v1/extract extracts data by a schema"}}},
			}, chatRefuses),
			Example: `{"model": "citewell", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How many minutes does Assam take?"}], "temperature": 0.2}`,
			Replies: []apidoc.Reply{{Text: "the answer", Body: completion{}, Headers: warned},
				{Type: sse.MIME, Events: []apidoc.Event{{Text: "the next part of the answer", Last: "[DONE]", Body: apidoc.Object{"anyOf": []any{apidoc.Ref("OpenAICompletion"), apidoc.Ref("OpenAIFailure")}}}}}},
			Types:   []any{failure{}},
			Foreign: asking},
		{Method: http.MethodPost, Path: "/v1/responses", ID: "responses", Tag: "openai", Scopes: []string{state.ScopeAsk}, Summary: "Answer as responses do",
			Text: "With `stream`, the answer is sent as typed events.",
			Body: requestForm(names, "input", apidoc.Object{
				"input": apidoc.Object{"description": "the question, or the conversation with the question as the last message, of the role user", "anyOf": []any{
					apidoc.Object{"type": "string", "minLength": 1, "maxLength": retrieve.MaxQueryRunes, "pattern": apidoc.NotBlank},
					conversation(images)}},
				"text": apidoc.Object{"type": []string{"object", "null"}, "properties": apidoc.Object{"format": apidoc.Object{"type": []string{"object", "null"}, "properties": apidoc.Object{
					"type": apidoc.Object{"enum": []any{"", "text", nil}, "description": "POST /v1/extract extracts data by a schema"}}}}},
				"previous_response_id": apidoc.Object{"type": "null", "description": "responses are not kept: send the conversation as input"},
			}, responsesRefuse),
			Example: `{"model": "citewell", "input": "How many minutes does Assam take?"}`,
			Replies: []apidoc.Reply{{Text: "the answer", Body: response{}, Headers: warned}, {Type: sse.MIME, Events: responseEventForms()}},
			Foreign: asking},
		{Method: http.MethodGet, Path: "/v1/models", ID: "listModels", Tag: "openai", Scopes: []string{state.ScopeAsk}, Summary: "List the models: ways to answer from the index", Replies: []apidoc.Reply{{Text: "the list, the usual one first", Body: modelList{}}}},
		{Method: http.MethodGet, Path: "/v1/models/*name", ID: "getModel", Tag: "openai", Scopes: []string{state.ScopeAsk}, Summary: "Show one model",
			Params:  []apidoc.Param{{Name: "name", In: "path", Text: "of the model, such as citewell", Schema: text, Example: "citewell"}},
			Replies: []apidoc.Reply{{Text: "the model", Body: model{}}},
			Foreign: []apidoc.Failure{noModel}},
	}
}

// warned is the header of [warn].
var warned = map[string]string{warningHeader: "the fields of the request that have no effect"}

// refused is the schema of a field that must ask for nothing.
var refused = apidoc.Object{"type": []string{"null", "boolean", "string", "array", "object"}, "not": apidoc.Object{"const": true}, "maxLength": 0, "maxItems": 0, "maxProperties": 0,
	"items": apidoc.Object{}, "description": "not supported: answers are text from the pages alone"}

// conversation returns the schema of a list of messages, the question among them. images
// tells whether this server accepts images.
func conversation(images bool) apidoc.Object {
	text := apidoc.Object{"type": "string", "minLength": 1, "maxLength": retrieve.MaxQueryRunes, "pattern": apidoc.NotBlank}
	part := func(texts apidoc.Object) apidoc.Object {
		return apidoc.Object{"type": "object", "required": []string{"type", "text"}, "properties": apidoc.Object{"type": apidoc.Object{"enum": []string{"text", "input_text", "output_text"}}, "text": texts}}
	}
	parts := []any{part(apidoc.Object{"type": "string"})}
	if images {
		parts = append(parts, apidoc.Object{"type": "object", "required": []string{"type", "image_url"}, "properties": apidoc.Object{"type": apidoc.Object{"enum": []string{"image_url", "input_image"}},
			"image_url": apidoc.Object{"description": "an address or a data URI, or an object with it as url"}}})
	}
	message := apidoc.Object{"type": "object", "required": []string{"role"}, "properties": apidoc.Object{
		"role":    apidoc.Object{"enum": roles, "description": "instructions of system and developer, and results of tools, are not read"},
		"content": apidoc.Object{"description": "a text, or parts with texts and images", "anyOf": []any{apidoc.Object{"type": []string{"string", "null"}}, apidoc.Object{"type": "array", "items": apidoc.Object{"anyOf": parts}}}},
	}}
	question := apidoc.Object{"type": "object", "required": []string{"role", "content"}, "properties": apidoc.Object{"role": apidoc.Object{"const": "user"},
		"content": apidoc.Object{"anyOf": []any{text, apidoc.Object{"type": "array", "minItems": 1, "items": part(text)}}}}}
	return apidoc.Object{"type": "array", "minItems": 1, "contains": question, "items": message}
}

// requestForm returns the schema of a request with further fields: what both APIs have,
// and whatever else a client sends. models are the names that a request may give, empty the
// fields that must ask for nothing.
func requestForm(models []string, required string, more apidoc.Object, empty []string) apidoc.Object {
	for _, name := range empty {
		more[name] = refused
	}
	more["model"] = apidoc.Object{"type": "string", "description": "as GET /v1/models lists them; the name of the index may be left out", "enum": models}
	more["stream"] = apidoc.Object{"type": []string{"boolean", "null"}, "description": "send the answer as events"}
	more["x_citewell"] = apidoc.Object{"description": "send the answer as POST /v1/ask does, as x_citewell, instead of a list of its sources", "anyOf": []any{
		apidoc.Object{"type": []string{"boolean", "null"}},
		apidoc.Object{"type": "object", "additionalProperties": false, "properties": apidoc.Object{
			"k":      apidoc.Object{"type": []string{"integer", "null"}, "minimum": 0, "maximum": retrieve.MaxK, "description": "chunks to answer from; 0 means the default"},
			"filter": apidoc.Object{"anyOf": []any{apidoc.Ref("Filter"), apidoc.Object{"type": "null"}}}}}}}
	return apidoc.Object{"type": "object", "required": []string{"model", required}, "properties": more, "additionalProperties": apidoc.Object{"description": "whatever else the API has; header " + warningHeader + " names what has no effect"}}
}

// A failure is the reply with an error.
type failure struct {
	Error apiError `json:"error"`
}

var noModel = apidoc.Failure{Status: http.StatusNotFound, Code: "model_not_found", Body: failure{}}

// Failures are errors of these kinds in OpenAI's form.
func Failures(kinds []*problem.Kind) []apidoc.Failure {
	var out []apidoc.Failure
	for _, k := range kinds {
		e := errorOf(context.Background(), k)
		out = append(out, apidoc.Failure{Status: k.Status, Code: e.Code, Body: failure{}})
	}
	return out
}

// responseEventForms are the events of a streamed response.
func responseEventForms() []apidoc.Event {
	integer, text := apidoc.Object{"type": "integer"}, apidoc.Object{"type": "string"}
	form := func(properties apidoc.Object) apidoc.Object {
		properties["type"], properties["sequence_number"] = text, integer
		required := make([]string, 0, len(properties))
		for name := range properties {
			required = append(required, name)
		}
		slices.Sort(required)
		return apidoc.Object{"type": "object", "required": required, "properties": properties, "additionalProperties": false}
	}
	inPart := func(properties apidoc.Object) apidoc.Object {
		properties["item_id"], properties["output_index"], properties["content_index"] = text, integer, integer
		return form(properties)
	}
	whole, item, part := apidoc.Ref("OpenAIResponse"), apidoc.Ref("OpenAIItem"), apidoc.Ref("OpenAIContentPart")
	none := apidoc.Object{"type": "array", "maxItems": 0}
	return []apidoc.Event{
		{Name: "response.created", Text: "first", Body: form(apidoc.Object{"response": whole})},
		{Name: "response.in_progress", Text: "the pages were searched", Body: form(apidoc.Object{"response": whole})},
		{Name: "response.output_item.added", Text: "the message begins", Body: form(apidoc.Object{"output_index": integer, "item": item})},
		{Name: "response.content_part.added", Text: "its text begins", Body: inPart(apidoc.Object{"part": part})},
		{Name: "response.output_text.delta", Text: "the next part of the text", Body: inPart(apidoc.Object{"delta": text, "logprobs": none})},
		{Name: "response.output_text.annotation.added", Text: "a citation", Body: inPart(apidoc.Object{"annotation_index": integer, "annotation": apidoc.Ref("OpenAIResponseAnnotation")})},
		{Name: "response.output_text.done", Text: "the whole text", Body: inPart(apidoc.Object{"text": text, "logprobs": none})},
		{Name: "response.content_part.done", Text: "the text with its citations", Body: inPart(apidoc.Object{"part": part})},
		{Name: "response.output_item.done", Text: "the whole message", Body: form(apidoc.Object{"output_index": integer, "item": item})},
		{Name: "response.completed", Text: "last", Body: form(apidoc.Object{"response": whole})},
		{Name: "response.incomplete", Text: "last, if the answer was cut", Body: form(apidoc.Object{"response": whole})},
		{Name: "error", Text: "instead of further events", Body: form(apidoc.Object{"code": text, "message": text, "param": apidoc.Object{"type": []string{"string", "null"}}})},
	}
}
