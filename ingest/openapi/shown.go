package openapi

import (
	"bytes"
	"html"
	"regexp"
	"slices"
)

// A Shown is what a page that renders descriptions in the browser says of them.
type Shown struct {
	Renderer     Renderer
	Descriptions []string // addresses as written
	Scripts      []string // addresses of scripts that may name the descriptions, as written; only if the page names none
}

// renderers tell pages of renderers by a mark, and find what they name.
var renderers = []struct {
	renderer Renderer
	mark     []byte
	names    []*regexp.Regexp
}{
	{SwaggerUI, []byte("wagger"), []*regexp.Regexp{
		regexp.MustCompile(`SwaggerUI(?:Bundle)?\s*\(\s*\{[^}]*?\b(?:url|configUrl)["']?\s*:\s*["']([^"']+)["']`),
		regexp.MustCompile(`\{\s*["']?(?:url["']?\s*:\s*["']([^"']+)["']\s*,\s*["']?name|name["']?\s*:\s*["'][^"']*["']\s*,\s*["']?url["']?\s*:\s*["']([^"']+))["']`),
	}},
	{Redoc, []byte("redoc"), []*regexp.Regexp{
		regexp.MustCompile(`<redoc\b[^>]*?\bspec-url\s*=\s*["']([^"']+)["']`), regexp.MustCompile(`Redoc\.init\(\s*["']([^"']+)["']`),
	}},
	{RapiDoc, []byte("rapi-doc"), []*regexp.Regexp{regexp.MustCompile(`<rapi-doc\b[^>]*?\bspec-url\s*=\s*["']([^"']+)["']`)}},
	{Scalar, []byte("api-reference"), []*regexp.Regexp{
		regexp.MustCompile(`<script\b[^>]*?\bid=["']api-reference["'][^>]*?\bdata-url\s*=\s*["']([^"']+)["']`),
		regexp.MustCompile(`<script\b[^>]*?\bdata-url\s*=\s*["']([^"']+)["'][^>]*?\bid=["']api-reference["']`),
		regexp.MustCompile(`createApiReference\([^{]*\{[^}]*?\burl\s*:\s*["']([^"']+)["']`),
	}},
	{Scalar, []byte("createApiReference"), []*regexp.Regexp{regexp.MustCompile(`createApiReference\([^{]*\{[^}]*?\burl\s*:\s*["']([^"']+)["']`)}},
	{Elements, []byte("elements-api"), []*regexp.Regexp{regexp.MustCompile(`(?i)<elements-api\b[^>]*?\bapiDescriptionUrl\s*=\s*["']([^"']+)["']`)}},
}

// initializer matches the script in which the distribution of Swagger UI names the description.
var initializer = regexp.MustCompile(`<script\b[^>]*?\bsrc\s*=\s*["']([^"']*swagger-(?:initializer|config|init)[\w.-]*\.js[^"']*)["']`)

// ShownOn returns what a page in HTML, or a script that it names, shows.
func ShownOn(page []byte) Shown {
	for _, r := range renderers {
		if !bytes.Contains(page, r.mark) {
			continue
		}
		s := Shown{Renderer: r.renderer}
		for _, name := range r.names {
			for _, m := range name.FindAllSubmatch(page, -1) {
				ref := html.UnescapeString(string(slices.Concat(m[1:]...)))
				if !slices.Contains(s.Descriptions, ref) {
					s.Descriptions = append(s.Descriptions, ref)
				}
			}
		}
		if len(s.Descriptions) > 0 {
			return s
		}
		if r.renderer == SwaggerUI {
			for _, m := range initializer.FindAllSubmatch(page, -1) {
				s.Scripts = append(s.Scripts, html.UnescapeString(string(m[1])))
			}
			if len(s.Scripts) > 0 {
				return s
			}
		}
	}
	return Shown{}
}
