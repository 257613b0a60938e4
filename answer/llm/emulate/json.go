package emulate

import (
	"encoding/json"
	"maps"
	"slices"
)

// sorted returns the keys of m in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// mustJSON returns v as JSON.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("emulate: misuse: " + err.Error()) // Unreachable: only maps, strings and numbers come here.
	}
	return b
}

// typeOf returns the type that a JSON schema names, or "".
func typeOf(schema json.RawMessage) string {
	var s struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(schema, &s) != nil {
		return ""
	}
	return s.Type
}
