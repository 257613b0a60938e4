package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
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

// dropNulls leaves out arguments that are null: many models write all arguments that a
// tool has, and null for those that they do not use.
func dropNulls(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
		if p, ok := req.GetParams().(*sdk.CallToolParamsRaw); ok {
			var args map[string]json.RawMessage
			if json.Unmarshal(p.Arguments, &args) == nil { // else the tool says what is wrong
				maps.DeleteFunc(args, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
				if b, err := json.Marshal(args); err == nil {
					p.Arguments = b
				}
			}
		}
		return next(ctx, method, req)
	}
}

// asJSON returns a result as JSON that a model reads: without escapes for HTML.
func asJSON(out any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return string(bytes.TrimSpace(b.Bytes())), err
}
