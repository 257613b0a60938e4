package llm

import (
	"encoding/json"
	"strings"
)

// A partKind tells what a part of a message's content is.
type partKind int

const (
	textPart partKind = iota
	reasoningPart
	refusalPart
)

// A contentPart is a part of a message's content.
type contentPart struct {
	kind partKind
	text string
}

// partsOf returns the parts of a content: a string, an object, or a list of both.
func partsOf(content json.RawMessage) []contentPart {
	var s string
	if json.Unmarshal(content, &s) == nil {
		return []contentPart{{textPart, s}}
	}
	var list []json.RawMessage
	if json.Unmarshal(content, &list) == nil {
		var out []contentPart
		for _, p := range list {
			out = append(out, partsOf(p)...)
		}
		return out
	}
	var o map[string]json.RawMessage
	if json.Unmarshal(content, &o) != nil {
		return nil
	}
	kind := strings.ToLower(stringOf(o["type"]))
	switch {
	case strings.Contains(kind, "think") || strings.Contains(kind, "reason") || strings.Contains(kind, "thought") || strings.Trim(string(o["thought"]), `"`) == "true":
		return []contentPart{{reasoningPart, textOf(content)}}
	case kind == "refusal":
		return []contentPart{{refusalPart, stringOf(o["refusal"])}}
	case kind == "" || kind == "message" || strings.HasSuffix(kind, "text"):
		for _, name := range []string{"text", "content", "parts", "value"} {
			if o[name] != nil {
				return partsOf(o[name])
			}
		}
	}
	return nil
}

// stringOf returns a JSON string, or "" for any other value.
func stringOf(b json.RawMessage) string {
	var s string
	_ = json.Unmarshal(b, &s) // any other value leaves it empty
	return s
}

// textOf returns all text of a value: a string, an object with text, or a list of both.
func textOf(b json.RawMessage) string {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return ""
	}
	var out strings.Builder
	writeText(&out, v)
	return out.String()
}

// writeText writes the text of a decoded value.
func writeText(out *strings.Builder, v any) {
	switch v := v.(type) {
	case string:
		out.WriteString(v)
	case []any:
		for _, e := range v {
			writeText(out, e)
		}
	case map[string]any:
		for _, name := range []string{"text", "thinking", "reasoning", "summary", "content"} {
			if v[name] != nil {
				writeText(out, v[name])
				return
			}
		}
	}
}
