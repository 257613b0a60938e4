package mcp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/google/jsonschema-go/jsonschema"
)

// schemaOf returns the schema of what a tool takes or returns. Each value has one type:
// clients that hand tools to other models than their own refuse lists of types.
func schemaOf[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("mcp: misuse: %v", err))
	}
	dropNullTypes(s)
	return s
}

// dropNullTypes takes null from the types of a schema. No tool returns null.
func dropNullTypes(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if len(s.Types) == 2 && s.Types[0] == "null" {
		s.Type, s.Types = s.Types[1], nil
	}
	dropNullTypes(s.Items)
	dropNullTypes(s.AdditionalProperties)
	for _, p := range s.Properties {
		dropNullTypes(p)
	}
}

// decoder returns a function that decodes the arguments of a tool, and returns an error
// that says which one is wrong. Arguments that are null are as absent: many models write
// all arguments that a tool has, and null for those that they do not use.
func decoder[In any]() func(json.RawMessage, *In) error {
	resolved, err := schemaOf[In]().Resolve(nil)
	if err != nil {
		panic(fmt.Sprintf("mcp: misuse: %v", err))
	}
	return func(raw json.RawMessage, in *In) error {
		args := map[string]any{}
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &args); err != nil {
				return err
			}
		}
		maps.DeleteFunc(args, func(_ string, value any) bool { return value == nil })
		if err := resolved.Validate(args); err != nil {
			return err
		}
		b, err := json.Marshal(args)
		if err != nil {
			return err
		}
		return json.Unmarshal(b, in)
	}
}

// asJSON returns a result as JSON that a model reads: without escapes for HTML. The SDK
// would compute it twice, and again to compare it with the schema.
func asJSON(out any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return bytes.TrimSpace(b.Bytes()), err
}
