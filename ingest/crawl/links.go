package crawl

import (
	"net/http"
	"net/url"
)

// Links is what a page says of other pages and of itself.
type Links struct {
	URLs      []string // pages it links to: absolute, normal form, distinct, in document order; none if NoFollow is set
	Refresh   string   // where a meta refresh leads, in normal form; also in URLs; "" means nowhere
	Canonical string   // the address that the page names as its own, in normal form; "" means none
	NoIndex   string   // why the page is not to be indexed; "" means it may be
	NoFollow  string   // why its links are not to be followed; "" means they may be
	Base      string   // what its addresses are relative to, absolute
}

// FindLinks reads what a page says of other pages and of itself.
func FindLinks(body []byte, contentType string, page *url.URL, header http.Header) Links {
	return Links{Base: page.String()}
}
