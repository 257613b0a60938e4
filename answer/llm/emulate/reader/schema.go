package reader

import (
	"encoding/json"
	"regexp"
	"strings"
)

// A jsonSchema has the keywords of JSON Schema that the emulated models understand.
type jsonSchema struct {
	Type       any                   `json:"type"`
	Enum       []any                 `json:"enum"`
	Const      any                   `json:"const"`
	Properties map[string]jsonSchema `json:"properties"`
	Required   []string              `json:"required"`
	Items      *jsonSchema           `json:"items"`
	MinItems   int                   `json:"minItems"`
	Minimum    float64               `json:"minimum"`
	AnyOf      []jsonSchema          `json:"anyOf"`
	Ref        string                `json:"$ref"`
	Defs       map[string]jsonSchema `json:"$defs"`
}

// Fill returns a small value that is valid against a JSON schema. It has the required
// properties only; strings come from the prompt, see [Prompt.valueOf].
func (p Prompt) Fill(schema json.RawMessage) any {
	var f jsonSchema
	if json.Unmarshal(schema, &f) != nil {
		return map[string]any{}
	}
	if f.Properties["answer"].Type == "string" && f.Properties["quotes"].Type == "array" {
		return p.answerForm()
	}
	return f.value("", p, f.Defs, 0)
}

// maxDepth bounds recursive schemas.
const maxDepth = 20

func (f jsonSchema) value(name string, p Prompt, defs map[string]jsonSchema, depth int) any {
	if ref, ok := strings.CutPrefix(f.Ref, "#/$defs/"); ok {
		f = defs[ref]
	}
	if len(f.AnyOf) > 0 {
		f = f.AnyOf[len(f.AnyOf)-1]
	}
	switch {
	case depth > maxDepth:
		return nil
	case f.Const != nil:
		return f.Const
	case len(f.Enum) > 0:
		return f.Enum[0]
	}
	kind, _ := f.Type.(string)
	if list, ok := f.Type.([]any); ok && len(list) > 0 {
		kind, _ = list[0].(string)
	}
	switch kind {
	case "string":
		return p.valueOf(name)
	case "integer", "number":
		return f.Minimum
	case "boolean":
		return false
	case "null":
		return nil
	case "array":
		items := make([]any, f.MinItems)
		for i := range items {
			if f.Items != nil {
				items[i] = f.Items.value(name, p, defs, depth+1)
			}
		}
		return items
	}
	out := map[string]any{}
	for _, key := range f.Required {
		out[key] = f.Properties[key].value(key, p, defs, depth+1)
	}
	return out
}

// valueOf returns the prompt's text for a property: the question for "query" and
// "question", else the text after "NAME:" on a line, else "".
func (p Prompt) valueOf(name string) string {
	if name == "query" || name == "question" {
		return p.Question
	}
	for line := range strings.Lines(p.data) {
		before, after, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.Trim(before, " #*_-|\""), name) {
			return strings.Trim(strings.TrimSpace(after), "*\", ")
		}
	}
	return ""
}

var quoteLine = regexp.MustCompile(`(?m)^\[(\d+)\] "(.*)"$`)

// answerForm returns the answer as an object with its quotes.
func (p Prompt) answerForm() any {
	text, list, _ := strings.Cut(p.Answer(), "\n\n"+quotesHeading)
	quotes := []any{}
	for _, m := range quoteLine.FindAllStringSubmatch(list, -1) {
		quotes = append(quotes, map[string]any{"n": json.Number(m[1]), "quote": m[2]})
	}
	return struct {
		Answer string `json:"answer"`
		Quotes []any  `json:"quotes"`
	}{text, quotes}
}
