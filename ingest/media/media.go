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

// Type returns the media type that a document is read as: "text/html",
// "text/markdown", "text/plain", or another one, which holds no text to extract. The
// content type may be empty, and body may be only the beginning of the document.
func Type(contentType, pageURL string, body []byte) string {
	kind, _ := Parse(contentType)
	ext := strings.ToLower(path.Ext(Path(pageURL)))
	isMarkdown := ext == ".md" || ext == ".markdown"
	switch kind {
	case "application/xhtml+xml":
		return "text/html"
	case "text/x-markdown":
		return "text/markdown"
	case "text/plain":
		// Servers that don't know Markdown send it as text.
		if isMarkdown {
			return "text/markdown"
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
	case isMarkdown:
		return "text/markdown"
	case ext == ".txt":
		return "text/plain"
	case ext == ".html" || ext == ".htm" || ext == ".xhtml":
		return "text/html"
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
