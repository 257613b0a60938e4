// Package openapi turns descriptions of HTTP interfaces, by OpenAPI 2.0 (Swagger) to 3.2,
// into pages.
//
// Call [Is] to tell whether a document is one, and [Read] for its pages: one about
// the interface, one for each operation, and one for each schema that is too large to
// stand with the operations that use it.
package openapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/citewell/citewell/ingest/media"
)

// errInvalid means that a document calls itself a description and can't be read as one.
var errInvalid = errors.New("the OpenAPI description is invalid")

var (
	// yamlVersion matches the key of YAML that names the version of the format.
	yamlVersion = regexp.MustCompile(`(?m)^ {0,4}["']?(?:openapi|swagger)["']?[ \t]*:[ \t]*["']?[23]\.`)
	// jsonVersion matches the one of JSON.
	jsonVersion = regexp.MustCompile(`"(?:openapi|swagger)"\s*:\s*"[23]\.`)
	// yamlStart matches what YAML may begin with, other than a page of text.
	yamlStart = regexp.MustCompile(`^(?:\s*(?:#[^\n]*)?\n|---[^\n]*\n|%YAML[^\n]*\n)*[ \t]*["']?[\w-]+["']?[ \t]*:`)
)

// Is reports whether a document, or its beginning, is a description.
func Is(body []byte, contentType, name string) bool {
	switch kind := media.Type(contentType, name, body); {
	case kind == media.HTML, kind == media.Markdown, kind == media.MDX, kind == media.RST, strings.HasPrefix(kind, "image/"):
		return false
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if t := bytes.TrimSpace(body); len(t) > 0 && t[0] == '{' {
		return jsonVersion.Match(body)
	}
	return yamlVersion.Match(body) && yamlStart.Match(body[:min(len(body), 4096)])
}

// A Page is one page of a description.
type Page struct {
	Fragment string // where its subject is in the reference, or in the description; empty for the page about the interface
	Text     string // Markdown, with the title as its only first-level heading
}

// Options say how a description is read. The zero Options read one that refers to no other
// file.
type Options struct {
	Open     func(ref *url.URL) ([]byte, error) // returns a file that the description refers to; its path is relative to the description
	Renderer Renderer                           // that shows the description; "" means that fragments point into the description
}

// Read returns the pages of a description.
func Read(body []byte, o Options) ([]Page, error) {
	doc, err := load(body, o)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w: %v", errInvalid, err)
	}
	w := writer{doc: doc, renderer: o.Renderer, cut: map[string]bool{}}
	pages := []Page{{Text: w.overview()}}
	for _, p := range w.paths() {
		for _, op := range operations(p.item) {
			pages = append(pages, w.operation(p, op))
		}
	}
	for i := 0; i < len(w.pending); i++ { // Pages of schemas can name more of them.
		pages = append(pages, w.schemaPage(w.pending[i]))
	}
	return pages, nil
}

// load reads a description of any version.
func load(body []byte, o Options) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
		if o.Open == nil || u.Host != "" || u.Scheme != "" {
			return nil, fmt.Errorf("it refers to %s, which is not read: bundle the description into one file", u.Redacted())
		}
		return o.Open(u)
	}
	here := &url.URL{Path: "description"}
	if is2(body) {
		var any2 any
		if err := yaml.Unmarshal(body, &any2); err != nil {
			return nil, err
		}
		asJSON, err := json.Marshal(any2)
		if err != nil {
			return nil, err
		}
		var doc2 openapi2.T
		if err := json.Unmarshal(asJSON, &doc2); err != nil {
			return nil, err
		}
		return openapi2conv.ToV3WithLoader(&doc2, loader, here)
	}
	doc, err := loader.LoadFromDataWithPath(body, here)
	if err == nil && doc.Info == nil {
		doc.Info = &openapi3.Info{}
	}
	return doc, err
}

var swagger = regexp.MustCompile(`(?m)^\s*["']?swagger["']?\s*:\s*["']?2\.|[{,]\s*"swagger"\s*:\s*"2\.`)

func is2(body []byte) bool { return swagger.Match(body) }

// A pathItem is a path, or the name of a webhook, with its operations.
type pathItem struct {
	name    string
	item    *openapi3.PathItem
	webhook bool
}

// paths returns all paths in their order in the description, webhooks last.
func (w *writer) paths() []pathItem {
	var all []pathItem
	if w.doc.Paths != nil {
		for name, item := range w.doc.Paths.Map() {
			all = append(all, pathItem{name, item, false})
		}
	}
	for name, item := range w.doc.Webhooks {
		all = append(all, pathItem{name, item, true})
	}
	all = slices.DeleteFunc(all, func(p pathItem) bool { return p.item == nil })
	slices.SortFunc(all, func(a, b pathItem) int {
		return cmp.Or(cmp.Compare(rank(a.webhook), rank(b.webhook)), cmp.Compare(lineOf(a.item.Origin), lineOf(b.item.Origin)), cmp.Compare(a.name, b.name))
	})
	return all
}

