package llm

import (
	"encoding/json"
	"slices"
)

// isStrict reports whether OpenAI can enforce a JSON schema exactly: each object
// requires all of its properties and allows no others. Any other schema is sent
// without strict, and the model follows it as well as it can.
func isStrict(schema json.RawMessage) bool {
	var v any
	return json.Unmarshal(schema, &v) == nil && objectsClosed(v)
}

// objectsClosed does so for a part of a schema.
func objectsClosed(v any) bool {
	switch v := v.(type) {
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !objectsClosed(e) })
	case map[string]any:
		if v["type"] == "object" {
			properties, _ := v["properties"].(map[string]any)
			required, _ := v["required"].([]any)
			if v["additionalProperties"] != false || len(required) != len(properties) {
				return false
			}
		}
		for _, e := range v {
			if !objectsClosed(e) {
				return false
			}
		}
	}
	return true
}
