package pagelinks

import (
	"strings"

	"golang.org/x/net/html"
)

// attributes are the attributes of a tag that are used.
type attributes struct {
	href, src, rel, name, httpEquiv, content string
	property, hreflang, mediaType, value     string
	download                                 bool
}

func readAttributes(z *html.Tokenizer) (a attributes) {
	for more := true; more; {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) {
		case "href":
			a.href = string(val)
		case "xlink:href":
			if a.href == "" {
				a.href = string(val)
			}
		case "src":
			a.src = string(val)
		case "rel":
			a.rel = strings.ToLower(string(val))
		case "name":
			a.name = strings.ToLower(strings.TrimSpace(string(val)))
		case "http-equiv":
			a.httpEquiv = strings.ToLower(strings.TrimSpace(string(val)))
		case "content":
			a.content = string(val)
		case "property":
			a.property = strings.ToLower(strings.TrimSpace(string(val)))
		case "type":
			a.mediaType = string(val)
		case "value":
			a.value = string(val)
		case "hreflang":
			a.hreflang = string(val)
		case "download":
			a.download = true
		}
	}
	return a
}

// has reports whether the rel attribute has one of the types.
func (a attributes) has(types ...string) bool {
	for rel := range strings.FieldsSeq(a.rel) {
		for _, t := range types {
			if rel == t {
				return true
			}
		}
	}
	return false
}
