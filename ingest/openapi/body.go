package openapi

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxExampleBytes is how much of one example is kept.
const maxExampleBytes = 4000

// content writes the schemas and examples of a body, those that are alike once.
func (w *writer) content(c openapi3.Content) {
	seen := map[*openapi3.Schema]string{}
	for _, kind := range sortedKeys(c) {
		m := c[kind]
		if m == nil {
			continue
		}
		w.lines = 0
		switch schema := cmp.Or(m.Schema, m.ItemSchema); {
		case schema == nil || schema.Value == nil:
			w.line("`%s`", kind)
		case seen[schema.Value] != "":
			w.line("`%s`: as `%s`", kind, seen[schema.Value])
		default:
			seen[schema.Value] = kind
			w.line("`%s`: %s", kind, w.typeOf(schema))
			w.text(schema.Value.Description, 4)
			w.fields(schema, 0, nil)
			w.raw("\n")
			if m.Example == nil && len(m.Examples) == 0 {
				w.example("", oneOf(schema.Value.Example, schema.Value.Examples))
			}
		}
		w.example("", m.Example)
		for _, name := range sortedKeys(m.Examples) {
			if e := m.Examples[name].Value; e != nil {
				w.example(cmp.Or(oneLine(e.Summary), name), e.Value)
			}
		}
	}
}

// oneOf returns an example, or else the first of several; nil if there is none.
func oneOf(one any, several []any) any {
	if one == nil && len(several) > 0 {
		return several[0]
	}
	return one
}

// example writes an example as code.
func (w *writer) example(name string, value any) {
	if value == nil {
		return
	}
	text, isText := value.(string)
	language := ""
	if !isText {
		b, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			return
		}
		text, language = string(b), "json"
	}
	w.line("%s", strings.TrimSpace("Example "+name)+":")
	w.code(language, text)
}

// code writes a block of code, cut after a line if it is long.
func (w *writer) code(language, text string) {
	text = strings.Trim(text, "\n")
	if len(text) > maxExampleBytes {
		text = text[:strings.LastIndexByte(text[:maxExampleBytes], '\n')+1] + "…"
	}
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	w.raw(fence + language + "\n" + text + "\n" + fence + "\n\n")
}

// codeSamples writes the calls in programming languages that vendors add.
func (w *writer) codeSamples(extensions map[string]any) {
	for _, key := range []string{"x-codeSamples", "x-code-samples"} {
		samples, _ := extensions[key].([]any)
		for _, s := range samples {
			m, _ := s.(map[string]any)
			source, _ := m["source"].(string)
			lang, _ := m["lang"].(string)
			label, _ := m["label"].(string)
			if strings.TrimSpace(source) != "" {
				w.line("Example in %s:", cmp.Or(label, lang))
				w.code(strings.ToLower(strings.Fields(lang + " text")[0]), source)
			}
		}
	}
}
