package structured

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// A shape is the type of a value in an example. A page may lack a value, so
// strings, numbers and booleans may be null.
type shape struct {
	types map[string]bool
	props map[string]*shape // of an object
	some  map[string]bool   // properties that some objects lack
	items *shape            // of a list; nil if the example's lists are empty
}

// schemaOf returns the JSON schema of objects like the example, with exactly
// its properties.
func schemaOf(example json.RawMessage) (json.RawMessage, error) {
	var v any
	if err := json.Unmarshal(example, &v); err != nil {
		return nil, errors.New("the example is not JSON")
	}
	if m, ok := v.(map[string]any); !ok || len(m) == 0 {
		return nil, errors.New("the example is not an object with at least one property")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(shapeOf(v).schema()); err != nil {
		return nil, err // Unreachable: the schema consists of maps, lists and strings.
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

func shapeOf(v any) *shape {
	s := &shape{types: map[string]bool{}}
	switch v := v.(type) {
	case map[string]any:
		s.types["object"] = true
		s.props, s.some = map[string]*shape{}, map[string]bool{}
		for name, e := range v {
			s.props[name] = shapeOf(e)
		}
	case []any:
		s.types["array"] = true
		for _, e := range v {
			s.items = merge(s.items, shapeOf(e))
		}
	case string:
		s.types["string"], s.types["null"] = true, true
	case float64:
		s.types["number"], s.types["null"] = true, true
	case bool:
		s.types["boolean"], s.types["null"] = true, true
	default:
		s.types["null"] = true
	}
	return s
}

// merge returns the shape of values of both shapes. A nil shape has no values.
func merge(a, b *shape) *shape {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	out := &shape{types: maps.Clone(a.types), props: a.props, some: a.some, items: merge(a.items, b.items)}
	maps.Copy(out.types, b.types)
	if a.props == nil || b.props == nil {
		if a.props == nil {
			out.props, out.some = b.props, b.some
		}
		return out
	}
	out.props, out.some = maps.Clone(a.props), maps.Clone(a.some)
	maps.Copy(out.some, b.some)
	for name := range a.props {
		out.some[name] = out.some[name] || b.props[name] == nil
	}
	for name, p := range b.props {
		out.some[name] = out.some[name] || a.props[name] == nil
		out.props[name] = merge(a.props[name], p)
	}
	return out
}

// scalars are the types of a value that the example does not show.
var scalars = []string{"boolean", "null", "number", "string"}

// schema returns the JSON schema of a shape.
func (s *shape) schema() map[string]any {
	if s == nil || len(s.types) == 1 && s.types["null"] {
		return map[string]any{"type": scalars}
	}
	out := map[string]any{}
	types := slices.Sorted(maps.Keys(s.types))
	if i := slices.Index(types, "null"); i >= 0 { // last, as the exception
		types = append(slices.Delete(types, i, i+1), "null")
	}
	out["type"] = types
	if len(types) == 1 {
		out["type"] = types[0]
	}
	if s.types["array"] {
		out["items"] = s.items.schema()
	}
	if s.types["object"] {
		props := map[string]any{}
		for name, p := range s.props {
			if s.some[name] {
				p = merge(p, shapeOf(nil))
			}
			props[name] = p.schema()
		}
		out["properties"], out["required"], out["additionalProperties"] = props, slices.Sorted(maps.Keys(props)), false
	}
	return out
}
