package openapi

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A writer writes the pages of a description.
type writer struct {
	strings.Builder
	doc      *openapi3.T
	renderer Renderer
	lines    int             // of fields, in the part that is being written
	cut      map[string]bool // schemas that have pages of their own
	pending  []string        // the same, in order
	call     string          // method and path of the operation: headings name it, since a chunk is found by its heading
}

// take returns the page that was written, and begins a new one.
func (w *writer) take() string {
	text := strings.TrimSpace(w.String()) + "\n"
	w.Reset()
	return text
}

func (w *writer) raw(s string) { w.WriteString(s) }

// line writes a paragraph.
func (w *writer) line(format string, args ...any) {
	w.raw(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n\n")
}

var (
	headingLine = regexp.MustCompile(`(?m)^(#{1,6})([ \t])`)
	fencedBlock = regexp.MustCompile("(?ms)^[ ]{0,3}(```+|~~~+).*?(?:^[ ]{0,3}(?:```+|~~~+)[ \t]*$|\\z)")
)

// text writes a description in Markdown, with its headings below a level.
func (w *writer) text(s string, level int) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" {
		return
	}
	at := 0
	for _, block := range append(fencedBlock.FindAllStringIndex(s, -1), []int{len(s), len(s)}) {
		w.raw(lowered(s[at:block[0]], level) + s[block[0]:block[1]])
		at = block[1]
	}
	w.raw("\n\n")
}

// lowered returns Markdown whose highest heading is at a level.
func lowered(s string, level int) string {
	highest := 7
	for _, m := range headingLine.FindAllStringSubmatch(s, -1) {
		highest = min(highest, len(m[1]))
	}
	by := level - highest
	if highest == 7 || by <= 0 {
		return s
	}
	return headingLine.ReplaceAllStringFunc(s, func(h string) string {
		n := strings.Count(h, "#")
		return strings.Repeat("#", min(n+by, 6)) + h[n:]
	})
}

// operation returns the page of an operation.
func (w *writer) operation(p pathItem, op namedOperation) Page {
	call := op.method + " " + p.name
	if p.webhook {
		call = "webhook " + p.name
	}
	w.call = call
	title := call
	if s := cmp.Or(oneLine(op.Summary), oneLine(p.item.Summary)); s != "" {
		title = strings.TrimRight(s, ".") + " (" + call + ")"
	} else if op.OperationID != "" {
		title = op.OperationID + " (" + call + ")"
	}
	w.line("# %s", title)
	if op.Deprecated {
		w.line("Deprecated.")
	}
	if !p.webhook {
		w.raw("```http\n" + call + "\n```\n\n")
	}
	w.text(cmp.Or(op.Description, p.item.Description), 2)
	w.facts(op)
	w.parameters(p.item.Parameters, op.Parameters)
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		b := op.RequestBody.Value
		w.line("## Request body of %s", call)
		if b.Required {
			w.line("Required.")
		}
		w.text(b.Description, 3)
		w.content(b.Content)
	}
	w.responses(op.Responses)
	for _, name := range sortedKeys(op.Callbacks) {
		w.callback(name, op.Callbacks[name])
	}
	w.codeSamples(op.Extensions)
	return Page{Fragment: w.renderer.operation(p, op), Text: w.take()}
}

// facts writes the short facts of an operation.
func (w *writer) facts(op namedOperation) {
	before := w.Len()
	if op.OperationID != "" {
		w.raw("- Operation: `" + op.OperationID + "`\n")
	}
	if len(op.Tags) > 0 {
		w.raw("- Group: " + strings.Join(op.Tags, ", ") + "\n")
	}
	security := w.doc.Security
	if op.Security != nil {
		security = *op.Security
	}
	var ways []string
	for _, requirement := range security {
		var names []string
		for _, name := range sortedKeys(requirement) {
			if scopes := requirement[name]; len(scopes) > 0 {
				name += " (" + strings.Join(scopes, ", ") + ")"
			}
			names = append(names, name)
		}
		ways = append(ways, cmp.Or(strings.Join(names, " and "), "none"))
	}
	if len(ways) > 0 {
		w.raw("- Authentication: " + strings.Join(ways, ", or ") + "\n")
	}
	if op.Servers != nil {
		for _, s := range *op.Servers {
			w.raw("- Server: `" + s.URL + "`\n")
		}
	}
	if op.ExternalDocs != nil && op.ExternalDocs.URL != "" {
		w.raw("- See [" + cmp.Or(oneLine(op.ExternalDocs.Description), op.ExternalDocs.URL) + "](" + op.ExternalDocs.URL + ")\n")
	}
	if w.Len() > before {
		w.raw("\n")
	}
}

// parameters writes the parameters of a path and of its operation, which replace those.
func (w *writer) parameters(ofPath, own openapi3.Parameters) {
	var all []*openapi3.Parameter
	at := map[string]int{}
	for _, ref := range slices.Concat(ofPath, own) {
		if ref == nil || ref.Value == nil {
			continue
		}
		key := ref.Value.In + " " + ref.Value.Name
		if i, ok := at[key]; ok {
			all[i] = ref.Value
			continue
		}
		at[key] = len(all)
		all = append(all, ref.Value)
	}
	if len(all) == 0 {
		return
	}
	w.line("## Parameters of %s", w.call)
	w.lines = 0
	for _, p := range all {
		schema := p.Schema
		for _, kind := range sortedKeys(p.Content) {
			if schema == nil {
				schema = p.Content[kind].Schema
			}
		}
		f := field{name: p.Name, where: p.In, required: p.Required, deprecated: p.Deprecated, text: p.Description, example: p.Example}
		for _, name := range sortedKeys(p.Examples) {
			if e := p.Examples[name].Value; e != nil && f.example == nil {
				f.example = e.Value
			}
		}
		w.field(f, schema, 0, nil)
	}
	w.raw("\n")
}

// responses writes the responses of an operation.
func (w *writer) responses(r *openapi3.Responses) {
	if r == nil || r.Len() == 0 {
		return
	}
	w.line("## Responses of %s", w.call)
	for _, status := range sortedKeys(r.Map()) {
		v := r.Map()[status].Value
		if v == nil {
			continue
		}
		description := ""
		if v.Description != nil {
			description = *v.Description
		}
		short := oneLine(description)
		if len(short) > 100 || strings.Contains(strings.TrimSpace(description), "\n") {
			w.line("**%s**", status)
			w.text(description, 3)
		} else {
			w.line("**%s** %s", status, short)
		}
		w.lines = 0
		for _, name := range sortedKeys(v.Headers) {
			if h := v.Headers[name].Value; h != nil {
				w.field(field{name: name, where: "header", required: h.Required, text: h.Description, example: h.Example}, h.Schema, 0, nil)
			}
		}
		w.content(v.Content)
	}
}

// callback writes the requests that the service sends.
func (w *writer) callback(name string, ref *openapi3.CallbackRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	for _, to := range sortedKeys(ref.Value.Map()) {
		for _, op := range operations(ref.Value.Map()[to]) {
			w.line("## Callback %s: %s %s", name, op.method, to)
			w.text(cmp.Or(op.Description, op.Summary), 3)
			if op.RequestBody != nil && op.RequestBody.Value != nil {
				w.content(op.RequestBody.Value.Content)
			}
		}
	}
}

// oneLine returns a text on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func sortedKeys[M ~map[string]V, V any](m M) []string { return slices.Sorted(maps.Keys(m)) }
