// Package apidoc describes an HTTP API by OpenAPI 3.1.
//
// Call [Document] with the operations. The schemas of bodies follow from their Go types
// as encoding/json writes them; what a type does not tell, such as a limit or what a field
// means, stands in a table of fields. A field without an entry there, an entry without a
// field, and two types of one name are mistakes of the program: Document panics.
package apidoc

import (
	"cmp"
	"strings"

	"github.com/citewell/citewell/internal/problem"
)

// An Object is an object of the description, as JSON.
type Object = map[string]any

// A Spec is what an API consists of.
type Spec struct {
	Title, Version, Text string
	Tags                 [][2]string // name and text, in order
	Operations           []Operation
	Fields               map[string]Field  // by schema and JSON name, such as "Answer.answer"
	Prefixes             map[string]string // of the schemas of a package, by the last part of its path
	// Has reports whether a server has a route; nil means that it has all. Routes that
	// it lacks are left out, but are checked as the others are.
	Has func(method, path string) bool
}

// An Operation is one method of one route.
type Operation struct {
	Method, Path string // Path as gin writes it, such as /v1/ingest/:id
	ID           string // for programs that generate clients
	Tag          string
	Summary      string   // one line
	Text         string   // Markdown, may be empty
	Scopes       []string // that a key needs; none if nobody needs a key
	Free         bool     // a request without a key is served, too
	Params       []Param
	Body         any    // a value of the type of the request's body, or its schema as an Object; nil if it has none
	Rules        Object // further keywords of the body's schema
	Example      string // a body, as JSON
	Replies      []Reply
	Types        []any           // values of further types, which schemas refer to with [Ref]
	Problems     []*problem.Kind // errors in the usual form
	Foreign      []Failure       // errors in another form
}

// A Param is a parameter of a path, query or header.
type Param struct {
	Name, In, Text string
	Schema         Object
	Example        any
}

// A Reply is one kind of success. Replies of one status differ in their media type.
type Reply struct {
	Status  int               // 0 means 200
	Text    string            // what it means
	Type    string            // of media; "" means application/json
	Body    any               // as in [Operation]; nil if there is none
	Events  []Event           // of a stream of events, instead of Body
	Headers map[string]string // name to meaning
	Links   map[string]Object // what can be asked next, by name
}

// An Event is one kind of event of a stream.
type Event struct {
	Name string // "" if the stream does not name it
	Text string
	Body any    // as in [Operation]
	Last string // data that is no JSON, and ends the stream; "" if there is none
}

// A Failure is an error in a form of its own.
type Failure struct {
	Status int
	Code   string
	Body   any // as in [Operation]; values of one status have one type
}

// Ref returns a reference to the schema of a name.
func Ref(name string) Object { return Object{"$ref": "#/components/schemas/" + name} }

// Document returns the description.
func Document(s Spec) Object {
	b := &builder{fields: s.Fields, prefixes: s.Prefixes, schemas: Object{}, types: map[string]schemaOf{}, used: map[string]bool{}}
	paths := Object{}
	b.body(failure{}, false)
	for _, op := range s.Operations {
		for _, v := range op.Types {
			b.body(v, false)
		}
		described := b.operation(op)
		if s.Has != nil && !s.Has(op.Method, op.Path) {
			continue
		}
		path := openPath(op.Path)
		item, _ := paths[path].(Object)
		if item == nil {
			item = Object{}
			paths[path] = item
		}
		item[strings.ToLower(op.Method)] = described
	}
	b.checkFields()
	tags := make([]Object, len(s.Tags))
	for i, t := range s.Tags {
		tags[i] = Object{"name": t[0], "description": t[1]}
	}
	return Object{
		"openapi": "3.1.0",
		"info":    Object{"title": s.Title, "version": cmp.Or(s.Version, "0"), "description": s.Text, "license": Object{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"servers": []Object{{"url": ".", "description": "the server that this description comes from"}},
		"tags":    tags,
		"paths":   paths,
		"components": Object{
			"schemas":         b.schemas,
			"securitySchemes": Object{"key": Object{"type": "http", "scheme": "bearer", "description": "a key, or the server's token; the names behind it are the scopes that the key must have"}},
			"headers":         Object{"RequestID": Object{"description": "the id of the request: the client's own X-Request-ID if it is valid, else a new one", "schema": Object{"type": "string"}}},
		},
	}
}

// openPath returns a path with its parameters in braces.
func openPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if p != "" && strings.ContainsAny(p[:1], ":*") {
			parts[i] = "{" + p[1:] + "}"
		}
	}
	return strings.Join(parts, "/")
}

// operation describes one operation.
func (b *builder) operation(op Operation) Object {
	out := Object{"operationId": op.ID, "summary": op.Summary, "tags": []string{op.Tag}, "responses": b.responses(op)}
	if op.Text != "" {
		out["description"] = op.Text
	}
	if op.Scopes != nil {
		keys := []Object{{"key": op.Scopes}}
		if op.Free {
			keys = append(keys, Object{})
		}
		out["security"] = keys
	}
	var params []Object
	for _, p := range op.Params {
		param := Object{"name": p.Name, "in": p.In, "description": p.Text, "required": p.In == "path", "schema": p.Schema}
		if p.Example != nil {
			param["example"] = p.Example
		}
		params = append(params, param)
	}
	if params != nil {
		out["parameters"] = params
	}
	if op.Body != nil {
		form := b.body(op.Body, true)
		if op.Rules != nil {
			form = Object{"allOf": []any{form, op.Rules}}
		}
		media := Object{"schema": form}
		if op.Example != "" {
			media["example"] = decoded(op.Example)
		}
		out["requestBody"] = Object{"required": true, "content": Object{"application/json": media}}
	}
	return out
}
