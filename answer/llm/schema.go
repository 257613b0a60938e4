package llm

import (
	"encoding/json"
	"slices"
)

// isStrict reports whether a JSON schema is of the kind that OpenAI holds a model to
// exactly: each object lists all of its properties as required and allows no
// others. Another schema is sent all the same, and followed as well as the model
// can.
func isStrict(schema json.RawMessage) bool {
	var v any
	return json.Unmarshal(schema, &v) == nil && objectsClosed(v)
}

// objectsClosed says so for a part of a schema.
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