func rank(isLast bool) int {
	if isLast {
		return 1
	}
	return 0
}

// lineOf returns the line at which something is described; 0 if it is not known.
func lineOf(o *openapi3.Origin) int {
	if o == nil || o.Key == nil {
		return 0
	}
	return o.Key.Line
}

// A namedOperation is an operation with its method.
type namedOperation struct {
	method string
	*openapi3.Operation
}

// operations returns the operations of a path in their order in the description.
func operations(item *openapi3.PathItem) []namedOperation {
	var all []namedOperation
	for method, op := range item.Operations() {
		all = append(all, namedOperation{method, op})
	}
	slices.SortFunc(all, func(a, b namedOperation) int {
		return cmp.Or(cmp.Compare(lineOf(a.Origin), lineOf(b.Origin)), cmp.Compare(a.method, b.method))
	})
	return all
}

// overview returns the page about the interface.
func (w *writer) overview() string {
	d := w.doc
	title := cmp.Or(oneLine(d.Info.Title), "API")
	w.line("# %s", title)
	if d.Info.Version != "" {
		w.line("Version %s", d.Info.Version)
	}
	w.text(d.Info.Description, 2)
	w.servers(d.Servers, 2)
	if d.Components != nil && len(d.Components.SecuritySchemes) > 0 {
		w.line("## Authentication")
		for _, name := range sortedKeys(d.Components.SecuritySchemes) {
			w.securityScheme(name, d.Components.SecuritySchemes[name].Value)
		}
	}
	described := false
	for _, tag := range d.Tags {
		if tag == nil || strings.TrimSpace(tag.Description) == "" {
			continue
		}
		if !described {
			w.line("## Groups of operations")
			described = true
		}
		w.line("### %s", tag.Name)
		w.text(tag.Description, 4)
	}
	if contact := d.Info.Contact; contact != nil && contact.Name+contact.Email+contact.URL != "" {
		w.line("Contact: %s", strings.Join(strings.Fields(contact.Name+" "+contact.Email+" "+contact.URL), " "))
	}
	if l := d.Info.License; l != nil && l.Name != "" {
		w.line("Licence: %s", strings.TrimSpace(l.Name+" "+l.URL))
	}
	if d.ExternalDocs != nil && d.ExternalDocs.URL != "" {
		w.line("See [%s](%s).", cmp.Or(oneLine(d.ExternalDocs.Description), d.ExternalDocs.URL), d.ExternalDocs.URL)
	}
	return w.take()
}

// servers writes the addresses of the interface.
func (w *writer) servers(servers openapi3.Servers, level int) {
	if len(servers) == 0 {
		return
	}
	w.line("%s Servers", strings.Repeat("#", level))
	for _, s := range servers {
		item := "- `" + s.URL + "`"
		if s.Description != "" {
			item += ": " + oneLine(s.Description)
		}
		w.raw(item + "\n")
		for _, name := range sortedKeys(s.Variables) {
			v := s.Variables[name]
			item := strings.TrimRight(fmt.Sprintf("  - `%s`: %s", name, oneLine(v.Description)), " ")
			if v.Default != "" {
				item += " Default: `" + v.Default + "`."
			}
			if len(v.Enum) > 0 {
				item += " One of `" + strings.Join(v.Enum, "`, `") + "`."
			}
			w.raw(item + "\n")
		}
	}
	w.raw("\n")
}

// securityScheme writes how clients authenticate.
func (w *writer) securityScheme(name string, s *openapi3.SecurityScheme) {
	if s == nil {
		return
	}
	kind := s.Type
	switch s.Type {
	case "http":
		kind = "HTTP " + s.Scheme
	case "apiKey":
		kind = fmt.Sprintf("API key in the %s `%s`", s.In, s.Name)
	case "oauth2":
		kind = "OAuth 2.0"
	case "openIdConnect":
		kind = "OpenID Connect at " + s.OpenIdConnectUrl
	}
	w.line("- `%s`: %s. %s", name, kind, oneLine(s.Description))
	if s.Flows == nil {
		return
	}
	for _, f := range []struct {
		name string
		flow *openapi3.OAuthFlow
	}{{"implicit", s.Flows.Implicit}, {"password", s.Flows.Password}, {"client credentials", s.Flows.ClientCredentials}, {"authorization code", s.Flows.AuthorizationCode}} {
		if f.flow == nil {
			continue
		}
		w.raw("  - " + f.name + ": " + strings.Join(strings.Fields(f.flow.AuthorizationURL+" "+f.flow.TokenURL), ", ") + "\n")
		for _, scope := range sortedKeys(f.flow.Scopes) {
			w.raw("    - `" + scope + "`: " + oneLine(f.flow.Scopes[scope]) + "\n")
		}
	}
	w.raw("\n")
}

// NameIs reports whether a file may be a description by its name.
func NameIs(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".json", ".yaml", ".yml":
		return true
	}
	return false
}
