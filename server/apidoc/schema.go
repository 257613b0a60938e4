package apidoc

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// NotBlank is the pattern of a text that is not white space alone. To regular expressions
// of JSON schemas, U+0085 is none.
const NotBlank = `[^\s\x85]`

// A Field is what the type of a field does not tell.
type Field struct {
	Text     string // what it means, with its unit
	Required bool   // a request must have it; replies have every field that is not omitted when empty
	Null     bool   // a reply may have null
	Hidden   bool   // not a part of the API
	More     Object // further keywords of its schema; they replace those of its type
}

// A builder makes schemas of Go types.
type builder struct {
	fields   map[string]Field
	prefixes map[string]string
	schemas  Object // by name
	types    map[string]schemaOf
	used     map[string]bool // names of fields
	missing  []string        // fields without an entry
}

// A schemaOf is what a named schema was made of.
type schemaOf struct {
	t       reflect.Type
	request bool
}

// body returns the schema of a value's type; an Object is one already.
func (b *builder) body(v any, request bool) Object {
	if o, ok := v.(Object); ok {
		return o
	}
	return b.schema(reflect.TypeOf(v), request)
}

// schema returns the schema of a type. Structs get a name, and are referred to.
func (b *builder) schema(t reflect.Type, request bool) Object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return Object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage](), t.Kind() == reflect.Interface:
		return Object{}
	case t == reflect.TypeFor[struct{}]():
		return Object{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return b.schema(t.Elem(), request)
	case reflect.Struct:
		return Ref(b.define(t, request))
	case reflect.Slice:
		return Object{"type": "array", "items": b.schema(t.Elem(), request)}
	case reflect.Map:
		return Object{"type": "object", "additionalProperties": b.schema(t.Elem(), request)}
	case reflect.String:
		return Object{"type": "string"}
	case reflect.Bool:
		return Object{"type": "boolean"}
	case reflect.Float64:
		return Object{"type": "number"}
	case reflect.Int, reflect.Int64:
		return Object{"type": "integer"}
	}
	panic(fmt.Sprintf("apidoc: no schema for %v", t))
}

// name returns the name of a struct's schema.
func (b *builder) name(t reflect.Type) string {
	if t.Name() == "" {
		panic(fmt.Sprintf("apidoc: a struct without a name: %v", t))
	}
	pkg := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
	return b.prefixes[pkg] + strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
}

// define makes the schema of a struct, once, and returns its name.
func (b *builder) define(t reflect.Type, request bool) string {
	name, of := b.name(t), schemaOf{t, request}
	if seen, ok := b.types[name]; ok {
		if seen != of {
			panic(fmt.Sprintf("apidoc: %s is the schema of %v and of %v, or of a request and a reply", name, seen.t, t))
		}
		return name
	}
	b.types[name] = of
	properties, required := Object{}, []string{}
	for _, m := range members(t) {
		key := b.name(m.owner) + "." + m.name
		f, ok := b.fields[key]
		b.used[key] = true
		switch {
		case !ok || f.Text == "" && !f.Hidden:
			b.missing = append(b.missing, key)
		case f.Hidden:
			continue
		}
		if f.Required || !request && !m.omitted {
			required = append(required, m.name)
		}
		properties[m.name] = b.property(m, f, request)
	}
	s := Object{"type": "object", "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		s["required"] = required
	}
	if request {
		s["additionalProperties"] = false
	}
	b.schemas[name] = s
	return name
}

// property returns the schema of one field.
func (b *builder) property(m member, f Field, request bool) Object {
	p := Object{}
	if _, other := f.More["$ref"]; !other {
		p = b.schema(m.t, request)
	}
	maps.Copy(p, f.More)
	// A request may have null for every field that it need not have.
	if request && !f.Required || f.Null || !request && m.t.Kind() == reflect.Pointer && !m.omitted {
		p = nullable(p)
	}
	p["description"] = f.Text
	return p
}

// nullable returns a schema that takes null, too.
func nullable(p Object) Object {
	if _, ok := p["$ref"]; ok {
		return Object{"anyOf": []any{p, Object{"type": "null"}}}
	}
	if kind, ok := p["type"].(string); ok {
		p["type"] = []string{kind, "null"}
	}
	if values, ok := p["enum"].([]string); ok {
		all := []any{}
		for _, v := range values {
			all = append(all, v)
		}
		p["enum"] = append(all, nil)
	}
	return p
}

// A member is a field of a struct as JSON has it.
type member struct {
	owner   reflect.Type // the struct that declares it
	name    string
	t       reflect.Type
	omitted bool // when it is empty
	depth   int  // of embedding
}

// members returns the fields of a struct and of those embedded in it. Of several with one
// name, JSON has the one that is embedded least deep.
func members(t reflect.Type) []member {
	best := map[string]member{}
	var walk func(t reflect.Type, depth int, optional bool)
	walk = func(t reflect.Type, depth int, optional bool) {
		if t.Kind() == reflect.Pointer { // it may be nil
			t, optional = t.Elem(), true
		}
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				walk(f.Type, depth+1, optional)
			case name == "-", name == "":
			default:
				m := member{t, name, f.Type, optional || strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"), depth}
				if old, ok := best[name]; !ok || depth < old.depth {
					best[name] = m
				}
			}
		}
	}
	walk(t, 0, false)
	out := make([]member, 0, len(best))
	for _, name := range slices.Sorted(maps.Keys(best)) {
		out = append(out, best[name])
	}
	return out
}

// checkFields panics if a field has no entry in the table, or an entry no field.
func (b *builder) checkFields() {
	for key := range b.fields {
		if !b.used[key] {
			panic("apidoc: no schema has the field " + key)
		}
	}
	if b.missing != nil {
		panic("apidoc: these fields are not described: " + strings.Join(b.missing, ", "))
	}
}

// decoded returns a value of JSON.
func decoded(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(fmt.Sprintf("apidoc: the example %s is not JSON: %v", text, err))
	}
	return v
}
