package openapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Limits of the fields that stand with one body of an operation. A schema within that
// they cut off gets a page of its own.
const (
	maxFieldDepth = 4
	maxFieldLines = 120
)

// A field is what is written of a parameter or a property, beside its schema.
type field struct {
	name, where          string
	required, deprecated bool
	text                 string
	example              any
}

// field writes a field and those within it.
func (w *writer) field(f field, ref *openapi3.SchemaRef, depth int, within []*openapi3.Schema) {
	w.lines++
	var facts []string
	for _, s := range []string{f.where, w.typeOf(ref)} {
		if s != "" {
			facts = append(facts, s)
		}
	}
	if f.required {
		facts = append(facts, "required")
	}
	var s openapi3.Schema
	if ref != nil && ref.Value != nil {
		s = *ref.Value
	}
	for _, fact := range []struct {
		is   bool
		text string
	}{{f.deprecated || s.Deprecated, "deprecated"}, {s.ReadOnly, "read-only"}, {s.WriteOnly, "write-only"}} {
		if fact.is {
			facts = append(facts, fact.text)
		}
	}
	item := strings.Repeat("  ", depth) + "- `" + f.name + "`"
	if len(facts) > 0 {
		item += " (" + strings.Join(facts, ", ") + ")"
	}
	var rest []string
	for _, part := range []string{oneLine(cmp.Or(f.text, s.Description, s.Title)), constraints(s)} {
		if part != "" {
			rest = append(rest, part)
		}
	}
	if e := oneOf(oneOf(f.example, []any{s.Example}), s.Examples); e != nil {
		if short := value(e); len(short) <= 200 {
			rest = append(rest, "Example: `"+short+"`.")
		}
	}
	if len(rest) > 0 {
		item += ": " + strings.Join(rest, " ")
	}
	w.raw(item + "\n")
	w.fields(ref, depth+1, within)
}

// fields writes the fields of a schema. within are the schemas around it, so that one
// which holds itself ends.
func (w *writer) fields(ref *openapi3.SchemaRef, depth int, within []*openapi3.Schema) {
	if ref == nil || ref.Value == nil {
		return
	}
	s := ref.Value
	if !hasFields(s, 0) || slices.Contains(within, s) {
		return
	}
	if depth >= maxFieldDepth || depth > 0 && w.lines >= maxFieldLines {
		if name := nameOf(ref); name != "" {
			w.raw(strings.Repeat("  ", depth) + "- the fields of `" + name + "`\n")
			w.giveOwnPage(name)
			return
		}
	}
	within = append(slices.Clone(within), s)
	for _, part := range s.AllOf {
		w.fields(part, depth, within)
	}
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, name := range inOrder(s.Properties) {
		w.field(field{name: name, required: required[name]}, s.Properties[name], depth, within)
	}
	for _, pattern := range inOrder(s.PatternProperties) {
		w.field(field{name: pattern}, s.PatternProperties[pattern], depth, within)
	}
	if extra := s.AdditionalProperties.Schema; extra != nil {
		w.field(field{name: "<any name>"}, extra, depth, within)
	}
	w.fields(s.Items, depth, within)
	for _, alternatives := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf, s.PrefixItems} {
		for i, a := range alternatives {
			if a.Value == nil || !hasFields(a.Value, 0) && a.Value.Description == "" {
				continue
			}
			w.field(field{name: cmp.Or(nameOf(a), a.Value.Title, fmt.Sprintf("form %d", i+1))}, a, depth, within)
		}
	}
}

// hasFields reports whether a schema has fields.
func hasFields(s *openapi3.Schema, depth int) bool {
	if s == nil || depth > maxFieldDepth {
		return false
	}
	has := func(ref *openapi3.SchemaRef) bool { return ref != nil && hasFields(ref.Value, depth+1) }
	return len(s.Properties)+len(s.PatternProperties) > 0 || s.AdditionalProperties.Schema != nil || has(s.Items) ||
		slices.ContainsFunc(slices.Concat(s.AllOf, s.OneOf, s.AnyOf, s.PrefixItems), has)
}

