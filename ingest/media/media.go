// Package media tells what type a document has, and decodes its text.
//
// Call [Type] and [Decode]. Whoever reads a document asks here, so that its links and
// its text are read alike: as browsers read them, also if the server declares the
// type twice, in a broken form, or not at all.
package media

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// charsetParam matches the charset parameter of a content type.
var charsetParam = regexp.MustCompile(`(?i);\s*charset\s*=\s*["']?\s*([\w.:-]+)`)

// mediaType matches a media type.
var mediaType = regexp.MustCompile(`^[\w!#$&^.+-]+/[\w!#$&^.+-]+$`)

// Parse returns the media type, in lower case, and the charset of a Content-Type header.
// Of a header that was sent twice and joined by a comma, the last type counts. A
// broken header gives "".
func Parse(contentType string) (kind, charset string) {
	for part := range strings.SplitSeq(contentType, ",") {
		name, _, _ := strings.Cut(part, ";")
		if name = strings.ToLower(strings.TrimSpace(name)); mediaType.MatchString(name) {
			kind = name
		}
		if m := charsetParam.FindStringSubmatch(part); m != nil {
			charset = m[1]
		}
	}
	return kind, charset
}

// Types of documents that have text to extract.
const (
	HTML     = "text/html"
	Markdown = "text/markdown"
	MDX      = "text/mdx"   // Markdown with components
	RST      = "text/x-rst" // reStructuredText
	ASCIIDoc = "text/asciidoc"
	Plain    = "text/plain"
	Notebook = "application/x-ipynb+json" // of Jupyter
	PDF      = "application/pdf"
)

// byExtension gives the types of documents that are known by their names.
var byExtension = map[string]string{
	".html": HTML, ".htm": HTML, ".xhtml": HTML, ".md": Markdown, ".markdown": Markdown, ".mdx": MDX, ".rst": RST, ".rest": RST, ".adoc": ASCIIDoc, ".asciidoc": ASCIIDoc, ".txt": Plain, ".ipynb": Notebook, ".pdf": PDF,
}

// OfFile returns the type of a document with this address or path; "" if its name does not tell.
func OfFile(name string) string { return byExtension[strings.ToLower(path.Ext(Path(name)))] }

// Type returns the media type that a document is read as: one of the constants, or
// another one, which holds no text to extract. The
// content type may be empty, and body may be only the beginning of the document.
func Type(contentType, pageURL string, body []byte) string {
	kind, _ := Parse(contentType)
	named := OfFile(pageURL)
	switch kind {
	case "application/xhtml+xml":
		return HTML
	case "text/x-markdown":
		return Markdown
	case Plain, Markdown, "application/json":
		// Servers that don't know a type send it as another one.
		if named != "" && named != HTML && (named != Plain || kind == Plain) {
			return named
		}
		return kind
	case "", "application/octet-stream":
	default:
		return kind
	}
	found, _, _ := strings.Cut(http.DetectContentType(body), ";")
	switch {
	case !strings.HasPrefix(found, "text/") && found != "application/octet-stream":
		return found // Its first bytes say so, whatever its name is.
	case named != "":
		return named
	}
	return found
}

// Path returns the path of an address or of a file.
func Path(pageURL string) string {
	if u, err := url.Parse(pageURL); err == nil && u.Host != "" {
		return u.Path
	}
	return strings.ReplaceAll(pageURL, `\`, "/")
}
