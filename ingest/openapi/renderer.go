package openapi

import (
	"regexp"
	"strings"
)

// A Renderer is a program that shows a description as a page, and gives each operation an
// anchor there.
type Renderer string

// The renderers whose anchors are known.
const (
	SwaggerUI Renderer = "swagger-ui"
	Redoc     Renderer = "redoc"
	RapiDoc   Renderer = "rapidoc"
	Scalar    Renderer = "scalar"
	Elements  Renderer = "elements"
)

// notSlug matches what is no part of the name of a tag in an anchor.
var notSlug = regexp.MustCompile(`[^\pL\pN_.~-]+`)

// slug returns a tag as anchors have it.
func slug(tag string) string { return strings.Trim(notSlug.ReplaceAllString(tag, "-"), "-") }

// pointer returns the name of a member as JSON pointers have it.
func pointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// pointerOf returns where an operation is in the description.
func pointerOf(p pathItem, method string) string {
	part := "paths"
	if p.webhook {
		part = "webhooks"
	}
	return "/" + part + "/" + pointer(p.name) + "/" + strings.ToLower(method)
}

// operation returns the fragment of an operation.
func (r Renderer) operation(p pathItem, op namedOperation) string {
	tag := "default"
	if len(op.Tags) > 0 {
		tag = op.Tags[0]
	}
	method, id := strings.ToLower(op.method), op.OperationID
	switch r {
	case SwaggerUI:
		if id == "" {
			id = method + "_" + regexp.MustCompile(`[^\w]`).ReplaceAllString(strings.TrimPrefix(p.name, "/"), "_")
		}
		return "/" + strings.Join(strings.Fields(tag), "_") + "/" + strings.Join(strings.Fields(id), "_")
	case Redoc:
		group := ""
		if len(op.Tags) > 0 {
			group = "tag/" + slug(tag)
		}
		switch {
		case id != "" && group != "":
			return group + "/operation/" + id
		case id != "":
			return "operation/" + id
		}
		return group + pointerOf(p, op.method)
	case RapiDoc:
		return method + "-" + regexp.MustCompile(`[\s#:?&={}]`).ReplaceAllString(p.name, "-")
	case Scalar:
		return "tag/" + strings.ToLower(slug(tag)) + "/" + op.method + p.name
	case Elements:
		if id != "" {
			return "/operations/" + id
		}
		return "/paths/" + strings.NewReplacer("{", "", "}", "", "/", "-").Replace(strings.TrimPrefix(p.name, "/")) + "/" + method
	}
	return pointerOf(p, op.method)
}

// schema returns the fragment of a schema.
func (r Renderer) schema(name string) string {
	switch r {
	case Elements:
		return "/schemas/" + name
	case Scalar:
		return "model/" + strings.ToLower(slug(name))
	}
	return "/components/schemas/" + pointer(name)
}