// inOrder returns the names of properties in their order in the description.
func inOrder(all openapi3.Schemas) []string {
	names := sortedKeys(all)
	line := func(name string) int {
		if ref := all[name]; ref != nil {
			if n := lineOf(ref.Origin); n > 0 {
				return n
			}
			if ref.Value != nil && ref.Ref == "" {
				return lineOf(ref.Value.Origin)
			}
		}
		return 0
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(line(a), line(b)) })
	return names
}

// nameOf returns the name of a schema that others refer to; "" if it has none.
func nameOf(ref *openapi3.SchemaRef) string {
	if ref == nil || ref.Ref == "" {
		return ""
	}
	return path.Base(ref.Ref)
}

// typeOf returns the type of a schema in words.
func (w *writer) typeOf(ref *openapi3.SchemaRef) string { return typeOf(ref, 0) }

func typeOf(ref *openapi3.SchemaRef, depth int) string {
	if ref == nil || ref.Value == nil || depth > maxFieldDepth {
		return ""
	}
	s := ref.Value
	kind := ""
	if s.Type != nil {
		kind = strings.Join(s.Type.Slice(), " or ")
	}
	switch {
	case s.Items != nil && (kind == "array" || kind == ""):
		kind = strings.TrimSpace("array of " + cmp.Or(typeOf(s.Items, depth+1), "any values"))
	case kind == "" && len(s.OneOf)+len(s.AnyOf) > 0:
		var kinds []string
		for _, a := range slices.Concat(s.OneOf, s.AnyOf) {
			if k := cmp.Or(nameOf(a), typeOf(a, depth+1)); k != "" && !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
		kind = strings.Join(kinds, " or ")
	case kind == "" && (len(s.Properties) > 0 || len(s.AllOf) > 0):
		kind = "object"
	}
	if s.Format != "" {
		kind = strings.TrimSpace(kind + " " + s.Format)
	}
	if name := nameOf(ref); name != "" && (kind == "object" || kind == "") {
		kind = strings.TrimSpace(name + " " + kind)
	}
	if s.Nullable {
		kind += " or null"
	}
	return kind
}

// constraints returns what values a schema allows, in sentences.
func constraints(s openapi3.Schema) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if s.Items != nil && s.Items.Value != nil && len(s.Enum) == 0 {
		s.Enum = s.Items.Value.Enum
	}
	if len(s.Enum) > 0 {
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = "`" + value(v) + "`"
		}
		add("One of %s.", strings.Join(values, ", "))
	}
	if s.Const != nil {
		add("Always `%s`.", value(s.Const))
	}
	if s.Default != nil {
		add("Default: `%s`.", value(s.Default))
	}
	for _, limit := range []struct {
		name string
		of   *float64
	}{{"Minimum", s.Min}, {"Maximum", s.Max}, {"Multiple of", s.MultipleOf}} {
		if limit.of != nil {
			add("%s: %v.", limit.name, *limit.of)
		}
	}
	for _, limit := range []struct {
		name string
		of   *uint64
	}{{"Shortest length", &s.MinLength}, {"Longest length", s.MaxLength}, {"Fewest items", &s.MinItems}, {"Most items", s.MaxItems}} {
		if limit.of != nil && *limit.of > 0 {
			add("%s: %d.", limit.name, *limit.of)
		}
	}
	if s.Pattern != "" {
		add("Pattern: `%s`.", s.Pattern)
	}
	return strings.Join(out, " ")
}

// value returns a value as JSON, or a string without its quotes.
func value(v any) string {
	if s, ok := v.(string); ok {
		return oneLine(s)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// giveOwnPage makes sure that a schema gets a page of its own.
func (w *writer) giveOwnPage(name string) {
	if w.cut[name] || w.doc.Components == nil || w.doc.Components.Schemas[name] == nil {
		return
	}
	w.cut[name] = true
	w.pending = append(w.pending, name)
}

// schemaPage returns the page of a schema.
func (w *writer) schemaPage(name string) Page {
	ref := w.doc.Components.Schemas[name]
	w.line("# %s (schema)", name)
	if ref.Value != nil {
		w.text(ref.Value.Description, 2)
		w.lines = 0
		w.fields(ref, 0, nil)
		w.raw("\n")
		w.example("", oneOf(ref.Value.Example, ref.Value.Examples))
	}
	return Page{Fragment: w.renderer.schema(name), Text: w.take()}
}
