package openapi_test

import (
	"errors"
	"flag"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/openapi"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func kettles(t *testing.T) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/kettles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestGolden holds the pages of a description to testdata/kettles.md.
func TestGolden(t *testing.T) {
	pages, err := openapi.Read(kettles(t), openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range pages {
		b.WriteString("<!-- #" + p.Fragment + " -->\n" + p.Text + "\n")
	}
	if *update {
		if err := os.WriteFile("testdata/kettles.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/kettles.md")
	if diff := cmp.Diff(string(want), b.String()); err != nil || diff != "" {
		t.Errorf("pages (-want +got), %v:\n%s", err, diff)
	}
}

// swagger2 is a description of OpenAPI 2.0 whose keys are sorted, and that refers to
// another file.
const swagger2 = `{"definitions": {"Lid": {"type": "object", "properties": {"open": {"type": "boolean"}}}},
"host": "old.example", "info": {"title": "Old", "version": "1"},
"paths": {"/lids": {"post": {"summary": "Add a lid", "parameters": [{"$ref": "shared.json#/dry"}, {"in": "body", "name": "lid", "schema": {"$ref": "#/definitions/Lid"}}], "responses": {"200": {"description": "Added"}}}}},
"schemes": ["https"], "swagger": "2.0"}`

func TestSwagger2(t *testing.T) {
	open := func(ref *url.URL) ([]byte, error) {
		if ref.Path != "shared.json" {
			return nil, errors.New("no such file")
		}
		return []byte(`{"dry": {"name": "dry", "in": "query", "type": "boolean", "description": "Changes nothing."}}`), nil
	}
	pages, err := openapi.Read([]byte(swagger2), openapi.Options{Open: open})
	if err != nil || len(pages) != 2 {
		t.Fatalf("Read = %d pages, %v", len(pages), err)
	}
	all := pages[0].Text + pages[1].Text
	for _, want := range []string{"`https://old.example/`", "# Add a lid (POST /lids)", "- `dry` (query): Changes nothing.", "- `open` (boolean)"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in:\n%s", want, all)
		}
	}
	if _, err := openapi.Read([]byte(swagger2), openapi.Options{}); err == nil || !strings.Contains(err.Error(), "bundle the description") {
		t.Errorf("Read without the file that it refers to = %v", err)
	}
}

func TestIs(t *testing.T) {
	for _, tt := range []struct {
		name, body, kind, file string
		want                   bool
	}{
		{"yaml", "# Of kettles.\n\nopenapi: '3.0.1'\ninfo: {}\n", "", "a.yaml", true},
		{"indented", "---\n  swagger: \"2.0\"\n", "text/plain", "a", true},
		{"json", swagger2, "application/json", "a.json", true},
		{"quoted", "\"openapi\": 3.1.0\n", "application/yaml", "a", true},
		{"other json", `{"openapi": true}`, "application/json", "a.json", false},
		{"a text", "How to write\n\n    openapi: 3.0.0\n", "text/plain", "a.txt", false},
		{"a page", "openapi: 3.0.0\n", "text/markdown", "a.md", false},
	} {
		if got := openapi.Is([]byte(tt.body), tt.kind, tt.file); got != tt.want {
			t.Errorf("Is(%s) = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestRenderers(t *testing.T) {
	for renderer, want := range map[openapi.Renderer]string{
		"":                "/paths/~1kettles~1{id}/get /paths/~1kettles~1{id}/put",
		openapi.SwaggerUI: "/kettle_care/getKettle /default/put_kettles__id_",
		openapi.Redoc:     "tag/kettle-care/operation/getKettle /paths/~1kettles~1{id}/put",
		openapi.RapiDoc:   "get-/kettles/-id- put-/kettles/-id-",
		openapi.Scalar:    "tag/kettle-care/GET/kettles/{id} tag/default/PUT/kettles/{id}",
		openapi.Elements:  "/operations/getKettle /paths/kettles-id/put",
	} {
		pages, err := openapi.Read(kettles(t), openapi.Options{Renderer: renderer})
		if err != nil {
			t.Fatal(err)
		}
		if got := pages[1].Fragment + " " + pages[2].Fragment; got != want {
			t.Errorf("fragments of %q = %q, want %q", renderer, got, want)
		}
	}
}

func TestShownOn(t *testing.T) {
	for _, tt := range []struct {
		name, page string
		want       openapi.Shown
	}{
		{"FastAPI", `<div id="swagger-ui"></div><script>const ui = SwaggerUIBundle({ url: '/openapi.json', "dom_id": "#swagger-ui" })</script>`,
			openapi.Shown{Renderer: openapi.SwaggerUI, Descriptions: []string{"/openapi.json"}}},
		{"several", `<link href="swagger-ui.css"><script>SwaggerUIBundle({urls: [{url: "a.json", name: "A"}, {"name": "B", "url": "b.json"}]})</script>`,
			openapi.Shown{Renderer: openapi.SwaggerUI, Descriptions: []string{"a.json", "b.json"}}},
		{"initializer", `<link href="swagger-ui.css"><script src="./swagger-initializer.js" charset="UTF-8"></script>`,
			openapi.Shown{Renderer: openapi.SwaggerUI, Scripts: []string{"./swagger-initializer.js"}}},
		{"Redoc", `<redoc required-props-first spec-url="a.yaml?x=1&amp;y"></redoc><script src="redoc.standalone.js">`, openapi.Shown{Renderer: openapi.Redoc, Descriptions: []string{"a.yaml?x=1&y"}}},
		{"Redoc by script", `<script src="redoc.js"></script><script>Redoc.init('/a.json', {}, e)</script>`, openapi.Shown{Renderer: openapi.Redoc, Descriptions: []string{"/a.json"}}},
		{"RapiDoc", `<rapi-doc theme="dark" spec-url = "a.json"></rapi-doc>`, openapi.Shown{Renderer: openapi.RapiDoc, Descriptions: []string{"a.json"}}},
		{"Scalar", `<script id="api-reference" data-url="a.json"></script>`, openapi.Shown{Renderer: openapi.Scalar, Descriptions: []string{"a.json"}}},
		{"Scalar by script", `<script>Scalar.createApiReference('#app', { url: 'a.json' })</script>`, openapi.Shown{Renderer: openapi.Scalar, Descriptions: []string{"a.json"}}},
		{"Elements", `<elements-api apiDescriptionUrl="a.yaml" router="hash">`, openapi.Shown{Renderer: openapi.Elements, Descriptions: []string{"a.yaml"}}},
		{"a page about it", `<p>Swagger UI is set up by swagger-ui.css.</p>`, openapi.Shown{}},
	} {
		if diff := cmp.Diff(tt.want, openapi.ShownOn([]byte(tt.page))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
