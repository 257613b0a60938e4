package emulate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// readOptions parses the parameters other than messages and tools.
func (t *turn) readOptions(fields map[string]json.RawMessage) *apiError {
	for _, v := range []struct {
		name string
		into any
	}{{"stream", &t.stream}, {"n", &t.choices}, {"reasoning_effort", &t.effort}} {
		if data, ok := fields[v.name]; ok && json.Unmarshal(data, v.into) != nil {
			return refuse(v.name, "invalid_type", "Invalid type for '%s'.", v.name)
		}
	}
	if t.choices < 1 {
		return refuse("n", "integer_below_min_value", "Invalid 'n': integer below minimum value. Expected a value >= 1, but got %d instead.", t.choices)
	}
	if v, ok := fields["stream_options"]; ok {
		var in struct {
			IncludeUsage       bool  `json:"include_usage"`
			IncludeObfuscation *bool `json:"include_obfuscation"`
		}
		if strict(v, &in) != nil {
			return refuse("stream_options", "invalid_type", "Invalid type for 'stream_options'.")
		}
		if !t.stream {
			return refuse("stream_options", "", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
		}
		t.includeUsage = in.IncludeUsage
	}
	if f := t.readChoice(fields["tool_choice"]); f != nil {
		return f
	}
	return t.readFormat(fields["response_format"])
}

// readChoice parses tool_choice.
func (t *turn) readChoice(data json.RawMessage) *apiError {
	t.choice = "auto"
	if data == nil {
		return nil
	}
	var named struct {
		Type     string `json:"type"`
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	switch {
	case len(t.tools) == 0:
		return refuse("tool_choice", "", "'tool_choice' is only allowed when 'tools' are specified.")
	case json.Unmarshal(data, &t.choice) == nil && hasWord("none auto required", t.choice):
		return nil
	case strict(data, &named) == nil && named.Type == "function" && t.tool(named.Function.Name) != nil:
		t.choice = named.Function.Name
		return nil
	}
	return refuse("tool_choice", "invalid_value", "Invalid value for 'tool_choice': expected 'none', 'auto', 'required' or one of the tools.")
}

// tool returns the tool with that name, or nil.
func (t *turn) tool(name string) *tool {
	if i := slices.IndexFunc(t.tools, func(v tool) bool { return v.name == name }); i >= 0 {
		return &t.tools[i]
	}
	return nil
}

// readFormat parses response_format.
func (t *turn) readFormat(data json.RawMessage) *apiError {
	if data == nil {
		return nil
	}
	var in struct {
		Type       string `json:"type"`
		JSONSchema *struct {
			Name        string          `json:"name"`
			Description string          `json:"description"`
			Schema      json.RawMessage `json:"schema"`
			Strict      *bool           `json:"strict"`
		} `json:"json_schema"`
	}
	if err := strict(data, &in); err != nil {
		return refuse("response_format", "invalid_type", "Invalid 'response_format': %v.", err)
	}
	switch s := in.JSONSchema; {
	case in.Type == "text" && s == nil:
	case in.Type == "json_object" && s == nil:
		t.jsonOnly = true
		if !slices.ContainsFunc(t.messages, func(m message) bool { return strings.Contains(strings.ToLower(m.text), "json") }) {
			return refuse("messages", "", "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
		}
	case in.Type == "json_schema" && s != nil && functionName.MatchString(s.Name) && typeOf(s.Schema) != "":
		t.schema = s.Schema
		if s.Strict != nil && *s.Strict {
			if problem := strictSchemaError(s.Schema, nil); problem != "" {
				return refuse("response_format", "", "Invalid schema for response_format '%s': %s", s.Name, problem)
			}
		}
	default:
		return refuse("response_format", "invalid_value", "Invalid value for 'response_format': expected the type 'text', 'json_object', or 'json_schema' with a name and a schema.")
	}
	return nil
}

// strictSchemaError returns why a schema cannot be strict, or "": each object must
// require all of its properties and allow no others.
func strictSchemaError(schema json.RawMessage, path []string) string {
	var s struct {
		Type                 any                        `json:"type"`
		Properties           map[string]json.RawMessage `json:"properties"`
		Required             []string                   `json:"required"`
		AdditionalProperties json.RawMessage            `json:"additionalProperties"`
		Items                json.RawMessage            `json:"items"`
		Defs                 map[string]json.RawMessage `json:"$defs"`
		AnyOf                []json.RawMessage          `json:"anyOf"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		return "schema must be an object"
	}
	context := "In context=(" + strings.Join(path, ", ") + "), "
	if s.Type == "object" {
		if string(s.AdditionalProperties) != "false" {
			return context + "'additionalProperties' is required to be supplied and to be false."
		}
		for _, name := range sorted(s.Properties) {
			if !slices.Contains(s.Required, name) {
				return context + "'required' is required to be supplied and to be an array including every key in properties. Missing '" + name + "'."
			}
		}
	}
	for _, name := range sorted(s.Properties) {
		if p := strictSchemaError(s.Properties[name], append(path, "'properties'", "'"+name+"'")); p != "" {
			return p
		}
	}
	for _, name := range sorted(s.Defs) {
		if p := strictSchemaError(s.Defs[name], append(path, "'$defs'", "'"+name+"'")); p != "" {
			return p
		}
	}
	for i, v := range s.AnyOf {
		if p := strictSchemaError(v, append(path, "'anyOf'", fmt.Sprintf("'%d'", i))); p != "" {
			return p
		}
	}
	if s.Items != nil {
		return strictSchemaError(s.Items, append(path, "'items'"))
	}
	return ""
}
